"""E-mails about accounts: they wait in the outbox for a mail server that is away, and leave no secret behind."""

import datetime as dt
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.actions.mails import KEPT_FOR, put_out
from portal.jobs import carry_mails, carry_notifications, forget_old_mails
from portal.kit.actor import Actor, acting_as
from portal.kit.outgoing import DEAD, DONE, PENDING, RECALLED
from portal.models import AccountMail
from portal.services.images import environment
from portal.services.postgres import Postgres
from portal.services.preparation import ROOT
from portal.services.pytest_plugin import DATABASE
from tests.factories.mail_server import MailServer
from tests.factories.portal import PASSWORD, make_user, sign_in
from tests.portal.test_notifications import tell

pytestmark = pytest.mark.django_db
MACHINE = Actor.machine("test")
SIGN_UP = {"email": "mina@example.org", "password1": PASSWORD}


@pytest.fixture
def server(settings) -> Iterator[MailServer]:
    """A mail server that is not started yet, and the product told to use it."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
    yield server
    server.stop()


def rows() -> list[AccountMail]:
    with acting_as(MACHINE), transaction.atomic():
        return list(AccountMail.objects.order_by("created_at"))


def make_due() -> None:
    """As if the pause before the next try were over."""
    with acting_as(MACHINE), transaction.atomic():
        AccountMail.objects.filter(state=PENDING).update(next_at=timezone.now())


def mail(**fields) -> AccountMail:
    options = {"kind": "test", "to": "mina@example.org", "subject": "A link", "body": "https://x/secret", "at": timezone.now()}
    return put_out(by=Actor.anonymous(), **(options | fields))


# --- a mail server that is away ------------------------------------------------------------------------------------


def test_signing_up_answers_while_the_mail_server_is_away_and_the_mail_goes_out_when_it_is_back(client: Client, server) -> None:
    answer = client.post(reverse("account_signup"), SIGN_UP)
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    carry_mails()
    (row,) = rows()
    assert (row.state, row.attempts) == (PENDING, 1)
    assert "ConnectionRefusedError" in row.last_error

    with server:
        make_due()
        assert carry_mails() == 1
        (message,) = server.received
        assert message["To"] == "mina@example.org"
        link = re.search(r"http://testserver(\S+)", message.get_payload(decode=True).decode())[1]
        client.post(link)
        assert EmailAddress.objects.get(email="mina@example.org").verified
        assert carry_mails() == 0
        assert len(server.received) == 1


def test_no_page_that_writes_an_email_speaks_to_the_mail_server(client: Client, server) -> None:
    user = make_user()
    posts = [
        ("account_reset_password", {"email": user.email}),
        ("account_reset_password", {"email": "nobody@example.org"}),
        ("account_signup", SIGN_UP | {"email": user.email}),
    ]
    for name, words in posts:
        assert client.post(reverse(name), words).status_code == 302
    sign_in(client, user)
    changed = {"oldpassword": PASSWORD, "password1": "seven green bottles standing"}
    assert client.post(reverse("account_change_password"), changed).status_code == 302
    kinds = [row.kind for row in rows()]
    assert kinds == ["password_reset_key", "unknown_account", "account_already_exists", "password_changed"]


def test_what_waits_is_tried_for_two_days_and_at_least_every_few_minutes() -> None:
    row = mail()
    assert row.good_until - row.created_at == AccountMail.LIFE == dt.timedelta(days=2)
    assert dt.timedelta(minutes=5) >= AccountMail.LONGEST_DELAY
    assert AccountMail.MOST_ATTEMPTS * AccountMail.LONGEST_DELAY * 0.8 > AccountMail.LIFE


def test_a_mail_that_comes_too_late_is_not_sent(server) -> None:
    mail(at=timezone.now() - AccountMail.LIFE - dt.timedelta(minutes=1))
    with server:
        carry_mails()
    (row,) = rows()
    assert (row.state, row.sealed, server.received) == (RECALLED, "", [])


@pytest.mark.parametrize(("reply", "state"), [("450 come back later", PENDING), ("550 no such user", DEAD)])
def test_a_mail_server_that_says_later_is_asked_again_and_one_that_refuses_is_not(server, reply: str, state: str) -> None:
    server.recipient_reply = reply
    mail()
    notice = tell(make_user("sam@example.org"))
    with server:
        carry_mails()
        carry_notifications()
    (row,) = rows()
    notice.refresh_from_db()
    assert (row.state, notice.state) == (state, state)
    assert "example.org" not in row.last_error + notice.last_error


def test_an_address_no_mail_server_takes_does_not_hold_up_the_others(server) -> None:
    mail(to="not an address\r\nBcc: other@example.org")
    mail()
    with server:
        assert carry_mails() == 2
    assert [row.state for row in rows()] == [DEAD, DONE]
    assert [message["To"] for message in server.received] == ["mina@example.org"]


def test_a_mail_server_that_hangs_does_not_keep_a_worker_for_long(server, settings, monkeypatch) -> None:
    monkeypatch.setattr("portal.jobs.MAIL_SECONDS", 0.5)
    settings.EMAIL_TIMEOUT = 1
    server.hang = "rcpt"
    for _number in range(5):
        mail()
    with server:
        assert carry_mails() < 5


# --- killed on the way ----------------------------------------------------------------------------------------------

WORKER = """
import sys, django
django.setup()
from django.test.utils import override_settings
from portal.jobs import carry_mails
with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1",
                       EMAIL_PORT=int(sys.argv[1]), EMAIL_TIMEOUT=30):
    carry_mails()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("hang", "copies"), [("rcpt", 1), ("data", 2)])
