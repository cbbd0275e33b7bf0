"""The naive control of a publication: a message for each record, sent once, acknowledged before it runs, and no sweep."""

from uuid import UUID

import django
from celery import shared_task
from django.utils import timezone

from portal.celery import app

django.setup()

from eligibility.actions.determinations import screen_as_machine  # noqa: E402  (Django is ready only now)

__all__ = ["app", "celery", "screen_now"]


@shared_task(name="naive.screen_now", acks_late=False, reject_on_worker_lost=False, ignore_result=True)
def screen_now(record_id: str) -> None:
    """Screen one record, once tried."""
    screen_as_machine(record_id=UUID(record_id), at=timezone.now())


celery = app
