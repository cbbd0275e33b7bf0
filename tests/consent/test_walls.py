"""The second wall: row-level security alone, with the gate out of the way."""

import dataclasses

import pytest
from django.db import DatabaseError, connection, transaction

from consent.actions.consents import withdraw
from consent.actions.people import set_name
from consent.models import (
    CaseRecord,
    Consent,
    FactEvent,
    Household,
    HouseholdMembership,
    Involvement,
    Person,
    PersonName,
    RecordGrant,
    RecordSnapshot,
    TypedFacts,
)
from portal.kit.actor import Actor, acting_as
from tests.factories.consent import NOW, allow, involve, make_activity, make_agency, make_record, staff_of

pytestmark = pytest.mark.django_db

PROTECTED = (
    CaseRecord,
    RecordSnapshot,
    FactEvent,
    TypedFacts,
    Person,
    PersonName,
    Household,
    HouseholdMembership,
    Involvement,
    Consent,
    RecordGrant,
)


@pytest.fixture
def scene():
    record, citizen = make_record({"household.savings": "10"})
    with acting_as(citizen):
        set_name(by=citizen, record=record, person_id=record.person_id, full="Amina Yusuf", at=NOW)
    agency = make_agency("housing")
    involve(citizen, record, agency)
    consent = allow(citizen, record, make_activity(agency))
    return record, citizen, agency, consent


def counts(actor):
    with acting_as(actor):
        return {model.__name__: model.objects.count() for model in PROTECTED}


def test_without_an_actor_nothing_is_there(scene):
    assert set(counts(None).values()) == {0}
    assert set(counts(Actor.anonymous()).values()) == {0}


def test_the_citizen_and_the_involved_agency_see_it(scene):
    _record, citizen, agency, _consent = scene
    assert all(counts(citizen).values())
    assert all(counts(staff_of(agency)).values())


def test_a_stranger_another_agency_and_a_wrong_machine_see_nothing(scene):
    _record, _citizen, agency, _consent = scene
    other_record, stranger = make_record()
    seen = counts(stranger)
    assert seen["CaseRecord"] == seen["Person"] == 1 and seen["Consent"] == seen["PersonName"] == 0
    assert set(counts(staff_of(make_agency("other"))).values()) == {0}
    machine = Actor.machine("screening", agency_id=agency.pk, record_id=other_record.pk)
    assert counts(machine)["FactEvent"] == 0


def test_a_caseload_machine_reads_the_projection_and_no_person(scene):
    seen = counts(Actor.machine("preview", caseload=True))
    assert seen["TypedFacts"] == seen["CaseRecord"] == 1
    assert seen["Person"] == seen["PersonName"] == seen["RecordSnapshot"] == seen["FactEvent"] == 0


def test_raw_sql_is_behind_the_wall_too(scene):
    with acting_as(staff_of(make_agency("other"))), connection.cursor() as cursor:
        cursor.execute("select count(*) from consent_recordsnapshot")
        assert cursor.fetchone() == (0,)


def test_the_wall_stands_when_involvement_and_permission_end(scene):
    _record, citizen, agency, consent = scene
    with acting_as(citizen):
        Involvement.objects.update(ends_at=NOW)
    assert counts(staff_of(agency))["RecordSnapshot"] == 1, "the live grant still shows the record"
    with acting_as(citizen):
        withdraw(by=citizen, consent=consent, at=NOW)
    assert counts(staff_of(agency))["RecordSnapshot"] == 0


def test_nobody_writes_into_a_record_they_cannot_see(scene):
    record, *_rest = scene
    intruder = staff_of(make_agency("other"))
    with acting_as(intruder):
        assert CaseRecord.objects.filter(pk=record.pk).update(version=99) == 0
        assert RecordSnapshot.objects.filter(record=record).update(values={}) == 0
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            FactEvent.objects.create(record=record, version=9, changes={}, source="self", collected_under="x", recorded_at=NOW)


def test_a_consents_terms_cannot_be_changed_afterwards(scene):
    _record, citizen, _agency, consent = scene
    with acting_as(citizen), pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Consent.objects.filter(pk=consent.pk).update(concepts=["household.savings"])


def test_the_context_ends_with_its_block(scene):
    _record, citizen, agency, _consent = scene
    with acting_as(staff_of(agency)):
        with acting_as(dataclasses.replace(citizen)):
            assert CaseRecord.objects.count() == 1
        assert CaseRecord.objects.count() == 1
    assert CaseRecord.objects.count() == 0


def test_tests_run_as_the_serving_role():
    with connection.cursor() as cursor:
        cursor.execute("select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user")
        assert cursor.fetchone() == ("portal_app", False, False)
