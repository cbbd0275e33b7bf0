"""Finding case records. Row-level security decides what exists for the actor; these add nothing to it."""

import datetime as dt
from uuid import UUID

from django.utils.translation import gettext as _

from consent.models import CaseRecord, Person, RecordGrant
from consent.permissions import may_consent_for
from portal.kit.access import Refused
from portal.kit.actor import Actor


def own_record(actor: Actor) -> CaseRecord | None:
    """The record of the citizen who acts, or None before they have told anything."""
    if not actor.is_citizen or actor.person_id is None:
        return None
    return CaseRecord.objects.select_related("person").filter(person_id=actor.person_id).first()


def record_for(record_id: UUID) -> CaseRecord:
    """The record with its person. Raises CaseRecord.DoesNotExist when the actor may not know that it exists."""
    return CaseRecord.objects.select_related("person").get(pk=record_id)


def record_at_counter(actor: Actor, record_id: UUID, now: dt.datetime) -> CaseRecord:
    """The record of the person who is at the officer's counter now. Raises CaseRecord.DoesNotExist, Refused when nobody is."""
    record = record_for(record_id)
    if not may_consent_for(actor, record, now):
        raise Refused(_("Open a counter session with the person first."))
    return record


def person_of_user(user_id: UUID) -> Person | None:
    """The person an account belongs to, if a record was begun."""
    return Person.objects.filter(user_id=user_id).first()


def shared_with(agency_id: UUID, *, now: dt.datetime, after: dt.datetime | None = None, limit: int = 50) -> list[UUID]:
    """Ids of records whose people share something with the agency, newest change first.

    Runs over the grant rows with their own sort key. after: the sort key of the last row of the page before (keyset paging).
    """
    rows = RecordGrant.objects.filter(agency_id=agency_id, until__gt=now)
    if after is not None:
        rows = rows.filter(sort_at__lt=after)
    seen: dict[UUID, None] = {}
    for record_id in rows.order_by("-sort_at", "content_object_id").values_list("content_object_id", flat=True).iterator(200):
        seen.setdefault(record_id)
        if len(seen) >= limit:
            break
    return list(seen)
