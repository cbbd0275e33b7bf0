"""Where a person is signed in: the list, ending one or all others, and what a new password ends."""

import datetime as dt

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.actions.sessions import end_session
from portal.devices import device_words
from portal.jobs import forget_ended_sessions
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import User
from tests.factories.portal import PASSWORD, code_at, enter_code, enter_password, make_agency, make_membership, make_user, sign_in
from tests.portal.test_sessions import A_MINUTE, is_signed_in, set_back

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
SAMSUNG = (
    "Mozilla/5.0 (Linux; Android 14; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36"
)
ADDRESS = "/account/sessions/"


def browser(user: User, user_agent: str = WINDOWS) -> Client:
    client = Client(HTTP_USER_AGENT=user_agent)
    sign_in(client, user)
    return client


def page(client: Client) -> str:
    return client.get(ADDRESS).content.decode()


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (PHONE, "Safari on iPhone"),
        (WINDOWS, "Firefox on Windows"),
        (EDGE, "Edge on Windows"),
        (SAMSUNG, "Samsung Internet on Android"),
        ("curl/8.5.0", "A device we do not know"),
        ("", "A device we do not know"),
    ],
)
def test_a_device_is_told_in_words(header: str, words: str) -> None:
    assert device_words(header) == words


def test_the_list_shows_ones_own_devices_and_marks_this_one() -> None:
    user = make_user()
    here, _phone, _stranger = browser(user), browser(user, PHONE), browser(make_user(), EDGE)
    text = page(here)
    assert "Firefox on Windows" in text and "Safari on iPhone" in text and "Edge" not in text
    assert text.count("This one") == 1
    assert text.index("This one") < text.index("Safari on iPhone")
    assert text.count('name="end"') == 2, "one elsewhere, and all others"


def test_alone_there_is_nothing_to_end() -> None:
    assert 'name="end"' not in page(browser(make_user()))


def test_one_elsewhere_is_ended_at_once_and_its_data_are_gone() -> None:
    user = make_user()
    here, phone, third = browser(user), browser(user, PHONE), browser(user, EDGE)
    key = phone.session.session_key
    answer = here.post(ADDRESS, {"end": str(row_of(phone).pk)}, follow=True)
    assert "You are signed out there." in answer.content.decode()
    assert not is_signed_in(phone) and is_signed_in(third) and is_signed_in(here)
    assert not Session.objects.filter(session_key=key).exists()


def test_all_others_are_ended() -> None:
    user = make_user()
    here, phone, third, stranger = browser(user), browser(user, PHONE), browser(user, EDGE), browser(make_user())
    answer = here.post(ADDRESS, {"end": "others"}, follow=True)
    assert "You are signed out on 2 other devices." in answer.content.decode()
    assert [is_signed_in(one) for one in (here, phone, third, stranger)] == [True, False, False, True]


def test_nobody_ends_somebody_elses_and_not_the_one_in_use() -> None:
    user, other = make_user(), make_user()
    here, stranger = browser(user), browser(other)
    for chosen in (str(row_of(stranger).pk), str(row_of(here).pk), "-1", "9" * 40, "x", ""):
        assert here.post(ADDRESS, {"end": chosen}).status_code == 302
    assert is_signed_in(here) and is_signed_in(stranger)
    with pytest.raises(Refused):
        end_session(by=Actor("citizen", user_id=user.pk), user=other, session_id=row_of(stranger).pk, this=None)


def test_choosing_a_role_changes_the_key_and_the_list_follows() -> None:
    membership = make_membership(make_agency())
    here = browser(membership.user)
    other = Client(HTTP_USER_AGENT=PHONE)
    enter_password(other, membership.user)
    enter_code(other, code_at(timezone.now() - dt.timedelta(seconds=30)))  # each code works once
    before = here.session.session_key
    here.post(reverse("portal:acting_as"), {"membership": ""})
    here.post(reverse("portal:acting_as"), {"membership": str(membership.pk)})
    assert here.session.session_key != before
    text = page(other)
    assert "Firefox on Windows" in text and "For your agency" in text
    other.post(ADDRESS, {"end": "others"})
    assert not is_signed_in(here)


def test_one_that_was_idle_too_long_is_not_shown() -> None:
    user = make_user()
    here, phone = browser(user), browser(user, PHONE)
    set_back(phone, "seen_at", A_MINUTE * 121)
    assert "iPhone" not in page(here)


def test_a_new_password_leaves_only_this_one() -> None:
    user = make_user()
    here, phone = browser(user), browser(user, PHONE)
    key = phone.session.session_key
    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "seven green bottles standing"})
    assert is_signed_in(here) and not is_signed_in(phone)
    assert not Session.objects.filter(session_key=key).exists()
    text = page(here)
    assert "This one" in text and "iPhone" not in text


def test_no_internet_address_is_kept() -> None:
    browser(make_user())
    assert set(UserSession.objects.values_list("ip", flat=True)) == {"0.0.0.0"}


def test_what_is_left_of_ended_sessions_goes_with_the_sweep() -> None:
    user = make_user()
    here, phone = browser(user), browser(user, PHONE)
    Session.objects.filter(session_key=phone.session.session_key).update(expire_date=timezone.now() - A_MINUTE)
    forget_ended_sessions()
    assert [row.session_key for row in UserSession.objects.all()] == [here.session.session_key]
