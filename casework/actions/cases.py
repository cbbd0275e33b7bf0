"""Moving a case through its life: taking it up, passing it on, closing, opening again, withdrawing."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework import clocks, permissions
from casework.actions import grants
from casework.announcements import CaseMoved
from casework.models import ProgrammeCase, StatusEvent
from casework.models.case import CASE_FLOW, ENDED
from consent.actions import involvements
from consent.models import CaseRecord
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce
from portal.models import Membership
from portal.roles import powers_of

_NEXT_IN_STATE = {
    "received": "start",
    "reopened": "start",
    "in_assessment": "assess",
    "awaiting_information": "wait",
    "ready_for_decision": "decide",
    "decided": "close",
}
_TASKS_FIRST = ("permission_ended", "check_answer")


class CaseChanged(Exception):
    """Somebody else changed the case since the page was loaded. The message says who and when."""

    def __init__(self, case: ProgrammeCase):
        moment = date_format(timezone.localtime(case.changed_at), "j F Y, H:i")
        super().__init__(
            _(
                "%(name)s changed this case on %(moment)s, after you opened it. Nothing you sent was saved: look at it again, then repeat your step."
            )
            % {"name": case.changed_by_name or _("Somebody"), "moment": moment}
        )
        self.case = case


class NotPossible(Exception):
    """The step makes no sense for this case now. The message says what to do instead."""


def locked(*, case_id: UUID, seen: int | None) -> ProgrammeCase:
    """The case, locked for this transaction. seen: the lock_version the person's page was made from; None does not ask.

    Raises ProgrammeCase.DoesNotExist, CaseChanged.
    """
    case = ProgrammeCase.objects.select_for_update(of=("self",)).select_related("agency").get(pk=case_id)
    if seen is not None and case.lock_version != seen:
        raise CaseChanged(case)
    return case


def store(case: ProgrammeCase, *, by: Actor, at: dt.datetime) -> None:
    """Save a locked case: its next step, one more version, and its rows in the worklist."""
    waiting = set(case.tasks.filter(done_at=None).values_list("kind", flat=True))
    first = next((kind for kind in _TASKS_FIRST if kind in waiting), None)
    case.next_step = "none" if case.state in ENDED else first or _NEXT_IN_STATE[case.state]
    case.lock_version += 1
    case.changed_at = at
    case.changed_by_name = by.name
    case.save()
    grants.keep(case)


def record_event(case: ProgrammeCase, *, by: Actor, at: dt.datetime, came_from: str, text: str = "") -> StatusEvent:
    """Write the next line of the case's history and announce it."""
    last = case.events.aggregate(last=Max("number"))["last"] or 0
    event = StatusEvent.objects.create(
        case=case, number=last + 1, came_from=came_from, state=case.state, at=at, by_kind=by.kind, by_user_id=by.user_id,
        by_name=by.name, by_role=by.role, by_agency_id=by.agency_id, text=text,
    )  # fmt: skip
    announce(CaseMoved(case_id=case.pk, record_id=case.record_id, state=case.state))
    return event


def move(case: ProgrammeCase, end: str, *, by: Actor, at: dt.datetime, text: str = "") -> None:
    """Move a locked, unsaved case by its state table, with its line of history. Raises MoveRefused."""
    came_from = CASE_FLOW.move(case, end, powers_of(by.role))
    if end != "awaiting_information" and case.paused_on is not None:
        resume_clock(case, timezone.localdate(at))
    record_event(case, by=by, at=at, came_from=came_from, text=text)


def resume_clock(case: ProgrammeCase, day: dt.date) -> None:
    """Let the clock of a locked case run again from `day`."""
    if case.paused_on is not None:
        case.paused_days += clocks.days_paused(case.paused_on, day, case.agency.subdivision)
        case.paused_on = None
        case.due_on = clocks.due_day(case.clock_from, case.standard_days, case.paused_days, case.agency.subdivision)


def _end(case: ProgrammeCase, state: str, result: str, *, by: Actor, at: dt.datetime, text: str) -> None:
    case.result = result
    case.closed_on = timezone.localdate(at)
    move(case, state, by=by, at=at, text=text)
    store(case, by=by, at=at)
    involvements.end(
        by=by, record_id=case.record_id, agency_id=case.agency_id, kind="application", source=f"case:{case.pk}", at=at
    )


def _require_worker(by: Actor, case: ProgrammeCase) -> None:
    if not permissions.may_work(by, case):
        raise Refused(_("Only staff of the agency that works on this case may do this."))


