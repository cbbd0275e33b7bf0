"""The pages as a browser without script sees them."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from consent.models import FactEvent
from portal.kit.actor import acting_as
from tests.factories.intake import ANONYMOUS, ANSWERS, add, make_draft
from tests.factories.portal import make_user
from tests.intake.test_submit import citizen, send
from tests.intake.test_walk import post

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
BORN = {"born_on_day": "2", "born_on_month": "4", "born_on_year": "1990"}


@pytest.fixture
def at_home(form) -> Client:
    """A browser whose session holds a draft with a child."""
    with acting_as(ANONYMOUS):
        draft, code = make_draft()
        add(draft, "child", "Mo", "2019-01-30")
    client = Client()
    client.post(reverse("intake:come_back"), {"code": code, **BORN})
    return client


def addresses(client: Client) -> list[str]:
    """Pages of a draft, one of each kind."""
    child = re.search(r"household/([0-9a-f-]{36})/remove", client.get(reverse("intake:members")).content.decode()).group(1)
    names = ("tasks", "members", "member_new", "check", "later", "give_up")
    questions = (
        "you/born_on",
        "household/rent",
        "household/who_benefits",
        "you/which_money",
        "you/dla_rates",
        "you/name",
        "you/contact",
        "you/needs",
    )
    return [
        *(reverse(f"intake:{name}") for name in names),
        *(reverse("intake:question", args=key.split("/")) for key in questions),
        reverse("intake:question", args=[child, "disabled"]),
        reverse("intake:member", args=[child]),
        reverse("intake:member_remove", args=[child]),
    ]


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("cy", "ltr")])
def test_every_page_in_every_language(at_home, language, direction):
    for url in [reverse("intake:start"), reverse("intake:come_back"), *addresses(at_home)]:
        response = at_home.get(url, headers={"accept-language": language})
        if response.status_code == 302:
            assert url.endswith("dla_rates/")  # asked only after its box was ticked
            continue
        page = response.content.decode()
        assert f'lang="{language}" dir="{direction}"' in page, url
        assert page.count("<h1") == 1, url
        assert response["Cache-Control"] == "no-store", url
        assert "{name}" not in page and "%(" not in page, url


def test_pages_ask_the_database_little_and_write_nothing(at_home):
    for url in addresses(at_home):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            at_home.get(url)
        statements = [one["sql"] for one in queries.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(statements) <= MOST_QUERIES, (url, statements)
        assert not [sql for sql in statements if sql.startswith(("INSERT", "UPDATE", "DELETE"))], url


def test_questions_about_others_name_them(at_home):
    url = next(url for url in addresses(at_home) if url.endswith("/disabled/"))
    assert "Does Mo have an illness" in at_home.get(url).content.decode()


def test_an_error_keeps_what_was_typed_and_leads_to_it(at_home):
    url = reverse("intake:question", args=["household", "rent"])
    page = at_home.post(url, {"rent_amount": "lots", "rent_per": "month", "based_on": "1"}).content.decode()
    assert "<title>Error:" in page
    assert 'href="#id_rent_0"' in page and 'value="lots"' in page
    assert '<option value="month" selected>' in page


def test_changing_an_answer_from_the_check_page_leads_back_there(at_home):
    url = reverse("intake:question", args=["household", "savings"]) + "?from=check"
    assert url in at_home.get(reverse("intake:check")).content.decode()
    at_home.get(reverse("intake:check"))
    response = post(at_home, url, savings="77")
    assert response["Location"].endswith("?from=check") or response["Location"] == reverse("intake:check")
    assert "£77" in at_home.get(reverse("intake:check")).content.decode()


def test_save_and_come_back_later_with_and_without_an_answer(at_home):
    url = reverse("intake:question", args=["household", "nation"])
    assert post(at_home, url, nation="wales", save="1")["Location"] == reverse("intake:later")
    assert "Wales" in at_home.get(reverse("intake:check")).content.decode()
    empty = reverse("intake:question", args=["household", "bedrooms"])
    assert post(at_home, empty, save="1")["Location"] == reverse("intake:later")
    wrong = post(at_home, empty, bedrooms="many", save="1")
    assert wrong.status_code == 200 and "must be a number" in wrong.content.decode()


def test_not_sure_by_button(at_home):
    url = reverse("intake:question", args=["household", "bedrooms"])
    assert post(at_home, url, not_sure="1").status_code == 302
    assert "I am not sure" in at_home.get(reverse("intake:check")).content.decode()
    assert "You answered: I am not sure." in at_home.get(url).content.decode()


def test_unknown_questions_and_people_are_not_found(at_home):
    for path in ("/apply/question/you/nothing/", "/apply/question/aunt/born_on/", "/apply/parts/nowhere/"):
        assert at_home.get(path).status_code == 404
    assert at_home.get("/apply/household/00000000-0000-7000-8000-000000000000/").status_code == 404


def test_a_question_that_does_not_apply_is_left(at_home):
    post(at_home, reverse("intake:question", args=["household", "tenure"]), tenure="owned_outright")
    assert at_home.get(reverse("intake:question", args=["household", "rent"])).status_code == 302
    assert "£950" not in at_home.get(reverse("intake:check")).content.decode()


def test_parts_lead_to_their_next_question_or_their_answers(at_home):
    assert at_home.get(reverse("intake:section", args=["you"]))["Location"] == "/apply/question/you/sex/"
    post(at_home, "/apply/question/you/sex/", sex="female")
    assert at_home.get(reverse("intake:section", args=["you"]))["Location"] == reverse("intake:check") + "#you"


def test_other_windows_after_sending(at_home):
    shown = at_home.get(reverse("intake:check"))
    fields = {name: shown.context[name] for name in ("idempotency_key", "content")}
    first = at_home.post(reverse("intake:check"), fields)
    again = at_home.post(reverse("intake:check"), fields)  # a double click
    assert first["Location"] == again["Location"] == reverse("intake:receipt")
    other = at_home.post(reverse("intake:check"), fields | {"content": "0" * 64})
    assert other.status_code == 409 and "Nothing was sent a second time" in other.content.decode()
    assert at_home.get(reverse("intake:tasks"))["Location"] == reverse("intake:receipt")
    late = at_home.post(reverse("intake:question", args=["household", "savings"]), {"savings": "1", "based_on": "1"})
    assert late["Location"] == reverse("intake:receipt")


def test_sending_an_old_check_page_says_that_answers_changed(at_home):
    shown = at_home.get(reverse("intake:check"))
    fields = {name: shown.context[name] for name in ("idempotency_key", "content")}
    post(at_home, reverse("intake:question", args=["household", "savings"]), savings="5")
    page = at_home.post(reverse("intake:check"), fields)
    assert page.status_code == 409 and "Your answers have changed since this page was opened" in page.content.decode()
    assert "£5" in page.content.decode()


def test_what_is_known_is_shown_with_source_and_date_and_not_asked(form):
    told = timezone.now() - dt.timedelta(days=60)
    with acting_as(ANONYMOUS):
        draft, _code = make_draft(ANSWERS, at=told)
        sent = send(draft, at=told)
    client = Client()
    session = client.session
    session["person_id"] = str(sent.person_id)
    session.save()
    first = client.post(reverse("intake:start"))["Location"]
    assert first == "/apply/question/household/known/"
    page = client.get(first).content.decode()
    assert "£950 a month" in page and "You told us" in page and str(told.year) in page
    assert "England" in page
    follow = post(client, first)["Location"]
    assert follow not in {"/apply/question/you/born_on/", "/apply/question/household/rent/"}
    post(client, reverse("intake:question", args=["household", "rent"]), rent_amount="990", rent_per="month")
    shown = client.get(reverse("intake:check"))
    client.post(reverse("intake:check"), {name: shown.context[name] for name in ("idempotency_key", "content")})
    with acting_as(citizen(sent)):
        assert FactEvent.objects.order_by("version").last().changes["household.rent"]["value"]["amount"] == "990.00"


def test_drafts_of_an_account_are_offered(form):
    user = make_user()
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.post(reverse("intake:start"))
    session = client.session
    held = session.pop("intake")
    session.save()
    page = client.get(reverse("intake:start")).content.decode()
    address = reverse("intake:open", args=[held["draft"]])
    assert address in page
    assert client.post(address)["Location"] == reverse("intake:tasks")
    assert client.get(reverse("intake:tasks")).status_code == 200
    stranger = Client()
    assert stranger.post(address)["Location"] == reverse("intake:start")
    assert "intake" not in stranger.session


def test_a_situation_and_programmes_are_kept(form):
    client = Client()
    page = client.get(reverse("intake:start"), {"situation": "illness_or_disability", "programme": ["a", "b"]}).content.decode()
    assert "I am ill or disabled" in page and page.count('name="programme"') == 2
    client.post(reverse("intake:start"), {"situation": "illness_or_disability", "programme": ["a", "b"]})
    assert client.get(reverse("intake:tasks")).context["desk"].submission.interest == {
        "event": "illness_or_disability",
        "programmes": ["a", "b"],
    }


def test_a_missing_fact_leads_straight_to_its_question(at_home):
    start = reverse("intake:start")
    asked = reverse("intake:question", args=["household", "savings"])
    assert at_home.get(start, {"fact": "household.savings"})["Location"] == asked, "the open draft goes on"
    assert at_home.post(start, {"fact": "household.savings", "programme": "a"})["Location"] == asked
    child = at_home.get(reverse("intake:tasks")).context["desk"].submission.members[0]["id"]
    found = at_home.get(start, {"fact": f"{child}.disabled"})["Location"]
    assert found == reverse("intake:question", args=[child, "disabled"])
    hidden = at_home.get(start, {"fact": "household.threatened_with_homelessness_within_days"})["Location"]
    assert hidden == reverse("intake:question", args=["you", "which_situation"]), "the box that opens the question comes first"
    assert at_home.get(start, {"fact": "household.no_such_fact"})["Location"].startswith("/apply/")


def test_a_missing_fact_begins_a_draft_where_none_is_open(form):
    client = Client()
    page = client.get(reverse("intake:start"), {"fact": "household.savings"})
    assert page.status_code == 200 and 'name="fact" value="household.savings"' in page.content.decode()
    found = client.post(reverse("intake:start"), {"fact": "household.savings", "programme": "a"})
    assert found["Location"] == reverse("intake:question", args=["household", "savings"])
    assert client.get(found["Location"]).status_code == 200


def test_the_applicants_own_fact_is_found_by_the_records_key(form):
    with acting_as(ANONYMOUS):
        sent = send(make_draft()[0])
    client = Client()
    session = client.session
    session["person_id"] = str(sent.person_id)
    session.save()
    found = client.post(reverse("intake:start"), {"fact": f"{sent.person_id}.born_on"})
    assert found["Location"] == reverse("intake:question", args=["you", "born_on"])


def test_signing_in_before_sending_puts_draft_and_record_together(form):
    with acting_as(ANONYMOUS):
        earlier, _code = make_draft()
        add(earlier, "partner", "Ali", "1988-01-01")
        sent = send(earlier)
        _draft, code = make_draft({"household/savings": {"household.savings": "7.00"}})
        add(_draft, "partner", "Ali", "1988-01-01")
    client = Client()
    client.post(reverse("intake:come_back"), {"code": code})
    session = client.session
    session["person_id"] = str(sent.person_id)  # they signed in
    session.save()
    shown = client.get(reverse("intake:check"))
    joined = client.post(reverse("intake:check"), {name: shown.context[name] for name in ("idempotency_key", "content")})
    assert joined.status_code == 409 and "We have put them together" in joined.content.decode()
    response = client.post(reverse("intake:check"), {name: joined.context[name] for name in ("idempotency_key", "content")})
    assert response["Location"] == reverse("intake:receipt")
    with acting_as(citizen(sent)):
        last = FactEvent.objects.order_by("version").last()
        assert last.changes["household.savings"]["value"] == "7.00"
        assert str(last.record_id) == str(sent.record_id)
