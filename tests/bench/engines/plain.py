"""Our checked trees as plain ones that any engine with nulls can be given: three-valued and / or / not over comparisons of numbers,
null where a fact is missing.

Our rules know bounds: money is never negative, so a sum can be over its limit although one part is missing. Here each comparison
that bounds can decide becomes two, one of the least values and one of the greatest.

    ("and", [tree ...]) ("or", [tree ...]) ("not", tree) ("flag", fact) ("in", fact, [place in the list ...])
    ("compare", "<=", number, number)      the tests are <, <=, ==
    number: ("fact", name)  ("least", name)  ("constant", n)  ("table", name, [value of size 1, of 2 ...])  (op, number, number)
            with op +, -, *, max; "least" is the fact, 0 where it is missing.
"""

from dataclasses import dataclass
from typing import Any

from eligibility.engine import Compiled

Tree = tuple[Any, ...]
_TURNED = {">": "<", ">=": "<="}


@dataclass(frozen=True)
class Rules:
    """Every criterion of every programme, {programme: {criterion: tree}}, for one day."""

    criteria: dict[str, dict[str, Tree]]

    def outcome(self, code: str) -> Tree:
        """The whole rule of one programme."""
        return "and", list(self.criteria[code].values())


def lowered(programmes: dict[str, Compiled]) -> Rules:
    """Our programmes, made ready for a day, as plain trees."""
    return Rules(
        {
            code: {id_: _Lowering(item.plan).truth(item.plan.typed[id_]) for id_ in item.plan.conditions}
            for code, item in programmes.items()
        }
    )


class _Lowering:
    def __init__(self, plan: Any):
        self.plan, self.scope = plan, plan.scope

    # --- yes and no

    def truth(self, typed: Any) -> Tree:
        if typed.op in ("and", "or"):
            return typed.op, [self.truth(part) for part in typed.parts]
        if typed.op == "not":
            return "not", self.truth(typed.parts[0])
        if typed.op == "household_fact":
            return "flag", typed.info["fact"].name
        if typed.op == "compare" and len(typed.parts) == 2:
            return self._compare(typed.info["tests"][0], *typed.parts)
        raise NotImplementedError(typed.op)

    def _compare(self, test: str, one: Any, two: Any) -> Tree:
        if one.type.kind == "choice":
            fact = one.info["fact"]
            wanted = {two.info["value"]} if two.op == "const" else self._codes(two)
            found = "in", fact.name, sorted(fact.choices.index(code) for code in wanted)
            return ("not", found) if test in ("!=", "not in") else found
        if test in _TURNED:
            test, one, two = _TURNED[test], two, one
        if test == "==":
            return "compare", test, self.number(one, "most"), self.number(two, "most")
        return self._bounded(
            test, [self.number(one, end) for end in ("least", "most")], [self.number(two, end) for end in ("least", "most")]
        )

    @staticmethod
    def _bounded(test: str, one: list[Tree], two: list[Tree]) -> Tree:
        """Whether it holds: null where a fact is missing, unless the bounds decide."""
        exact: Tree = ("compare", test, one[1], two[1])
        at_floor = _holds(test, _floor(one[0]), _floor(two[0]))
        refused = one[0] != one[1] and not (_is_single(one[0]) and _is_fixed(two[0]) and at_floor)
        granted = two[0] != two[1] and not (_is_single(two[0]) and _floor(one[0]) >= 0 and not at_floor)
        if refused and granted:
            raise NotImplementedError("Bounds on both sides decide.")
        if refused:
            return "and", [exact, ("compare", test, one[0], two[1])]
        return ("or", [exact, ("compare", test, one[1], two[0])]) if granted else exact

    def _codes(self, typed: Any) -> frozenset[str]:
        return typed.info["values"] if typed.op == "list" else self.scope.limits[typed.info["name"]].value_on(self.plan.on)

    # --- numbers

    def number(self, typed: Any, end: str) -> Tree:
        """The least or the greatest value; null where there is no such bound."""
        other = "most" if end == "least" else "least"
        if typed.op == "const":
            return "constant", typed.info["value"]
        if typed.op == "worked":
            return self.number(self.scope.worked(typed.info["name"]), end)
        if typed.op == "household_fact":
            fact = typed.info["fact"]
            return ("least" if end == "least" and fact.type == "amount" else "fact"), fact.name
        if typed.op == "limit":
            return self._limit(typed)
        one, two = typed.parts
        if typed.op == "sub":
            return "-", self.number(one, end), self.number(two, other)
        if typed.op in ("add", "mul", "max"):
            if typed.op == "mul" and not {one.op, two.op} & {"const", "limit"}:
                raise NotImplementedError("A product of facts has other bounds.")
            return {"add": "+", "mul": "*", "max": "max"}[typed.op], self.number(one, end), self.number(two, end)
        raise NotImplementedError(typed.op)

    def _limit(self, typed: Any) -> Tree:
        limit = self.scope.limits[typed.info["name"]]
        if not limit.by:
            return "constant", limit.value_on(self.plan.on)
        (key,) = typed.parts
        lines = limit.table_on(self.plan.on)
        if [cells[0].values for cells, _ in lines] != [(size,) for size in range(1, len(lines) + 1)]:
            raise NotImplementedError("A table is by size: 1, 2, 3 ...")
        return "table", key.info["fact"].name, [value for _, value in lines]


def facts_of(number: Tree) -> set[str]:
    """The facts a number is made of."""
    if number[0] in ("fact", "least", "table"):
        return {number[1]}
    return set() if number[0] == "constant" else facts_of(number[1]) | facts_of(number[2])


def _is_single(number: Tree) -> bool:
    return len(facts_of(number)) == 1


def _is_fixed(number: Tree) -> bool:
    return number[0] in ("constant", "table")


def _floor(number: Tree) -> int:
    """The number where every fact is 0: the least value of what the rules of the workload add and multiply."""
    if number[0] in ("fact", "least"):
        return 0
    if number[0] == "constant":
        return number[1]
    if number[0] == "table":
        return min(number[2])
    one, two = _floor(number[1]), _floor(number[2])
    return {"+": one + two, "-": one - two, "*": one * two, "max": max(one, two)}[number[0]]


def _holds(test: str, one: int, two: int) -> bool:
    return one < two if test == "<" else one <= two
