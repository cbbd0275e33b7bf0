"""The naive control: what most code bases do. A job per referral sent on commit, acknowledged before it runs, no sweep.

Lives in the tests only. Serves as WSGI module and as Celery application of the rig's control run: the product's own
actions, with the hint replaced by a message that carries the work.
"""

from functools import partial

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from portal.celery import app
from portal.wsgi import application

from casework.actions import referral_events, referrals  # isort: skip  (Django is ready only now)
from casework.actions.deliveries import carry  # isort: skip
from casework.models import ReferralDelivery  # isort: skip
from portal.kit.actor import Actor, acting_as  # isort: skip
from portal.kit.outgoing import DONE  # isort: skip

__all__ = ["app", "application", "celery", "deliver_now"]


@shared_task(name="naive.deliver_now", acks_late=False, reject_on_worker_lost=False, queue="delivery", ignore_result=True)
def deliver_now(delivery_id: str) -> None:
    """Deliver one referral, once tried."""
    with acting_as(Actor.machine("delivery")), transaction.atomic():
        row = ReferralDelivery.objects.select_for_update().get(pk=delivery_id)
        carry(row, now=timezone.now)
        row.state, row.ended_at = DONE, timezone.now()
        row.save(update_fields=["state", "ended_at"])


def put_out_naively(**asked) -> None:
    """As the product's `put_out`, and the message on commit."""
    referral_events.put_out(**asked)
    task_id = str(asked["task"].pk)
    transaction.on_commit(partial(_send, task_id), robust=True)


def _send(task_id: str) -> None:
    deliver_now.apply_async(kwargs={"delivery_id": task_id}, retry=False)


referral_events.announce = lambda _hint: None  # no drain hints in the control
referrals.put_out = put_out_naively
celery = app
