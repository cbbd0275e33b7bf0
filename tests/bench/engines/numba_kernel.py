"""The floor: the plain trees as one loop over the households, compiled to machine code. Reads each fact once, keeps nothing in between."""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from tests.bench.engines.plain import Rules, Tree
from tests.bench.engines.workload import Facts

Names = tuple[str, str]


class _Source:
    """The body of the loop; what two trees share is written once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.known: dict[str, Names] = {}

    def _name(self, expression: str) -> str:
        name = f"x{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        return name

    def _once(self, key: Any, make: Callable[[], Names]) -> Names:
        text = repr(key)
        if text not in self.known:
            self.known[text] = make()
        return self.known[text]

    def truth(self, tree: Tree) -> Names:
        """The names of “certainly yes” and “certainly no”."""
        return self._once(("truth", tree), lambda: self._truth(tree))

    def _truth(self, tree: Tree) -> Names:
        op = tree[0]
        if op == "not":
            yes, no = self.truth(tree[1])
            return no, yes
        if op in ("and", "or"):
            parts = [self.truth(part) for part in tree[1]]
            one, other = (" & ", " | ") if op == "and" else (" | ", " & ")
            return self._name(one.join(yes for yes, _ in parts)), self._name(other.join(no for _, no in parts))
        if op == "flag":
            found, here = self._fact(tree[1])
        elif op == "in":
            value, here = self._fact(tree[1])
            found = self._name(f"(({sum(1 << place for place in tree[2])} >> {value}) & 1) == 1")
        else:
            (one, one_here), (two, two_here) = self.number(tree[2]), self.number(tree[3])
            found, here = self._name(f"{one} {tree[1]} {two}"), _and(one_here, two_here)
        return self._name(f"{here} & {found}"), self._name(f"{here} & (not {found})")

    def _fact(self, name: str) -> Names:
        return self._once(("fact", name), lambda: (self._name(f"v_{name}[i]"), self._name(f"not m_{name}[i]")))

    def number(self, tree: Tree) -> Names:
        """The names of a number and of whether it is known."""
        return self._once(("number", tree), lambda: self._number(tree))

    def _number(self, tree: Tree) -> Names:
        op = tree[0]
        if op == "constant":
            return str(tree[1]), "True"
        if op in ("fact", "least"):
            value, here = self._fact(tree[1])
            return value, here if op == "fact" else "True"
        if op == "table":
            value, here = self._fact(tree[1])
            chosen = str(tree[2][-1])
            for size, amount in reversed(list(enumerate(tree[2][:-1], 1))):
                chosen = f"({amount} if {value} == {size} else {chosen})"
            return self._name(chosen), here
        (one, one_here), (two, two_here) = self.number(tree[1]), self.number(tree[2])
        return self._name(f"max({one}, {two})" if op == "max" else f"{one} {op} {two}"), _and(one_here, two_here)


def _and(one: str, two: str) -> str:
    return " & ".join(sorted({one, two} - {"True"})) or "True"


def kernel(rules: Rules, facts: Facts) -> Callable[[Facts], dict[str, np.ndarray]]:
    """The compiled loop; compiling it takes some seconds and is not measured."""
    source = _Source()
    outcomes = {code: source.truth(rules.outcome(code)) for code in rules.criteria}
    arguments = [f"v_{name}, m_{name}" for name in facts.values] + [f"out_{code}" for code in outcomes]
    body = source.lines + [f"out_{code}[i] = {yes} + ({yes} | {no}) - 1" for code, (yes, no) in outcomes.items()]
    head = f"def loop({', '.join(arguments)}):\n    for i in range(len(out_{next(iter(outcomes))})):\n        "
    namespace: dict[str, Any] = {}
    exec(head + "\n        ".join(body), namespace)
    loop = numba.njit(namespace["loop"], nogil=True, boundscheck=False)

    def run(load: Facts) -> dict[str, np.ndarray]:
        found = {code: np.empty(len(load), dtype=np.int8) for code in outcomes}
        loop(*(array for name in load.values for array in (load.values[name], load.missing[name])), *found.values())
        return found

    run(facts.rows(0, 10))
    return run
