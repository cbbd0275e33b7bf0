"""Reading the facts of a case: through the consent gate, for the decision on this programme, logged, or refused."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from casework.models import ProgrammeCase
from consent import needs
from consent.actions.release import release
from consent.permit import AccessRefused, Released
from consent.queries.activities import activity_for
from consent.queries.records import record_for
from portal.kit.actor import Actor

IDENTITY = frozenset({"identity.name", "identity.contact", "identity.language_and_needs"})


@dataclass(frozen=True)
class CaseFacts:
    """What the gate answered. released: the facts, None when nothing was. sentence: why not. asked: the concepts asked for."""

    asked: frozenset[str]
    released: Released | None
    sentence: str = ""

    @property
    def is_refused(self) -> bool:
        return self.released is None


def read_facts(*, by: Actor, case: ProgrammeCase, at: dt.datetime, operation: str = "view") -> CaseFacts:
    """Ask for everything the case's programme needs and who the person is. A refusal is kept in the access log, not raised."""
    asked = concepts_of(case, timezone.localdate(at))
    try:
        released = release(
            by=by,
            record=record_for(case.record_id),
            purpose="determination",
            programme=case.programme,
            concepts=asked,
            operation=operation,
            at=at,
        )
    except AccessRefused as refusal:
        refusal.keep_trace()
        return CaseFacts(asked, released=None, sentence=str(refusal))
    return CaseFacts(asked, released)


def concepts_of(case: ProgrammeCase, on: dt.date) -> frozenset[str]:
    """The facts the case's programme reads, and the identity its letters need."""
    wanted = needs.needed_concepts({case.programme})
    if not wanted:
        activity = activity_for(agency_id=case.agency_id, purpose="determination", programme=case.programme, on=on)
        wanted = set(activity.concepts) if activity else set()
    return frozenset(wanted) | IDENTITY
