"""Jobs of cases. `follow_consent` tells workers that a permission ended or came back; `sweep_permissions` finds what was lost."""

import datetime as dt
from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from casework.actions.notes import follow_permission
from casework.queries.permissions import consents_changed_since
from portal.kit.actor import Actor, acting_as

LOOK_BACK = dt.timedelta(days=2)
BATCH = 500


@shared_task(name="casework.jobs.cases.follow_consent", ignore_result=True)
def follow_consent(*, consent_id: str, record_id: str, agency_id: str) -> bool:
    """Bring the case that rests on a consent in line with it. Safe to run twice."""
    by = Actor.machine("permissions", agency_id=UUID(agency_id), record_id=UUID(record_id))
    with acting_as(by), transaction.atomic():
        return follow_permission(by=by, consent_id=UUID(consent_id), at=timezone.now())


@shared_task(name="casework.jobs.cases.sweep_permissions", ignore_result=True)
def sweep_permissions() -> int:
    """Follow every consent that changed in the last two days; returns how many cases had to be told. Swept by beat."""
    since = timezone.now() - LOOK_BACK
    with acting_as(Actor.machine("permissions", caseload=True)), transaction.atomic():
        changed = consents_changed_since(since, most=BATCH)
    return sum(
        follow_consent(consent_id=str(consent), record_id=str(record), agency_id=str(agency))
        for consent, record, agency in changed
    )
