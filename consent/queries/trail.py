"""The trail: who looked. Citizens see their own record's, data-protection officers and auditors their agency's."""

import datetime as dt
from uuid import UUID

from django.db.models import Q

from consent.models import AccessLog


def trail_of_record(
    record_id: UUID, *, own: bool = False, before: tuple[dt.datetime, UUID] | None = None, limit: int = 50
) -> list[AccessLog]:
    """Log rows of a record, newest first. own: also the person's own looks. before: (at, id) of the last row shown."""
    rows = AccessLog.objects.filter(record_id=record_id)
    if not own:
        rows = rows.exclude(purpose="own")
    return _page(rows, before, limit)


def trail_of_agency(agency_id: UUID, *, before: tuple[dt.datetime, UUID] | None = None, limit: int = 50) -> list[AccessLog]:
    """Log rows of an agency's own looks, newest first."""
    return _page(AccessLog.objects.filter(agency_id=agency_id), before, limit)


def _page(rows, before, limit: int) -> list[AccessLog]:
    if before is not None:
        at, last = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=last))
    return list(rows.order_by("-at", "-id")[:limit])