@transaction.atomic
def advance(*, by: Actor, case_id: UUID, seen: int, state: str, at: dt.datetime) -> ProgrammeCase:
    """Move a case to in_assessment or ready_for_decision. Whoever starts an unassigned case takes it.

    seen: lock_version of the page. Raises Refused, CaseChanged, MoveRefused, NotPossible.
    """
    case = locked(case_id=case_id, seen=seen)
    _require_worker(by, case)
    if state not in ("in_assessment", "ready_for_decision"):
        raise NotPossible(_("This step has a page of its own."))
    if case.state == "awaiting_information":
        raise NotPossible(_("The person was asked something. Wait for the answer, or take the question back."))
    if case.assignee_id is None:
        case.assignee_id = by.user_id
    move(case, state, by=by, at=at)
    store(case, by=by, at=at)
    return case


@transaction.atomic
def assign(*, by: Actor, case_id: UUID, user_id: UUID | None, at: dt.datetime, seen: int | None = None) -> ProgrammeCase:
    """Give a case to a colleague of the same agency who works on cases, or back to the team (user_id None).

    Raises Refused, CaseChanged, NotPossible.
    """
    case = locked(case_id=case_id, seen=seen)
    _require_worker(by, case)
    if not case.is_open:
        raise NotPossible(_("This case has ended."))
    if user_id is not None:
        colleagues = Membership.objects.in_force(timezone.localdate(at)).filter(agency_id=case.agency_id, user_id=user_id)
        colleague = next((m for m in colleagues if "work_cases" in powers_of(m.role)), None)
        if colleague is None:
            raise NotPossible(_("Choose a colleague who works on cases here."))
        case.team_id = colleague.team_id or case.team_id
        case.office_id = colleague.office_id or case.office_id
    case.assignee_id = user_id
    store(case, by=by, at=at)
    return case


@transaction.atomic
def withdraw(*, by: Actor, case_id: UUID, at: dt.datetime) -> ProgrammeCase:
    """The person takes their application back; the agency's involvement with them ends. Raises Refused, MoveRefused."""
    case = locked(case_id=case_id, seen=None)
    if not permissions.is_persons_own(by, case):
        raise Refused(_("Only the person who applied can take an application back."))
    case.requests.filter(state="open").update(state="taken_back")
    _end(case, "withdrawn", "withdrawn", by=by, at=at, text="")
    return case


@transaction.atomic
def close(*, by: Actor, case_id: UUID, seen: int, at: dt.datetime, text: str = "") -> ProgrammeCase:
    """Close a case. After a decision any worker may; without one only a decision maker, with words for the person.

    Raises Refused, CaseChanged, MoveRefused, NotPossible.
    """
    case = locked(case_id=case_id, seen=seen)
    _require_worker(by, case)
    text = text.strip()
    if case.state != "decided" and not text:
        raise NotPossible(_("Say why the case ends without a decision: the person reads it."))
    case.requests.filter(state="open").update(state="taken_back")
    _end(case, "closed", case.result or "no_decision", by=by, at=at, text=text)
    return case


@transaction.atomic
def reopen(*, by: Actor, case_id: UUID, seen: int, at: dt.datetime, text: str) -> ProgrammeCase:
    """Open a closed case again, with a reason the person reads; its end is cleared and its clock begins anew.

    Raises Refused, CaseChanged, MoveRefused, NotPossible.
    """
    case = locked(case_id=case_id, seen=seen)
    if not permissions.may_decide(by, case):
        raise Refused(_("Only a decision maker of the agency opens a case again."))
    if not text.strip():
        raise NotPossible(_("Say why the case is opened again: the person reads it."))
    another = ProgrammeCase.objects.filter(record_id=case.record_id, programme=case.programme, closed_on=None)
    if another.exists():
        raise NotPossible(_("The person has a newer open application for this programme: work on that one."))
    today = timezone.localdate(at)
    case.result, case.closed_on = "", None
    case.clock_from, case.paused_days = today, 0
    case.due_on = clocks.due_day(today, case.standard_days, 0, case.agency.subdivision)
    move(case, "reopened", by=by, at=at, text=text.strip())
    store(case, by=by, at=at)
    # the agency's view of the record had ended with the case, so the row itself cannot be read here
    involvements.begin(
        by=by, record=CaseRecord(pk=case.record_id), agency_id=case.agency_id, kind="application", programme=case.programme,
        source=f"case:{case.pk}", at=at,
    )  # fmt: skip
    return case
