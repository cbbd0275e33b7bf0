"""Moving a referral's two state tables and keeping the thread: used by the sender's, the receiver's and the clocks' actions."""

import datetime as dt
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from casework.announcements import DeliveryWaiting
from casework.models import Referral, ReferralDelivery, ReferralEvent, ReferralTask
from casework.models.referral import (
    ACTIVE,
    CANCELLED,
    COMPLETED,
    LIVE,
    REQUEST_COMPLETED,
    REQUEST_FLOW,
    REQUEST_ON_HOLD,
    REQUESTED,
    TASK_FLOW,
)
from casework.permissions import sides_of
from consent.actions.involvements import end
from consent.models import Person
from portal.actions.notifications import notify
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from portal.kit.announce import announce
from portal.kit.outgoing import DONE, PENDING, RECALLED
from portal.kit.states import MoveRefused

SOURCE = "referral:{}"


class ReferralRefused(Refused):
    """A step on a referral that may not be done; the sentence says what to do instead."""


def house_of(record_id: UUID) -> Actor:
    """The portal itself, on behalf of nobody, for one record: it does what neither side could see to do."""
    return Actor.machine("referrals", record_id=record_id)


def tell(
    *,
    by: Actor,
    referral: Referral,
    what: str,
    at: dt.datetime,
    task: ReferralTask | None = None,
    reason: str = "",
    note: str = "",
) -> ReferralEvent:
    """Add one line to the referral's thread (append-only)."""
    return ReferralEvent.objects.create(
        referral=referral, task=task, record_id=referral.record_id, requester_id=referral.agency_id,
        target_id=task.target_id if task else None, what=what, reason=reason, note=note, at=at,
        by_kind=by.kind, by_user_id=by.user_id, by_name=by.name, by_agency_id=by.agency_id,
    )  # fmt: skip


def locked_task(task_id: UUID) -> ReferralTask:
    """The task with its referral, both locked, the referral first (so that two steps cannot wait for each other).

    Raises ReferralTask.DoesNotExist when the actor may not know that it exists.
    """
    referral_id = ReferralTask.objects.values_list("referral_id", flat=True).get(pk=task_id)
    referral = locked_referral(referral_id)
    task = ReferralTask.objects.select_for_update(of=("self",)).select_related("target", "requester").get(pk=task_id)
    task.referral = referral
    return task


def locked_referral(referral_id: UUID) -> Referral:
    """The referral, locked after its waiting deliveries: everybody locks in this order, deliveries first, as the drain does.

    Raises Referral.DoesNotExist when the actor may not know that it exists.
    """
    waiting = ReferralDelivery.objects.filter(task__referral_id=referral_id, state=PENDING).order_by("pk")
    list(waiting.select_for_update(of=("self",)).values_list("pk", flat=True))
    return Referral.objects.select_for_update(of=("self",)).select_related("agency", "target").get(pk=referral_id)


def move_task(
    *, by: Actor, task: ReferralTask, state: str, at: dt.datetime, reason: str = "", note: str = "", also: tuple[str, ...] = ()
) -> None:
    """Move a locked task, stamp it, write the thread, and let the request, the involvement and people follow.

    also: names of further fields the caller has set. Raises ReferralRefused for a move the table does not list.
    """
    try:
        TASK_FLOW.move(task, state, sides_of(by, requester_id=task.requester_id, target_id=task.target_id))
    except MoveRefused as refused:
        raise ReferralRefused(str(refused)) from None
    task.reason, task.reason_note = reason, note
    task.ended_at = None if state in LIVE else at
    task.save(update_fields=["state", "reason", "reason_note", "ended_at", *also])
    tell(by=by, referral=task.referral, task=task, what=state, at=at, reason=reason, note=note)
    if state not in LIVE:
        end_involvements(task, at)
        _follow(by, task, at)


def move_request(
    *,
    by: Actor,
    referral: Referral,
    state: str,
    at: dt.datetime,
    reason: str = "",
    note: str = "",
    task: ReferralTask | None = None,
) -> None:
    """Move a locked referral, stamp it and write the thread. task: whose end moves it. Raises ReferralRefused."""
    sides = sides_of(by, requester_id=referral.agency_id, target_id=referral.target_id)
    try:
        REQUEST_FLOW.move(referral, state, sides)
    except MoveRefused as refused:
        raise ReferralRefused(str(refused)) from None
    if state in REQUEST_FLOW.ends:
        referral.ended_at = at
    referral.save(update_fields=["state", "ended_at"])
    tell(by=by, referral=referral, task=task, what=f"request_{state}", at=at, reason=reason, note=note)


