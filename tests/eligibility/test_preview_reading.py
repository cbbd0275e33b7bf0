"""Packed facts read as columns are the very columns that reading household by household gives; what does not fit is read from the JSON."""

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent import packing
from consent.models import TypedFacts
from eligibility.batch import Caseload
from eligibility.interchange import read_household
from eligibility.queries.preview import reading
from eligibility.rules import catalogue
from portal.kit.actor import Actor, acting_as
from tests.factories.consent import make_record

ON = dt.date(2026, 11, 21)
WANTED = frozenset(kind.code for kind in (*packing.layout().home, *packing.layout().person))


def answers(kind):
    """Possible answers to a fact, in the interchange form."""
    amount = st.integers(0, 2_000_000_00).map(lambda pence: f"{pence // 100}.{pence % 100:02d}")
    found = {
        "money": st.fixed_dictionaries({"amount": amount, "per": st.sampled_from(packing.PERIODS)}),
        "amount": amount,
        "integer": st.integers(int(kind.least or 0), int(kind.most or 1000)),
        "decimal": st.integers(int(kind.least or 0), int(kind.most or 1000)) | st.sampled_from(["0.25", "7.5", "37.125"]),
        "boolean": st.booleans(),
        "date": st.dates(dt.date(1920, 1, 1), ON).map(dt.date.isoformat),
        "choice": st.sampled_from(kind.choices or ("none",)),
        "text": st.sampled_from(["newham", "barnet", "tower_hamlets"]),
    }[kind.type]
    return found if kind.name == "born_on" else st.none() | found


def subject(kinds):
    return st.fixed_dictionaries({}, optional={kind.name: answers(kind) for kind in kinds})


@st.composite
def households(draw):
    people = [{"id": "p1", "role": "applicant", **draw(subject(packing.layout().person))}]
    if draw(st.booleans()):
        people.append({"id": "p2", "role": "partner", **draw(subject(packing.layout().person))})
    for number in range(draw(st.integers(0, 2))):
        people.append({"id": f"c{number}", "role": "child", **draw(subject(packing.layout().person))})
    return draw(subject(packing.layout().home)), draw(st.permutations(people))


def same(one, two):
    if one.names != two.names:
        return [one.names[place] for place in one.values] == [two.names[place] for place in two.values]
    masks = [
        (np.zeros(len(one.values), dtype=bool) if mask is None else mask) for mask in (one.missing, one.na, two.missing, two.na)
    ]
    known = ~(masks[0] | masks[1])
    return (
        np.array_equal(masks[0], masks[2])
        and np.array_equal(masks[1], masks[3])
        and np.array_equal(one.values[known] * two.scale, two.values[known] * one.scale)
        and (one.per is None) == (two.per is None)
        and (one.per is None or np.array_equal(one.per[known], two.per[known]))
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(households(), min_size=1, max_size=5))
def test_packed_columns_are_the_columns_of_the_households(found):
    rows = [packing.pack(home, people) for home, people in found]
    assert all(rows)
    ids = np.zeros((len(rows), 16), dtype=np.uint8)
    counts = np.array([len(people) for _home, people in found])
    packed = reading._from_packed(ids, counts, memoryview(b"".join(rows)), WANTED, ON).caseload
    plain = Caseload.from_households(
        [read_household({"id": "x", "household": home, "people": people}, catalogue(), ON) for home, people in found], catalogue()
    )
    for name in ("starts", "sizes", "roles", "applicant", "partner", "open"):
        assert np.array_equal(getattr(packed, name), getattr(plain, name)), name
    for level in ("home", "person"):
        for name, column in getattr(packed, level).items():
            other = getattr(plain, level)[name]
            if column.names and not (column.missing is None and column.na is None):
                known = ~((0 if column.missing is None else column.missing) | (0 if column.na is None else column.na)).astype(
                    bool
                )
                assert [column.names[place] for place in column.values[known]] == [
                    other.names[place] for place in other.values[known]
                ], name
            else:
                assert same(column, other), name


@pytest.mark.parametrize(
    ("home", "people"),
    [
        ({"savings": "99999999.00"}, [{"id": "a", "role": "applicant"}]),
        ({"savings": "0.001"}, [{"id": "a", "role": "applicant"}]),
        ({"local_authority": "x" * 41}, [{"id": "a", "role": "applicant"}]),
        ({"tenure": "castle"}, [{"id": "a", "role": "applicant"}]),
        ({"no_such_fact": "1"}, [{"id": "a", "role": "applicant"}]),
        ({}, [{"id": "a", "role": "child"}]),
        ({}, []),
    ],
)
def test_what_does_not_fit_is_not_packed(home, people):
    assert packing.pack(home, people) == b""


@pytest.mark.django_db
def test_records_without_packed_facts_are_read_from_their_json():
    make_record({"me.born_on": "1950-04-02", "household.savings": "99999999.00"})  # too much for a packed row
    make_record({"me.born_on": "1950-04-02", "household.savings": "12.00"})
    record, citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "13.00"})
    with acting_as(citizen):  # as if it were written under another catalogue
        TypedFacts.objects.filter(pk=record.pk).update(packed=b"12345678" + bytes(300))
    with acting_as(Actor.machine("test", caseload=True)):
        found = list(reading.parts(ON, ["household.savings", "person.born_on"]))
    assert sorted(value for part in found for value in part.caseload.home["savings"].values.tolist()) == [1200, 1300, 9999999900]
    assert len({row.tobytes() for part in found for row in part.ids}) == 3


@pytest.mark.django_db
def test_nobody_else_reads_the_caseload():
    make_record({"me.born_on": "1950-04-02"})
    with acting_as(Actor.machine("test")):
        assert list(reading.parts(ON, ["person.born_on"])) == []


@pytest.mark.django_db
def test_households_of_people_not_born_yet_are_left_out():
    make_record({"me.born_on": "2020-04-02"})
    with acting_as(Actor.machine("test", caseload=True)):
        [part] = reading.parts(dt.date(2019, 1, 1), ["person.born_on"])
    assert (len(part.caseload), len(part.left_out)) == (0, 1)


def test_the_layout_changes_with_the_catalogue():
    shape = packing.layout()
    kind = SimpleNamespace(code="household.new", type="boolean", choices=())
    assert packing.Layout((*shape.home, kind), shape.person).digest != shape.digest
