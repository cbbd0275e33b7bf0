"""The pages of cases, asked as a browser asks: what a person and a worker see, and what others do not."""

import datetime as dt
import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from casework.actions import cases, requests
from casework.models import Application, CaseTask, Decision, InformationRequest, Note, ProgrammeCase
from consent.actions.consents import withdraw as stop_consent
from consent.models import AccessLog, Consent, PersonName
from portal.kit.actor import acting_as
from tests.factories import portal
from tests.factories.casework import PROGRAMME, Scene, make_scene
from tests.factories.consent import make_activity

pytestmark = pytest.mark.django_db
APPLY = f"/my/apply/?programme={PROGRAMME}"


@pytest.fixture
def scene() -> Scene:
    return make_scene()


@pytest.fixture
def person(scene, client) -> Client:
    """A browser in which the person's record is open, without an account."""
    session = client.session
    session["person_id"] = str(scene.record.person_id)
    session.save()
    return client


@pytest.fixture
def desk(scene) -> Client:
    """The worker's browser."""
    client = Client()
    portal.sign_in(client, scene.worker_membership.user)
    return client


@pytest.fixture
def decider(scene) -> Client:
    """The decision maker's browser."""
    client = Client()
    portal.sign_in(client, scene.decider_membership.user)
    return client


def form_of(page: str) -> dict[str, str]:
    """The hidden fields of the page's main form."""
    return dict(re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]+)"', page))


def fill_in(page: str, **fields) -> dict:
    return {
        "key": form_of(page)["key"], "programme": PROGRAMME, "who-name": "Amina Rahal", "who-phone": "020 7946 0222",
        "who-safe": "yes", f"allow-{PROGRAMME}-answer": "allow",
    } | fields  # fmt: skip


# --- applying


def test_the_person_is_asked_name_contact_and_consent_and_gets_a_receipt(scene, person):
    page = person.get(APPLY).content.decode()
    assert "Apply for Heating help" in page
    assert "Do not allow" in page
    assert "checked" not in page.split("allow-")[1].split("</fieldset>")[0]
    assert "you can still apply" in page.lower()
    answer = person.post("/my/apply/", fill_in(page))
    assert answer.status_code == 302, answer.content.decode()
    receipt = person.get(answer.headers["Location"]).content.decode()
    with acting_as(scene.worker):
        case = ProgrammeCase.objects.get()
    for part in (case.reference, "020 7946 0000", "Stratford office", "Make an account"):
        assert part in receipt
    with acting_as(scene.citizen):
        assert PersonName.objects.get().full == "Amina Rahal"
        assert Consent.objects.get().state == "given"


def test_what_was_typed_comes_back_with_the_errors(scene, person):
    page = person.get(APPLY).content.decode()
    answer = person.post("/my/apply/", fill_in(page, **{"who-phone": "", f"allow-{PROGRAMME}-answer": ""}))
    assert answer.status_code == 422
    again = answer.content.decode()
    assert "Select whether you allow Heat Office to see this" in again
    assert 'value="Amina Rahal"' in again
    assert form_of(again)["key"] == form_of(page)["key"]
    with acting_as(scene.citizen):
        assert not Application.objects.exists()


def test_pressing_twice_leads_to_the_same_receipt(scene, person):
    data = fill_in(person.get(APPLY).content.decode())
    first, second = person.post("/my/apply/", data), person.post("/my/apply/", data)
    assert first.headers["Location"] == second.headers["Location"]
    with acting_as(scene.citizen):
        assert ProgrammeCase.objects.count() == 1


def test_who_applied_already_is_told_so(scene, person):
    case = scene.case()
    page = person.get(APPLY).content.decode()
    assert "You have applied for Heating help already" in page
    assert case.reference in page
    assert "Send my application" not in page


def test_without_a_record_the_questions_come_first(scene, client):
    assert client.get(APPLY).headers["Location"] == "/apply/"


