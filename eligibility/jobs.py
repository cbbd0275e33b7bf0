"""Celery jobs: screen one record, sweep for records whose results are missing or old, and tell who waits for an opening."""

from uuid import UUID

from celery import shared_task
from celery.utils.log import get_task_logger
from django.db import transaction
from django.utils import timezone

from eligibility.actions import determinations, openings
from eligibility.queries import screening
from portal.kit.actor import Actor, acting_as
from portal.kit.announce import enqueue

logger = get_task_logger(__name__)

CHUNK = 200  # records a sweep screens before it hands on to the next one: some seconds of work


@shared_task(acks_late=True)
def screen(record_id: str) -> None:
    """Screen one record against all programmes in force today. Safe to run twice."""
    determinations.screen_as_machine(record_id=UUID(record_id), at=timezone.now())


@shared_task(acks_late=True)
def sweep(after: str = "") -> None:
    """Screen up to CHUNK records (with ids after `after`) that need it, then hand on to the next sweep.

    Finds what the broker lost, what a publication made old, and results that a date changes.
    """
    today = timezone.localdate()
    with acting_as(Actor.machine("screening", caseload=True)), transaction.atomic():
        due = screening.due(on=today, after=UUID(after) if after else None, most=CHUNK)
    for record_id in due:
        try:
            determinations.screen_as_machine(record_id=record_id, at=timezone.now(), wait=False)
        except Exception:  # one record that cannot be screened must not stop the others
            logger.exception("screening of %s failed", record_id)
    if len(due) == CHUNK:
        enqueue(sweep, after=str(due[-1]))


@shared_task(acks_late=True)
def tell_openings() -> None:
    """Tell those who wait for a programme that is open now. Safe to run twice."""
    openings.tell_all(at=timezone.now())
