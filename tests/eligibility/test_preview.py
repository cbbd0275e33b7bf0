"""What a version would do: the same answers as one household at a time, for the whole caseload and for groups, on the day it holds from."""

import datetime as dt
from collections import Counter

import pytest

from consent.models import TypedFacts
from eligibility.actions import programmes as actions
from eligibility.actions.programmes import begin_draft
from eligibility.definition import Definition
from eligibility.drafting import with_limit_row
from eligibility.queries.catalogue import definition_of, in_force, rulebook_of
from eligibility.queries.preview import dimensions_for, preview, rules_of
from eligibility.queries.preview.certain import impossible
from eligibility.queries.preview.effects import COLUMNS, measured
from eligibility.rules import rulebook
from portal.kit.actor import Actor, acting_as
from tests.factories.consent import make_record
from tests.factories.eligibility import BLANKET, BLANKET_CASES, HEATING, actor_of, load, make_admin, make_agency, read_definition

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
OLD, YOUNG = "1950-04-02", "1970-04-02"


@pytest.fixture
def writer():
    return make_admin(make_agency("heat-office"))


@pytest.fixture
def versions():
    return load(read_definition(), read_definition(BLANKET, BLANKET_CASES))


def draft_of(version, membership, *, day="2026-11-21", value="20000", limit="savings_limit"):
    by = actor_of(membership)
    with acting_as(by):
        draft = begin_draft(by=by, version=version, at=NOW, note="Another limit")
        data = with_limit_row(version.definition, limit, {"from": day, "value": value, "law": "Heating Act 2026 s.9"})
        return actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=NOW)


def people(number, *, savings="15000.00", born=OLD, **facts):
    """So many households of one person."""
    known = {"me.born_on": born, "household.savings": savings, **{f"household.{name}": value for name, value in facts.items()}}
    for _person in range(number):
        make_record({name: value for name, value in known.items() if value is not None})


def near(count, true):
    """Within what rounding and noise make of it."""
    return count.number is not None and abs(count.number - true) <= 15


def exact(version, on=TODAY, **asked):
    """The comparison before anything is hidden."""
    found = measured(rules_of(version, on=on), on=on, chosen=asked.get("chosen", {}), split=asked.get("split"))
    return found, found.effects.get(version.programme.code)


def test_counts_gains_over_the_caseload_and_of_what_rests_on_the_programme(versions, writer):
    people(26)
    people(3, savings=None)
    draft = draft_of(versions[0], writer)
    found, own = exact(draft)
    assert (len(found), own.gains.sum(), own.loses.sum()) == (29, 26, 0)
    assert own.high[own.gains].tolist() == [24000] * 26
    report = preview(draft, on=TODAY)
    assert report.state == "shown" and near(report.size, 29) and near(report.own.gains, 26)
    assert report.own.loses.number == 0
    assert 22 * 240 <= report.own.cost.low.pounds <= 31 * 240
    assert [(line.id, [(move.before, move.after) for move in line.moves]) for line in report.own.deciders] == [
        ("savings", [("£10,000", "£20,000")])
    ]
    assert [item.code for item in report.others] == ["blanket_help"] and near(report.others[0].gains, 26)


def test_agrees_with_the_single_evaluation(versions, writer):
    for born, savings in [(OLD, "9999.99"), (YOUNG, "10.00"), (OLD, "10000.01"), ("1966-11-22", "0.00")] * 3:
        people(1, born=born, savings=savings)
    draft = draft_of(versions[0], writer)
    counts = []
    with acting_as(Actor.machine("test", caseload=True)):
        for book in (rulebook_of(in_force(TODAY)), rulebook({"heating_help": definition_of(draft)})):
            answers = [
                book.assess({"id": "x", "household": row.household, "people": row.people}, TODAY)["heating_help"].outcome
                for row in TypedFacts.objects.all()
            ]
            counts.append(Counter(answers))
    _found, own = exact(draft)
    names = {1: "likely", 0: "not_likely", -1: "unknown"}
    assert Counter(names[value] for value in own.was.tolist()) == counts[0] == Counter(likely=3, not_likely=9)
    assert Counter(names[value] for value in own.now.tolist()) == counts[1] == Counter(likely=6, not_likely=6)


