"""Who gains and who loses: two versions of the rules over one caseload in one go, equal to running them one after the other."""

from random import Random

import numpy as np

from eligibility.batch import Caseload, run_batch, what_if
from eligibility.engine import assess, compile_programme
from eligibility.interchange import read_household
from tests.bench.engine import by_hand, made_caseload, rule
from tests.eligibility.language.made import CATALOGUE, ON, SHARED, household, programme


def test_a_higher_limit_makes_only_winners(catalogue):
    load = made_caseload(40_000, catalogue)
    before, after = ({"bench": compile_programme(rule(limit), ON, {}, catalogue)} for limit in (10000, 16000))
    found = what_if(load, before, after, ON)["bench"]
    assert found.gains.sum() > 10
    assert not found.loses.any()
    assert list(found.deciding(found.gains)) == ["savings"]
    assert found.deciding(found.gains)["savings"] == found.gains.sum()
    sure = found.gains & (found.after.low == found.after.high) & ~found.after.open
    assert (found.change[sure] == found.after.low[sure]).all()
    assert found.change[sure].sum() > 0


def test_two_versions_at_once_are_two_versions_apart():
    random = Random(5)
    for _ in range(15):
        versions = [
            {item.code: compile_programme(item, ON, SHARED, CATALOGUE) for item in (programme(random, "one"), second)}
            for second in [programme(random, "two", ["one"])]
            for _ in range(2)
        ]
        homes = [read_household(household(random, number), CATALOGUE, ON) for number in range(30)]
        load = Caseload.from_households(homes, CATALOGUE)
        together = what_if(load, *versions, ON)
        for place, name in enumerate(("before", "after")):
            apart = run_batch(load, versions[place], ON, criteria=True)
            for code, impact in together.items():
                column = getattr(impact, name)
                assert np.array_equal(column.outcome, apart[code].outcome)
                assert np.array_equal(column.low, apart[code].low)
                assert all(np.array_equal(column.criteria[id_], found) for id_, found in apart[code].criteria.items())


def test_the_hand_written_control_of_the_bench_agrees(catalogue):
    load = made_caseload(40_000, catalogue, seed=3)
    likely, refused, amount = by_hand(load)
    column = run_batch(load, {"bench": compile_programme(rule(), ON, {}, catalogue)}, ON)["bench"]
    assert np.array_equal(column.outcome == 1, likely)
    assert np.array_equal(column.outcome == 0, refused)
    assert np.array_equal(column.low[likely], amount[likely])
    assert likely.sum() > 20
    assert (~likely & ~refused).sum() > 20


def test_chunks_and_rows_taken_out_give_the_same():
    random = Random(11)
    rules = {"one": compile_programme(programme(random, "one"), ON, SHARED, CATALOGUE)}
    homes = [read_household(household(random, number), CATALOGUE, ON) for number in range(40)]
    load = Caseload.from_households(homes, CATALOGUE)
    whole = run_batch(load, rules, ON)["one"].outcome
    assert np.array_equal(run_batch(load, rules, ON, chunk=7)["one"].outcome, whole)
    rows = np.array([3, 39, 0, 17, 17])
    assert np.array_equal(run_batch(load.take(rows), rules, ON)["one"].outcome, whole[rows])
    assert [
        {"likely": 1, "not_likely": 0, "unknown": -1}[assess(home, rules, ON)["one"].outcome] for home in homes
    ] == whole.tolist()