def _follow(by: Actor, task: ReferralTask, at: dt.datetime) -> None:
    """What the end of a task means for the ask: completed closes it; else the requester must choose a new place."""
    referral = task.referral
    with acting_as(house_of(task.record_id)):  # the receiver does not see other agencies' tasks
        is_still_with_somebody = ReferralTask.objects.filter(referral=referral, state__in=LIVE).exists()
    if referral.state != ACTIVE or is_still_with_somebody:
        return
    state = REQUEST_COMPLETED if task.state == COMPLETED else REQUEST_ON_HOLD
    move_request(by=by, referral=referral, state=state, at=at, task=task)


def stop_task(*, by: Actor, task: ReferralTask, at: dt.datetime, reason: str, note: str = "", state: str = CANCELLED) -> None:
    """End a live task from the sender's side: unsent is recalled, sent is told to stop. state: cancelled | entered_in_error.

    Raises ReferralRefused.
    """
    waiting = ReferralDelivery.objects.select_for_update().filter(task=task, message=ReferralDelivery.REQUEST).first()
    if waiting is not None and waiting.state == PENDING:
        waiting.state, waiting.ended_at, waiting.last_error = RECALLED, at, ""
        waiting.save(update_fields=["state", "ended_at", "last_error"])
    elif waiting is not None and waiting.state == DONE:
        put_out(task=task, message=ReferralDelivery.STOP, at=at)
    type(task.manifest).objects.filter(pk=task.pk, recalled_at=None).update(recalled_at=at)
    move_task(by=by, task=task, state=state, at=at, reason=reason, note=note)


def put_out(*, task: ReferralTask, message: str, at: dt.datetime) -> None:
    """Put a message into the outbox, in the transaction of its cause, and hint at it. A request's key is the task's own id."""
    own_key = {"id": task.pk} if message == ReferralDelivery.REQUEST else {}
    ReferralDelivery.objects.create(
        **own_key, task=task, record_id=task.record_id, requester_id=task.requester_id, target_id=task.target_id,
        message=message, next_at=at, created_at=at,
    )  # fmt: skip
    announce(DeliveryWaiting())


def end_involvements(task: ReferralTask, at: dt.datetime) -> None:
    """The target has no reason to read any more. The house does it: the sender cannot see the target's involvements."""
    house = house_of(task.record_id)
    with acting_as(house):
        for kind in ("referral_triage", "referral"):
            end(by=house, record_id=task.record_id, agency_id=task.target_id, kind=kind, source=SOURCE.format(task.pk), at=at)


def tell_people(*, by: Actor, referral: Referral, kind: str, at: dt.datetime, citizen: bool = True, owner: bool = True) -> None:
    """Notify the person and the sender's worker, except whoever acts. Id and link only."""
    names = {"agency": referral.target.name}
    house = house_of(referral.record_id)
    with acting_as(house):
        person_user = Person.objects.values_list("user_id", flat=True).get(record=referral.record_id)
        if citizen and person_user and person_user != by.user_id:
            notify(by=house, user_id=person_user, kind=kind, path=reverse("casework:my"), parameters=names, at=at)
        if owner and referral.owner_id and referral.owner_id != by.user_id:
            path = reverse("casework:referral", args=[referral.pk])
            notify(by=house, user_id=referral.owner_id, kind=kind, path=path, parameters=names, at=at)


def refuse_ended(task: ReferralTask) -> None:
    """Raise ReferralRefused when the task waits for nobody any more."""
    if task.state not in LIVE:
        raise ReferralRefused(_("This referral has ended. Load the page again."))


def refuse_undelivered(task: ReferralTask) -> None:
    """Raise ReferralRefused for an answer to a referral that has not arrived."""
    if task.state == REQUESTED and task.delivered_at is None:
        raise ReferralRefused(_("This referral has not been delivered yet."))
