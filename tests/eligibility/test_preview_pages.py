"""The pages of a preview: for those who may read the programme's history, with an address that can be handed on; single cases only through the gate."""

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from consent.actions.consents import withdraw
from consent.models import AccessLog, Consent
from eligibility.actions import programmes as actions
from eligibility.drafting import with_limit_row
from portal.kit.actor import acting_as
from tests.eligibility.test_preview import draft_of, people
from tests.eligibility.test_programme_admin import sign_in
from tests.factories import casework, portal
from tests.factories.eligibility import BLANKET, BLANKET_CASES, load, make_admin, make_agency, read_definition

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer():
    return make_admin(make_agency("heat-office"))


@pytest.fixture
def draft(writer):
    versions = load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    return draft_of(versions[0], writer)


def page(client, name, number=2, **query):
    return client.get(reverse(f"eligibility:{name}", args=["heating_help", number]), query)


def test_the_finding_comes_first_and_in_words(client, draft, writer):
    people(40, local_authority="newham")
    sign_in(client, writer)
    shown = page(client, "admin_preview").content.decode()
    assert shown.index("households would gain.") < shown.index('<form method="get"') < shown.index("Which condition does it")
    assert "Nobody would lose." in shown and "a year more." in shown
    assert "£10,000" in shown and "£20,000" in shown and "Blanket help" in shown


def test_the_address_says_which_group_and_another_reader_sees_the_same(client, draft, writer):
    people(40, local_authority="newham")
    people(20, local_authority="barnet")
    asked = {"on": "2026-11-21", "household-local_authority": "newham", "split": "children"}
    sign_in(client, writer)
    one = page(client, "admin_preview", **asked)
    sign_in(client, make_admin(writer.agency))
    two = page(client, "admin_preview", **asked)
    shown = one.content.decode()
    assert one.context["report"] == two.context["report"]
    assert "Council: Newham" in shown and "By group: Children" in shown


def test_a_group_too_small_says_nothing(client, draft, writer):
    people(40)
    people(4, tenure="no_home")
    sign_in(client, writer)
    response = page(client, "admin_preview", **{"household-tenure": "no_home"})
    assert "too few households in this group" in response.content.decode() and "would gain" not in response.content.decode()


@pytest.mark.parametrize("asked", [{"on": "2026-02-30"}, {"split": "nothing"}, {"household-tenure": "castle"}, {"result": "x"}])
def test_what_cannot_be_read_is_said_and_nothing_is_worked_out(client, draft, writer, asked):
    people(30)
    sign_in(client, writer)
    response = page(client, "admin_preview", **asked)
    assert response.status_code == 200 and "Error" in response.content.decode() and "report" not in response.context


def test_states_without_numbers(client, draft, writer):
    sign_in(client, writer)
    assert "There are no households yet" in page(client, "admin_preview").content.decode()
    people(30)
    assert "result would change." in page(client, "admin_preview", number=1).content.decode()


def test_who_publishes_sees_what_the_author_saw(client, draft, writer):
    people(40)
    sign_in(client, writer)
    page(client, "admin_preview", children="0")
    assert page(client, "admin_version").context["impact"] is None  # of a group nothing is kept
    seen = page(client, "admin_preview").context["headline"]
    client.post(reverse("eligibility:admin_send", args=["heating_help", 2]))
    sign_in(client, make_admin(writer.agency))
    shown = page(client, "admin_version")
    assert all(sentence in shown.content.decode() for sentence in seen)
    assert shown.context["impact"].report.table == []


# --- single cases -------------------------------------------------------------------------------------------------------


@pytest.fixture
def scene():
    """A case of the council that a lower savings limit would change."""
    found = casework.make_scene()
    found.case()
    return found


def looks(scene):
    """What the person reads about colleagues in their own access log."""
    with acting_as(scene.citizen), transaction.atomic():
        return list(AccessLog.objects.filter(record_id=scene.record.pk, actor_kind="staff").order_by("at"))


def lower(scene):
    writer = make_admin(scene.council)
    by = portal.actor_for(writer)
    now = timezone.now()
    with acting_as(by):
        draft = actions.begin_draft(by=by, version=scene.version, at=now)
        row = {"from": timezone.localdate().isoformat(), "value": "1000", "law": "Heating Act 2027 s.1"}
        data = with_limit_row(draft.definition, "savings_limit", row)
        actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=now)
    return writer


def test_a_caseworker_sees_how_an_own_case_would_change_and_the_look_is_logged(client, scene):
    lower(scene)
    sign_in(client, scene.worker_membership)
    response = page(client, "admin_preview_cases")
    [example] = response.context["examples"]
    shown = response.content.decode()
    assert (example.before.outcome, example.before.amount, example.after.outcome) == ("likely", "£240 a year", "not_likely")
    assert "Your savings of £1,200 are above £1,000" in shown and example.reference in shown
    [entry] = looks(scene)
    assert (entry.actor_user_id, entry.purpose, entry.outcome) == (scene.worker.user_id, "determination", "allow")
    assert client.get(example.address).status_code == 200
    assert len(looks(scene)) == 2


def test_an_admin_sees_why_there_are_no_cases(client, scene):
    writer = lower(scene)
    sign_in(client, writer)
    response = page(client, "admin_preview_cases")
    assert "Your role sees counts, not cases" in response.content.decode() and "examples" not in response.context
    assert looks(scene) == []


def test_a_withdrawn_permission_shows_nothing(client, scene):
    lower(scene)
    with acting_as(scene.citizen):
        consent = Consent.objects.get(record=scene.record, agency=scene.council)
        withdraw(by=scene.citizen, consent=consent, at=timezone.now())
    sign_in(client, scene.worker_membership)
    response = page(client, "admin_preview_cases")
    assert response.context["examples"] == [] and "No case to show" in response.content.decode()
    assert looks(scene) == []


def test_another_agency_sees_nothing(client, scene):
    lower(scene)
    stranger = portal.make_membership(make_agency("other-office"), "caseworker")
    sign_in(client, stranger)
    assert page(client, "admin_preview_cases").status_code == 403


def test_a_case_that_does_not_change_is_not_looked_at(client, scene):
    sign_in(client, scene.worker_membership)
    assert page(client, "admin_preview_cases", number=1).context["examples"] == []
    assert looks(scene) == []


def test_cases_follow_the_chosen_group(client, scene):
    lower(scene)
    sign_in(client, scene.worker_membership)
    assert page(client, "admin_preview_cases", children="2").context["examples"] == []
    assert len(page(client, "admin_preview_cases", children="0", on=timezone.localdate().isoformat()).context["examples"]) == 1
