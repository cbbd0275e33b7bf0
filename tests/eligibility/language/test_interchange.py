"""Households as JSON: every wrong thing is told, the other lines go on, and what is written can be read again."""

import json
from datetime import date

import pytest

from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.interchange import InterchangeError, determine_lines, parse_line, write_household

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
        (changed(savings="lots"), "is not a number"),
        (changed(savings="1e400"), "not possible|more money"),
        (changed(savings="NaN"), "not possible"),
        (
            json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant", "born_on": "2027-01-01"}]}),
            "was born on this day|is after",
        ),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant", "born_on": None}]}), "always applies"),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant", "born_on": "1990-02-30"}]}), "a date is written"),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "king"}]}), "role should be one of"),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "applicant"}] * 2}), "there twice.*only one applicant"),
        (json.dumps({**GOOD, "people": [{"id": "p1", "role": "child"}]}), "nobody is the applicant"),
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
