"""The engine: decides for one household, says why, what is missing and how much. Pure: the date is an argument, nothing is stored.

    rulebook = Rulebook(definitions, limits_store, catalogue)       # checks everything, refuses circles
    answers = rulebook.assess(household_facts, on)                  # {code: Assessment}
    order = open_sides(answers["universal_credit"])                 # what still holds up an outcome

`assess`, `compile_programme` and `check` are the same in single steps; `ways_out` and `changes_ahead` look for what would change
a result; `replay` repeats a stored one.
"""

from eligibility.engine.assessment import Assessment, CriterionResult
from eligibility.engine.blocking import open_sides
from eligibility.engine.hoping import Hoped
from eligibility.engine.outlook import Change, WayOut, changes_ahead, way_words, ways_out
from eligibility.engine.plan import check
from eligibility.engine.rulebook import Compiled, Rulebook, assess, compile_programme, in_order, replay

__all__ = [
    "Assessment",
    "Change",
    "Compiled",
    "CriterionResult",
    "Hoped",
    "Rulebook",
    "WayOut",
    "assess",
    "changes_ahead",
    "check",
    "compile_programme",
    "in_order",
    "open_sides",
    "replay",
    "way_words",
    "ways_out",
]
