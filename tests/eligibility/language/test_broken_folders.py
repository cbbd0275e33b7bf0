"""A folder somebody broke, in whatever way, is told in words: nothing but a RuleError comes out of it."""

from copy import deepcopy
from random import Random

import pytest

from eligibility import registry
from eligibility.cases import run_cases
from eligibility.definition import Definition
from eligibility.engine import check
from eligibility.language import RuleError
from eligibility.sections import plain_data

WRONG = [
    None,
    "",
    "x",
    5,
    -1,
    True,
    [],
    [1],
    ["a"],
    {},
    {"a": 1},
    [[]],
    [{}],
    "2026-13-40",
    1.5,
    "\u202e",
    "household.savings <= 3",
]
FOLDERS = ["council_tax_reduction", "winter_fuel_payment", "free_school_meals"]


def places(data, path=()):
    """The path of every part of a programme."""
    yield path
    for key, part in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield from places(part, (*path, key))


def broken(data, path, random):
    """A copy with one part replaced by something else, taken out, or called by another name."""
    made = holder = deepcopy(data)
    for key in path[:-1]:
        holder = holder[key]
    how = random.choice(["replace", "replace", "take out", "rename"])
    if how == "take out":
        del holder[path[-1]]
    elif how == "rename" and isinstance(holder, dict):
        holder[f"{path[-1]}s"] = holder.pop(path[-1])
    else:
        holder[path[-1]] = random.choice(WRONG)
    return made


@pytest.mark.parametrize("code", FOLDERS)
def test_a_broken_folder_is_told_in_words(code, catalogue, store):
    random = Random(20261122)
    folder = registry.programme_folders()[code]
    data = plain_data(registry.read_toml(folder / "programme.toml") | {"cases": registry.read_toml(folder / "cases.toml")})
    data["cases"]["case"] = data["cases"]["case"][:3]
    paths = [path for path in places(data) if path]
    told = 0
    for path in random.sample(paths, min(120, len(paths))):
        try:
            definition = Definition.from_dict(broken(data, path, random))
            if not check(definition, store, catalogue):
                run_cases(definition, store, catalogue)
        except RuleError as problem:
            told += 1
            assert problem.message and "Error" not in problem.message, path
    assert told > 25
