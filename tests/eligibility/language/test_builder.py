"""Conditions as rows: every formula the builder accepts comes back as it was, and so does every group of rows."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility import registry
from eligibility.builder.rows import (
    COMPARISONS,
    MANY,
    MOST_DEEP,
    PERIODS,
    WHOSE,
    Group,
    Row,
    neat,
    rows_of,
    tree_from,
    with_added,
    with_item,
    with_wrapped,
)
from eligibility.language import RuleError, from_json, parse, to_json, to_text
from tests.eligibility.language.made import Maker

NAMES = st.sampled_from(["savings", "age", "role", "tenure", "x1"])
OPERANDS = st.sampled_from(["household.savings", "applicant.age", "partner.income", "children", "on", "per_week(household.rent)"])
NUMBERS = st.decimals(min_value=0, max_value=10**6, places=2).map(lambda number: format(number.normalize(), "f"))
CODES = st.sampled_from(["rent", "own", "london", "a_b"])


@st.composite
def rows(draw):
    kind = draw(st.sampled_from(["household", "person", "worked_out", "limit", "programme", "partner"]))
    if kind == "partner":
        return Row(fact="partner", test=draw(st.sampled_from(["applies", "applies_not"])))
    row = {
        "fact": f"{kind}.{draw(NAMES)}",
        "whose": draw(st.sampled_from(WHOSE)) if kind == "person" else "",
        "per": draw(st.sampled_from(["", *PERIODS])),
        "test": draw(st.sampled_from(["true", "false", "applies", "applies_not", *COMPARISONS])),
    }
    if row["whose"].startswith("count "):
        row["many"] = f"{draw(st.sampled_from(list(MANY)))} {draw(NUMBERS)}"
    if row["test"] not in COMPARISONS:
        return Row(**row)
    against = draw(st.sampled_from(["number", "money", "code", "codes", "date", "limit", "fact"]))
    if against == "number":
        return Row(**row, against=against, value=draw(NUMBERS))
    if against == "money":
        return Row(**row, against=f"money {draw(st.sampled_from(['once', *PERIODS]))}", value=draw(NUMBERS))
    if against == "code":
        return Row(**row, against=against, value=draw(CODES))
    if against == "codes":
        return Row(**row, against=against, value=", ".join(draw(st.lists(CODES, min_size=1, max_size=3))))
    if against == "date":
        return Row(**row, against=against, value=draw(st.dates()).isoformat())
    if against == "limit":
        return Row(**row, against=f"limit {draw(NAMES)}", keys=tuple(draw(st.lists(OPERANDS, max_size=2))))
    return Row(**row, against=f"fact {draw(OPERANDS)}")


def groups(deep):
    item = rows() if deep == 1 else st.one_of(rows(), groups(deep - 1))
    return st.builds(Group, st.sampled_from(["all", "any", "none"]), st.lists(item, min_size=1, max_size=4).map(tuple))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(groups(MOST_DEEP))
def test_rows_come_back_from_their_formula(group):
    tree = tree_from(group)
    assert rows_of(tree) == neat(group)
    assert tree_from(neat(group)) == tree
    assert rows_of(parse(to_text(tree))) == neat(group)
    assert rows_of(from_json(to_json(tree))) == neat(group)


@settings(max_examples=100, deadline=None)
@given(groups(MOST_DEEP))
def test_neat_groups_stay_as_they_are(group):
    assert neat(neat(group)) == neat(group)


def test_random_formulas_come_back_or_are_declared_beyond():
    accepted = 0
    for seed in range(3000):
        tree = parse(Maker(Random(seed)).yes(seed % 4))
        group = rows_of(tree)
        if group is not None:
            accepted += 1
            assert tree_from(group) == tree and neat(group) == group and group.deep <= MOST_DEEP
    assert 500 < accepted < 2900


def shipped():
    for code, definition in registry.load_all().items():
        own = [(item.id, item.when) for item in definition.criteria]
        local = [(f"{variant.id}.{item.id}", item.when) for variant in definition.variants for item in variant.criteria]
        for id_, tree in own + local:
            yield pytest.param(tree, id=f"{code}.{id_}")


BEYOND = {
    "round_nearest(saving, 0.01) > 0",
    "round_nearest(before_cap, 0.01) > 0",
    "any(p.may_study for p in family if p.claims)",
    "babies + young_children > 0",
    "programmes.pension_credit.likely and babies + young_children > 0",
    "household.savings <= limits.capital_limit or passport if pensioner else household.savings <= limits.local_capital_limit",
    "limits.personal_allowance < higher <= limits.highest[household.nation]",
    "'pension_credit' in limits.benefits and programmes.pension_credit.likely",
    "'universal_credit' in limits.benefits and programmes.universal_credit.likely",
    "'housing_benefit' in limits.benefits and programmes.housing_benefit.likely",
}


@pytest.mark.parametrize("tree", list(shipped()))
def test_each_shipped_condition_comes_back_or_is_known_to_say_more(tree):
    group = rows_of(tree)
    if group is None:
        assert " ".join(to_text(tree).split()) in BEYOND
    else:
        assert tree_from(group) == tree


@pytest.mark.parametrize(
    "text",
    [
        "1 < applicant.age < 5",
        "at_least(2, applicant.disabled, partner.disabled, children > 0)",
        "any(q.disabled for q in family)",
        "any(p.disabled for p in family if p.age < 5)",
        "any(p.disabled and p.pregnant for p in family)",
        "household.savings + 1 > 2",
        "per_week(household.council_tax, days=365) > 0",
        "programmes.universal_credit.amount > 0",
        "a and (b or (c and (d or e)))",
        "x if y else z",
        "True",
    ],
)
def test_a_formula_that_says_more_than_rows_is_beyond_the_builder(text):
    assert rows_of(parse(text)) is None


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("not applicant.in_education", Group("all", (Row("person.in_education", "applicant", test="false"),))),
        (
            "not (applicant.disabled or children > 0)",
            Group(
                "none",
                (Row("person.disabled", "applicant", test="true"), Row("worked_out.children", "", "", "more", "number", "0")),
            ),
        ),
        (
            "all(p.age < limits.youngest for p in family if p.role == 'child')",
            Group("all", (Row("person.age", "all family child", "", "less", "limit youngest"),)),
        ),
        ("not applies(partner)", Group("all", (Row("partner", test="applies_not"),))),
    ],
)
def test_what_rows_a_formula_becomes(text, group):
    assert rows_of(parse(text)) == group


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (Row(test="true"), "fact"),
        (Row("household.savings"), "test"),
        (Row("household.savings", test="at_most"), "against"),
        (Row("household.savings", test="at_most", against="money once", value="much"), "value"),
        (Row("household.savings", test="at_most", against="money once", value="-1"), "value"),
        (Row("person.age", test="at_most", against="number", value="1"), "whose"),
        (Row("household.savings", "any family", test="true"), "whose"),
        (Row("household.moved_on", test="less", against="date", value="2026-02-30"), "value"),
        (Row("household.tenure", test="is", against="code", value="a, b"), "value"),
        (Row("partner", test="at_most"), "test"),
    ],
)
def test_what_is_missing_in_a_row_is_said_at_its_field(row, field):
    with pytest.raises(RuleError) as problem:
        tree_from(Group("all", (row,)))
    assert problem.value.where == field


def test_a_sum_may_be_typed_as_people_write_it():
    row = Row("household.savings", test="at_most", against="money once", value="£16,000.50")
    assert to_text(tree_from(Group("all", (row,)))) == "household.savings <= pounds(16000.5)"


def test_rows_and_groups_can_be_added_wrapped_and_taken_out():
    one, two = Row("household.a", test="true"), Row("household.b", test="true")
    group = with_added(Group("all", (one,)), (), two)
    assert group == Group("all", (one, two))
    wrapped = with_wrapped(group, (1,))
    assert wrapped == Group("all", (one, Group("any", (two,))))
    assert with_added(wrapped, (1,), one) == Group("all", (one, Group("any", (two, one))))
    assert with_item(wrapped, (1, 0), None) == Group("all", (one,)), "an empty group goes with its last row"
    assert with_wrapped(group, ()) == Group("any", (group,))


def test_a_row_can_count_people():
    text = "count(p for p in family if p.role == 'child' and p.age < 4) >= 2"
    row = Row(fact="person.age", whose="count family child", test="less", against="number", value="4", many="at_least 2")
    assert rows_of(parse(text)) == Group("all", (row,))
    assert to_text(tree_from(Group("all", (row,)))) == text
    assert rows_of(parse("count(p for p in family) >= 2")) is None  # counts everybody: says no test
    assert rows_of(parse("count(p for p in family if p.age < 4) > 2")) is None
    with pytest.raises(RuleError, match="Enter a value") as problem:
        tree_from(Group("all", (Row(**{**vars(row), "many": "at_least "}),)))
    assert problem.value.where == "many"
