"""Limits as people read them: columns with labels, bands as "from £192 a week", the rest as "anyone else", lengths of time with their unit."""

from datetime import date

import pytest

from eligibility.language.limits import Limit
from eligibility.language.tables import cells_words, columns_of, limit_words
from eligibility.language.wording import length
from eligibility.queries.presentation import limit_table

ON = date(2026, 11, 21)


def table(unit, by, *lines):
    return {"unit": unit, "label": "A limit", "by": by, "rows": [{"from": "2026-04-01", "law": "Act s.1", "table": list(lines)}]}


@pytest.fixture
def definition(make):
    return make(
        {
            "a": "limits.deduction[weekly_pay] > 0",
            "b": "limits.cap[household.region, not applies(partner)] > 0",
            "c": "any(limits.rate[p.role, p.age] > 0 for p in family)",
        },
        limits={
            "deduction": table(
                "GBP/week", {"pay": "GBP/week"}, {"pay": {"from": 0}, "value": "20.40"}, {"pay": {"from": 192}, "value": "46.85"}
            ),
            "cap": table(
                "GBP/year",
                {"region": "choice", "single": "yes/no"},
                {"region": ["london", "south_east"], "single": True, "value": 16967},
                {"region": "london", "value": 25323},
                {"single": True, "value": 14753},
                {"value": "none"},
            ),
            "rate": table(
                "GBP/week",
                {"who": "choice", "age": "years"},
                {"who": "partner", "age": {"from": 18}, "value": 1},
                {"value": 2},
            ),
        },
        worked_out={"weekly_pay": {"label": "Pay of the family a week", "is": "sum(per_week(p.earnings) for p in family)"}},
        translations={"cy": {"worked_out.weekly_pay.label": "Cyflog wythnosol"}},
    )


def read(definition, name, language="en"):
    found = limit_table(definition, definition.limits[name], ON, language)
    return found["columns"], [([str(cell) for cell in line["cells"]], line["value"]) for line in found["rows"][0]["lines"]]


def test_a_column_is_called_after_what_is_looked_up_in_it(definition):
    assert read(definition, "deduction") == (
        ["Pay of the family a week"],
        [(["from £0 a week"], "£20.40 a week"), (["from £192 a week"], "£46.85 a week")],
    )
    assert read(definition, "deduction", "cy") == (
        ["Cyflog wythnosol"],
        [(["o £0 yr wythnos"], "£20.40 yr wythnos"), (["o £192 yr wythnos"], "£46.85 yr wythnos")],
    )


def test_codes_are_told_as_labels_and_what_is_left_out_as_anyone_else(definition):
    assert read(definition, "cap") == (
        ["Region of England", "Single"],
        [
            (["London or South East", "yes"], "£16,967 a year"),
            (["London", "anyone else"], "£25,323 a year"),
            (["anyone else", "yes"], "£14,753 a year"),
            (["anyone else", "anyone else"], "no limit"),
        ],
    )
    columns, lines = read(definition, "rate")
    assert columns == ["Who", "Age"] and lines[0] == (["your partner", "from 18 years"], "£1 a week")


def test_a_column_that_no_line_names_is_for_everyone_and_without_a_rule_it_has_its_own_name(catalogue):
    limit = Limit.from_dict("x", table("number", {"some_home": "choice", "other": "number"}, {"some_home": "newham", "value": 1}))
    columns = columns_of(catalogue, limit)
    assert [column.label for column in columns] == ["Some home", "Other"]
    assert cells_words(columns, limit.rows[0]["table"][0], limit.rows[0]["table"]) == ["newham", "everyone"]


def test_councils_are_told_by_their_names(catalogue):
    limit = Limit.from_dict(
        "councils", {"unit": "choices", "rows": [{"from": "2026-04-01", "law": "x", "value": ["tower_hamlets", "newham"]}]}
    )
    value = limit.value_on(ON)
    assert limit_words(catalogue, limit, value, "en", {"household.local_authority"}) == "Newham or Tower Hamlets"


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1, "years", "1 year"),
        (16, "hours", "16 hours"),
        (11, "weeks", "11 weeks"),
        (9, "months", "9 months"),
        (780, "months", "65 years"),
        (793, "months", "66 years and 1 month"),
    ],
)
def test_a_length_of_time_has_its_unit(value, unit, words):
    assert length(value, unit) == words


def test_lengths_of_time_in_other_languages():
    assert length(793, "months", "cy") == "66 o flynyddoedd, 1 mis"
    assert length(16, "hours", "ar") == "الساعات: 16" and length(1, "days", "pl") == "1 day"
