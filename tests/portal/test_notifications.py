"""Notices in the portal and their e-mails."""

import datetime as dt
import smtplib

import pytest
from celery import current_app
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal import notices
from portal.actions.notifications import mark_all_read, mark_read, notify
from portal.jobs import carry_notifications
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.outgoing import DEAD, DONE, PENDING, RECALLED
from portal.models import Notification, User
from tests.factories.portal import make_user, sign_in

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
BY = Actor.machine("test")
NAMES = {"agency": "Harbour Advice", "role": "Caseworker", "day": "21 November 2026"}


def tell(user: User, **fields) -> Notification:
    return notify(
        by=BY, user_id=user.pk, **({"kind": "membership_began", "path": "/roles/", "at": NOW, "parameters": NAMES} | fields)
    )


def test_the_email_holds_an_id_and_a_link_and_nothing_else_of_the_notice() -> None:
    notice = tell(make_user("mina@example.org"))
    assert carry_notifications() == 1
    (message,) = mail.outbox
    assert message.to == ["mina@example.org"]
    assert f"http://127.0.0.1:8000{reverse('portal:notifications')}" in message.body
    assert str(notice.pk)[-12:] in message.body
    for word in NAMES.values():
        assert word not in message.body + message.subject
    notice.refresh_from_db()
    assert notice.state == DONE


def test_an_email_goes_out_once() -> None:
    tell(make_user())
    carry_notifications()
    assert carry_notifications() == 0
    assert len(mail.outbox) == 1


def test_the_email_is_in_the_users_language(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("portal.mail.translation.override", _recording(seen))
    tell(make_user(language="ar"))
    carry_notifications()
    assert seen == ["ar"]


def _recording(seen: list[str]):
    from django.utils.translation import override

    def recorded(language: str):
        seen.append(language)
        return override(language)

    return recorded


def test_what_was_read_meanwhile_is_not_mailed() -> None:
    user = make_user()
    notice = tell(user)
    mark_read(by=Actor("citizen", user_id=user.pk), notification=notice, at=NOW)
    carry_notifications()
    notice.refresh_from_db()
    assert (notice.state, mail.outbox) == (RECALLED, [])


@pytest.mark.parametrize("trouble", ["not confirmed", "closed"])
def test_no_email_goes_to_an_address_that_is_not_the_persons(trouble: str) -> None:
    notice = tell(make_user(is_confirmed=trouble != "not confirmed", is_active=trouble != "closed"))
    carry_notifications()
    notice.refresh_from_db()
    assert (notice.state, mail.outbox) == (DEAD, [])


def test_a_mail_server_that_is_away_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args, **_options):
        raise ConnectionRefusedError("no server")

    notice = tell(make_user())
    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", away)
        before = timezone.now()
        carry_notifications()
    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == (PENDING, 1)
    assert notice.next_at > before
    assert "ConnectionRefusedError" in notice.last_error
    Notification.objects.update(next_at=NOW)
    carry_notifications()
    assert len(mail.outbox) == 1


def test_a_refused_address_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args, **_options):
        raise smtplib.SMTPRecipientsRefused({"mina@example.org": (550, b"no such user")})

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refused)
    notice = tell(make_user())
    carry_notifications()
    notice.refresh_from_db()
    assert notice.state == DEAD
    assert "mina@example.org" not in notice.last_error


def test_the_sweep_is_in_the_schedule_under_a_name_that_exists(settings) -> None:
    names = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert "portal.jobs.carry_notifications" in names
    assert carry_notifications.name in current_app.tasks


def test_a_notice_hints_at_its_mail_after_the_commit(django_capture_on_commit_callbacks, monkeypatch) -> None:
    hinted = []
    monkeypatch.setattr("portal.listeners.enqueue", lambda job, **ids: hinted.append((job.name, ids)))
    with django_capture_on_commit_callbacks(execute=True):
        tell(make_user())
        assert hinted == []
    assert hinted == [("portal.jobs.carry_notifications", {})]


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/", "roles/"])
def test_a_notice_leads_to_this_site_only(path: str) -> None:
    with pytest.raises(ValueError, match="not an address on this site"):
        tell(make_user(), path=path)


def test_an_unknown_kind_and_a_missing_name_are_refused() -> None:
    user = make_user()
    with pytest.raises(KeyError):
        tell(user, kind="no_such_kind")
    with pytest.raises(KeyError):
        tell(user, parameters={"agency": "Harbour Advice"})
    assert not Notification.objects.exists()


def test_a_kind_is_registered_once() -> None:
    notices.register("membership_began", **vars(notices.KINDS["membership_began"]))
    with pytest.raises(ValueError, match="registered twice"):
        notices.register("membership_began", subject="Other", sentence="words")


def test_the_bell_shows_ones_own_notices_and_opening_one_marks_it(client: Client) -> None:
    user, other = make_user(), make_user()
    mine, foreign = tell(user), tell(other, parameters=NAMES | {"agency": "Not Mine"})
    sign_in(client, user)
    page = client.get(reverse("portal:notifications")).content.decode()
    assert "Harbour Advice as Caseworker" in page and "Not Mine" not in page
    assert "1 new message" in page

    answer = client.post(reverse("portal:notification", args=[mine.pk]))
    assert answer.headers["Location"] == "/roles/"
    mine.refresh_from_db()
    assert mine.read_at is not None
    assert client.post(reverse("portal:notification", args=[foreign.pk])).status_code == 404
    assert client.get(reverse("portal:notification", args=[mine.pk])).status_code == 405, "looking changes nothing"


def test_all_can_be_marked_as_read_and_only_ones_own(client: Client) -> None:
    user, other = make_user(), make_user()
    tell(user), tell(user), tell(other)
    assert mark_all_read(by=Actor("citizen", user_id=user.pk), at=NOW) == 2
    assert Notification.objects.filter(read_at=None).count() == 1
    with pytest.raises(Refused):
        mark_read(by=Actor("citizen", user_id=user.pk), notification=Notification.objects.get(user=other), at=NOW)
