"""On random programmes and random households with missing facts: both machines agree, and an answer once given stays when facts are filled in."""

from copy import deepcopy
from random import Random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eligibility.batch import OUTCOMES, Caseload, run_batch
from eligibility.definition import Definition
from eligibility.engine import assess, compile_programme, replay
from eligibility.interchange import read_household
from eligibility.language import parse, to_text
from eligibility.language.values import Unknown
from tests.eligibility.language.made import CATALOGUE, ON, SHARED, household, programme

EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = st.integers(min_value=0, max_value=2**32)


def ready(*definitions):
    return {item.code: compile_programme(item, ON, SHARED, CATALOGUE) for item in definitions}


def two_programmes(random):
    return ready(programme(random, "one"), programme(random, "two", ["one"]))


def code_of(key):
    return f"person.{key.split('.')[-1]}" if key.startswith("people.") else key


def pence(amount):
    return None if amount is None else int(amount * 100)


@given(SEEDS)
@example(15035)  # an amount that may not apply and would be 0 is known: nothing of it is missing
@EXAMPLES
def test_single_and_batch_agree_to_the_penny(seed):
    random = Random(seed)
    programmes = two_programmes(random)
    households = [read_household(household(random, number), CATALOGUE, ON) for number in range(25)]
    columns = run_batch(Caseload.from_households(households, CATALOGUE), programmes, ON, criteria=True, blocking=True, chunk=10)
    for row, home in enumerate(households):
        for code, found in assess(home, programmes, ON).items():
            column = columns[code]
            assert OUTCOMES[int(column.outcome[row])] == found.outcome
            for item in found.criteria:
                assert {1: "met", 0: "not_met", -1: "unknown"}[int(column.criteria[item.id][row])] == item.result, item.id
            assert column.blocking_of(row) == {code_of(key) for key in found.missing_for_outcome}
            if found.outcome == "not_likely":
                continue
            low, high = (found.amount, found.amount) if found.amount is not None else found.amount_range
            assert bool(column.open[row]) == (high is None)
            if low is not None:
                assert int(column.low[row]) == pence(low)
            if high is not None:
                assert int(column.high[row]) == pence(high)


def filled(random, data, complete):
    """The household with some (or all) missing facts answered."""
    other = household(random, missing=0)
    out = deepcopy(data)
    if complete:
        out["people_complete"] = True

    def fill(facts, answers):
        for name, value in answers.items():
            if name not in ("id", "role") and name not in facts and (complete or random.random() < 0.5):
                facts[name] = value

    fill(out["household"], other["household"])
    for person in out["people"]:
        fill(person, other["people"][0])
    return out


@given(SEEDS)
@EXAMPLES
def test_an_answer_stays_when_missing_facts_are_filled_in(seed):
    random = Random(seed)
    programmes = two_programmes(random)
    for number in range(10):
        data = household(random, number)
        before = assess(data, programmes, ON)
        after = assess(filled(random, data, random.random() < 0.5), programmes, ON)
        for code, found in before.items():
            later = after[code]
            if found.outcome != "unknown":
                assert later.outcome == found.outcome
            for item, now in zip(found.criteria, later.criteria, strict=False):
                if item.result != "unknown" and item.id == now.id and found.variant == later.variant:
                    assert now.result == item.result, item.id
            if found.amount is not None:
                assert later.amount == found.amount
            elif found.amount_range and later.amount is not None:
                low, high = found.amount_range
                assert low is None or low <= later.amount
                assert high is None or later.amount <= high


@given(SEEDS)
@EXAMPLES
def test_answering_everything_that_is_asked_for_decides(seed):
    random = Random(seed)
    programmes = two_programmes(random)
    for number in range(10):
        data = household(random, number)
        whole = filled(random, data, True)
        for _ in range(12):
            answers = assess(data, programmes, ON)
            missing = {
                key for found in answers.values() for key in found.missing if not key.startswith(("limits.", "programmes."))
            }
            if not missing:
                break
            for key in missing:
                if key == "household.people":
                    data["people_complete"] = True
                elif key.startswith("household."):
                    name = key.split(".")[1]
                    data["household"][name] = whole["household"][name]
                else:
                    _, id_, name = key.split(".")
                    person = next(item for item in data["people"] if item["id"] == id_)
                    person[name] = next(item for item in whole["people"] if item["id"] == id_)[name]
        assert not missing
        for found in answers.values():
            assert found.outcome != "unknown" or all(key.startswith("limits.") for key in found.missing)


@given(SEEDS)
@EXAMPLES
def test_a_replay_is_equal_bit_for_bit(seed):
    random = Random(seed)
    first, second = programme(random, "one"), programme(random, "two", ["one"])
    answers = assess(household(random), ready(first, second), ON)
    for definition in (first, second):
        kept = answers[definition.code].to_dict()
        stored = Definition.from_dict(definition.to_dict())
        assert replay(kept, stored, SHARED, CATALOGUE).to_dict() == kept


@given(SEEDS)
@EXAMPLES
def test_text_and_tree_are_the_same_thing(seed):
    random = Random(seed)
    definition = programme(random, "one", ["two"])
    for _, tree in definition.expressions():
        assert parse(to_text(tree)) == tree
    assert Definition.from_dict(definition.to_dict()) == definition


def test_the_random_rules_reach_all_answers():
    """The properties above would say nothing if every random programme were decided alike."""
    random = Random(7)
    seen, unknown_amounts = {}, 0
    for _ in range(60):
        programmes = two_programmes(random)
        for number in range(5):
            for found in assess(household(random, number), programmes, ON).values():
                seen[found.outcome] = seen.get(found.outcome, 0) + 1
                unknown_amounts += isinstance(found.result.value, Unknown)
    assert min(seen.get(outcome, 0) for outcome in ("likely", "not_likely", "unknown")) > 50
    assert unknown_amounts > 20