def test_another_persons_receipt_does_not_exist(scene, person):
    sent = scene.apply()
    session = person.session
    session["person_id"] = str(uuid4())
    session.save()
    assert person.get(f"/my/apply/sent/{sent.key}/").status_code == 404


def test_an_officer_needs_the_person_at_the_counter(scene, desk):
    assert desk.get(f"{APPLY}&record={scene.record.pk}").status_code == 404
    scene.case()
    assert desk.get(f"{APPLY}&record={scene.record.pk}").status_code == 403


# --- the person's own pages


def test_the_overview_says_where_it_stands_and_who_is_responsible(scene, person):
    case = scene.case()
    with acting_as(scene.worker):
        cases.assign(by=scene.worker, case_id=case.pk, user_id=scene.worker.user_id, at=timezone.now())
    page = person.get("/my/").content.decode()
    for part in ("Heating help", "We have your application", case.reference, scene.worker.name, "020 7946 0111"):
        assert part in page


def test_many_applications_need_no_more_queries(scene, person, django_assert_max_num_queries):
    scene.case()
    with django_assert_max_num_queries(14):
        assert person.get("/my/").status_code == 200


def test_nobody_sees_anothers_application(scene, person):
    case = scene.case()
    session = person.session
    session["person_id"] = str(uuid4())
    session.save()
    assert case.reference not in person.get("/my/").content.decode()
    for address in (f"/my/applications/{case.pk}/", f"/my/applications/{case.pk}/take-back/"):
        assert person.get(address).status_code == 404


def asked(scene: Scene, case: ProgrammeCase, **fields) -> InformationRequest:
    with acting_as(scene.worker):
        return requests.ask(
            by=scene.worker, case_id=case.pk, seen=case.lock_version, what="How much have you saved?", why="The rule has a limit",
            answer_by=timezone.localdate() + dt.timedelta(days=10), at=timezone.now(), **fields,
        )  # fmt: skip


def test_the_person_answers_with_the_right_kind_of_field(scene, person):
    request = asked(scene, scene.case(), fact="household.savings")
    assert "How much have you saved?" in person.get("/my/").content.decode()
    bad = person.post(f"/my/questions/{request.pk}/", {"fact": "lots", "words": ""})
    assert bad.status_code == 422
    assert "must be an amount of money" in bad.content.decode()
    assert person.post(f"/my/questions/{request.pk}/", {"fact": "£1,100", "words": "since May"}).status_code == 302
    with acting_as(scene.worker):
        assert InformationRequest.objects.get().state == "answered"


def test_taking_back_asks_first(scene, person):
    case = scene.case()
    assert "Take back your application" in person.get(f"/my/applications/{case.pk}/take-back/").content.decode()
    assert person.post(f"/my/applications/{case.pk}/take-back/").status_code == 302
    page = person.get(f"/my/applications/{case.pk}/").content.decode()
    assert "You took it back" in page


# --- the worker's pages


def test_the_case_page_shows_facts_with_source_and_the_rules_reasons(scene, desk):
    case = scene.case()
    page = desk.get(f"/staff/cases/{case.pk}/").content.decode()
    for part in ("Amina Rahal", "£1,200", "The person", "Heating Act s.2", "Allowed by the person", "Start checking"):
        assert part in page
    with acting_as(scene.citizen):
        entry = AccessLog.objects.filter(purpose="determination").latest("at")
    assert (entry.outcome, entry.agency_id) == ("allow", scene.council.pk)


def test_what_the_activity_does_not_cover_stays_hidden_with_its_reason(desk, scene):
    make_activity(scene.council, programme=PROGRAMME, gate="explicit_request", concepts=("person.born_on", "identity.name"))
    case = scene.case()
    page = desk.get(f"/staff/cases/{case.pk}/").content.decode()
    assert "Amina Rahal" in page
    assert "Your agency does not need this for what it does here." in page


