"""The plain trees in OpenFisca, in a process of its own whose interpreter has openfisca-core (AGPL-3) and nothing of ours. OpenFisca has
no missing value, so its formulas here carry one by hand: numbers a sentinel, truths 0 no, 1 unknown, 2 yes.

    python openfisca_process.py FOLDER ROUNDS

FOLDER has facts.npz and rules.json; answers.npz and costs.json are written into it.
"""

import json
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

GONE = -(10**9)
HOUSEHOLD = build_entity(key="household", plural="households", label="Household", is_person=True)
NOW = "2026-11"


class Rules:
    """A variable for each fact, criterion and programme, and for each number that is worked out."""

    def __init__(self, criteria):
        self.system = TaxBenefitSystem([HOUSEHOLD])
        self.names = {}
        self.criteria = criteria

    def add(self, name, formula=None):
        """A variable of whole numbers."""
        content = {"value_type": int, "entity": HOUSEHOLD, "definition_period": DateUnit.MONTH, "label": name}
        self.system.add_variable(type(name, (Variable,), content | ({"formula": formula} if formula else {})))

    def build(self, facts):
        """All variables."""
        for name in facts:
            self.add(name)
        for code, found in self.criteria.items():
            names = []
            for id_, tree in found.items():
                truth = self.truth(tree)
                names.append(f"{code}__{id_}")
                self.add(names[-1], _formula(truth))
            self.add(f"likely_{code}", _formula(_all(names)))

    def truth(self, tree):
        """A function of the household."""
        op = tree[0]
        if op in ("and", "or"):
            parts, join = [self.truth(part) for part in tree[1]], _smallest if op == "and" else _largest
            return lambda household: join([part(household) for part in parts])
        if op == "not":
            part = self.truth(tree[1])
            return lambda household: 2 - part(household)
        if op == "flag":
            return lambda household: _known(household(tree[1], NOW), lambda value: value == 1)
        if op == "in":
            wanted = np.array(tree[2])
            return lambda household: _known(household(tree[1], NOW), lambda value: np.isin(value, wanted))
        one, two = self.number(tree[2]), self.number(tree[3])
        test = {"<": np.less, "<=": np.less_equal, "==": np.equal}[tree[1]]

        def compare(household):
            first, second = one(household), two(household)
            return np.where((first == GONE) | (second == GONE), 1, 2 * test(first, second))

        return compare

    def number(self, tree):
        """A function of the household; what is worked out is a variable of its own, so that OpenFisca keeps it."""
        op = tree[0]
        if op == "constant":
            return lambda household: tree[1]
        if op == "fact":
            return lambda household: household(tree[1], NOW)
        if op == "least":
            return lambda household: np.maximum(household(tree[1], NOW), 0)
        text = json.dumps(tree)
        if text not in self.names:
            name = f"number_{len(self.names)}"
            self.names[text] = name
            self.add(name, _formula(self._table(tree) if op == "table" else self._joined(tree)))
        name = self.names[text]
        return lambda household: household(name, NOW)

    @staticmethod
    def _table(tree):
        values = np.array(tree[2])

        def look_up(household):
            size = household(tree[1], NOW)
            return np.where(size == GONE, GONE, values[np.clip(size, 1, len(values)) - 1])

        return look_up

    def _joined(self, tree):
        one, two = self.number(tree[1]), self.number(tree[2])
        join = {"+": np.add, "-": np.subtract, "*": np.multiply, "max": np.maximum}[tree[0]]

        def joined(household):
            first, second = one(household), two(household)
            return np.where((first == GONE) | (second == GONE), GONE, join(first, second))

        return joined

    def simulation(self, facts):
        """Households with their facts, nothing worked out yet."""
        found = SimulationBuilder().build_default_simulation(self.system, count=len(next(iter(facts.values()))))
        for name, column in facts.items():
            found.set_input(name, NOW, column)
        return found

    def decide(self, simulation):
        """{programme: 0, 1 or 2}."""
        return {code: simulation.calculate(f"likely_{code}", NOW) for code in self.criteria}


def _formula(work):
    return lambda household, period: work(household)


def _all(names):
    return lambda household: _smallest([household(name, NOW) for name in names])


def _smallest(values):
    return np.minimum.reduce(values)


def _largest(values):
    return np.maximum.reduce(values)


def _known(value, test):
    return np.where(value == GONE, 1, 2 * test(value))


def main(folder, rounds):
    """Decide, write the answers, then measure."""
    facts = dict(np.load(folder / "facts.npz"))
    rules = Rules(json.loads((folder / "rules.json").read_text(encoding="utf-8")))
    rules.build(facts)
    np.savez(folder / "answers.npz", **rules.decide(rules.simulation(facts)))
    costs = {"many": [], "one": []}
    for _ in range(rounds):
        simulation = rules.simulation(facts)
        begun = time.process_time()
        rules.decide(simulation)
        costs["many"].append((time.process_time() - begun) * 1e3)
    for row in range(40):
        begun = time.process_time()
        rules.decide(rules.simulation({name: column[row : row + 1] for name, column in facts.items()}))
        costs["one"].append((time.process_time() - begun) * 1e6)
    (folder / "costs.json").write_text(json.dumps({name: median(found) for name, found in costs.items()}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
