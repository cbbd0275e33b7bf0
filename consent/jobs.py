"""Jobs of the record: consents end when their time is over. The gate checks the time too; this keeps the stored grants true."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from consent.actions.consents import expire
from consent.models import Consent
from consent.models.consents import EFFECTIVE
from portal.kit.actor import Actor, acting_as

BATCH = 500


@shared_task(ignore_result=True)
def expire_consents() -> int:
    """End every consent that is past its time; returns how many. Safe to run twice. Swept by beat each quarter of an hour."""
    now = timezone.now()
    with acting_as(Actor.machine("expiry", caseload=True)), transaction.atomic():
        due = list(Consent.objects.filter(state__in=EFFECTIVE, until__lte=now).values_list("pk", "record_id")[:BATCH])
    ended = 0
    for consent_id, record_id in due:
        machine = Actor.machine("expiry", record_id=record_id)
        with acting_as(machine), transaction.atomic():
            ended += expire(by=machine, consent_id=consent_id, at=now)
    return ended
