"""Households as JSON: every wrong thing is told, the other lines go on, and what is written can be read again."""

import json
from datetime import date

import pytest

from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.interchange import InterchangeError, determine_lines, parse_line, read_household, write_household

ON = date(2026, 11, 21)
GOOD = {
    "id": "h1",
    "household": {
        "nation": "england",
        "rent": {"amount": "950.00", "per": "month"},
        "savings": "1200.00",
        "bedrooms": 2,
        "local_authority": "newham",
    },
    "people": [
        {"id": "p1", "role": "applicant", "born_on": "1990-04-02", "hours_worked_weekly": 20.5, "disabled": None},
        {"id": "p2", "role": "child", "born_on": "2019-01-30"},
    ],
}


def changed(**household):
    return json.dumps({**GOOD, "household": {**GOOD["household"], **household}})


def test_a_household_comes_back_as_it_was_written(catalogue):
    household = parse_line(json.dumps(GOOD), catalogue, ON)
    again = write_household(household, catalogue)
    assert again == {**GOOD, "people": [{**GOOD["people"][0], "hours_worked_weekly": "20.5"}, GOOD["people"][1]]}
    assert write_household(parse_line(json.dumps(again), catalogue, ON), catalogue) == again


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not JSON"),
        ('{"id": "a", "id": "b"}', "there twice"),
        ("[]", "is an object"),
        (changed(colour="red"), "household.colour: the catalogue has no such fact"),
        (changed(nation="atlantis"), "household.nation: this should be one of england"),
        (changed(bedrooms="2"), "household.bedrooms: this should be a whole number"),
        (changed(bedrooms=-1), "cannot be less than 0"),
        (changed(bedrooms=True), "whole number"),
        (changed(rent="950.00"), "money that comes regularly is written"),
        (changed(rent={"amount": "950.00", "per": "day"}), "per should be one of"),
        (changed(rent={"amount": "-1", "per": "week"}), "cannot be negative"),
        (changed(savings="12.345"), "at most two digits"),
        (changed(savings="lots"), '"lots" is not a number; write digits'),
        (changed(savings="1,200.00"), "write digits and a point only, like 1200.00"),
        (changed(savings="£1200"), '"£1200" is not a number'),
        (changed(savings="1_200"), "is not a number"),
        (changed(savings="1e5"), "is not a number"),
        (changed(savings="NaN"), "is not a number"),
        (changed(savings=True), "this should be a number, not true"),
        (changed(savings="100000000.01"), "more money than is possible; the most is 100000000"),
        (changed(bedrooms=2.5), "a whole number, not 2.5"),
        (changed(bedrooms=31), "cannot be more than 30; it is 31"),
        (changed(nation=["england"]), "this should be one of england"),
        (changed(local_authority="Newham Council"), "a council’s code is written like “newham”, not “Newham Council”"),
        (changed(local_authority="two\nlines"), "a text of one line"),
        (changed(born_on="1990-01-01"), "no such fact; born_on belongs to a person"),
        (changed(saving="1.00"), "no such fact; did you mean savings"),
        (json.dumps({**GOOD, "household": None}), 'household: this should be an object like {"nation": "england"}, not null'),
        (json.dumps({**GOOD, "people": None}), "people: this should be a list"),
        (json.dumps({**GOOD, "people": ["p1"]}), 'people 1: this should be an object .*, not "p1"'),
        (json.dumps({**GOOD, "people": [{"id": "p 1", "role": "applicant"}]}), 'like "p1", not "p 1"'),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant", "pregnant": "yes"}]}), 'true or false, not "yes"'),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant", "born_on": "19900402"}]}), "a date is written"),
        (json.dumps({**GOOD, "people_complete": "no"}), 'people_complete: this should be true or false, not "no"'),
        (json.dumps({**GOOD, "id": 5}), "id: this should be a text of one line, .* not 5"),
        (json.dumps({**GOOD, "id": "half \ud800"}), r"not \"half \\ud800\""),
        ('{"id": "a", "household": {"savings": NaN}}', "NaN is no number in JSON; leave out"),
        ('{"id": "a", "household": {"bedrooms": ' + "9" * 5000 + "}}", "has more than 20 digits"),
        ('{"id": "a", "household": {"savings": 1e400}}', "this number is not possible"),
        ('{"id": "a", "household": ' + "[" * 100_000, "too many brackets"),
        (b'{"id": "caf\xe9"}', "not UTF-8"),
        ("null", "A household is an object"),
        (
            json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant", "born_on": "2027-01-01"}]}),
            "nobody who lives on 2026-11-21 was born on 2027-01-01",
        ),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant", "born_on": None}]}), "always applies"),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant", "born_on": "1990-02-30"}]}), "a date is written"),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "king"}]}), "role should be one of"),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant"}] * 2}), "there twice.*only one applicant"),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "child"}]}), 'nobody is the applicant; give the role "applicant"'),
        (json.dumps({**GOOD, "extra": 1}), "extra: unknown"),
    ],
)
def test_what_cannot_be_is_told(catalogue, line, problem):
    with pytest.raises(InterchangeError, match=problem):
        parse_line(line, catalogue, ON)


