"""Every programme is held against a rule written a second time in plain Python, and every figure still to be confirmed says against what."""

from eligibility import registry
from tests.eligibility.reference import test_pension_age, working_age


def test_every_shipped_programme_has_a_reference_of_its_own():
    assert set(working_age.PROGRAMMES) | set(test_pension_age.LAWS) == set(registry.load_all())
    assert not set(working_age.PROGRAMMES) & set(test_pension_age.LAWS)


def test_every_shipped_programme_has_twelve_worked_examples():
    few = {code: len(one.cases["case"]) for code, one in registry.load_all().items() if len(one.cases["case"]) < 12}
    assert not few


def test_what_is_to_be_confirmed_says_against_what():
    files = {**registry.shared_files(), **registry.load_all()}
    limits = [(name, limit) for name, one in files.items() for limit in one.limits.values()]
    limits += [
        (name, limit) for name, one in registry.load_all().items() for part in one.variants for limit in part.limits.values()
    ]
    notes = [(name, limit.name, row["note"]) for name, limit in limits for row in limit.rows if "note" in row]
    assert len(notes) > 30
    assert not [found for found in notes if "to be confirmed" in found[2] and len(found[2]) < len("to be confirmed") + 10]
