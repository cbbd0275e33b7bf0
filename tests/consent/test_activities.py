"""Activities: what agencies do with facts is registered, checked against the law's matrix, and follows the rules."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from consent.actions.activities import UnfitActivity, define_activity, follow_needs
from consent.models import ProcessingActivity
from consent.queries.activities import activity_for
from portal.kit.access import Refused
from portal.models import Agency
from tests.factories.consent import INSTALLER, make_activity, make_agency, staff_of

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 21)


def follow(agency, needs, starts_on=dt.date(2026, 1, 1)):
    return follow_needs(
        by=INSTALLER,
        agency=agency,
        programme="help",
        needs=needs,
        law="Help Act 2020",
        text={"en": "decide"},
        starts_on=starts_on,
    )


def now_for(agency, on=DAY):
    return activity_for(agency_id=agency.pk, purpose="determination", programme="help", on=on)


@pytest.mark.parametrize(("kind", "gate"), [(Agency.STATUTORY, "explicit_request"), (Agency.COMMUNITY, "consent")])
def test_an_activity_follows_the_facts_a_rule_names(kind, gate):
    agency = make_agency("helpers", kind)
    follow(agency, ["household.rent"])
    first = now_for(agency)
    assert first.release_gate == gate
    assert set(first.concepts) == {"household.rent", "identity.name", "identity.contact", "identity.language_and_needs"}
    assert follow(agency, ["household.rent"], starts_on=dt.date(2026, 6, 1)) is None
    follow(agency, ["household.rent", "household.savings"], starts_on=dt.date(2026, 12, 1))
    assert now_for(agency) == first, "the new rule does not hold yet"
    assert "household.savings" in now_for(agency, on=dt.date(2026, 12, 1)).concepts


@pytest.mark.parametrize(
    "wrong",
    [
        {"legal_basis": "6-1-a", "release_gate": "notice"},
        {"legal_reference": ""},
        {"concepts": ["household.moon"]},
        {"concepts": ["person.pregnant"]},
        {"triage_concepts": ["household.savings"]},
    ],
)
def test_an_activity_that_contradicts_itself_is_refused_with_words(wrong):
    right = {
        "purpose": "determination", "legal_basis": "6-1-e", "legal_reference": "Help Act 2020", "release_gate": "notice",
        "concepts": ["household.rent"], "roles": ["caseworker"], "text": {"en": "help"}, "starts_on": DAY,
    }  # fmt: skip
    with pytest.raises(UnfitActivity) as refusal:
        define_activity(by=INSTALLER, agency=make_agency("helpers"), **right | wrong)
    assert str(refusal.value)


def test_the_database_refuses_what_the_form_might_let_through():
    activity = make_activity(make_agency("helpers"))
    for wrong in ({"legal_basis": "6-1-a"}, {"release_gate": "emergency"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ProcessingActivity.objects.filter(pk=activity.pk).update(**wrong)
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        ProcessingActivity.objects.filter(pk=activity.pk).update(concepts=["household.savings"])


def test_only_the_agencys_data_protection_officer_or_the_installation_defines():
    agency = make_agency("helpers")
    for actor in (staff_of(agency), staff_of(make_agency("others"), role="data_protection_officer")):
        with pytest.raises(Refused):
            define_activity(
                by=actor, agency=agency, purpose="referral", legal_basis="6-1-a", legal_reference="", release_gate="consent",
                concepts=["household.rent"], roles=["caseworker"], text={"en": "help"}, starts_on=DAY,
            )  # fmt: skip


def test_the_installation_commands_register_what_is_usual(capsys):
    call_command("found_agency", "helpers", "Helpers", "--kind", "community", "--admin", "ada@example.org", "Ada Hill")
    call_command("register_processing", "helpers", "--from", "2026-11-01")
    agency = Agency.objects.get(slug="helpers")
    assert {one.purpose for one in agency.activities.all()} == {"referral", "counter"}
    assert agency.memberships.get().role == "agency_admin"
    with pytest.raises(CommandError, match="already"):
        call_command("found_agency", "helpers", "Helpers", "--admin", "ada@example.org", "Ada Hill")
    with pytest.raises(CommandError, match="no agency"):
        call_command("register_processing", "nobody")
