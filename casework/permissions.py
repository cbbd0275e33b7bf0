"""Who may do what with cases. Facts are another matter: those are the gate's."""

import datetime as dt
from uuid import UUID

from casework.models import ProgrammeCase
from consent.models import CaseRecord, Involvement
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


# --- referrals

# Involvements on which an agency may pass somebody on.
_WORKING_WITH = ("application", "assignment", "counter", "referral")


def sides_of(by: Actor, *, requester_id: UUID, target_id: UUID) -> frozenset[str]:
    """The powers an actor has over a referral between two agencies: as sender, as receiver, as the person, as the house.

    A partner's system (a machine that acts for an agency) stands for that agency on its side.
    """
    if by.is_citizen:
        return frozenset({"citizen"})
    if by.is_machine and by.agency_id is None:
        return frozenset({"machine"})
    held = {"send_referrals", "receive_referrals"} if by.is_machine else powers_of(by.role)
    sides = set()
    if by.agency_id == requester_id and "send_referrals" in held:
        sides.add("send_referrals")
    if by.agency_id == target_id and "receive_referrals" in held:
        sides.add("receive_referrals")
    return frozenset(sides)


def may_send_referral(by: Actor, record: CaseRecord, now: dt.datetime) -> bool:
    """Staff with the power send_referrals, or a partner's system, whose agency works with the person now."""
    if by.agency_id is None or not (by.is_machine or (by.is_staff and "send_referrals" in powers_of(by.role))):
        return False
    rows = Involvement.objects.in_force(now).filter(record=record, agency_id=by.agency_id, kind__in=_WORKING_WITH)
    return any(row.user_id in (None, by.user_id) for row in rows)


def may_see_dead_letters(by: Actor) -> bool:
    """Agency admins see what their agency could not deliver; they see no person's record."""
    return by.is_staff and by.agency_id is not None and "see_dead_letters" in powers_of(by.role)
