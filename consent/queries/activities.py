"""Processing activities: which one stands for an agency, a programme and a purpose on a day."""

import datetime as dt
from uuid import UUID

from consent.models import CaseRecord, ProcessingActivity
from portal.models import Agency


def activity_for(*, agency_id: UUID, purpose: str, on: dt.date, programme: str = "") -> ProcessingActivity | None:
    """The activity in force, or None. More than one cannot be stored (exclusion constraint)."""
    return (
        ProcessingActivity.objects.in_force(on)
        .select_related("agency")
        .filter(agency_id=agency_id, purpose=purpose, programme=programme)
        .first()
    )


def operator_activity(purpose: str, on: dt.date) -> ProcessingActivity | None:
    """The activity in force of the agency that runs this portal, or None."""
    return (
        ProcessingActivity.objects.in_force(on)
        .select_related("agency")
        .filter(agency__kind=Agency.OPERATOR, purpose=purpose, programme="")
        .order_by("agency__slug")
        .first()
    )


def register_of(on: dt.date) -> list[ProcessingActivity]:
    """The register of processing in force on `on` (GDPR art. 30), by agency and purpose."""
    return list(ProcessingActivity.objects.in_force(on).select_related("agency").order_by("agency__name", "purpose", "programme"))


def activities_touching(record: CaseRecord, on: dt.date) -> list[ProcessingActivity]:
    """The activities in force on `on` of agencies that are involved with the record."""
    agencies = record.involvements.filter(ends_at=None).values("agency_id")
    return list(ProcessingActivity.objects.in_force(on).select_related("agency").filter(agency_id__in=agencies))
