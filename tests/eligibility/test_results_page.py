"""The citizen's results: the waiting page, the cards in words, the way out, other languages, and nobody else's results."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from eligibility.actions.determinations import screen_as_machine
from eligibility.queries.results import READY, WORKING, _reason, results_for
from portal.kit.actor import acting_as
from tests.factories.consent import make_record
from tests.factories.eligibility import BLANKET, BLANKET_CASES, allow_screening, load, read_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def programmes():
    allow_screening()
    return load(read_definition(), read_definition(BLANKET, BLANKET_CASES))


def years_ago(years: int) -> str:
    return timezone.localdate().replace(year=timezone.localdate().year - years, day=1).isoformat()


def visit(client, record):
    """Make the client the citizen of the record."""
    session = client.session
    session["person_id"] = str(record.person_id)
    session.save()


def told(client, **facts):
    record, citizen = make_record({"me.born_on": years_ago(70), "household.savings": "100.00"} | facts)
    visit(client, record)
    return record, citizen


def test_while_the_job_runs_the_page_looks_again_by_itself(client, programmes):
    told(client)
    page = client.get(reverse("eligibility:results")).content.decode()
    assert '<meta http-equiv="refresh" content="1;url=/results/?looks=1">' in page
    slow = client.get(reverse("eligibility:results"), {"looks": "4"}).content.decode()
    assert "It takes longer than it should" in slow


def test_without_a_worker_the_person_gets_results_at_once(client, programmes):
    told(client)
    response = client.post(reverse("eligibility:screen_now"), follow=True)
    assert response.redirect_chain == [("/results/", 302)]
    assert "Heating help" in response.content.decode()


def test_a_card_says_why_how_much_and_what_to_do(client, programmes):
    record, _citizen = told(client)
    screen_as_machine(record_id=record.pk, at=timezone.now())
    page = client.get(reverse("eligibility:results")).content.decode()
    assert "You may get this" in page and "About £240 a year" in page
    assert "Your savings of £100 are not above £10,000" in page
    assert "You said: £100. The rule: Savings limit £10,000." in page
    assert "This is a guide, not a decision." in page
    for word in ("approved", "rejected", "eligible"):
        assert word not in page.lower().replace("/eligibility", "")


def test_what_does_not_fit_says_what_would_and_when(programmes):
    record, citizen = make_record({"me.born_on": "1966-12-01", "household.savings": "12000.00"})
    at = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
    screen_as_machine(record_id=record.pk, at=at)
    with acting_as(citizen):
        record.refresh_from_db()
        card = {card.code: card for card in results_for(record, at.date()).not_likely}["heating_help"]
    assert card.ways_out == []  # two reasons: no single change is enough
    assert [reason["text"] for reason in card.reasons] == ["You are under 60", "Your savings of £12,000 are above £10,000"]


def test_one_change_that_is_enough_is_named(programmes):
    record, citizen = make_record({"me.born_on": "1950-12-01", "household.savings": "12000.00"})
    at = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
    screen_as_machine(record_id=record.pk, at=at)
    with acting_as(citizen):
        record.refresh_from_db()
        card = {card.code: card for card in results_for(record, at.date()).not_likely}["heating_help"]
    assert card.ways_out == ["It would fit if your savings were £10,000 or less."]


def test_the_day_on_which_it_changes_is_named(programmes):
    record, citizen = make_record({"me.born_on": "1966-12-01", "household.savings": "100.00"})
    at = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
    screen_as_machine(record_id=record.pk, at=at)
    with acting_as(citizen):
        record.refresh_from_db()
        card = {card.code: card for card in results_for(record, at.date()).not_likely}["heating_help"]
    assert card.changes == ["From 1 December 2026 it may fit, if nothing else changes."]


def test_a_missing_fact_is_the_question_of_the_card(programmes):
    record, citizen = make_record({"me.born_on": "1950-12-01"})
    screen_as_machine(record_id=record.pk, at=timezone.now())
    with acting_as(citizen):
        record.refresh_from_db()
        found = results_for(record, timezone.localdate())
    card = {card.code: card for card in found.unknown}["heating_help"]
    assert card.question == "household.savings" and card.missing == ["Savings"]
    assert found.state == READY


def test_answer_the_question_leads_straight_to_it(client, programmes):
    record, _citizen = make_record({"me.born_on": "1950-12-01"})
    screen_as_machine(record_id=record.pk, at=timezone.now())
    session = client.session
    session["person_id"] = str(record.person_id)
    session.save()
    page = client.get(reverse("eligibility:results")).content.decode()
    form = page[page.index('id="answer-heating-help"') :].split("</form>")[0]
    assert 'name="fact" value="household.savings"' in form and 'name="programme" value="heating_help"' in form
    assert 'form="answer-heating-help"' in page and page.count("</form>") > 1
    found = client.post(reverse("intake:start"), {"programme": "heating_help", "fact": "household.savings"})
    assert found["Location"] == reverse("intake:question", args=["household", "savings"])


def test_a_change_makes_the_page_wait_for_new_results(programmes):
    record, citizen = make_record({"me.born_on": "1950-12-01"})
    screen_as_machine(record_id=record.pk, at=timezone.now())
    with acting_as(citizen):
        record.refresh_from_db()
        assert results_for(record, timezone.localdate()).state == READY
        record.version += 1
        assert results_for(record, timezone.localdate()).state == WORKING


def test_the_page_speaks_the_readers_language(client, programmes):
    record, _citizen = told(client)
    screen_as_machine(record_id=record.pk, at=timezone.now())
    page = client.get(reverse("eligibility:results"), headers={"accept-language": "cy"}).content.decode()
    assert "Cymorth Gwresogi" in page
    with translation.override("cy"):
        assert "£240 y flwyddyn" in page


def test_nobody_without_a_record_gets_results(client, programmes):
    response = client.get(reverse("eligibility:results"))
    assert response.status_code == 302 and "sign-in" in response["Location"]


def test_the_number_of_queries_does_not_grow_with_the_programmes(client, programmes, django_assert_max_num_queries):
    record, _citizen = told(client)
    screen_as_machine(record_id=record.pk, at=timezone.now())
    with django_assert_max_num_queries(12):
        client.get(reverse("eligibility:results"))


def test_behind_each_reason_stand_answer_source_limit_with_its_date_and_law(client, programmes):
    record, citizen = told(client)
    screen_as_machine(record_id=record.pk, at=timezone.now())
    with acting_as(citizen):
        record.refresh_from_db()
        card = {card.code: card for card in results_for(record, timezone.localdate()).likely}["heating_help"]
    reason = next(reason for reason in card.reasons if "savings" in reason["text"])
    (answer,), (limit,) = reason["facts"], reason["limits"]
    assert (answer["label"], answer["words"], answer["source"]) == ("Savings", "£100", "You told us")
    assert answer["at"].date() and limit["words"] == "£10,000" and limit["since"] < timezone.localdate()
    assert limit["law"] and reason["law"]
    page = client.get(reverse("eligibility:results")).content.decode()
    chain = page[page.index("Your answers, the limits and the law behind Heating help") :].split("</details>")[0]
    for part in ("£100", "You told us", "£10,000", limit["law"], reason["law"]):
        assert part in chain


def test_a_reason_with_many_answers_shows_those_that_count(programmes):
    many = [
        {"key": f"household.x{number}", "label": f"x{number}", "value": value, "words": str(value)}
        for number, value in enumerate([False, "none", "0.00", {"amount": "0.00", "per": "week"}, 0, True, "5.00", None])
    ]

    class Item:
        result = "met"

        @staticmethod
        def explanation(language):
            return {"values": many, "limits": [], "sentence": "s", "law": "l"}

    reason = _reason(Item(), {}, "en")
    assert [fact["label"] for fact in reason["facts"]] == ["x5", "x6"] and reason["left_out"] == 5
    assert reason["facts"][0]["source"] == "" and not reason["is_long"]
