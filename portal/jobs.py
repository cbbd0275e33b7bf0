"""Jobs of the ground floor."""

from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from portal.kit.actor import Actor, acting_as
from portal.kit.outgoing import drain_one
from portal.mail import carry
from portal.models import Notification

MOST_AT_ONCE = 200


@shared_task(name="portal.jobs.carry_notifications")
def carry_notifications() -> int:
    """Send the e-mails that are due, one transaction each, and return how many were handled. Also the sweep."""
    with acting_as(Actor.machine("notifications")):
        for count in range(MOST_AT_ONCE):
            if not drain_one(Notification, carry, now=timezone.now):
                return count
    return MOST_AT_ONCE


@shared_task(name="portal.jobs.forget_ended_sessions")
def forget_ended_sessions() -> None:
    """Delete sessions that can no longer be used, so that what they held does not outlive them."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
