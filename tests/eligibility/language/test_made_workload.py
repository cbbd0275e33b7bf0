"""The workload of the engine's benchmark is what docs/benchmarks.md says, and all who decide it here agree: it cannot rot unseen."""

import importlib.util
from collections import Counter

import numpy as np
import pytest

from eligibility.batch import OUTCOMES, run_batch, what_if
from eligibility.interchange import read_household
from tests.bench.engines import numpy_by_hand, plain, postgres, workload

STATUS = {name: number for number, name in OUTCOMES.items()}
BOOK = workload.rulebook()
NOW = BOOK.on(workload.ON)
FACTS = workload.draw(4_000)


def depth(typed):
    """How deep and, or and not are nested."""
    inner = max((depth(part) for part in typed.parts), default=0)
    return inner + (typed.op in ("and", "or", "not"))


def test_eight_programmes_have_72_criteria_over_25_facts():
    kinds = Counter(fact.type for fact in workload.catalogue().values())
    assert kinds["amount"] + kinds["integer"] == 12 and kinds["boolean"] == 7 and kinds["choice"] == 6
    counts = [len(item.criteria) for item in BOOK.definitions.values()]
    assert len(counts) == 8 and sum(counts) == 72 and min(counts) == 8 and max(counts) == 10
    plans = [item.plan for item in NOW.values()]
    assert max(depth(typed) for plan in plans for typed in plan.typed.values()) == 3
    parts = [part for plan in plans for typed in plan.typed.values() for part in plan.scope.all_parts(typed)]
    assert {part.info["fact"].name for part in parts if part.op == "household_fact"} == set(FACTS.values)


def test_31_limits_have_three_dates_and_all_are_used():
    limits = workload.shared()["bench"].limits
    assert len(limits) == 31 and all(len(limit.rows) == 3 for limit in limits.values())
    assert sum(bool(limit.by) for limit in limits.values()) == 5
    assert sum(limit.type.kind == "choices" for limit in limits.values()) == 6
    named = {
        part.info["name"]
        for item in NOW.values()
        for typed in item.plan.typed.values()
        for part in item.plan.scope.all_parts(typed)
        if part.op == "limit"
    }
    assert named == set(limits)


def test_one_to_five_per_cent_of_each_fact_are_missing():
    shares = [mask.mean() for mask in workload.draw(50_000).missing.values()]
    assert 0.008 < min(shares) < 0.012 and 0.045 < max(shares) < 0.055


def test_both_machines_and_numpy_by_hand_agree_on_every_answer():
    expected = numpy_by_hand.decide(FACTS)
    columns = run_batch(workload.caseload(FACTS), NOW, workload.ON, criteria=True, blocking=True, chunk=1_000)
    for code, column in columns.items():
        assert np.array_equal(column.outcome, expected[code]), code
        assert np.bincount(column.outcome + 1, minlength=3).min() > 30, f"{code}: an answer hardly occurs"
    kinds = workload.catalogue()
    money = workload.money_facts(kinds)
    for row in range(0, len(FACTS), 20):
        household = read_household(FACTS.interchange(row, money), kinds, workload.ON)
        for code, found in BOOK.assess(household, workload.ON).items():
            column = columns[code]
            assert STATUS[found.outcome] == column.outcome[row]
            assert column.blocking_of(row) == set(found.missing_for_outcome)
            assert [{"met": 1, "not_met": 0, "unknown": -1}[item.result] for item in found.criteria] == [
                column.criteria[item.id][row] for item in found.criteria
            ]
            assert all(item.says() for item in found.criteria)


def test_another_years_limits_change_answers():
    impact = what_if(workload.caseload(FACTS), NOW, workload.changed(), workload.ON, criteria=False)
    assert all((found.gains | found.loses).any() for found in impact.values())


def test_sql_decides_alike(db):
    from django.db import connection

    rules = plain.lowered(NOW)
    facts = FACTS.rows(0, 500)
    expected = numpy_by_hand.decide(facts)
    with connection.cursor() as cursor:
        postgres.create(cursor, facts, "temporary")
        cursor.execute(postgres.counts(rules))
        (counted,) = cursor.fetchall()
        found = postgres.answers(cursor, rules, len(facts))
    for place, code in enumerate(rules.criteria):
        assert np.array_equal(found[code], expected[code]), code
        assert counted[2 * place : 2 * place + 2] == (int((expected[code] == 1).sum()), int((expected[code] == 0).sum()))


@pytest.mark.skipif(importlib.util.find_spec("polars") is None, reason="only the benchmark installs Polars")
def test_polars_decides_alike():
    from tests.bench.engines import polars_by_hand, polars_compiled

    expected, frame = numpy_by_hand.decide(FACTS), polars_by_hand.frame(FACTS)
    for expressions in (polars_by_hand.expressions(), polars_compiled.expressions(plain.lowered(NOW))):
        found = polars_by_hand.statuses(frame.select(expressions))
        assert all(np.array_equal(found[code], expected[code]) for code in expected)


@pytest.mark.skipif(importlib.util.find_spec("cel") is None, reason="only the benchmark installs CEL")
def test_cel_decides_alike():
    from tests.bench.engines import cel_rust

    facts, money, rules = FACTS.rows(0, 200), workload.money_facts(workload.catalogue()), plain.lowered(NOW)
    expected, whole, each = numpy_by_hand.decide(facts), cel_rust.outcomes(rules), cel_rust.criteria(rules)
    for row in range(len(facts)):
        variables = cel_rust.bindings(facts.household(row), facts.names, money)
        wanted = {code: int(expected[code][row]) for code in expected}
        assert whole(variables) == wanted and each(variables)[0] == wanted
