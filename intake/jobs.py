"""Jobs of asking. The sweep is the job: what is due is found in the database each time."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from intake.actions.drafts import purge
from portal.kit.actor import Actor, acting_as


@shared_task(name="intake.jobs.purge_drafts")
def purge_drafts() -> int:
    """Delete the drafts whose 30 days are over (Celery beat, every hour)."""
    machine = Actor.machine("purge_drafts")
    with acting_as(machine), transaction.atomic():
        return purge(by=machine, at=timezone.now())
