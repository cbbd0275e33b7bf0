"""What time does to referrals: reminders, escalation, expiry. Each looks at one task and is safe to do twice."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from casework.actions.referral_events import house_of, locked_task, move_task, stop_task, tell, tell_people
from casework.models import ReferralDelivery, ReferralTask
from casework.models.referral import EXPIRED, ON_HOLD, REQUESTED, URGENT
from portal.actions.notifications import notify
from portal.kit.actor import Actor
from portal.kit.clocks import add_working_days
from portal.kit.outgoing import DONE
from portal.models import Membership

GRACE_DAYS = {URGENT: 1}  # working days after `due_on` before the task expires; otherwise:
ROUTINE_GRACE_DAYS = 2
LEADS = ("decision_maker",)
MOST_TOLD = 20


@transaction.atomic
def look_at_clock(*, by: Actor, task_id: UUID, at: dt.datetime) -> str:
    """Do what the day asks of a task: "expired", "escalated", "reminded" or "".

    An unanswered task is escalated to the target's leads after its due day, and goes back to the sender after the grace
    (domain.md 5). A task on hold reminds its worker on the review day. by: the house's machine for the task's record.
    """
    task = locked_task(task_id)
    today = timezone.localdate(at)
    if task.state == ON_HOLD and task.review_on and task.review_on <= today and task.reminded_on is None:
        ReferralTask.objects.filter(pk=task.pk).update(reminded_on=today)
        _tell_target(task, at, [task.worker_id] if task.worker_id else _leads(task, today))
        return "reminded"
    if task.state != REQUESTED or task.due_on >= today:
        return ""
    grace = GRACE_DAYS.get(task.referral.priority, ROUTINE_GRACE_DAYS)
    if add_working_days(task.due_on, grace, task.target.subdivision) < today:
        _expire(by, task, at)
        return "expired"
    if task.escalated_at is not None:
        return ""
    ReferralTask.objects.filter(pk=task.pk).update(escalated_at=at)
    tell(by=by, referral=task.referral, task=task, what="escalated", at=at)
    _tell_target(task, at, _leads(task, today))
    return "escalated"


def _expire(by: Actor, task: ReferralTask, at: dt.datetime) -> None:
    was_sent = ReferralDelivery.objects.filter(task=task, message=ReferralDelivery.REQUEST, state=DONE).exists()
    if was_sent:
        move_task(by=by, task=task, state=EXPIRED, at=at, reason="no_answer")
    else:  # it never arrived: nothing to expire there, so it is recalled
        stop_task(by=by, task=task, at=at, reason="no_answer")
    tell_people(by=by, referral=task.referral, kind="referral_outcome", at=at)


def _leads(task: ReferralTask, today: dt.date) -> list[UUID]:
    rows = Membership.objects.in_force(today).filter(agency_id=task.target_id, role__in=LEADS).order_by("starts_on", "pk")
    return list(rows.values_list("user_id", flat=True)[:MOST_TOLD])


def _tell_target(task: ReferralTask, at: dt.datetime, user_ids: list[UUID]) -> None:
    path = reverse("casework:referral", args=[task.referral_id])
    for user_id in user_ids:
        notify(
            by=house_of(task.record_id), user_id=user_id, kind="referral_late", path=path,
            parameters={"agency": task.requester.name}, at=at,
        )  # fmt: skip
