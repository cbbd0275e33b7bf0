"""Who may do what with cases. Facts are another matter: those are the gate's."""

import datetime as dt

from casework.models import ProgrammeCase
from consent.models import CaseRecord
from consent.permissions import may_consent_for
from portal.kit.actor import Actor
from portal.roles import powers_of

# --- cases


def may_apply(by: Actor, record: CaseRecord, at: dt.datetime) -> bool:
    """The person themself, or an officer while the person is at their counter."""
    return may_consent_for(by, record, at)


def is_persons_own(by: Actor, case: ProgrammeCase) -> bool:
    """The citizen the case is about."""
    return by.is_citizen and by.person_id is not None and by.person_id == case.person_id


def _has(by: Actor, case: ProgrammeCase, *powers: str) -> bool:
    return by.is_staff and by.agency_id == case.agency_id and bool(powers_of(by.role) & set(powers))


def may_work(by: Actor, case: ProgrammeCase) -> bool:
    """Staff who work on cases, at the agency the case was sent to."""
    return _has(by, case, "work_cases")


def may_decide(by: Actor, case: ProgrammeCase) -> bool:
    """Decision makers of the agency the case was sent to."""
    return _has(by, case, "decide")


def may_read_letter(by: Actor, case: ProgrammeCase) -> bool:
    """The person, and the agency that wrote it."""
    return is_persons_own(by, case) or may_work(by, case)
