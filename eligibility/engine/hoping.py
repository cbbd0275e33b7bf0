"""What would be enough for a programme to fit, if the answers are as one hopes: it leads to the first “it fits”."""

from eligibility.engine.blocking import open_criteria
from eligibility.engine.runtime import Env
from eligibility.household import Household, Person
from eligibility.interchange import read_household

MET, OPEN, NOT_MET = "met", "open", "not_met"


class Hoped:
    """One household, and what some answers may bring.

    known, hoped: the household in interchange form, as it is known and with all hopes come true. hopes: [(name, keys)], what is
    given up first before the rest; a name stands for facts that become known together, its keys are "household.rent" or
    "people.<id>.earnings".
    Raises InterchangeError for hopes that cannot be.
    """

    def __init__(self, known, hoped, hopes, catalogue, on):
        self._known = read_household(known, catalogue, on)
        self._hoped = read_household(hoped, catalogue, on)
        self._hopes = [(name, frozenset(keys)) for name, keys in hopes]

    def prospects(self, assessment):
        """((outcome, names) for each way, ...) for each open side of an Assessment of the known household.

        In the order of `open_sides`. outcome: of the criterion if the hopes that bear on it come true, met | open | not_met.
        names: for "met" a set of hopes that is enough, of which none can be left out.
        """
        return tuple(tuple(self._prospect(assessment, item) for item in items) for items in open_criteria(assessment))

    def _prospect(self, assessment, item):
        condition, missing = assessment.result.plan.conditions.get(item.id), frozenset(item.missing)
        kept = [(name, keys) for name, keys in self._hopes if not missing.isdisjoint(keys)]
        is_local = len(assessment.programme.plans_for(assessment.result.env.household)[0]) > 1
        if not kept or condition is None or is_local:  # which of several rules holds is not known
            return OPEN, frozenset()
        env = assessment.result.env
        truth = condition(Env(self._with(kept), env.on, env.programmes))
        if truth is False:
            return NOT_MET, frozenset()
        if truth is not True:
            return OPEN, frozenset()
        for hope in tuple(kept):
            fewer = [other for other in kept if other is not hope]
            if condition(Env(self._with(fewer), env.on, env.programmes)) is True:
                kept = fewer
        return MET, frozenset(name for name, _keys in kept)

    def _with(self, hopes):
        """The household as it is known, with the facts of some hopes."""
        keys = frozenset().union(*(keys for _name, keys in hopes))
        people = [
            Person(one.id, one.role, _joined(one.facts, hoped.facts, [name for name in hoped.facts if hoped.key(name) in keys]))
            for one, hoped in zip(self._known.people, self._hoped.people, strict=True)
        ]
        home = [name for name in self._hoped.facts if f"household.{name}" in keys]
        return Household(self._known.id, _joined(self._known.facts, self._hoped.facts, home), people, self._known.open)


def _joined(known, hoped, names):
    return {**known, **{name: hoped[name] for name in names}} if names else known