def test_an_empty_caseload_says_so(versions, writer):
    report = preview(draft_of(versions[0], writer), on=TODAY)
    assert report.state == "empty" and report.own is None


def test_fewer_than_ten_households_say_nothing(versions, writer):
    people(9)
    report = preview(draft_of(versions[0], writer), on=TODAY)
    assert report.state == "few" and report.own is None


def test_nobody_changes_when_only_texts_do(versions, writer):
    people(30)
    by = actor_of(writer)
    with acting_as(by):
        draft = begin_draft(by=by, version=versions[0], at=NOW)
    report = preview(draft, on=TODAY)
    assert report.own.changes_nothing and not report.others and report.own.gains.number == 0


def test_where_nobody_changes_before_and_after_are_one_number(versions, writer):
    people(14, savings="10.00")
    people(13, born=YOUNG)
    report = preview(draft_of(versions[0], writer, day="2027-04-06", value="300", limit="rate"), on=TODAY)
    assert report.own.changes_nothing
    assert all(line.before == line.after for line in report.own.outcomes)


def test_a_first_version_counts_whoever_may_get_it(writer):
    from eligibility.actions.programmes import begin_programme

    make_agency("heat-office")
    people(30, savings="10.00")
    by = actor_of(writer)
    with acting_as(by):
        draft = begin_programme(by=by, definition=read_definition(), at=NOW)
    report = preview(draft, on=TODAY)
    assert report.is_first and near(report.own.gains, 30) and report.own.outcomes[0].before.number == 0


def test_an_uprating_to_come_counts_from_its_day(versions, writer):
    people(30, savings="10.00")
    draft = draft_of(versions[0], writer, day="2027-04-06", value="300", limit="rate")
    assert preview(draft, on=TODAY).own.changes_nothing
    report = preview(draft, on=dt.date(2027, 4, 6))
    assert near(report.own.more, 30) and report.own.gains.number == 0
    assert report.own.deciders[-1].id == "amount"
    assert [(move.before, move.after) for move in report.own.deciders[-1].moves] == [("£240 a year", "£300 a year")]
    assert {band.words: band.count.number is None for band in report.own.bands}["Up to £10 a month more"] is False


def test_missing_facts_make_the_cost_a_range(versions, writer):
    people(30)
    people(30, savings=None)
    own = exact(draft_of(versions[0], writer, value="300", limit="rate"))[1]
    assert own.becomes_known.sum() == 0
    report = preview(draft_of(versions[0], writer, value="300", limit="rate"), on=TODAY)
    # twenty may get £240 now and £300 then; none for sure
    assert report.own.cost.low.pounds == 0 or report.own.cost.low.is_hidden
    assert near(report.missing, 30)


@pytest.mark.parametrize(
    ("code", "option", "true"),
    [
        ("household-local_authority", "newham", 20),
        ("household-tenure", "no_home", 11),
        ("household", "alone", 44),
        ("children", "0", 44),
        ("person-born_on", "75", 44),
        ("household-savings", "16000", 44),
        ("household-savings", "unknown", 0),
        ("result-heating_help", "not_likely", 44),
        ("result-heating_help", "likely", 0),
        ("household-bedrooms", "4", 13),
    ],
)
def test_a_group_is_what_it_says(versions, writer, code, option, true):
    people(20, local_authority="newham")
    people(11, tenure="no_home", local_authority="barnet")
    people(13, bedrooms=9)
    draft = draft_of(versions[0], writer)
    dimension = dimensions_for(draft, on=TODAY, language="en")[code]
    found, _own = exact(draft, chosen={dimension: option})
    assert len(found) == true


