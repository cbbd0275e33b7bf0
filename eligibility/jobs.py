"""Celery jobs: screen one record, sweep for records whose results are missing or old, and tell who waits for an opening."""

from uuid import UUID

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.utils.log import get_task_logger
from django.db import transaction
from django.utils import timezone

from eligibility.actions import determinations, openings
from eligibility.queries import screening
from portal.kit.actor import Actor, acting_as
from portal.kit.announce import enqueue
from portal.kit.locks import alone

logger = get_task_logger(__name__)

CHUNK = 100  # records a sweep screens before it hands on to the next one: some seconds of work


@shared_task(acks_late=True)
def screen(record_id: str) -> None:
    """Screen one record against all programmes in force today. Safe to run twice."""
    determinations.screen_as_machine(record_id=UUID(record_id), at=timezone.now())


@shared_task(acks_late=True)
def sweep(after: str = "", rules: str = "") -> None:
    """Screen up to CHUNK records (with ids after `after`) that need it, then hand on to the next sweep.

    Finds what the broker lost, what a publication made old, and results that a date changes. One sweep runs at a time, so that a
    worker is free for somebody who waits for their own results; another one ends at once. rules: digest of those that held when
    the sweeps began with the first record: when they are others by now, they begin with the first record again.
    """
    with alone("screening:sweep") as is_alone:
        handed_on = _sweep(after, rules) if is_alone else None
    if handed_on is not None:  # only now, or the next one might find this one still at work
        enqueue(sweep, **handed_on)


def _sweep(after: str, rules: str) -> dict[str, str] | None:
    """What to ask of the next sweep; None when none is needed."""
    with acting_as(Actor.machine("screening", caseload=True)), transaction.atomic():
        today = timezone.localdate()
        held = screening.rules_on(today)
        goes_on = bool(after) and rules == held
        due = screening.due(on=today, after=UUID(after) if goes_on else None, most=CHUNK)
        operator_id = screening.operator().pk if due else None
    for record_id in due:
        try:
            determinations.screen_as_machine(record_id=record_id, at=timezone.now(), wait=False, operator_id=operator_id)
        except SoftTimeLimitExceeded:  # the machine is slow today: the next sweep goes on from here
            return {"after": str(record_id), "rules": held}
        except Exception:  # one record that cannot be screened must not stop the others
            logger.exception("screening of %s failed", record_id)
    if len(due) == CHUNK:
        return {"after": str(due[-1]), "rules": held}
    return {"after": ""} if goes_on and _rules_today() != held else None


def _rules_today() -> str:
    with acting_as(Actor.machine("screening", caseload=True)), transaction.atomic():
        return screening.rules_on(timezone.localdate())


@shared_task(acks_late=True)
def tell_openings() -> None:
    """Tell those who wait for a programme that is open now. Safe to run twice."""
    openings.tell_all(at=timezone.now())
