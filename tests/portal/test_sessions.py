"""How long a session lasts, and that its key changes."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.jobs import forget_ended_sessions
from portal.session_clock import ABSOLUTE, IDLE
from tests.factories.portal import enter_code, enter_password, make_agency, make_membership, make_user, sign_in

pytestmark = pytest.mark.django_db
A_MINUTE = dt.timedelta(minutes=1)


def set_back(client: Client, key: str, by: dt.timedelta) -> None:
    """Let the session have begun, or been seen last, `by` earlier."""
    session = client.session
    session[key] = (timezone.now() - by).isoformat()
    session.save()


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("portal:account")).status_code == 200


@pytest.fixture(params=["citizen", "staff"])
def visitor(request: pytest.FixtureRequest, client: Client) -> tuple[str, Client]:
    """A signed-in browser of each kind."""
    user = make_user() if request.param == "citizen" else make_membership(make_agency()).user
    sign_in(client, user)
    assert bool(client.session.get("membership_id")) is (request.param == "staff")
    return request.param, client


def test_an_idle_session_ends(visitor) -> None:
    kind, client = visitor
    set_back(client, "seen_at", IDLE[kind] - A_MINUTE)
    assert is_signed_in(client)
    set_back(client, "seen_at", IDLE[kind] + A_MINUTE)
    assert not is_signed_in(client)
    assert "You were signed out" in client.get(reverse("account_login")).content.decode()


def test_a_session_in_use_ends_all_the_same_one_day(visitor) -> None:
    kind, client = visitor
    set_back(client, "began_at", ABSOLUTE[kind] - A_MINUTE)
    assert is_signed_in(client)
    set_back(client, "began_at", ABSOLUTE[kind] + A_MINUTE)
    assert not is_signed_in(client)


def test_staff_sessions_are_shorter() -> None:
    assert IDLE["staff"] < IDLE["citizen"]
    assert ABSOLUTE["staff"] < ABSOLUTE["citizen"]


def test_a_visit_keeps_a_session_alive(visitor) -> None:
    kind, client = visitor
    set_back(client, "seen_at", IDLE[kind] - A_MINUTE)
    assert is_signed_in(client)
    seen = dt.datetime.fromisoformat(client.session["seen_at"])
    assert timezone.now() - seen < A_MINUTE


def test_a_record_without_account_leaves_an_idle_browser(client: Client) -> None:
    session = client.session
    session["person_id"] = "0190f5c0-0000-7000-8000-000000000001"
    session.save()
    client.get(reverse("portal:start"))
    set_back(client, "seen_at", IDLE["citizen"] + A_MINUTE)
    client.get(reverse("portal:start"))
    assert "person_id" not in client.session


def test_the_key_changes_at_each_step_of_signing_in(client: Client) -> None:
    membership = make_membership(make_agency())
    client.get(reverse("account_login"))
    session = client.session
    session["touched"] = True
    session.save()
    keys = [client.session.session_key]
    enter_password(client, membership.user)
    enter_code(client)
    keys.append(client.session.session_key)
    assert len(set(keys)) == 2
    assert not client.session.exists(keys[0])


def test_a_new_password_ends_the_other_sessions(client: Client) -> None:
    user = make_user()
    other = Client()
    for browser in (client, other):
        sign_in(browser, user)
    client.post(
        reverse("account_change_password"),
        {"oldpassword": "a quiet morning by the river", "password1": "seven green bottles standing"},
    )
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_the_session_cookie_is_out_of_reach_for_scripts_and_ends_with_the_browser(client: Client) -> None:
    sign_in(client, make_user())
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["max-age"]


def test_what_an_ended_session_held_is_deleted(client: Client) -> None:
    sign_in(client, make_user())
    used = client.session.session_key
    other = Client()
    sign_in(other, make_user())
    Session.objects.filter(pk=used).update(expire_date=timezone.now() - A_MINUTE)
    forget_ended_sessions()
    assert [row.pk for row in Session.objects.all()] == [other.session.session_key]


def test_somebody_without_account_can_leave_a_shared_computer(client: Client) -> None:
    assert "Leave this computer" not in client.get(reverse("portal:start")).content.decode()
    session = client.session
    session["person_id"] = "0190f5c0-0000-7000-8000-000000000001"
    session.save()
    assert "Leave this computer" in client.get(reverse("portal:start")).content.decode()
