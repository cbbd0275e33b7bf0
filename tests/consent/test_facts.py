"""Facts: superseded, never updated; the snapshot is the fold of its events; the projection says the same."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.actions.facts import VersionConflict, write
from consent.actions.people import add_member, end_member
from consent.facts import CATEGORIES, catalogue
from consent.folding import fold_all
from consent.models import CaseRecord, FactEvent, RecordSnapshot, TypedFacts
from consent.values import InvalidFact, parse_value
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from tests.factories.consent import NOW, involve, make_agency, make_record, staff_of

pytestmark = pytest.mark.django_db

PERIODS = ["week", "four_weeks", "month", "year"]
pounds = st.decimals(0, 1_000_000, places=2).map(str)
VALUES = {
    "money": st.fixed_dictionaries({"amount": pounds, "per": st.sampled_from(PERIODS)}),
    "amount": pounds,
    "integer": st.integers(0, 30),
    "decimal": st.integers(0, 100).map(str),
    "boolean": st.booleans(),
    "date": st.dates(dt.date(1920, 1, 1), dt.date(2026, 11, 1)).map(str),
    "text": st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1, max_size=40),
}


def value_of(kind):
    return st.none() | (st.sampled_from(kind.choices) if kind.choices else VALUES[kind.type])


ANSWERABLE = [k for k in catalogue().values() if k.type != "identity" and k.code != "person.role"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_snapshot_is_the_fold_of_its_events(data, db):
    record, citizen = make_record()
    with acting_as(citizen):
        child = add_member(by=citizen, record=record, role="child", at=NOW)
        for _step in range(data.draw(st.integers(1, 5))):
            kinds = data.draw(st.lists(st.sampled_from(ANSWERABLE), max_size=6, unique_by=lambda k: k.code))
            people = st.sampled_from([str(record.person_id), str(child.pk)])
            subjects = {k.code: "household" if k.level == "household" else data.draw(people) for k in kinds}
            changes = {f"{subjects[k.code]}.{k.name}": data.draw(value_of(k)) for k in kinds}
            known = [key for key in RecordSnapshot.objects.get(record=record).values if not key.endswith(".role")]
            gone = data.draw(st.lists(st.sampled_from(known), max_size=2, unique=True)) if known else []
            write(by=citizen, record=record, changes=changes, source="self", collected_under="screening", at=NOW, gone=gone)
        snapshot = RecordSnapshot.objects.get(record=record)
        events = FactEvent.objects.filter(record=record).order_by("version")
        typed = TypedFacts.objects.get(record=record)
        assert fold_all(event.changes for event in events) == (snapshot.values, snapshot.provenance)
        assert [event.version for event in events] == list(range(1, len(events) + 1))
        assert snapshot.version == typed.version == CaseRecord.objects.get(pk=record.pk).version == len(events)
        flat = {f"household.{name}": value for name, value in typed.household.items()}
        for row, person_id in zip(typed.people, [record.person_id, child.pk], strict=True):
            flat |= {f"{person_id}.{name}": value for name, value in row.items() if name != "id"}
        flat.pop(f"{record.person_id}.role")
        assert flat == snapshot.values
        assert str(child.pk) not in str(typed.people), "the projection names nobody"


def test_every_catalogue_entry_is_whole():
    for kind in catalogue().values():
        assert kind.category in CATEGORIES and kind.level in ("household", "person") and kind.fresh_days > 0
        assert kind.label["en"] and kind.term
        assert bool(kind.choices) == (kind.type == "choice"), kind.code


@pytest.mark.parametrize(
    ("code", "raw", "stored"),
    [
        ("household.rent", {"amount": "950", "per": "month"}, {"amount": "950.00", "per": "month"}),
        ("household.savings", Decimal("0"), "0.00"),
        ("household.bedrooms", "2", 2),
        ("person.hours_worked_weekly", "37.50", "37.5"),
        ("person.born_on", dt.date(2020, 2, 29), "2020-02-29"),
        ("household.rent", None, None),
    ],
)
def test_values_are_kept_in_one_form(code, raw, stored):
    assert parse_value(catalogue()[code], raw) == stored


@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("household.rent", {"amount": "-1", "per": "month"}),
        ("household.rent", {"amount": "1", "per": "fortnight"}),
        ("household.rent", "950"),
        ("household.rent", {"amount": "1.005", "per": "month"}),
        ("household.savings", "1e9"),
        ("household.savings", "NaN"),
        ("household.savings", True),
        ("household.savings", 1.5),
        ("household.bedrooms", 31),
        ("household.bedrooms", "2.5"),
        ("person.born_on", "2021-02-29"),
        ("person.born_on", "1899-12-31"),
        ("person.sex", "x"),
        ("person.pregnant", "yes"),
        ("household.local_authority", " "),
        ("household.local_authority", "a\x00b"),
        ("identity.name", "Amina"),
    ],
)
def test_unfit_values_are_refused_with_words(code, raw):
    with pytest.raises(InvalidFact) as refusal:
        parse_value(catalogue()[code], raw)
    assert catalogue()[code].words() in refusal.value.message


def test_writing_the_same_again_is_no_change():
    record, citizen = make_record({"household.savings": "10"})
    with acting_as(citizen):
        again = write(
            by=citizen, record=record, changes={"household.savings": "10.00"}, source="self", collected_under="screening", at=NOW
        )
    assert again is None and record.version == 1


def test_a_writer_who_read_an_older_version_is_told():
    record, citizen = make_record({"household.savings": "10"})
    with acting_as(citizen), pytest.raises(VersionConflict) as conflict:
        write(
            by=citizen,
            record=record,
            changes={"household.savings": "20"},
            source="self",
            collected_under="screening",
            at=NOW,
            expected_version=0,
        )
    assert conflict.value.current == 1


def test_who_left_the_household_leaves_the_projection_but_not_the_history():
    record, citizen = make_record()
    with acting_as(citizen):
        child = add_member(by=citizen, record=record, role="child", at=NOW)
        write(
            by=citizen,
            record=record,
            changes={f"{child.pk}.born_on": "2020-01-01"},
            source="self",
            collected_under="screening",
            at=NOW,
        )
        end_member(by=citizen, record=record, person_id=child.pk, at=NOW + dt.timedelta(days=3))
        later = NOW + dt.timedelta(days=4)
        with pytest.raises(InvalidFact, match="not in the household"):
            write(
                by=citizen,
                record=record,
                changes={f"{child.pk}.disabled": True},
                source="self",
                collected_under="screening",
                at=later,
            )
        write(by=citizen, record=record, changes={"household.savings": "5"}, source="self", collected_under="screening", at=later)
        assert len(TypedFacts.objects.get(record=record).people) == 1
        assert FactEvent.objects.filter(record=record).count() == 4  # came, born, left, savings


def test_strangers_and_uninvolved_staff_may_not_write():
    record, citizen = make_record()
    _other, stranger = make_record()
    agency = make_agency("housing")
    for actor in (stranger, staff_of(agency)):
        with acting_as(actor), pytest.raises(Refused):
            write(by=actor, record=record, changes={"household.savings": "1"}, source="self", collected_under="screening", at=NOW)
    involve(citizen, record, agency)
    worker = staff_of(agency)
    with acting_as(worker):
        event = write(
            by=worker, record=record, changes={"household.savings": "1"}, source="agency", collected_under="determination", at=NOW
        )
    assert event.changes["household.savings"]["provenance"]["agency"] == str(agency.pk)


@pytest.mark.parametrize("table", ["consent_factevent", "consent_consentevent", "consent_accesslog"])
def test_history_cannot_be_rewritten_in_the_database(table):
    _record, citizen = make_record({"household.savings": "10"})
    with acting_as(citizen), pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"delete from {table}")
