"""The receiver's side of a referral: see it, accept or reject it, work on it, say what came of it."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.actions.deliveries import read_stage
from casework.actions.referral_events import (
    SOURCE,
    ReferralRefused,
    house_of,
    locked_task,
    move_task,
    refuse_ended,
    refuse_undelivered,
    tell,
    tell_people,
)
from casework.models import Disclosure, ReferralTask
from casework.models.referral import (
    ACCEPTED,
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    LIVE,
    ON_HOLD,
    OUTCOMES,
    REASONS,
    REJECTED,
    TAKEN_ON,
)
from casework.permissions import sides_of
from consent.actions.involvements import begin, end
from consent.models import CaseRecord
from portal.kit.actor import Actor, acting_as
from portal.models import Membership

_OUTCOME_CODES = frozenset(code for code, _words in OUTCOMES)
_REASON_CODES = frozenset(code for code, _words in REASONS)


@transaction.atomic
def look(*, by: Actor, task_id: UUID, at: dt.datetime) -> None:
    """The receiver opens a new referral: stamps the first look and keeps what was disclosed before an answer.

    Raises ReferralRefused, AccessRefused.
    """
    task = _mine(by, task_id)
    if task.first_viewed_at is not None:
        return
    ReferralTask.objects.filter(pk=task.pk).update(first_viewed_at=at)
    tell(by=by, referral=task.referral, task=task, what="viewed", at=at)
    read_stage(by=by, task=task, record=_record(task), stage=Disclosure.TRIAGE, at=at, keep=True)


@transaction.atomic
def facts_now(*, by: Actor, task_id: UUID, at: dt.datetime, operation: str = "view") -> dict[str, Any]:
    """The facts the receiver may see now: the triage set until it accepts, the agreed set after; {} once the task has ended.

    by: the target's staff or its system. Writes nothing but the access log. Raises ReferralRefused, AccessRefused.
    """
    task = ReferralTask.objects.select_related("referral", "target", "manifest").get(pk=task_id)
    _refuse_stranger(by, task)
    refuse_undelivered(task)
    if task.state not in LIVE:
        return {}
    stage = Disclosure.AGREED if task.state in TAKEN_ON else Disclosure.TRIAGE
    return read_stage(by=by, task=task, record=_record(task), stage=stage, at=at, operation=operation)


@transaction.atomic
def accept(
    *, by: Actor, task_id: UUID, at: dt.datetime, worker_id: UUID | None = None, their_reference: str = ""
) -> ReferralTask:
    """Take the referral on. worker_id: the colleague who will help (the acting worker where left out).

    Raises ReferralRefused, also when another agency has accepted the same referral meanwhile.
    """
    task = _mine(by, task_id)
    with acting_as(house_of(task.record_id)):  # the receiver does not see other agencies' tasks
        taken = ReferralTask.objects.filter(referral_id=task.referral_id, state__in=TAKEN_ON).exclude(pk=task.pk).exists()
    if taken:
        raise ReferralRefused(_("Another agency has accepted this referral. Ask the sender to stop the other one first."))
    task.worker_id = _worker(by, task, worker_id or by.user_id, at)
    task.accepted_at, task.their_reference = at, their_reference
    move_task(by=by, task=task, state=ACCEPTED, at=at, also=("worker", "accepted_at", "their_reference"))
    record = _record(task)
    source = SOURCE.format(task.pk)
    begin(by=by, record=record, agency_id=task.target_id, kind="referral", at=at, programme=task.programme, source=source)
    end(by=by, record_id=task.record_id, agency_id=task.target_id, kind="referral_triage", source=source, at=at)
    read_stage(by=by, task=task, record=_record(task), stage=Disclosure.AGREED, at=at, keep=True)
    tell_people(by=by, referral=task.referral, kind="referral_outcome", at=at)
    return task


@transaction.atomic
def give_to(*, by: Actor, task_id: UUID, worker_id: UUID, at: dt.datetime) -> ReferralTask:
    """Hand an accepted referral to a colleague. Raises ReferralRefused."""
    task = _mine(by, task_id)
    task.worker_id = _worker(by, task, worker_id, at)
    task.save(update_fields=["worker"])
    tell(by=by, referral=task.referral, task=task, what="given_to", at=at)
    return task


@transaction.atomic
def reject(*, by: Actor, task_id: UUID, reason: str, at: dt.datetime, note: str = "") -> ReferralTask:
    """Say no, with a reason; the sender is told at once and chooses another place. Raises ReferralRefused."""
    return _move_with_reason(by, task_id, REJECTED, reason, note, at)


@transaction.atomic
def start(*, by: Actor, task_id: UUID, at: dt.datetime) -> ReferralTask:
    """Help has begun (or goes on after a pause). Raises ReferralRefused."""
    task = _mine(by, task_id)
    task.review_on = None
    move_task(by=by, task=task, state=IN_PROGRESS, at=at, also=("review_on",))
    tell_people(by=by, referral=task.referral, kind="referral_outcome", at=at, owner=False)
    return task


@transaction.atomic
def hold(*, by: Actor, task_id: UUID, reason: str, review_on: dt.date, at: dt.datetime, note: str = "") -> ReferralTask:
    """Pause, with a reason and the day on which it is looked at again (after today). Raises ReferralRefused."""
    task = _mine(by, task_id)
    _check_reason(reason)
    if review_on <= timezone.localdate(at):
        raise ReferralRefused(_("Choose a day after today to look at this again."))
    task.review_on, task.reminded_on = review_on, None
    move_task(by=by, task=task, state=ON_HOLD, at=at, reason=reason, note=note, also=("review_on", "reminded_on"))
    tell_people(by=by, referral=task.referral, kind="referral_outcome", at=at)
    return task


@transaction.atomic
def complete(*, by: Actor, task_id: UUID, outcome: str, at: dt.datetime, note: str = "") -> ReferralTask:
    """Finish, with what came of it (a code of OUTCOMES). Raises ReferralRefused."""
    if outcome not in _OUTCOME_CODES:
        raise ReferralRefused(_("Say what came of it: choose one of the outcomes."))
    task = _mine(by, task_id)
    task.outcome, task.outcome_note = outcome, note
    move_task(by=by, task=task, state=COMPLETED, at=at, also=("outcome", "outcome_note"))
    tell_people(by=by, referral=task.referral, kind="referral_outcome", at=at)
    return task


@transaction.atomic
def fail(*, by: Actor, task_id: UUID, reason: str, at: dt.datetime, note: str = "") -> ReferralTask:
    """It was taken on and did not work out; the sender chooses what next. Raises ReferralRefused."""
    return _move_with_reason(by, task_id, FAILED, reason, note, at)


@transaction.atomic
def give_up(*, by: Actor, task_id: UUID, reason: str, at: dt.datetime, note: str = "") -> ReferralTask:
    """The receiver stops a referral it had accepted. Raises ReferralRefused."""
    return _move_with_reason(by, task_id, CANCELLED, reason, note, at)


def _move_with_reason(by: Actor, task_id: UUID, state: str, reason: str, note: str, at: dt.datetime) -> ReferralTask:
    task = _mine(by, task_id)
    _check_reason(reason)
    move_task(by=by, task=task, state=state, at=at, reason=reason, note=note)
    tell_people(by=by, referral=task.referral, kind="referral_outcome", at=at)
    return task


def _mine(by: Actor, task_id: UUID) -> ReferralTask:
    task = locked_task(task_id)
    _refuse_stranger(by, task)
    refuse_ended(task)
    refuse_undelivered(task)
    return task


def _record(task: ReferralTask) -> CaseRecord:
    return CaseRecord.objects.select_related("person").get(pk=task.record_id)


def _refuse_stranger(by: Actor, task: ReferralTask) -> None:
    if "receive_referrals" not in sides_of(by, requester_id=task.requester_id, target_id=task.target_id):
        raise ReferralRefused(_("Only the agency that this referral was sent to can answer it."))


def _check_reason(reason: str) -> None:
    if reason not in _REASON_CODES:
        raise ReferralRefused(_("Say why: choose one of the reasons."))


def _worker(by: Actor, task: ReferralTask, worker_id: UUID | None, at: dt.datetime) -> UUID | None:
    """The colleague, if they work for the target now; None for a partner's system that names nobody."""
    if worker_id is None:
        return None
    colleagues = Membership.objects.in_force(timezone.localdate(at)).filter(agency_id=task.target_id, user_id=worker_id)
    if not colleagues.exists():
        raise ReferralRefused(_("Choose a colleague of your agency."))
    return worker_id
