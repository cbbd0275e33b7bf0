"""Local variants as data: nothing is lost in the folder, both machines agree with what a place's own rule says, and a told direction holds."""

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility.batch import LIKELY, NOT_LIKELY, Caseload, run_versions
from eligibility.definition import Definition
from eligibility.engine import Rulebook, assess, compile_programme
from eligibility.folder import to_files
from eligibility.interchange import read_household
from eligibility.local import NARROWER, SAME, WIDER, parts_of, told
from eligibility.scaffold import read_data
from tests.eligibility.language import made

SEEDS = st.integers(0, 10**6)


def with_variant(seed):
    """A random programme that has a variant, with a floor and texts of its own."""
    random = Random(seed)
    while not (definition := made.programme(random)).variants:
        pass
    data = definition.to_dict()
    data["floor"] = {"criteria": [data["criteria"][0]["id"]], "limits": ["monthly"], "result": True}
    data["variants"][0]["translations"] = {"cy": {"criteria.c0.says": "ie"}}
    return Definition.from_dict(data)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_variants_come_back_from_the_folder_and_from_json(seed):
    definition = with_variant(seed)
    files = to_files(definition)
    assert Definition.from_dict(read_data(files["programme.toml"], "")) == definition
    assert Definition.from_dict(definition.to_dict()) == definition
    assert Definition.from_dict(definition.to_dict()).sha256 == definition.sha256


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_where_a_variant_holds_the_programme_says_what_the_variants_own_rule_says(seed):
    definition = with_variant(seed)
    random = Random(seed)
    whole = compile_programme(definition, made.ON, made.SHARED, made.CATALOGUE)
    alone = {
        "newham": compile_programme(definition.with_variant(definition.variants[0]), made.ON, made.SHARED, made.CATALOGUE),
        "merton": compile_programme(replace(definition, variants=(), floor={}), made.ON, made.SHARED, made.CATALOGUE),
    }
    for number in range(6):
        facts = made.household(random, number)
        for council, rule in alone.items():
            facts["household"]["local_authority"] = council
            one = assess(facts, {"one": whole}, made.ON)["one"]
            two = assess(facts, {"one": rule}, made.ON)["one"]
            assert (one.outcome, one.amount, one.amount_range, one.missing) == (
                two.outcome,
                two.amount,
                two.amount_range,
                two.missing,
            )
            assert one.variant == (definition.variants[0].id if council == "newham" else "")


def changed_limit(random, definition):
    """The same programme whose only variant has another value of one plain limit."""
    name, values = random.choice(
        [("age", (1, 99)), ("monthly", (1, 5000)), ("sum", (1, 99999)), ("share", (0, 1)), ("holds", (False,))]
    )
    unit = definition.limits[name].unit
    limit = {"unit": unit, "rows": [{"from": "2020-01-01", "law": "x", "value": random.choice(values)}]}
    data = definition.to_dict()
    data["variants"] = [{"id": "v", "name": "V", "local_authorities": ["newham"], "law": "x", "limits": {name: limit}}]
    return Definition.from_dict(data)


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_a_direction_told_from_the_formulas_holds_for_every_household(seed):
    random = Random(seed)
    definition = changed_limit(random, made.programme(random, variants=False))
    variant = definition.variants[0]
    direction = told(definition, variant, parts_of(definition, variant)[0], made.ON)
    households = [read_household(made.household(random, number), made.CATALOGUE, made.ON) for number in range(60)]
    books = [
        Rulebook({"one": item}, made.SHARED, made.CATALOGUE).on(made.ON)
        for item in (replace(definition, variants=()), definition.with_variant(variant))
    ]
    common, local = (found["one"] for found in run_versions(Caseload.from_households(households, made.CATALOGUE), books, made.ON))
    both = (common.outcome == LIKELY) & (local.outcome == LIKELY) & (common.low == common.high) & (local.low == local.high)
    loses = ((common.outcome == LIKELY) & (local.outcome == NOT_LIKELY)) | (
        both & (local.low < common.low) & ~common.open & ~local.open
    )
    gains = ((common.outcome == NOT_LIKELY) & (local.outcome == LIKELY)) | (
        both & (local.low > common.low) & ~common.open & ~local.open
    )
    assert direction not in (WIDER, SAME) or not loses.any()
    assert direction not in (NARROWER, SAME) or not gains.any()
