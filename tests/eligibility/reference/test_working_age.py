"""The working-age programmes against what the law gives, worked out by other hands: random households, borders favoured."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.rules import catalogue
from tests.eligibility.reference import working_age as law
from tests.eligibility.reference.working_age_compared import determined, differences
from tests.eligibility.reference.working_age_homes import homes

EXAMPLES = 200


@pytest.fixture(scope="module")
def rulebook():
    """All programmes of the repository."""
    return Rulebook(registry.load_all(), registry.shared_files(), catalogue())


@settings(max_examples=EXAMPLES, deadline=None)
@given(homes())
def test_every_working_age_programme_gives_what_the_law_gives(rulebook, drawn):
    on, raw = drawn
    assert not differences(rulebook, raw, on)


@settings(max_examples=60, deadline=None)
@given(homes(), st.data())
def test_a_missing_fact_never_turns_an_answer_round(rulebook, drawn, data):
    on, raw = drawn
    known = determined(rulebook, raw, on)
    for place in data.draw(st.lists(st.integers(0, len(raw["people"])), min_size=1, max_size=3)):
        facts = raw["people"][place - 1] if place else raw["household"]
        names = sorted(set(facts) - {"id", "role"})
        facts.pop(data.draw(st.sampled_from(names)), None)
    for code, entry in determined(rulebook, raw, on).items():
        assert entry["outcome"] in ("unknown", known[code]["outcome"]), code
        assert (entry["outcome"] == "unknown") <= bool(entry["missing"]), code


def test_what_the_reference_simplifies_is_owned_up_to():
    definitions = registry.load_all()
    for code, keys in law.SIMPLER.items():
        assert set(keys) <= set(definitions[code].leaves_out), code
