"""The plain trees as Polars expressions, as another engine's compiler would make them. Polars itself finds what they share."""

from collections.abc import Callable
from functools import reduce
from operator import add, and_, le, lt, mul, or_, sub
from operator import eq as equals

import polars as pl

from tests.bench.engines.plain import Rules, Tree

_OPERATORS: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {"+": add, "-": sub, "*": mul, "<": lt, "<=": le, "==": equals}


def expressions(rules: Rules) -> list[pl.Expr]:
    """One expression for each programme: true, false or null."""
    return [_truth(rules.outcome(code)).alias(code) for code in rules.criteria]


def _truth(tree: Tree) -> pl.Expr:
    op = tree[0]
    if op in ("and", "or"):
        return reduce(and_ if op == "and" else or_, map(_truth, tree[1]))
    if op == "not":
        return ~_truth(tree[1])
    if op == "flag":
        return pl.col(tree[1])
    if op == "in":
        return pl.col(tree[1]).is_in(pl.Series(tree[2], dtype=pl.UInt8).implode())
    return _OPERATORS[tree[1]](_number(tree[2]), _number(tree[3]))


def _number(tree: Tree) -> pl.Expr:
    op = tree[0]
    if op == "constant":
        return pl.lit(tree[1], pl.Int32)
    if op in ("fact", "least"):
        return pl.col(tree[1]) if op == "fact" else pl.col(tree[1]).fill_null(0)
    if op == "table":
        size, values = pl.col(tree[1]), [pl.lit(value, pl.Int32) for value in tree[2]]
        chain = pl.when(size == 1).then(values[0])
        for number, value in enumerate(values[1:-1], 2):
            chain = chain.when(size == number).then(value)
        return chain.when(size >= len(values)).then(values[-1])
    one, two = _number(tree[1]), _number(tree[2])
    if op == "max":  # pl.max_horizontal would pass over nulls
        return pl.when(one >= two).then(one).when(one < two).then(two)
    return _OPERATORS[op](one, two)
