"""The engine: decides for one household, says why, what is missing and how much. Pure: the date is an argument, nothing is stored.

    rulebook = Rulebook(definitions, limits_store, catalogue)       # checks everything, refuses circles
    answers = rulebook.assess(household_facts, on)                  # {code: Assessment}
    order = blocking_facts(answers)                                 # which question settles most

`assess`, `compile_programme` and `check` are the same in single steps; `ways_out` and `changes_ahead` look for what would change
a result; `replay` repeats a stored one.
"""

from eligibility.engine.assessment import Assessment, CriterionResult
from eligibility.engine.blocking import BlockingFact, blocking_facts
from eligibility.engine.outlook import Change, WayOut, changes_ahead, ways_out
from eligibility.engine.plan import check
from eligibility.engine.rulebook import Compiled, Rulebook, assess, compile_programme, in_order, replay

__all__ = [
    "Assessment",
    "BlockingFact",
    "Change",
    "Compiled",
    "CriterionResult",
    "Rulebook",
    "WayOut",
    "assess",
    "blocking_facts",
    "changes_ahead",
    "check",
    "compile_programme",
    "in_order",
    "replay",
    "ways_out",
]