def test_all_problems_of_a_line_are_told_at_once(catalogue):
    with pytest.raises(InterchangeError) as caught:
        parse_line(changed(nation="x", bedrooms="y", colour="z"), catalogue, ON)
    assert len(caught.value.problems) == 3
    assert caught.value.id == "h1"


def test_without_people_it_is_not_known_who_lives_there(catalogue):
    assert parse_line('{"id": "h", "household": {}}', catalogue, ON).open
    assert not parse_line('{"id": "h", "people": []}', catalogue, ON).open


def test_what_is_told_of_everybody_holds_where_nothing_else_is_told(catalogue):
    data = {
        "id": "h",
        "everybody": {"dla_care": "none", "disabled": None},
        "people": [{"id": "p1", "role": "applicant"}, {"id": "c1", "role": "child", "dla_care": "higher", "disabled": True}],
    }
    home = read_household(data, catalogue, ON)
    assert [person.facts for person in home.people] == [
        {"dla_care": "none", "disabled": None},
        {"dla_care": "higher", "disabled": True},
    ]
    for wrong, problem in (
        ({"dla_care": "some"}, "everybody.dla_care: this should be one of"),
        ({"savings": "1"}, "everybody.savings: the catalogue has no such fact"),
        (["dla_care"], "everybody: this should be an object"),
    ):
        with pytest.raises(InterchangeError, match=problem):
            read_household({**data, "everybody": wrong}, catalogue, ON)


def test_a_plain_child_costs_universal_credit_no_range(store, catalogue):
    """One statement about everybody, and the amount is one figure; without it, it stays a range that names what is missing."""
    book = Rulebook(registry.load_all(), store, catalogue)
    nothing = dict.fromkeys(["take_home_pay", "self_employment", "state_pension", "private_pension", "childcare_costs"])
    no = dict.fromkeys(
        ["cared_for_gets_disability_benefit", "in_education", "limited_capability_for_work_related_activity"], False
    )
    applicant = {"id": "p1", "role": "applicant", "born_on": "1990-04-02", "caring_hours_weekly": 0, **nothing, **no}
    data = {
        "id": "h",
        "household": {"nation": "england", "region": "london", "tenure": "owned_outright", "savings": "100.00"},
        "people": [applicant, {"id": "c1", "role": "child", "born_on": "2019-01-30"}],
    }
    rates = dict.fromkeys(["dla_care", "dla_mobility", "pip_daily_living", "pip_mobility", "attendance_allowance"], "none")
    lines = [json.dumps(data), json.dumps({**data, "id": "e", "everybody": rates})]
    before, after = (line["programmes"]["universal_credit"] for line in determine_lines(lines, book, ON, ["universal_credit"]))
    assert "amount" not in before and {"people.c1.dla_care", "people.c1.dla_mobility"} <= set(before["missing"])
    assert after["amount"] == {"amount": "728.84", "per": "month"} and after["missing"] == []  # 424.90 and 303.94