def test_a_killed_worker_loses_nothing_and_a_copy_bears_the_same_number(
    server, postgres: Postgres, hang: str, copies: int
) -> None:
    """Killed before the mail server took it: sent once. Killed after it took it and before we could note so: twice, and
    the copies say that they are one message."""
    row = mail()
    server.hang = hang
    with server:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(server.port)], cwd=ROOT, env=os.environ | environment(postgres, DATABASE)
        )
        assert server.held.wait(60)
        assert carry_mails() == 0, "a row that one worker carries is left alone by the others"
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
    server.hang = ""
    with server:
        until = time.monotonic() + 20  # the database notices by itself that the worker is gone
        while not carry_mails() and time.monotonic() < until:
            time.sleep(0.05)
        assert carry_mails() == 0
    assert [message["Message-ID"] for message in server.received] == [f"<{row.pk}@onedoor>"] * copies
    assert [(one.state, one.sealed) for one in rows()] == [(DONE, "")]


@pytest.mark.django_db(transaction=True)
def test_a_hint_on_the_broker_is_enough(client: Client, celery_worker) -> None:
    client.post(reverse("account_signup"), SIGN_UP)
    until = time.monotonic() + 30
    while rows()[0].state != DONE and time.monotonic() < until:
        time.sleep(0.05)
    assert rows()[0].state == DONE, celery_worker.log.read_text()


def test_the_sweeps_are_in_the_schedule_under_names_that_exist(settings) -> None:
    names = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    for job in (carry_mails, forget_old_mails):
        assert job.name in names and job.name in current_app.tasks


# --- secrets --------------------------------------------------------------------------------------------------------


def test_a_waiting_mail_is_sealed_and_a_sent_one_is_empty(client: Client) -> None:
    client.post(reverse("account_signup"), SIGN_UP)
    (row,) = rows()
    for secret in ("mina@example.org", "confirm-email"):
        assert secret not in row.sealed
    carry_mails()
    (row,) = rows()
    assert (row.state, row.sealed) == (DONE, "")


def test_the_database_refuses_to_keep_what_was_sent() -> None:
    row = mail()
    with acting_as(MACHINE), pytest.raises(IntegrityError, match="account_mail_keeps_no_secret"), transaction.atomic():
        AccountMail.objects.filter(pk=row.pk).update(state=DONE)


@pytest.mark.parametrize("actor", [Actor.anonymous(), Actor("staff", role="agency_admin"), None])
def test_nobody_but_the_carrier_reads_the_outbox(actor: Actor | None) -> None:
    mail()
    with acting_as(actor), connection.cursor() as cursor:
        cursor.execute("select count(*) from portal_accountmail")
        assert cursor.fetchone()[0] == 0
    assert len(rows()) == 1


def test_a_mail_under_a_key_that_is_gone_is_given_up(settings) -> None:
    mail()
    settings.SECRET_KEY = "another key, as after somebody forgot SECRET_KEY_FALLBACKS"
    carry_mails()
    assert [(row.state, row.sealed) for row in rows()] == [(DEAD, "")]


def test_a_mail_under_the_former_key_is_still_sent(settings, mailoutbox) -> None:
    mail()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the key of now"
    carry_mails()
    assert len(mailoutbox) == 1


def test_what_is_left_of_a_mail_goes_a_week_later() -> None:
    for _number in range(2):
        mail()
    carry_mails()
    old, fresh = rows()
    with acting_as(MACHINE), transaction.atomic():
        AccountMail.objects.filter(pk=old.pk).update(ended_at=timezone.now() - KEPT_FOR - dt.timedelta(minutes=1))
    waiting = mail(at=timezone.now() - 2 * KEPT_FOR)
    assert forget_old_mails() == 1
    assert {row.pk for row in rows()} == {fresh.pk, waiting.pk}
