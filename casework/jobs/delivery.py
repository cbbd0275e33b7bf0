"""Jobs of referrals. `drain` carries what waits in the outbox; the others are sweeps that find what an announcement lost.

A hint holds no id and no person: the broker can be wiped at any moment. All run on the queue `delivery`.
"""

import datetime as dt
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from casework.actions.deliveries import carry, postpone, recheck
from casework.actions.referral_clocks import look_at_clock
from casework.actions.referral_events import house_of
from casework.actions.referrals import send_if_allowed
from casework.carriers import DoorClosed
from casework.models import ReferralDelivery
from casework.queries import referrals
from portal.kit.actor import Actor, acting_as
from portal.kit.outgoing import Outgoing, Recalled, drain_one

DRAIN_SECONDS = 20.0  # then the next hint goes on, so that a worker can be stopped
CLOSED_DOOR = dt.timedelta(seconds=15)
BATCH = 500
RECHECK_AFTER = dt.timedelta(minutes=5)


@shared_task(name="casework.jobs.delivery.drain", expires=60)
def drain() -> int:
    """Deliver what is due, one row per transaction; returns how many rows were handled. Safe to run many times at once."""
    house = Actor.machine("delivery")
    until = time.monotonic() + DRAIN_SECONDS
    handled = 0
    while time.monotonic() < until:
        round_ = _Round()
        with acting_as(house):
            if not drain_one(ReferralDelivery, round_.carry, now=timezone.now):
                break
        handled += 1
        round_.follow()
    return handled


class _Round:
    """One delivery and what has to follow it in a transaction of its own."""

    def __init__(self) -> None:
        self.closed: ReferralDelivery | None = None
        self.recalled: ReferralDelivery | None = None

    def carry(self, row: Outgoing) -> None:
        assert isinstance(row, ReferralDelivery)
        try:
            carry(row, now=timezone.now)
        except DoorClosed:
            self.closed = row
            raise
        except Recalled:
            self.recalled = row
            raise

    def follow(self) -> None:
        if self.closed is not None:
            house = Actor.machine("delivery")
            with acting_as(house):
                postpone(by=house, target_id=self.closed.target_id, until=timezone.now() + CLOSED_DOOR)
        if self.recalled is not None:
            _as_house(self.recalled.record_id, partial(recheck, task_id=self.recalled.task_id))


@shared_task(name="casework.jobs.delivery.recheck_permissions", expires=300)
def recheck_permissions(record_id: str = "", agency_id: str = "") -> int:
    """End live tasks that are not allowed any more; returns how many.

    With ids: those of a record and a target, after a consent changed. Without: the sweep, over those not looked at lately.
    """
    with acting_as(Actor.machine("referrals")), transaction.atomic():
        if record_id:
            due = referrals.live_tasks_of(record_id=UUID(record_id), target_id=UUID(agency_id))
        else:
            due = referrals.tasks_to_recheck(before=timezone.now() - RECHECK_AFTER, limit=BATCH)
    return sum(bool(_as_house(record, partial(recheck, task_id=task))) for task, record in due)


@shared_task(name="casework.jobs.delivery.send_allowed", expires=300)
def send_allowed(record_id: str = "") -> int:
    """Send referrals that waited for the person and are allowed now; returns how many. Without an id: the sweep."""
    with acting_as(Actor.machine("referrals")), transaction.atomic():
        waiting = referrals.waiting_referrals(record_id=UUID(record_id) if record_id else None, limit=BATCH)
    return sum(bool(_as_house(record, partial(send_if_allowed, referral_id=referral))) for referral, record in waiting)


@shared_task(name="casework.jobs.delivery.look_at_clocks", expires=900)
def look_at_clocks() -> int:
    """Remind, escalate and expire what is due today; returns how many tasks were touched."""
    with acting_as(Actor.machine("referrals")), transaction.atomic():
        due = referrals.tasks_with_something_due(today=timezone.localdate(), limit=BATCH)
    return sum(bool(_as_house(record, partial(look_at_clock, task_id=task))) for task, record in due)


def _as_house(record_id: UUID, action: Callable[..., Any]) -> Any:
    """One action for one record, in a transaction of its own."""
    house = house_of(record_id)
    with acting_as(house), transaction.atomic():
        return action(by=house, at=timezone.now())