def test_once_the_person_stops_it_the_next_click_shows_no_fact(scene, desk):
    case = scene.case()
    assert "£1,200" in desk.get(f"/staff/cases/{case.pk}/").content.decode()
    with acting_as(scene.citizen):
        stop_consent(by=scene.citizen, consent=Consent.objects.get(), at=timezone.now())
    answer = desk.get(f"/staff/cases/{case.pk}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    for fact in ("£1,200", "1950", "Amina"):
        assert fact not in page
    assert "The person has not allowed it, or has stopped it" in page
    assert "Ask the person" in page
    with acting_as(scene.citizen):
        assert AccessLog.objects.filter(purpose="determination").latest("at").outcome == "deny"


def test_other_agencies_get_404_and_other_roles_403(scene):
    case = scene.case()
    addresses = ["", "ask/", "close/", "decide/", "open-again/"]
    stranger = portal.make_membership(portal.make_agency(), "decision_maker")
    client = Client()
    portal.sign_in(client, stranger.user)
    assert {client.get(f"/staff/cases/{case.pk}/{path}").status_code for path in addresses} == {404}
    for path in ("step/", "assign/", "note/"):
        assert client.post(f"/staff/cases/{case.pk}/{path}").status_code == 404
    officer = portal.make_membership(scene.council, "counter_officer")
    client = Client()
    portal.sign_in(client, officer.user)
    assert {client.get(f"/staff/cases/{case.pk}/{path}").status_code for path in addresses} == {403}


def test_strangers_are_sent_to_sign_in(scene, client):
    case = scene.case()
    for address in ("/staff/cases/", f"/staff/cases/{case.pk}/"):
        assert client.get(address).headers["Location"].startswith("/account/sign-in/")


def test_steps_need_the_version_that_was_seen(scene, desk):
    case = scene.case()
    address = f"/staff/cases/{case.pk}/"
    seen = form_of(desk.get(address).content.decode())["seen"]
    with acting_as(scene.decider):
        cases.assign(by=scene.decider, case_id=case.pk, user_id=scene.decider.user_id, at=timezone.now())
    page = desk.post(f"{address}step/", {"seen": seen, "state": "in_assessment"}, follow=True).content.decode()
    assert f"{scene.decider.name} changed this case" in page
    assert scene.fresh(case).state == "received"
    page = desk.post(f"{address}step/", {"seen": form_of(page)["seen"], "state": "in_assessment"}, follow=True).content.decode()
    assert scene.fresh(case).state == "in_assessment"


def test_asking_from_the_page(scene, desk):
    case = scene.case()
    address = f"/staff/cases/{case.pk}/ask/"
    page = desk.get(address).content.decode()
    assert "Savings" in page
    day = timezone.localdate() + dt.timedelta(days=7)
    data = {
        "seen": form_of(page)["seen"], "what": "Your bank statement", "why": "The rule has a limit", "fact": "household.savings",
        "answer_by_day": day.day, "answer_by_month": day.month, "answer_by_year": day.year, "stops_clock": "on",
    }  # fmt: skip
    assert desk.post(address, data | {"what": ""}).status_code == 422
    assert desk.post(address, data).status_code == 302
    assert scene.fresh(case).state == "awaiting_information"
    page = desk.get(f"/staff/cases/{case.pk}/").content.decode()
    assert "Stopped, day 0 of 10" in page


def test_notes_stay_with_the_agency(scene, desk, person):
    case = scene.case()
    assert desk.post(f"/staff/cases/{case.pk}/note/", {"text": ""}).status_code == 422
    assert desk.post(f"/staff/cases/{case.pk}/note/", {"text": "<b>Call</b> on Monday"}).status_code == 302
    assert "&lt;b&gt;Call" in desk.get(f"/staff/cases/{case.pk}/").content.decode()
    assert "Monday" not in person.get(f"/my/applications/{case.pk}/").content.decode()
    with acting_as(scene.citizen):
        assert not Note.objects.exists()


def test_ticking_off_what_was_seen(scene, desk):
    case = scene.case()
    request = asked(scene, case)
    with acting_as(scene.citizen):
        requests.answer(by=scene.citizen, request_id=request.pk, text="Nothing", at=timezone.now())
    with acting_as(scene.worker):
        task = CaseTask.objects.get()
    assert desk.post(f"/staff/cases/{case.pk}/tasks/{task.pk}/done/").status_code == 302
    assert scene.fresh(case).next_step == "assess"


# --- deciding


def decision_form(page: str, **fields) -> dict:
    found = dict(re.findall(r'name="(reason-[\w-]+)"[^>]*?value="([^"]*)"', page))
    texts = dict(re.findall(r'<textarea name="(reason-\d+-text)"[^>]*>\s*([^<]*)</textarea>', page))
    return {"seen": form_of(page)["seen"], "outcome": "refused", **found, **texts} | fields


def test_reasons_come_prefilled_and_a_person_signs(scene, decider):
    case = scene.ready(scene.case())
    address = f"/staff/cases/{case.pk}/decide/"
    page = decider.get(address).content.decode()
    assert "Your savings of £1,200" in page
    assert "Heating Act s.2" in page
    assert 'name="outcome" value="granted" checked' not in page
    data = {name: value for name, value in decision_form(page).items() if not name.endswith("-use")}
    nothing_ticked = decider.post(address, data)
    assert nothing_ticked.status_code == 422
    assert "needs at least one reason" in nothing_ticked.content.decode()
    looked = decider.post(address, data | {"reason-1-use": "on"})
    assert looked.status_code == 200
    assert "We decided: you do not get Heating help." in looked.content.decode()
    with acting_as(scene.decider):
        assert not Decision.objects.exists()
    answer = decider.post(address, data | {"reason-1-use": "on", "step": "sign"})
    assert answer.status_code == 302, re.findall(r"od-error-summary.*?</ul>", answer.content.decode(), re.S)
    with acting_as(scene.decider):
        decision = Decision.objects.get()
    assert decision.reasons[0]["criterion"] == "savings"
    assert decision.reasons[0]["law"] == "Heating Act s.2"
    assert "Savings" in decision.reasons[0]["fact_words"]


def test_the_person_reads_the_decision(scene, decider, person):
    case = scene.ready(scene.case())
    scene.decide(case)
    page = person.get(f"/my/applications/{case.pk}/").content.decode()
    assert "We decided: you do not get Heating help." in page
    assert "ask us to look again until" in page


def test_a_caseworker_cannot_open_the_decision(scene, desk):
    case = scene.ready(scene.case())
    assert desk.get(f"/staff/cases/{case.pk}/decide/").status_code == 403


def test_a_grant_needs_a_first_day(scene, decider):
    case = scene.ready(scene.case())
    address = f"/staff/cases/{case.pk}/decide/"
    data = decision_form(decider.get(address).content.decode(), outcome="granted")
    data = {name: value for name, value in data.items() if not name.endswith("-use")}
    assert "Enter the day from which the person gets it" in decider.post(address, data).content.decode()
    day = {"effective_from_day": "1", "effective_from_month": "12", "effective_from_year": "2026"}
    assert decider.post(address, data | day | {"amount_amount": "240", "amount_per": "year", "step": "sign"}).status_code == 302
    with acting_as(scene.decider):
        decision = Decision.objects.get()
    assert (decision.amount_pence, decision.per) == (24000, "year")


def test_closing_after_a_decision_ends_the_agencys_view(scene, desk):
    case = scene.ready(scene.case())
    scene.decide(case)
    address = f"/staff/cases/{case.pk}/close/"
    page = desk.get(address).content.decode()
    assert desk.post(address, {"seen": form_of(page)["seen"], "text": ""}).status_code == 302
    page = desk.get(f"/staff/cases/{case.pk}/").content.decode()
    assert "The case has ended" in page
    assert "£1,200.00" not in page
