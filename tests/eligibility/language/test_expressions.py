"""What an expression may say, how it is refused, and that text and JSON are two notations of one tree."""

from datetime import date
from decimal import Decimal

import pytest

from eligibility.engine.compile import Compiler
from eligibility.engine.runtime import Env
from eligibility.interchange import read_household
from eligibility.language import RuleError, from_json, parse, to_json, to_text
from eligibility.language.limits import Limit
from eligibility.language.parser import tree_of
from eligibility.language.scope import Scope
from eligibility.language.tree import node_id
from eligibility.language.typed import WorkedOut
from eligibility.language.values import Unknown

ON = date(2026, 11, 21)
LIMITS = {
    "savings_limit": {"unit": "GBP", "rows": [{"from": "2013-04-29", "value": 16000, "law": "UC Regs 2013 reg 18"}]},
    "allowance": {
        "unit": "GBP/month",
        "rows": [{"from": "2025-04-01", "value": "411.00", "law": "x"}, {"from": "2026-04-01", "value": "427.00", "law": "x"}],
    },
    "future": {"unit": "number", "rows": [{"from": "2030-01-01", "value": 1, "law": "x"}]},
    "most": {
        "unit": "number",
        "rows": [{"from": "2020-01-01", "value": 2, "law": "x"}, {"from": "2026-04-06", "value": "none", "law": "x"}],
    },
    "deduction": {
        "unit": "GBP/week",
        "by": {"income": "GBP/week"},
        "rows": [
            {
                "from": "2026-04-01",
                "law": "x",
                "table": [{"income": {"from": 0}, "value": "20.40"}, {"income": {"from": 192}, "value": "46.85"}],
            }
        ],
    },
    "cap": {
        "unit": "GBP/year",
        "by": {"region": "choice", "single": "yes/no"},
        "rows": [
            {
                "from": "2025-04-01",
                "law": "x",
                "table": [
                    {"region": "london", "single": True, "value": 16967},
                    {"region": "london", "single": False, "value": 25323},
                    {"single": True, "value": 14753},
                    {"single": False, "value": 22020},
                ],
            }
        ],
    },
}
WORKED = {"taper": "0.55 * 2", "kids": "count(p for p in family if p.role == 'child' and p.age < 16)"}


def scope_for(catalogue, worked=WORKED, programmes=None):
    limits = {name: Limit.from_dict(name, data) for name, data in LIMITS.items()}
    items = {name: WorkedOut(name, parse(text)) for name, text in worked.items()}
    items["weekly"] = WorkedOut("weekly", parse("per_week(person.earnings) + per_week(person.state_pension)"), True)
    return Scope(catalogue, limits, items, programmes)


HOME = {
    "id": "h",
    "household": {
        "nation": "england",
        "region": "london",
        "tenure": "private_rent",
        "rent": {"amount": "950.00", "per": "month"},
        "council_tax": {"amount": "1500.00", "per": "year"},
        "savings": "1200.00",
        "threatened_with_homelessness_within_days": None,
    },
    "people": [
        {
            "id": "p1",
            "role": "applicant",
            "born_on": "1990-04-02",
            "sex": "female",
            "earnings": {"amount": "1200.00", "per": "month"},
            "state_pension": None,
            "pip_daily_living": "none",
            "disabled": False,
        },
        {"id": "p2", "role": "child", "born_on": "2019-01-30"},
        {"id": "p3", "role": "child", "born_on": "2008-02-29"},
        {
            "id": "p4",
            "role": "other_adult",
            "born_on": "1960-05-01",
            "earnings": {"amount": "200.00", "per": "week"},
            "state_pension": None,
        },
    ],
}


