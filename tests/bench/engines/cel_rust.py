"""The plain trees as Common Expression Language, for one household at a time. A missing fact is no variable: reading it is an error,
which and / or pass over where the other side decides, so that errors that come through are the unknown."""

from collections.abc import Callable
from typing import Any

import cel

from tests.bench.engines.plain import Rules, Tree

Answer = dict[str, int]


def outcomes(rules: Rules) -> Callable[[dict[str, Any]], Answer]:
    """Decides the programmes, each by one expression."""
    compiled = {code: cel.compile(_truth(rules.outcome(code))) for code in rules.criteria}

    def run(facts: dict[str, Any]) -> Answer:
        context = _context(facts)
        return {code: _status(program, context) for code, program in compiled.items()}

    return run


def criteria(rules: Rules) -> Callable[[dict[str, Any]], tuple[Answer, dict[str, Answer]]]:
    """Decides every criterion by an expression of its own, and from them the programmes: what sentences need."""
    compiled = {code: {id_: cel.compile(_truth(tree)) for id_, tree in found.items()} for code, found in rules.criteria.items()}

    def run(facts: dict[str, Any]) -> tuple[Answer, dict[str, Answer]]:
        context = _context(facts)
        each = {code: {id_: _status(program, context) for id_, program in found.items()} for code, found in compiled.items()}
        return {code: _joined(found) for code, found in each.items()}, each

    return run


def _context(facts: dict[str, Any]) -> Any:
    return cel.Context(facts)


def _status(program: Any, context: Any) -> int:
    try:
        return 1 if program.execute(context) else 0
    except Exception:  # each release of the package has other kinds
        return -1


def _joined(criteria: Answer) -> int:
    values = criteria.values()
    return 0 if 0 in values else -1 if -1 in values else 1


def bindings(facts: dict[str, Any], names: dict[str, tuple[str, ...]], money: set[str]) -> dict[str, Any]:
    """The variables of a household: codes as numbers, and for money also what it is at least."""
    found = {name: names[name].index(value) if name in names else value for name, value in facts.items()}
    return found | {f"least_{name}": facts.get(name, 0) for name in money}


def _truth(tree: Tree) -> str:
    op = tree[0]
    if op in ("and", "or"):
        return "(" + (" && " if op == "and" else " || ").join(map(_truth, tree[1])) + ")"
    if op == "not":
        return f"!({_truth(tree[1])})"
    if op == "flag":
        return tree[1]
    if op == "in":
        return f"({tree[1]} in {tree[2]})"
    return f"({_number(tree[2])} {tree[1]} {_number(tree[3])})"


def _number(tree: Tree) -> str:
    op = tree[0]
    if op == "constant":
        return str(tree[1])
    if op in ("fact", "least"):
        return tree[1] if op == "fact" else f"least_{tree[1]}"
    if op == "table":
        return f"{tree[2]}[{tree[1]} > {len(tree[2])} ? {len(tree[2]) - 1} : {tree[1]} - 1]"
    one, two = _number(tree[1]), _number(tree[2])
    return f"({one} > {two} ? {one} : {two})" if op == "max" else f"({one} {op} {two})"
