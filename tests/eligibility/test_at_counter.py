"""Results and "what if" with a person at the counter: as far as the gate lets the officer see the answers, logged, and only while they are there."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.actions.consents import withdraw
from consent.models import AccessLog, Consent, FactEvent
from eligibility.actions.determinations import screen_as_machine
from eligibility.models import Determination
from portal.kit.actor import acting_as
from tests.eligibility.test_results_page import years_ago
from tests.factories import portal
from tests.factories.consent import involve, make_activity, make_record
from tests.factories.eligibility import BLANKET, BLANKET_CASES, SCREENED, allow_screening, load, read_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return portal.make_membership(portal.make_agency("harbour-advice", kind="community"), "counter_officer")


@pytest.fixture
def person(officer):
    """(record, citizen) of somebody who stands at the officer's counter, with results."""
    allow_screening()
    load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    record, citizen = make_record({"me.born_on": years_ago(70), "household.savings": "100.00"})
    screen_as_machine(record_id=record.pk, at=timezone.now())
    return record, citizen


def at_counter(officer, person, concepts=SCREENED) -> Client:
    make_activity(officer.agency, purpose="counter", gate="notice", concepts=concepts, roles=["counter_officer"])
    record, citizen = person
    involve(citizen, record, officer.agency, kind="counter", at=timezone.now(), user_id=officer.user_id)
    browser = Client()
    portal.sign_in(browser, officer.user)
    return browser


def test_the_officer_sees_the_results_with_the_person_and_the_log_says_so(officer, person):
    record, citizen = person
    browser = at_counter(officer, person)
    page = browser.get(reverse("eligibility:results_at_counter", args=[record.pk])).content.decode()
    assert "You are helping a person at the counter" in page
    assert "About £240 a year" in page and "Your savings of £100 are not above £10,000" in page
    assert f'<input type="hidden" name="record" value="{record.pk}">' in page  # the way to apply knows for whom
    with acting_as(citizen):
        entry = AccessLog.objects.filter(record_id=record.pk, purpose="counter").latest("at")
    assert (entry.actor_user_id, entry.outcome) == (officer.user_id, "allow")


def test_the_person_is_asked_first_and_says_it_aloud(officer, person):
    record, citizen = person
    make_activity(officer.agency, purpose="counter", concepts=SCREENED, roles=["counter_officer"])
    involve(citizen, record, officer.agency, kind="counter", at=timezone.now(), user_id=officer.user_id)
    browser = Client()
    portal.sign_in(browser, officer.user)
    url, ask = (reverse(name, args=[record.pk]) for name in ("eligibility:results_at_counter", "consent:at_counter"))
    assert browser.get(url)["Location"] == ask
    assert "Read this page out to the person" in browser.get(ask).content.decode()
    assert browser.post(ask, {"decision": "refuse"})["Location"] == reverse("intake:handover")
    assert browser.get(url)["Location"] == ask
    assert browser.post(ask, {"decision": "allow"})["Location"] == url
    assert "About £240 a year" in browser.get(url).content.decode()
    with acting_as(citizen):
        said = Consent.objects.get(record=record, agency=officer.agency, state="given")
        assert (said.method, said.witness_id) == ("spoken", officer.user_id)
        withdraw(by=citizen, consent=said, at=timezone.now())
    assert browser.get(url)["Location"] == ask  # the very next click


def test_an_answer_that_is_kept_back_keeps_its_reasons_and_amount(officer, person):
    browser = at_counter(officer, person, concepts=["person.born_on"])
    page = browser.get(reverse("eligibility:results_at_counter", args=[person[0].pk])).content.decode()
    assert "This rests on answers that are not shown at a counter." in page
    assert "£100" not in page and "£240" not in page


def test_results_are_worked_out_at_once_when_no_worker_answers(officer, person):
    record, _citizen = person
    browser = at_counter(officer, person)
    with acting_as(person[1]):
        Determination.objects.filter(record=record).count()
    response = browser.post(reverse("eligibility:screen_now_at_counter", args=[record.pk]))
    assert response["Location"] == reverse("eligibility:results_at_counter", args=[record.pk])


@pytest.mark.parametrize("door", ["results_at_counter", "what_if_at_counter"])
def test_without_the_person_there_is_nothing_to_see(officer, person, door):
    record, _citizen = person
    browser = Client()
    portal.sign_in(browser, officer.user)
    assert browser.get(reverse(f"eligibility:{door}", args=[record.pk])).status_code in (403, 404)


def test_a_colleague_does_not_see_the_person_at_anothers_counter(officer, person):
    at_counter(officer, person)
    colleague = Client()
    portal.sign_in(colleague, portal.make_membership(officer.agency, "counter_officer").user)
    assert colleague.get(reverse("eligibility:results_at_counter", args=[person[0].pk])).status_code in (403, 404)


def test_what_if_with_the_person_stores_nothing(officer, person):
    record, citizen = person
    browser = at_counter(officer, person)
    with acting_as(citizen):
        before = FactEvent.objects.count(), Determination.objects.count()
    page = browser.post(
        reverse("eligibility:what_if_at_counter", args=[record.pk]),
        {"savings": "20000", "partner": "as_now", "on": timezone.localdate().isoformat()},
    )
    assert page.status_code == 200 and "What would change" in page.content.decode()
    changed = [line["code"] for line in page.context["lines"] if line["is_changed"]]
    assert "heating_help" in changed
    with acting_as(citizen):
        assert (FactEvent.objects.count(), Determination.objects.count()) == before


def test_what_if_leaves_out_what_rests_on_answers_kept_back(officer, person):
    browser = at_counter(officer, person, concepts=["person.born_on"])
    page = browser.get(reverse("eligibility:what_if_at_counter", args=[person[0].pk]))
    assert "heating_help" not in [line["code"] for line in page.context["lines"]]
    assert page.context["hidden"] >= 1 and "left out" in page.content.decode()
