"""Limits as people read them: columns with labels, bands as "from £192 a week", the rest as "anyone else", lengths of time with their unit."""

from datetime import date
from itertools import product

import pytest

from consent import facts
from eligibility import registry
from eligibility.language import RuleError, catalogue_from
from eligibility.language.codes import fact_of
from eligibility.language.limits import Limit
from eligibility.language.tables import cells_words, columns_of, facts_named, limit_words
from eligibility.language.wording import length
from eligibility.queries.presentation import limit_table
from eligibility.rules import shared_of, with_shared

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


def benefits(words):
    rows = [{"from": "2026-04-01", "law": "x", "value": ["esa_income", "higher"]}]
    return Limit.from_dict("benefits", {"unit": "choices", "rows": rows, "words": words})


def test_codes_that_are_no_answers_of_a_fact_have_words_of_their_own(catalogue):
    limit = benefits({"esa_income": {"en": "income-related ESA", "cy": "ESA ar incwm"}})
    value = limit.value_on(ON)
    assert limit_words(catalogue, limit, value, "en", {"person.dla_care"}) == "income-related ESA or Higher rate"
    assert limit_words(catalogue, limit, value, "cy", {"person.dla_care"}) == "ESA ar incwm neu Cyfradd uwch"
    assert limit_words(catalogue, limit, value, "ar", {"person.dla_care"}).startswith("income-related ESA")
    assert Limit.from_dict("benefits", limit.to_dict()) == limit


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({"esa": {"en": "ESA"}}, "no code “esa”"),
        ({"esa_income": "ESA"}, "Words are written"),
        ({"esa_income": {"cy": "ESA"}}, "Words are written"),
        (["esa_income"], "Words are written"),
    ],
)
def test_words_of_codes_that_are_not_there_or_not_written_as_words_are_refused(words, problem):
    with pytest.raises(RuleError, match=problem):
        benefits(words)


def test_no_shipped_limit_shows_a_bare_code_in_any_language():
    kinds, seen = catalogue_from(facts.catalogue()), 0
    for whole in registry.load_all().values():
        definition = with_shared(whole, shared_of(whole))
        for plan in (definition, *map(definition.with_variant, definition.variants)):
            for limit in plan.limits.values():
                if limit.name == "councils":  # places have one name in every language
                    continue
                for codes in filter(None, (limit.codes(), limit.keys())):
                    told = fact_of(kinds, codes - set(limit.words), facts_named(plan))
                    for code, language in product(codes, ("en", "ar", "cy")):
                        labels = limit.words.get(code) or (told.choice_labels.get(code, {}) if told else {})
                        assert labels.get(language), (definition.code, limit.name, code, language)
                        seen += 1
    assert seen > 300
