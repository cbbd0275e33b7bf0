"""The public face, its errors, and what machines ask for."""

import datetime as dt
import json

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from portal.actions.demonstration import PASSWORD, open_sign_in, secret_of
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.life_events import LIFE_EVENTS
from portal.models import Agency, User
from portal.opening_hours import as_typed, read
from portal.views import health
from portal.views.errors import bad_request, broken
from tests.factories.portal import (
    COMMAND_LINE,
    actor_for,
    code_at,
    enter_code,
    enter_password,
    make_agency,
    make_membership,
    make_office,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db


def test_the_start_page_says_what_it_is_and_who_to_call(client: Client) -> None:
    agency = make_agency("harbour", kind=Agency.COMMUNITY)
    make_office(agency, phone="020 7946 0123")
    make_agency("onedoor", kind=Agency.OPERATOR)
    page = client.get("/").content.decode()
    assert "the support of 1 agency" in page, "the agency that runs the portal gives no support itself"
    assert 'href="tel:02079460123"' in page
    assert reverse("intake:start") in page and reverse("intake:come_back") in page
    for code in LIFE_EVENTS:
        assert f'{reverse("intake:start")}?situation={code}"' in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("name", ["start", "help", "accessibility", "privacy", "roles", "demonstration", "mailbox"])
@pytest.mark.parametrize("language", ["en", "ar", "cy"])
def test_public_pages_open_in_every_language(client: Client, name: str, language: str) -> None:
    client.cookies["django_language"] = language
    make_office(make_agency())
    answer = client.get(reverse(f"portal:{name}"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
    assert page.count("<h1") == 1


def test_the_help_page_lists_every_office_with_its_hours(client: Client) -> None:
    make_office(
        make_agency(), "Quay", hours=[{"note": "Monday 9:00-12:00"}, {"days": "mon-fri", "opens": "09:00", "closes": "17:00"}]
    )
    page = client.get(reverse("portal:help")).content.decode()
    for words in (
        "Quay",
        "1 High Street",
        "London E15",
        "Monday 9:00-12:00",
        "Monday to Friday",
        "09:00–17:00",
        "2 November 2026",
    ):
        assert words in page


def test_the_privacy_page_lists_the_register_as_it_is_today(client: Client) -> None:
    from consent.models import ProcessingActivity

    def activity(agency: Agency, **fields) -> None:
        ProcessingActivity.objects.create(
            agency=agency, purpose="determination", legal_basis="6-1-e", release_gate="explicit_request", **fields
        )

    now, later = timezone.localdate(), timezone.localdate() + dt.timedelta(days=30)
    activity(make_agency("today"), state="published", legal_reference="Housing Act 1996", starts_on=now)
    activity(make_agency("later"), state="published", legal_reference="Later Act", starts_on=later)
    activity(make_agency("draft"), state="draft", legal_reference="Draft Act", starts_on=now)
    page = client.get(reverse("portal:privacy")).content.decode()
    assert "Housing Act 1996" in page and "only if you ask for it" in page
    assert "Later Act" not in page and "Draft Act" not in page


def test_every_role_is_explained(client: Client) -> None:
    page = client.get(reverse("portal:roles")).content.decode()
    assert 'id="data_protection_officer"' in page and "Sees no person&#x27;s record" in page


def test_the_language_is_chosen_by_a_form_and_kept_for_emails(client: Client) -> None:
    user = make_user()
    sign_in(client, user)
    answer = client.post(reverse("portal:language"), {"language": "ar", "next": "/help/"})
    assert answer.headers["Location"] == "/help/"
    assert 'lang="ar"' in client.get("/").content.decode()
    user.refresh_from_db()
    assert user.language == "ar"
    client.post(reverse("portal:language"), {"language": "xx"})
    user.refresh_from_db()
    assert user.language == "ar"
    assert client.get(reverse("portal:language")).status_code == 405


def test_colours_are_chosen_by_a_form(client: Client) -> None:
    client.post(reverse("portal:colours"), {"mode": "dark", "next": "/"})
    assert 'data-mode="dark"' in client.get("/").content.decode()


@pytest.mark.parametrize("name", ["language", "colours"])
def test_a_choice_never_leads_to_another_site(client: Client, name: str) -> None:
    answer = client.post(reverse(f"portal:{name}"), {"language": "cy", "mode": "dark", "next": "https://evil.example/"})
    assert "evil" not in answer.headers["Location"]


def test_an_unknown_address_is_answered_in_words(client: Client) -> None:
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "We cannot find this page" in answer.content.decode()


def test_error_pages_for_broken_requests_need_no_database(rf: RequestFactory, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        for view, status in [(broken, 500), (lambda request: bad_request(request, ValueError()), 400)]:
            answer = view(rf.get("/"))
            assert answer.status_code == status
            assert "<h1" in answer.content.decode()


def test_an_old_page_keeps_its_answers_when_the_browser_vouches_for_it() -> None:
    browser = Client(enforce_csrf_checks=True)
    answers = {"name": "Mina <b>", "parts": ["a", "b"], "csrfmiddlewaretoken": "old"}
    answer = browser.post("/agency/teams/new/?x=1", answers, headers={"Origin": "http://testserver"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Your answers are safe. Send them again." in page
    assert 'name="name" value="Mina &lt;b&gt;"' in page
    assert 'name="parts" value="a"' in page and 'name="parts" value="b"' in page
    assert 'action="/agency/teams/new/?x=1"' in page
    assert 'value="old"' not in page
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_nothing_of_a_form_from_elsewhere_is_offered_again(origin: str) -> None:
    headers = {"Origin": origin} if origin else {}
    answer = Client(enforce_csrf_checks=True).post("/agency/teams/new/", {"name": "Planted"}, headers=headers)
    assert answer.status_code == 403
    assert "Planted" not in answer.content.decode()


def test_a_password_is_never_written_into_a_page() -> None:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(
        reverse("account_login"), {"login": "a@example.org", "password": "secret words"}, headers={"Origin": "http://testserver"}
    )
    assert "secret words" not in answer.content.decode() and "a@example.org" not in answer.content.decode()


def test_a_language_that_comes_from_a_browser_is_honoured(client: Client) -> None:
    assert 'lang="ar" dir="rtl"' in client.get("/", headers={"Accept-Language": "ar,en;q=0.5"}).content.decode()


def test_robots_keep_out_of_personal_pages(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /account/" in text and "Disallow: /record/" in text and "Disallow: /\n" not in text


def test_security_txt_has_what_rfc_9116_asks_for(client: Client) -> None:
    lines = dict(line.split(": ", 1) for line in client.get("/.well-known/security.txt").content.decode().splitlines())
    assert lines["Contact"].startswith("mailto:")
    assert dt.timedelta(0) < dt.datetime.fromisoformat(lines["Expires"]) - timezone.now() < dt.timedelta(days=366)


def test_health_says_what_is_up(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True, "database": "up", "broker": "up"})


def test_without_a_broker_the_portal_still_serves(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    assert client.get("/healthz").json() == {"ok": True, "database": "up", "broker": "down"}


def test_without_a_database_health_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_database_answers", lambda: False)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["ok"]) == (503, False)


# --- The demonstration's own pages ---------------------------------------------------------------------------------------


@pytest.fixture
def amina() -> User:
    """A demonstration colleague."""
    user = open_sign_in(by=COMMAND_LINE, email="amina@harbour.example", name="Amina Yusuf", is_staff=True)
    make_membership(make_agency("harbour"), "caseworker", user)
    return user


def test_a_newcomer_signs_in_with_what_the_demonstration_shows(client: Client, amina: User) -> None:
    page = client.get(reverse("portal:demonstration"))
    (shown,) = page.context["colleagues"]
    assert PASSWORD in page.content.decode()
    enter_password(client, amina, PASSWORD)
    enter_code(client, shown.code)
    assert client.session["second_factor"] is True


def test_the_demonstration_shows_its_own_accounts_only(client: Client, amina: User) -> None:
    real = make_membership(make_agency())
    page = client.get(reverse("portal:demonstration")).content.decode()
    assert amina.email in page and real.user.email not in page
    amina.set_password("something else entirely now")
    amina.save()
    assert amina.email not in client.get(reverse("portal:demonstration")).content.decode()


def test_loading_twice_brings_an_account_back_to_its_first_state(amina: User) -> None:
    amina.set_password("something else entirely now")
    amina.save()
    again = open_sign_in(by=COMMAND_LINE, email="amina@harbour.example", name="Amina Yusuf", is_staff=True)
    assert again.pk == amina.pk and again.check_password(PASSWORD)


def test_the_command_prints_the_sign_ins(capsys: pytest.CaptureFixture, amina: User) -> None:
    call_command("demonstration_signins", "--all")
    printed = capsys.readouterr().out
    assert PASSWORD in printed and "amina@harbour.example" in printed
    assert secret_of(amina.email) in printed
    now = timezone.now()
    assert any(code_at(now - dt.timedelta(seconds=ago), secret_of(amina.email)) in printed for ago in (0, 30))


def test_without_more_words_the_command_prints_one_of_each_kind(capsys: pytest.CaptureFixture, amina: User) -> None:
    council = make_agency("newham-council")
    for name, role in [("ada", "caseworker"), ("ben", "caseworker"), ("cleo", "programme_admin"), ("dan", "programme_admin")]:
        user = open_sign_in(by=COMMAND_LINE, email=f"{name}@council.example", name=name.title(), is_staff=True)
        make_membership(council, role, user)
    open_sign_in(by=COMMAND_LINE, email="eve@example.org", name="Eve", is_staff=False)
    call_command("demonstration_signins")
    printed = capsys.readouterr().out
    assert [name for name in ("ada", "ben", "cleo", "dan", "eve", "amina") if f"  {name}@" in printed] == [
        "ada",
        "cleo",
        "dan",
        "eve",
    ]
    assert "All 6" in printed and reverse("portal:demonstration") in printed


def test_before_the_demonstration_is_loaded_the_command_says_so() -> None:
    with pytest.raises(CommandError, match="load the demonstration first"):
        call_command("demonstration_signins")


def test_outside_a_demonstration_none_of_it_exists(client: Client, settings, amina: User) -> None:
    settings.DEMONSTRATION = False
    for path in (reverse("portal:demonstration"), reverse("portal:mailbox"), reverse("portal:mail", args=["a.0"])):
        assert client.get(path).status_code == 404
    with pytest.raises(CommandError, match="not a demonstration"):
        call_command("demonstration_signins")
    with pytest.raises(Refused):
        open_sign_in(by=COMMAND_LINE, email="b@example.org", name="B", is_staff=False)
    assert "This is a demonstration" not in client.get("/").content.decode()


def test_only_the_command_line_opens_demonstration_accounts() -> None:
    admin = actor_for(make_membership(make_agency(), "agency_admin"))
    for by in (admin, Actor.anonymous(), Actor.machine("partner", agency_id=admin.agency_id)):
        with pytest.raises(Refused):
            open_sign_in(by=by, email="b@example.org", name="B", is_staff=True)


def test_the_mailbox_shows_mails_with_links_to_follow(client: Client, settings, tmp_path) -> None:
    settings.MAILBOX_DIR = tmp_path
    settings.EMAIL_BACKEND = "portal.mailbox.MailboxBackend"
    with mail.get_connection() as opened:
        for number in (1, 2):
            EmailMessage(
                f"Grüße {number}", f"Follow http://testserver/x/{number}/ now <b>", to=["mina@example.org"], connection=opened
            ).send()
    page = client.get(reverse("portal:mailbox"))
    assert [one.subject for one in page.context["mails"]] == ["Grüße 2", "Grüße 1"]
    one = client.get(reverse("portal:mail", args=[page.context["mails"][0].name])).content.decode()
    assert 'href="http://testserver/x/2/"' in one
    assert "&lt;b&gt;" in one


@pytest.mark.parametrize("name", ["nothing.0", "..%2F..%2Fetc%2Fpasswd", "a.99", "x"])
def test_the_mailbox_opens_mails_only(client: Client, settings, tmp_path, name: str) -> None:
    settings.MAILBOX_DIR = tmp_path
    assert client.get(f"/demonstration/mailbox/{name}/").status_code == 404


def test_no_page_of_the_public_face_writes(client: Client) -> None:
    make_office(make_agency())
    for name in ("start", "help", "accessibility", "privacy", "roles"):
        with connection.execute_wrapper(_refuse_writes):
            assert client.get(reverse(f"portal:{name}")).status_code == 200


def _refuse_writes(execute, sql, params, many, context):
    assert sql.lstrip().split(" ", 1)[0].upper() in {"SELECT", "SAVEPOINT", "RELEASE"}, json.dumps(sql)
    return execute(sql, params, many, context)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Monday to Friday 9:00-17:00", {"days": "mon-fri", "opens": "09:00", "closes": "17:00"}),
        ("mon-thu 10:00–16:30", {"days": "mon-thu", "opens": "10:00", "closes": "16:30"}),
        (" Sat 10:00 - 13:00 ", {"days": "sat", "opens": "10:00", "closes": "13:00"}),
        ("By appointment", {"note": "By appointment"}),
        ("Monday 9 to 5", {"note": "Monday 9 to 5"}),
    ],
)
def test_opening_hours_are_read_as_people_write_them(typed: str, kept: dict[str, str]) -> None:
    assert read(typed) == kept
    assert read(as_typed(kept)) == kept
