"""Beginning and ending the legitimate relationships of agencies with a record."""

import datetime as dt
from uuid import UUID

from django.db import transaction

from consent.models import CaseRecord, Involvement
from portal.kit.actor import Actor


@transaction.atomic
def begin(
    *,
    by: Actor,
    record: CaseRecord,
    agency_id: UUID,
    kind: str,
    at: dt.datetime,
    programme: str = "",
    source: str = "",
    user_id: UUID | None = None,
    ends_at: dt.datetime | None = None,
) -> Involvement:
    """Begin an involvement, or return the open one with the same record, agency, kind and source.

    kind: code of `consent.models.involvements.KINDS`. source: what it rests on, as "case:<id>".
    """
    open_one = Involvement.objects.filter(record=record, agency_id=agency_id, kind=kind, source=source, ends_at=None).first()
    return open_one or Involvement.objects.create(
        record=record,
        agency_id=agency_id,
        kind=kind,
        programme=programme,
        source=source,
        user_id=user_id,
        starts_at=at,
        ends_at=ends_at,
    )


@transaction.atomic
def end(*, by: Actor, record_id: UUID, agency_id: UUID, kind: str, source: str, at: dt.datetime) -> int:
    """End the open involvements of that kind and source; returns how many ended."""
    return Involvement.objects.filter(record_id=record_id, agency_id=agency_id, kind=kind, source=source, ends_at=None).update(
        ends_at=at
    )
