"""Before a session ends people are told and may stay, and a form sent after the end is not lost (WCAG 2.2.1)."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.models import Team, User
from portal.session_clock import ABSOLUTE, IDLE, Clock
from tests.factories.portal import code_at, enter_code, enter_password, make_agency, make_membership, make_user, sign_in
from tests.portal.test_sessions import A_MINUTE, set_back

pytestmark = pytest.mark.django_db
STAY = "/account/stay/"
JSON = {"Accept": "application/json"}


@pytest.fixture
def admin(client: Client) -> Client:
    """An agency admin, signed in."""
    sign_in(client, make_membership(make_agency(), "agency_admin").user)
    return client


def test_the_clock_says_what_is_left() -> None:
    now = timezone.now()
    clock = Clock("staff", now - dt.timedelta(hours=9, minutes=50), now - dt.timedelta(minutes=5))
    assert clock.seconds_left(now) == (600, 600), "the longest time ends it before idleness does"
    clock = Clock("citizen", now, now)
    assert clock.seconds_left(now) == (7200, 24 * 3600)
    assert clock.is_over(now + IDLE["citizen"] + A_MINUTE) and not clock.is_over(now + IDLE["citizen"] - A_MINUTE)


def test_each_page_says_how_long_one_stays_signed_in(admin: Client) -> None:
    page = admin.get(reverse("portal:agency")).content.decode()
    assert "You are signed out after 30 minutes without a step" in page
    left = int(re.search(r'data-idle="(\d+)"', page)[1])
    assert IDLE["staff"].total_seconds() - 65 < left <= IDLE["staff"].total_seconds()
    assert "session.js" in page


def test_who_is_not_signed_in_is_told_nothing(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "data-session-end" not in page and "session.js" not in page


def test_a_citizen_reads_their_own_time(client: Client) -> None:
    sign_in(client, make_user())
    assert "You are signed out after 120 minutes" in client.get(reverse("portal:account")).content.decode()


def test_staying_is_a_step(admin: Client) -> None:
    set_back(admin, "seen_at", IDLE["staff"] - A_MINUTE)
    answer = admin.post(STAY, headers=JSON)
    assert answer.json()["idle"] > IDLE["staff"].total_seconds() - 5
    assert admin.post(STAY).status_code == 302, "without a program"


def test_staying_does_not_go_beyond_the_longest_time(admin: Client) -> None:
    set_back(admin, "began_at", ABSOLUTE["staff"] - A_MINUTE)
    found = admin.post(STAY, headers=JSON).json()
    assert 0 < found["idle"] <= 60 and found["latest"] <= 60
    set_back(admin, "began_at", ABSOLUTE["staff"] + A_MINUTE)
    assert admin.post(STAY, headers=JSON).status_code == 401


def test_a_form_sent_after_the_end_is_offered_again_and_goes_through(admin: Client) -> None:
    address = reverse("portal:team_new")
    entered = {"name": "Home visits <b>& more</b>", "office": ""}
    set_back(admin, "seen_at", IDLE["staff"] + A_MINUTE)
    user_id = admin.session["_auth_user_id"]
    answer = admin.post(address, entered)
    page = answer.content.decode()
    assert answer.status_code == 401 and answer.headers["Cache-Control"] == "no-store"
    assert not Team.objects.exists()
    assert f'action="{address}"' in page and "Home visits &lt;b&gt;&amp; more&lt;/b&gt;" in page
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert set(fields) >= {"csrfmiddlewaretoken", "name", "office"}

    admin.cookies.clear()
    enter_password(admin, User.objects.get(pk=user_id))
    enter_code(admin, code_at(timezone.now() - dt.timedelta(seconds=30)))  # each code works once
    assert admin.post(address, entered).status_code == 302
    assert Team.objects.get().name == entered["name"]


def test_the_form_in_the_old_page_is_taken_with_one_press_more_after_signing_in_again() -> None:
    """Signing in changes the token, so the old page's is refused, and what was entered is offered once more."""
    membership = make_membership(make_agency(), "agency_admin")
    client = Client(enforce_csrf_checks=False)
    sign_in(client, membership.user)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    answer = strict.post(
        reverse("portal:team_new"),
        {"name": "Home visits", "csrfmiddlewaretoken": "x" * 64},
        headers={"Origin": "http://testserver"},
    )
    assert answer.status_code == 403
    assert 'value="Home visits"' in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "sent"), [("account_change_password", {"oldpassword": "secret words", "password1": "x"}), ("portal:acting_as", {})]
)
def test_no_secret_is_put_back_into_a_page(admin: Client, name: str, sent: dict[str, str]) -> None:
    set_back(admin, "seen_at", IDLE["staff"] + A_MINUTE)
    answer = admin.post(reverse(name), sent)
    assert answer.status_code == 401
    assert "secret words" not in answer.content.decode()
    assert "Sign in" in answer.content.decode()


def test_who_never_signed_in_is_sent_to_the_entrance(client: Client) -> None:
    answer = client.post(reverse("portal:team_new"), {"name": "x"})
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/account/sign-in/")