def test_every_dimension_puts_every_household_into_one_option(versions, writer):
    people(12, local_authority="newham", tenure="no_home")
    people(2, born=None)
    draft = draft_of(versions[0], writer)
    for dimension in dimensions_for(draft, on=TODAY, language="en").values():
        found, _own = exact(draft, split=dimension)
        assert len(found.split) == 14 and set(found.split.tolist()) <= set(range(len(dimension.options))), dimension.code
        assert [str(words) for words in dimension.options.values()]


def test_a_table_shows_the_groups_that_are_large_enough(versions, writer):
    people(30, local_authority="newham")
    people(3, local_authority="hackney")
    draft = draft_of(versions[0], writer)
    split = dimensions_for(draft, on=TODAY, language="en")["household-tenure"]
    report = preview(draft, on=TODAY, split=split)
    assert [line.name for line in report.table] == ["Not known"] and near(report.table[0].gains, 33)
    assert report.table[0].loses.number == 0 and "Your savings" in report.table[0].decider
    places = dimensions_for(draft, on=TODAY, language="en")["household-local_authority"].options
    assert "newham" in places and "hackney" not in places


def test_crime_is_no_group_where_the_rule_does_not_see_it(versions, writer):
    found = dimensions_for(draft_of(versions[0], writer), on=TODAY, language="en")
    assert "person-disabled" in found and "person-leaving_prison_within_days" not in found


def test_a_part_of_the_caseload_stands_for_all(versions, writer, monkeypatch):
    from eligibility.queries import preview as package

    people(150)
    monkeypatch.setattr(package, "MOST", 100)
    report = preview(draft_of(versions[0], writer), on=TODAY)
    assert report.part < 100 and near(report.size, 150)
    assert report.own.loses.number == 0  # the formulas say so
    assert report.own.becomes_known.is_hidden and report.own.becomes_known.under > 10  # nobody of those read is not nobody


def test_nobody_is_said_only_where_the_formulas_leave_nobody(versions, writer):
    people(30, tenure="no_home")
    people(30, savings="30000.00", tenure="mortgage")
    draft = draft_of(versions[0], writer)
    tenure = dimensions_for(draft, on=TODAY, language="en")["household-tenure"]
    own = preview(draft, on=TODAY, chosen={tenure: "mortgage"}).own
    assert own.loses.number == 0 and own.gains.is_hidden
    lower = preview(draft_of(versions[0], writer, value="9000"), on=TODAY).own
    assert lower.gains.number == 0 and lower.loses.is_hidden and lower.more.number == lower.less.number == 0


@pytest.mark.parametrize(
    ("before", "after", "limit", "value", "nobody"),
    [
        ("", "", "savings_limit", "20000", {"loses", "more", "less"}),
        ("", "", "savings_limit", "9000", {"gains", "more", "less"}),
        ("", "", "rate", "300", {"gains", "loses", "becomes_known", "becomes_unknown", "less"}),
        ("", "", "rate", "200", {"gains", "loses", "becomes_known", "becomes_unknown", "more"}),
        ("household.savings <= limits.savings_limit", "household.savings < limits.savings_limit", "", "", set()),
        ("household.savings <= limits.savings_limit", "household.savings != limits.savings_limit", "savings_limit", "3", set()),
    ],
)
def test_what_the_formulas_leave_out(before, after, limit, value, nobody):
    assert before in HEATING
    old = read_definition().to_dict()
    new = read_definition(HEATING.replace(before, after)).to_dict() if before else old
    if limit:
        new = with_limit_row(new, limit, {"from": "2026-11-21", "value": value, "law": "s.9"})
    assert impossible(Definition.from_dict(old), Definition.from_dict(new), TODAY) == nobody
    assert impossible(Definition.from_dict(new), Definition.from_dict(new), TODAY) >= set(COLUMNS)