def test_lines_with_mistakes_do_not_stop_the_others(catalogue, store):
    book = Rulebook(registry.load_all(), store, catalogue)
    lines = [json.dumps(GOOD), "", "nonsense", changed(nation="x"), json.dumps({**GOOD, "id": "h2"})]
    results = list(determine_lines(lines, book, ON, ["winter_fuel_payment"]))
    assert [item.get("id") for item in results] == ["h1", None, "h1", "h2"]
    assert [item.get("line") for item in results] == [None, 3, 4, None]
    assert results[0]["programmes"]["winter_fuel_payment"] == {
        "version": 1,
        "outcome": "not_likely",
        "missing": [],
        "criteria": [
            {"id": "age", "result": "not_met"},
            {"id": "nation", "result": "met"},
            {"id": "benefit", "result": "met"},
            {"id": "income", "result": "unknown"},
        ],
    }


def test_numbers_may_be_written_in_each_of_the_ways_json_has(catalogue):
    home = parse_line(changed(bedrooms=2.0, savings=1200.5, rent={"amount": 950, "per": "month"}), catalogue, ON)
    assert home.facts["bedrooms"] == 2
    assert home.facts["savings"] == 120050
    assert home.facts["rent"].amount == 95000


def test_a_mark_before_the_first_line_and_ends_of_lines_do_not_matter(catalogue, store):
    book = Rulebook(registry.load_all(), store, catalogue)
    one, two = json.dumps(GOOD), json.dumps({**GOOD, "id": "h2"})
    texts = ["\ufeff" + one + "\r\n", "\r\n", two]
    for lines in (texts, [text.encode() for text in texts]):
        assert [item["id"] for item in determine_lines(lines, book, ON, ["winter_fuel_payment"])] == ["h1", "h2"]


def test_a_household_without_an_id_is_called_by_its_line(catalogue, store):
    book = Rulebook(registry.load_all(), store, catalogue)
    results = determine_lines(["", '{"household": {}}'], book, ON, ["winter_fuel_payment"])
    assert [item["id"] for item in results] == ["line-2"]


def test_an_id_that_is_there_twice_is_remarked_and_still_answered(catalogue, store):
    book = Rulebook(registry.load_all(), store, catalogue)
    told = []
    results = list(determine_lines([json.dumps(GOOD)] * 2, book, ON, ["winter_fuel_payment"], told.append))
    assert [item["id"] for item in results] == ["h1", "h1"]
    assert told == ["line 2: the id h1 is that of line 1 too; results come in the order of the lines"]


def test_what_no_rule_foresaw_does_not_stop_the_others(catalogue):
    class Broken:
        def __init__(self):
            self.catalogue = catalogue

        def assess(self, household, on, codes):
            if household.id == "h1":
                raise OverflowError("date value out of range")
            return {}

    first, second = determine_lines([json.dumps(GOOD), json.dumps({**GOOD, "id": "h2"})], Broken(), ON)
    assert first["id"] == "h1"
    assert "could not be worked out for 2026-11-21 (OverflowError: date value out of range)" in first["errors"][0]
    assert second == {"id": "h2", "on": "2026-11-21", "programmes": {}}


def test_a_limited_household_has_its_children_eldest_first(catalogue):
    people = [
        {"id": "p1", "role": "applicant"},
        {"id": "young", "role": "child", "born_on": "2021-01-01"},
        {"id": "other", "role": "other_adult"},
        {"id": "old", "role": "child", "born_on": "2015-01-01"},
    ]
    home = parse_line(json.dumps({"id": "h", "people": people}), catalogue, ON)
    kept = write_household(home, catalogue, frozenset())
    assert [person["id"] for person in kept["people"]] == ["p1", "old", "other", "young"]
    assert all("born_on" not in person for person in kept["people"])
    assert [person["id"] for person in write_household(home, catalogue)["people"]] == ["p1", "young", "other", "old"]
