"""What if, from a case: worked out by the portal's own machine, shown for what the agency may decide. Stores nothing but the log."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from casework.actions.reading import concepts_of as concepts_of_case
from casework.models import ProgrammeCase
from casework.models.case import ENDED
from consent.actions.release import release
from consent.permit import ALLOW
from consent.queries.gate import decide
from consent.queries.records import record_for
from eligibility.engine import Rulebook
from eligibility.queries.catalogue import concepts_of
from eligibility.queries.screening import operator
from portal.kit.actor import Actor, acting_as


def household_to_try(*, by: Actor, case: ProgrammeCase, book: Rulebook, at: dt.datetime) -> tuple[dict[str, Any], list[str]]:
    """The household in the interchange form, for the machine only, and the programmes whose results `by` may be shown.

    Those are the ones the agency has an open case of and may read all facts for now. One may rest on another that is not shown
    (Free school meals on Universal Credit), as its result does. Raises AccessRefused when the person has stopped the screening.
    """
    today = timezone.localdate(at)
    record = record_for(case.record_id)
    open_cases = ProgrammeCase.objects.filter(record_id=record.pk, agency_id=case.agency_id).exclude(state__in=ENDED)
    shown = [
        one.programme
        for one in open_cases
        if one.programme in book.definitions
        and decide(
            by=by,
            record=record,
            purpose="determination",
            programme=one.programme,
            concepts=concepts_of_case(one, today),
            now=at,
        ).outcome
        == ALLOW
    ]
    machine = Actor.machine("what_if", agency_id=operator().pk, record_id=record.pk)
    with acting_as(machine), transaction.atomic():
        released = release(
            by=machine, record=record, purpose="screening", concepts=concepts_of(book, today), at=at, operation="screen"
        )
    return {"id": str(record.pk), **released.as_household()}, sorted(shown)
