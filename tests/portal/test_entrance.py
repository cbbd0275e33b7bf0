"""Signing up, in and out; passwords; the second factor."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.jobs import carry_mails
from portal.models import User
from tests.factories.portal import (
    PASSWORD,
    SECRET,
    code_at,
    enter_code,
    enter_password,
    give_second_factor,
    make_agency,
    make_membership,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db


def link_in(message) -> str:
    """The first link of an e-mail, as a path on this site."""
    return re.search(r"http://testserver(\S+)", message.body)[1]


def test_a_citizen_opens_an_account_confirms_the_address_and_signs_in(client: Client) -> None:
    answer = client.post(reverse("account_signup"), {"email": "Mina@Example.org", "password1": PASSWORD})
    assert answer.headers["Location"] == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session
    carry_mails()
    (message,) = mail.outbox
    assert message.to == ["mina@example.org"]

    path = link_in(message)
    assert client.get(path).status_code == 200
    assert not EmailAddress.objects.get(email="mina@example.org").verified, "looking at the link must not confirm it"
    client.post(path)
    assert EmailAddress.objects.get(email="mina@example.org").verified

    user = User.objects.get(email="mina@example.org")
    assert enter_password(client, user).headers["Location"] == reverse("portal:home")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_the_account_keeps_the_language_it_was_opened_in(client: Client) -> None:
    client.cookies["django_language"] = "ar"
    client.post(reverse("account_signup"), {"email": "mina@example.org", "password1": PASSWORD})
    assert User.objects.get(email="mina@example.org").language == "ar"


@pytest.mark.parametrize("password", ["short1", "password1234", "mina@example.org"])
def test_a_weak_password_is_refused_with_words(client: Client, password: str) -> None:
    answer = client.post(reverse("account_signup"), {"email": "mina@example.org", "password1": password})
    assert answer.status_code == 200
    assert b"od-error-summary" in answer.content
    assert not User.objects.exists()


def test_signing_up_with_a_known_address_looks_the_same_and_changes_nothing(client: Client) -> None:
    known = make_user("known@example.org")
    answers = [
        client.post(reverse("account_signup"), {"email": address, "password1": "another quiet morning here"})
        for address in ("known@example.org", "new@example.org")
    ]
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert carry_mails() == len(mail.outbox) == 2, "an e-mail goes out either way"
    known.refresh_from_db()
    assert known.check_password(PASSWORD)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client) -> None:
    known = make_user("known@example.org")
    wrong = enter_password(client, known, "not the password at all")
    unknown = client.post(reverse("account_login"), {"login": "nobody@example.org", "password": "not the password at all"})
    pages = [re.sub(r'value="[^"]*"|nonce="[^"]*"', "", answer.content.decode()) for answer in (wrong, unknown)]
    assert wrong.status_code == unknown.status_code == 200
    assert pages[0] == pages[1]


def test_asking_for_a_new_password_tells_nobody_who_has_an_account(client: Client) -> None:
    make_user("known@example.org")
    answers = [client.post(reverse("account_reset_password"), {"email": f"{who}@example.org"}) for who in ("known", "nobody")]
    assert len({(answer.status_code, answer.headers["Location"]) for answer in answers}) == 1
    carry_mails()
    assert [message.to for message in mail.outbox] == [["known@example.org"], ["nobody@example.org"]]


def test_a_new_password_by_link_works_once_and_keeps_the_second_factor(client: Client) -> None:
    user = make_user()
    give_second_factor(user)
    client.post(reverse("account_reset_password"), {"email": user.email})
    carry_mails()
    path = link_in(mail.outbox[0])
    form_page = client.get(path, follow=True)
    assert form_page.status_code == 200
    new = "seven green bottles standing"
    client.post(form_page.request["PATH_INFO"], {"password1": new})
    user.refresh_from_db()
    assert user.check_password(new)
    assert "This link is used up" in Client().get(path, follow=True).content.decode()
    assert enter_password(Client(), user, new).headers["Location"] == reverse("mfa_authenticate")


def test_guessing_is_slowed_down_for_one_address(client: Client) -> None:
    user = make_user()
    for _try in range(5):
        enter_password(client, user, "not the password at all")
    answer = enter_password(client, user)
    assert "Too many tries" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_second_step_is_asked_before_the_session_is_signed_in(client: Client) -> None:
    membership = make_membership(make_agency())
    answer = enter_password(client, membership.user)
    assert answer.headers["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    enter_code(client)
    assert client.session["second_factor"] is True
    assert client.session["membership_id"] == str(membership.pk)


def test_a_code_works_once_also_in_the_tolerated_periods(client: Client) -> None:
    membership = make_membership(make_agency())
    code = code_at(timezone.now() - timezone.timedelta(seconds=30))
    for expected in (True, False):
        browser = Client()
        enter_password(browser, membership.user)
        if not expected:
            cache.delete(f"allauth.mfa.totp.used?user={membership.user_id}&code={code}")  # as after its 30 seconds
        enter_code(browser, code)
        assert ("_auth_user_id" in browser.session) is expected


def test_a_wrong_code_does_not_sign_in(client: Client) -> None:
    membership = make_membership(make_agency())
    enter_password(client, membership.user)
    right = code_at(timezone.now())
    enter_code(client, f"{(int(right) + 1) % 1000000:06}")
    assert "_auth_user_id" not in client.session


def test_the_secret_of_the_second_factor_is_not_kept_in_the_clear() -> None:
    user = make_user()
    give_second_factor(user)
    assert SECRET not in str(Authenticator.objects.get(user=user).data)


def test_a_colleague_without_second_factor_sets_one_up_before_any_work(client: Client) -> None:
    user = make_user()
    make_membership(make_agency(), "agency_admin", user)
    sign_in(client, user)
    assert "second_factor" not in client.session
    assert client.get(reverse("portal:agency")).headers["Location"].startswith(reverse("portal:acting_as"))
    assert reverse("mfa_activate_totp") in client.get(reverse("portal:acting_as")).content.decode()

    page = client.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200, page.headers
    secret = page.context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_at(timezone.now(), secret)})
    assert answer.headers["Location"] == reverse("mfa_view_recovery_codes")
    assert client.session["second_factor"] is True
    assert client.get(reverse("portal:agency")).status_code == 200


def test_removing_the_second_factor_ends_the_work_in_every_session(client: Client) -> None:
    membership = make_membership(make_agency(), "agency_admin")
    sign_in(client, membership.user)
    assert client.get(reverse("portal:agency")).status_code == 200
    Authenticator.objects.filter(user=membership.user).delete()
    assert client.get(reverse("portal:agency")).status_code == 302


def test_signing_out_ends_the_session_and_clears_the_browser(client: Client) -> None:
    sign_in(client, make_user())
    old = client.session.session_key
    client.get(reverse("account_logout"))
    assert client.session.session_key == old, "a link never signs out"
    answer = client.post(reverse("account_logout"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.cookies["sessionid"]["max-age"] == 0
    assert not client.session.exists(old)
    assert "You are signed out" in answer.content.decode()


def test_a_record_begun_without_account_leaves_a_shared_computer_too(client: Client) -> None:
    session = client.session
    session["person_id"] = "0190f5c0-0000-7000-8000-000000000001"
    session.save()
    client.post(reverse("account_logout"))
    assert "person_id" not in client.session


def test_the_address_changes_only_after_the_new_one_is_confirmed(client: Client) -> None:
    user = make_user("old@example.org")
    sign_in(client, user)
    client.post(reverse("account_email"), {"email": "new@example.org", "action_add": ""})
    user.refresh_from_db()
    assert user.email == "old@example.org"
    carry_mails()
    (message,) = [one for one in mail.outbox if one.to == ["new@example.org"]]
    client.post(link_in(message))
    user.refresh_from_db()
    assert user.email == "new@example.org"


def test_one_changes_ones_own_name_and_language(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    client.post(reverse("portal:account"), {"name": "Mina Reed", "language": "cy"})
    user.refresh_from_db()
    assert (user.name, user.language) == ("Mina Reed", "cy")


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_logout",
        "account_email_verification_sent",
        "account_inactive",
    ],
)
def test_the_pages_of_the_entrance_are_in_our_frame_and_never_cached(client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<h1") == 1
    assert reverse("portal:help") in page, "the frame's links are there"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name",
    ["portal:account", "account_email", "account_change_password", "mfa_index", "mfa_activate_totp", "portal:acting_as"],
)
def test_the_pages_of_an_account_need_a_sign_in(client: Client, name: str) -> None:
    assert client.get(reverse(name)).headers["Location"].startswith(reverse("account_login"))
    sign_in(client, make_user())
    assert client.get(reverse(name)).status_code == 200
