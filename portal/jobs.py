"""Jobs of the ground floor."""

import time
from collections.abc import Callable
from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from portal.actions.mails import forget_old
from portal.actions.sessions import forget_ended
from portal.kit.actor import Actor, acting_as
from portal.kit.outgoing import Row, drain_one
from portal.mail import carry, carry_account_mail
from portal.models import AccountMail, Notification

MOST_AT_ONCE = 200
MAIL_SECONDS = 40.0  # then the sweep goes on: a mail server that hangs must not keep a worker from screening


@shared_task(name="portal.jobs.carry_notifications")
def carry_notifications() -> int:
    """Send the e-mails of notices that are due, one transaction each, and return how many were handled. Also the sweep."""
    return _carry_due(Notification, carry)


@shared_task(name="portal.jobs.carry_mails")
def carry_mails() -> int:
    """Send the e-mails about accounts that are due, as above. Also the sweep."""
    return _carry_due(AccountMail, carry_account_mail)


def _carry_due(outbox: type[Row], carry_one: Callable[[Row], None]) -> int:
    until = time.monotonic() + MAIL_SECONDS
    handled = 0
    with acting_as(Actor.machine("mail")):
        while handled < MOST_AT_ONCE and time.monotonic() < until and drain_one(outbox, carry_one, now=timezone.now):
            handled += 1
    return handled


@shared_task(name="portal.jobs.forget_ended_sessions")
def forget_ended_sessions() -> None:
    """Delete sessions that can no longer be used, so that what they held does not outlive them."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    machine = Actor.machine("sessions")
    with acting_as(machine):
        forget_ended(by=machine)


@shared_task(name="portal.jobs.forget_old_mails")
def forget_old_mails() -> int:
    """Delete what is left of e-mails about accounts, a week after they ended; returns how many."""
    machine = Actor.machine("mail")
    with acting_as(machine):
        return forget_old(by=machine, at=timezone.now())