@pytest.fixture
def value(catalogue):
    def evaluate(text, data=HOME, on=ON, programmes=None):
        scope = scope_for(catalogue)
        typed = scope.check(parse(text))
        return Compiler(scope, on).compile(typed)(Env(read_household(data, catalogue, on), on, programmes or {}))

    return evaluate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("household.savings <= limits.savings_limit", True),
        ("household.savings > pounds(1200)", False),
        ("household.tenure in ['private_rent', 'council_rent']", True),
        ("not household.tenure == 'mortgage' and applicant.age >= 25", True),
        ("18 <= applicant.age < 36", False),
        ("applicant.age == 36", True),
        ("at_least(2, applicant.disabled, household.nation == 'england', applicant.sex == 'female')", True),
        ("kids", 1),
        ("count(p for p in household)", 4),
        ("any(p.age < 8 for p in family)", True),
        ("all(p.age < 18 for p in family if p.role == 'child')", False),
        ("none(p.age > 66 for p in household)", True),
        ("all(p.disabled for p in household if p.age > 90)", True),
        ("sum(p.weekly for p in household if p.role == 'other_adult')", 20000),
        ("limits.deduction[sum(p.weekly for p in household if p.role == 'other_adult')]", 4685),
        ("limits.deduction[pounds(191.99, 'week')]", 2040),
        ("limits.cap[household.region, not applies(partner)]", 1696700),
        ("limits.cap['south_east', applies(partner)]", 2202000),
        ("per_month(household.rent)", 95000),
        ("per_year(per_week(household.rent)) == per_year(household.rent)", True),
        ("round_down(per_week(household.council_tax), 0.01)", 2884),
        ("round_up(per_week(household.council_tax, days=365), 0.01)", 2877),
        ("round_nearest(pounds(0.125), 0.01)", 13),
        ("round_up((pounds(6001) - pounds(6000)) / pounds(250), 1)", 1),
        ("max(0, pounds(3) - pounds(5))", 0),
        ("min(3, limits.most)", 3),
        ("applies(limits.most)", False),
        ("applies(partner)", False),
        ("partner.age >= 0", False),
        ("not partner.age < 66", True),
        ("partner.disabled", False),
        ("per_month(partner.earnings)", 0),
        ("applies(household.threatened_with_homelessness_within_days)", False),
        ("household.threatened_with_homelessness_within_days <= 56", False),
        ("limits.allowance if kids > 0 else 0", 42700),
        ("date('2004-02-29') + years(18)", date(2022, 2, 28)),
        ("date('2026-01-31') + months(1)", date(2026, 2, 28)),
        ("on - weeks(11)", date(2026, 9, 5)),
        ("days_between(on, date('2026-12-01'))", 10),
        ("age_on(applicant.born_on, date('2026-04-01'))", 35),
        ("min(p.born_on for p in family)", date(1990, 4, 2)),
        ("any(p.born_on == min(q.born_on for q in family if q.role == 'child') and p.age > 17 for p in family)", True),
        (
            "count(p for p in family if p.role == 'child' and count(q for q in family if q.role == 'child' and q.born_on < p.born_on) == 0)",
            1,
        ),
        ("max(p.age for p in household if p.age > 100)", None),
        ("1 / (kids - kids)", None),
        ("household.savings / (kids + 2) * 3", 120000),
    ],
)
def test_values(value, text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("household.bedrooms > 1", {"household.bedrooms"}),
        ("household.bedrooms > 1 and household.savings > pounds(1)", {"household.bedrooms"}),
        (
            "sum(per_week(p.private_pension) for p in household) < pounds(5, 'week')",
            {f"people.p{n}.private_pension" for n in range(1, 5)},
        ),
        ("limits.future > 1", {"limits.future"}),
        ("programmes.universal_credit.likely", {"programmes.universal_credit"}),
        ("any(p.disabled for p in family)", {"people.p2.disabled", "people.p3.disabled"}),
    ],
)
def test_unknown_names_what_is_missing(value, text, missing):
    found = value(text)
    assert isinstance(found, Unknown)
    assert found.missing == missing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("household.bedrooms > 1 and household.savings > pounds(5000)", False),
        ("household.bedrooms > 1 or household.savings < pounds(5000)", True),
        ("per_month(applicant.earnings) + per_month(applicant.private_pension) > pounds(1199, 'month')", True),
        ("max(pounds(7), household.savings) >= pounds(7)", True),
        ("any(p.disabled or p.age > 60 for p in household)", True),
        ("count(p for p in household if p.disabled) < 5", True),
        ("household.bedrooms < 0", False),
        ("household.savings > pounds(5) if household.bedrooms > 1 else household.savings > pounds(6)", True),
    ],
)
def test_what_is_missing_does_not_matter_where_it_cannot_change_the_answer(value, text, expected):
    assert value(text) is expected


def test_limits_follow_the_date(value):
    assert value("limits.allowance", on=date(2026, 3, 31)) == 41100
    assert value("limits.allowance", on=date(2026, 4, 1)) == 42700
    assert value("applies(limits.most)", on=date(2026, 4, 5)) is True


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("household.savngs < 3", "Did you mean “savings”"),
        ("per_week(household.rent) < limits.allowance", "money per month; it cannot be compared with money per week"),
        ("per_week(household.rent) + limits.allowance", "do not go together"),
        ("household.rent > 0", "say which you want|compare it as"),
        ("household.tenure == 'rented'", "“rented” is not one of its answers"),
        ("household.tenure < 'mortgage'", "only == and != are possible"),
        ("household.savings * household.savings", "Money times money"),
        ("household.savings and True", "A yes or no is needed"),
        ("applicant.age + household.savings", "do not go together"),
        ("applicant.born_on + 66", "A number or money is needed"),
        ("years(66) + applicant.born_on", "write the date first"),
        ("limits.deduction", "is a table"),
        ("limits.savings_limit[3]", "is no table"),
        ("limits.deduction[3]", "is money per week"),
        ("weekly > 3", "say whose"),
        ("family > 3", "is a group of people"),
        ("applicant > 3", "is a person"),
        ("round_down(household.savings, applicant.age)", "The unit to round to"),
        ("household.savings ** 2", r"Only \+ - \* /"),
        ("household.savings = 3", "two equals signs"),
        ("(household.savings", "bracket"),
        ("household.savings & True", "not part of the rule language|Only"),
        ("open('x')", "is not a function"),
        ("applicant.__class__", "There is no fact about a person"),
        ("().__class__", "not a name that can be used here"),
        ("[x for x in household]", "is not part of the rule language"),
        ("sum(p.age for p in household for q in family)", "Write one"),
        ("any(any(p.disabled for p in family) for p in family)", "use another letter"),
        ("applicant.age > 1e3", "Write numbers plainly"),
        ("household.savings > 0 # ha", "Remarks"),
        ("f'{household}'", "is not part of the rule language"),
        ("kids if 3 else kids", "A yes or no is needed"),
        ("programmes.uc", "Say programmes"),
        ("", "no formula"),
        ("(" * 300 + "1" + ")" * 300, "."),
        (" and ".join(["True"] * 2000), "has 17995 characters; it can have 4000"),
    ],
)
def test_mistakes_are_told_in_words_with_the_place(catalogue, text, words):
    with pytest.raises(RuleError, match=words):
        scope_for(catalogue).check(parse(text))


