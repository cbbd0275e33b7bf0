"""Helping at the counter."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consent.facts import catalogue
from consent.models import Consent, Involvement, RecordSnapshot
from consent.permit import AccessRefused
from intake.actions.counter import close_session, open_session
from intake.models import CounterSession
from intake.queries.drafts import draft_of
from intake.queries.steps import steps
from intake.wording import source_words
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from tests.factories.consent import make_activity
from tests.factories.intake import ANONYMOUS, answer, fresh, make_draft
from tests.factories.portal import make_agency, make_membership, sign_in
from tests.intake.test_submit import citizen, send

pytestmark = pytest.mark.django_db
EVERYTHING = tuple(code for code, kind in catalogue().items() if kind.type != "identity")


@pytest.fixture
def membership():
    return make_membership(make_agency("harbour-advice", kind="community"), "counter_officer")


@pytest.fixture
def officer(membership) -> Actor:
    return Actor(
        "staff",
        user_id=membership.user_id,
        agency_id=membership.agency_id,
        membership_id=membership.pk,
        role="counter_officer",
        name="Dana Cole",
    )


def open_for(officer: Actor, **options):
    with acting_as(officer):
        return open_session(by=officer, at=timezone.now(), language="en", **options)


def test_the_officer_types_and_the_record_knows_it(form, officer):
    session, draft, code = open_for(officer)
    assert code
    with acting_as(officer):
        answer(draft, "you/born_on", {"person.born_on": "1960-01-01"}, by=officer)
        assert fresh(draft).answers["you/born_on"]["by"]["by"] == "Dana Cole"
        sent = send(draft, by=officer)
        assert Involvement.objects.get(kind="counter").ends_at is None
        close_session(by=officer, session_id=session.pk, at=timezone.now())
        close_session(by=officer, session_id=session.pk, at=timezone.now())
        assert Involvement.objects.get(kind="counter").ends_at is not None  # with the session ends the way to the record
    with acting_as(citizen(sent)):
        provenance = RecordSnapshot.objects.get().provenance[f"{sent.person_id}.born_on"]
        assert (provenance["source"], provenance["by"]) == ("counter", "Dana Cole")


def test_a_draft_begun_at_home_goes_on_at_the_counter(form, officer):
    with acting_as(ANONYMOUS):
        draft, _code = make_draft({"household/savings": {"household.savings": "10.00"}})
    _session, same, code = open_for(officer, submission_id=draft.pk)
    assert same.pk == draft.pk and code == ""
    with acting_as(officer):
        answer(draft, "you/born_on", {"person.born_on": "1960-01-01"}, by=officer)
        sent = send(draft, by=officer)
        provenance = RecordSnapshot.objects.get().provenance
        assert provenance["household.savings"]["source"] == "self"
        assert provenance[f"{sent.person_id}.born_on"]["source"] == "counter"


def test_a_known_person_needs_an_activity_of_the_agency(form, officer, membership):
    with acting_as(ANONYMOUS):
        draft, _code = make_draft()
        sent = send(draft)
    with pytest.raises(AccessRefused):
        open_for(officer, submission_id=sent.pk)
    make_activity(
        membership.agency,
        purpose="counter",
        gate="notice",
        concepts=EVERYTHING,
        roles=["counter_officer"],
        art9_condition="9-2-h",
    )
    _session, again, code = open_for(officer, submission_id=sent.pk)
    assert again.pk != sent.pk and code
    assert again.record_id == sent.record_id
    assert again.known["household.savings"]["value"] == "1200.00"


def test_what_is_known_is_confirmed_aloud_at_the_counter(form, officer, membership):
    with acting_as(ANONYMOUS):
        draft, _code = make_draft()
        sent = send(draft)
    make_activity(
        membership.agency,
        purpose="counter",
        gate="notice",
        concepts=EVERYTHING,
        roles=["counter_officer"],
        art9_condition="9-2-h",
    )
    _session, again, _code = open_for(officer, submission_id=sent.pk)
    known = {"confirmed": ["household.savings", "you.born_on"], "changed": ["household.rent"]}
    with acting_as(officer):
        answer(again, "household/known", known, by=officer)
        open_draft = draft_of(fresh(again), timezone.localdate())
        assert "household.rent" not in open_draft.values
        assert "household/rent" in {slot.key for slot in steps(open_draft, open_draft.on).pending}
        send(fresh(again), by=officer)
    with acting_as(citizen(sent)):
        snapshot = RecordSnapshot.objects.get()
        provenance = snapshot.provenance
        savings = provenance["household.savings"]
        assert (savings["source"], savings["by"], savings["confirms"]["source"]) == ("counter", "Dana Cole", "self")
        assert "confirms" in provenance[f"{sent.person_id}.born_on"]
        assert "household.rent" not in snapshot.values, "said to be wrong and not answered: nobody goes on using it"
    _session, third, _code = open_for(officer, submission_id=sent.pk)
    assert third.known["household.savings"]["agency"] == membership.agency.name
    assert source_words(third.known["household.savings"]) == f"Told at a counter of {membership.agency.name}"


def test_other_roles_do_not_help(form, officer):
    with pytest.raises(Refused):
        open_for(Actor("staff", user_id=officer.user_id, agency_id=officer.agency_id, role="auditor"))
    with pytest.raises(Refused):
        open_for(ANONYMOUS)


def test_one_session_at_a_time_and_other_agencies_see_none(form, officer):
    first, _draft, _code = open_for(officer)
    open_for(officer)
    with acting_as(officer):
        first.refresh_from_db()
        assert first.ended_at is not None
        assert CounterSession.objects.filter(ended_at=None).count() == 1
    with acting_as(Actor("staff", user_id=officer.user_id, agency_id=make_agency().pk, role="counter_officer")):
        assert CounterSession.objects.count() == 0


def test_the_whole_visit_in_the_browser(form, membership):
    client = Client()
    sign_in(client, membership.user)
    assert client.get(reverse("intake:start"))["Location"] == reverse("intake:counter")
    assert client.get(reverse("intake:tasks"))["Location"] == reverse("intake:counter")
    page = client.post(reverse("intake:counter"), {}).content.decode()
    assert "Tick the box when the person is here" in page
    opened = client.post(reverse("intake:counter"), {"agrees": "on"})
    assert opened["Location"] == reverse("intake:tasks")
    assert "You are helping a person" in client.get(reverse("intake:tasks")).content.decode()
    url = reverse("intake:question", args=["you", "born_on"])
    client.post(url, {"born_on_day": "2", "born_on_month": "4", "born_on_year": "1990", "based_on": "0"})
    code = client.session["intake"]["code"]
    assert code in client.get(reverse("intake:handover")).content.decode()
    check = client.get(reverse("intake:check"))
    client.post(reverse("intake:check"), {key: check.context[key] for key in ("idempotency_key", "content")})
    assert code in client.get(reverse("intake:receipt")).content.decode()
    assert "person_id" not in client.session
    ended = client.post(reverse("intake:counter_end"))
    assert ended["Clear-Site-Data"] == '"cache"'
    assert "intake" not in client.session
    home = Client()
    back = home.post(
        reverse("intake:come_back"), {"code": code, "born_on_day": "2", "born_on_month": "4", "born_on_year": "1990"}
    )
    assert back["Location"] == reverse("intake:receipt")
    assert home.session["person_id"]


def test_who_works_elsewhere_in_an_agency_is_told_to_sign_out_first(form):
    client = Client()
    sign_in(client, make_membership(make_agency(), "decision_maker").user)
    answer = client.get(reverse("intake:start"), follow=True)
    assert answer.redirect_chain[0][0] == reverse("portal:home") and answer.status_code == 200
    assert "Sign out to fill in the form for yourself" in answer.content.decode()


def test_citizens_have_no_counter(client, form):
    assert client.get(reverse("intake:counter")).status_code == 302  # to sign in


def test_more_answers_of_the_person_at_the_counter(form, membership):
    make_activity(
        membership.agency,
        purpose="counter",
        gate="notice",
        concepts=EVERYTHING,
        roles=["counter_officer"],
        art9_condition="9-2-h",
    )
    client = Client()
    sign_in(client, membership.user)
    assert client.post(reverse("intake:counter_more"))["Location"] == reverse("intake:counter")  # nobody is here
    client.post(reverse("intake:counter"), {"agrees": "on"})
    check = client.get(reverse("intake:check"))
    client.post(reverse("intake:check"), {key: check.context[key] for key in ("idempotency_key", "content")})
    receipt = client.get(reverse("intake:receipt")).content.decode()
    assert "See the results together" in receipt
    first = client.session["intake"]["draft"]
    more = client.post(reverse("intake:counter_more"), {"fact": "household.savings"})
    assert more["Location"] == reverse("intake:question", args=["household", "savings"])
    assert client.session["intake"]["draft"] != first and client.session["intake"]["counter"]
    assert "You are helping a person" in client.get(more["Location"]).content.decode()


def test_somebody_who_sent_answers_before_is_asked_aloud(form, membership):
    make_activity(membership.agency, purpose="counter", concepts=EVERYTHING, roles=["counter_officer"], art9_condition="9-2-h")
    with acting_as(ANONYMOUS):
        draft, code = make_draft({"you/born_on": {"person.born_on": "1990-04-02"}})
        sent = send(draft)
    client = Client()
    sign_in(client, membership.user)
    entered = {"agrees": "on", "code": code, "born_on_day": "2", "born_on_month": "4", "born_on_year": "1990"}
    page = client.post(reverse("intake:counter"), entered)
    assert "Ask whether we may see them" in page.content.decode() and code in page.content.decode()
    assert not Involvement.objects.filter(kind="counter").exists()
    opened = client.post(reverse("intake:counter"), entered | {"allows": "on"})
    assert opened["Location"] == reverse("intake:tasks")
    with acting_as(citizen(sent)):
        assert Consent.objects.get(agency=membership.agency).method == "spoken"
