"""Which consents changed, and which case rests on one."""

import datetime as dt
from uuid import UUID

from casework.models import ProgrammeCase
from casework.models.case import OPEN
from consent.models import Consent


def consents_changed_since(moment: dt.datetime, *, most: int) -> list[tuple[UUID, UUID, UUID]]:
    """(consent, record, agency) of consents to decide on an application that had an event since `moment`, latest first."""
    rows = Consent.objects.filter(activity__purpose="determination", events__at__gte=moment).order_by("-created_at", "-id")
    return list(rows.values_list("pk", "record_id", "agency_id").distinct()[:most])


def case_resting_on(consent: Consent) -> ProgrammeCase | None:
    """The open case that the agency decides under the consent's activity; None where there is none."""
    if consent.activity.purpose != "determination":
        return None
    return ProgrammeCase.objects.filter(
        record_id=consent.record_id, agency_id=consent.agency_id, programme=consent.activity.programme, state__in=OPEN
    ).first()