def test_the_place_is_the_place(catalogue):
    text = "household.savings < pounds(3)\n  and applicant.agee > 3"
    with pytest.raises(RuleError) as caught:
        scope_for(catalogue).check(parse(text))
    error = caught.value
    assert (error.line, error.column, error.length) == (2, 7, len("applicant.agee"))


def test_circles_are_refused(catalogue):
    scope = scope_for(catalogue, {"one": "two + 1", "two": "one + 1"})
    with pytest.raises(RuleError, match="circle: one → two → one"):
        scope.check(parse("one > 3"))


@pytest.mark.parametrize(
    "text",
    [
        "not (a and b) or (not c) == d",
        "(1 + 2) * 3 - (4 - 5)",
        "-(-a)",
        "-(a * b)",
        "(a if b else c) if d else e",
        "a - (b + c) / (d * e) / f",
        "(a and b) and c",
        "a < b < c",
        "(a < b) < c",
        "sum((a if b else c) for p in family if (p.disabled or x))",
        "per_week(household.rent, days=365)",
        "pounds(4.35, 'month') + pounds(0.10)",
        "limits.t[a, 'b', True] in ['x', 'y']",
    ],
)
def test_text_and_json_are_two_notations_of_one_tree(text):
    tree = parse(text)
    assert parse(to_text(tree)) == tree
    assert from_json(to_json(tree)) == tree
    assert node_id(parse(to_text(tree))) == node_id(tree)


def test_a_part_keeps_its_id_when_the_rest_is_edited():
    before, after = parse("a > 3 and b"), parse("c or (a > 3 and not b)")
    assert node_id(before.parts[0]) == node_id(after.parts[1].parts[0])


@pytest.mark.parametrize(
    "data",
    [
        {"op": "get", "of": "household", "name": "x; import os"},
        {"op": "text", "value": "it's"},
        {"op": "number", "value": "1e9"},
        {"op": "number", "value": "007"},
        {"op": "call", "name": "eval", "parts": [{"op": "on"}]},
        {"op": "not"},
        {"op": "exec"},
        {"op": "number", "value": "1", "extra": 1},
        {"op": "people", "how": "any", "group": "everybody", "name": "p", "parts": [{"op": "on"}, {"op": "on"}]},
        [],
    ],
)
def test_json_that_no_text_could_give_is_refused(data):
    with pytest.raises(RuleError):
        tree_of(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"unit": "EUR", "rows": []}, "not a unit"),
        ({"unit": "GBP", "rows": []}, "at least one row"),
        ({"unit": "GBP", "rows": [{"from": "2026-04-01", "value": 1}]}, "names no law"),
        ({"unit": "GBP", "rows": [{"from": "2026-13-01", "value": 1, "law": "x"}]}, "not a date"),
        ({"unit": "GBP", "rows": [{"from": "2026-04-01", "value": "many", "law": "x"}]}, "not a value with the unit GBP"),
        ({"unit": "GBP", "rows": [{"from": "2026-04-01", "value": 1, "law": "x"}] * 2}, "same day"),
        ({"unit": "yes/no", "rows": [{"from": "2026-04-01", "value": 1, "law": "x"}]}, "not a value"),
        (
            {"unit": "GBP", "by": {"a": "years"}, "rows": [{"from": "2026-04-01", "table": [{"b": 1, "value": 1}], "law": "x"}]},
            "no column “b”",
        ),
    ],
)
def test_limits_are_checked(data, words):
    with pytest.raises(RuleError, match=words):
        Limit.from_dict("x", data)


def test_a_limit_is_read_exactly():
    limit = Limit.from_dict("x", {"unit": "GBP", "rows": [{"from": date(2026, 4, 1), "value": Decimal("0.10"), "law": "x"}]})
    assert limit.value_on(date(2026, 4, 1)) == 10
    assert Limit.from_dict("x", limit.to_dict()) == limit
    with pytest.raises(LookupError):
        limit.value_on(date(2026, 3, 31))
