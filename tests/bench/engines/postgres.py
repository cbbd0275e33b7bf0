"""The plain trees as SQL over a typed table: a column for each fact, null where it is missing. PostgreSQL's and, or and not are
three-valued; LEAST and GREATEST pass over nulls and CASE takes ELSE for them, so neither is used where a null may come."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.bench.engines.plain import Rules, Tree
from tests.bench.engines.workload import Facts

TABLE = "bench_household_facts"
_ROWS_AT_ONCE = 50_000


def load(cursor: Any, facts: Facts) -> None:
    """Make the table anew with these households, as compact and warm as it gets, for one process at a time."""
    cursor.execute(f"drop table if exists {TABLE}")
    create(cursor, facts, "unlogged")
    cursor.execute(f"vacuum (analyze, freeze) {TABLE}")
    cursor.execute("set max_parallel_workers_per_gather = 0")


def create(cursor: Any, facts: Facts, kind: str) -> None:
    """Make the table and fill it. kind: unlogged or temporary."""
    types = {name: _type(column) for name, column in facts.values.items()}
    cursor.execute(f"create {kind} table {TABLE} (id int4, {', '.join(f'{name} {type_}' for name, type_ in types.items())})")
    for first in range(0, len(facts), _ROWS_AT_ONCE):
        cursor.copy_expert(f"copy {TABLE} from stdin", _text(facts.rows(first, first + _ROWS_AT_ONCE), first))


def _type(column: np.ndarray) -> str:
    return "bool" if column.dtype == bool else "int2" if column.dtype == np.uint8 else "int4"


def _text(facts: Facts, first: int) -> io.StringIO:
    columns: list[Any] = [np.arange(first, first + len(facts)).astype(str)]
    for name, column in facts.values.items():
        known = np.where(column, "t", "f") if column.dtype == bool else column.astype(str)
        columns.append(np.where(facts.missing[name], "\\N", known))
    return io.StringIO("\n".join("\t".join(row) for row in zip(*columns, strict=True)) + "\n")


def counts(rules: Rules) -> str:
    """How many are likely and not likely for each programme: one row. Each rule is worked out once (offset 0 keeps the query whole)."""
    inner = ", ".join(f"({_truth(rules.outcome(code))}) as {code}" for code in rules.criteria)
    outer = ", ".join(f"count(*) filter (where {code}), count(*) filter (where not {code})" for code in rules.criteria)
    return f"select {outer} from (select {inner} from {TABLE} offset 0) as found"


def answers(cursor: Any, rules: Rules, size: int) -> dict[str, np.ndarray]:
    """1, 0 or -1 for each household."""
    columns = ", ".join(f"coalesce(({_truth(rules.outcome(code))})::int, -1)" for code in rules.criteria)
    cursor.execute(f"select id, {columns} from {TABLE}")
    found = np.zeros((size, len(rules.criteria)), dtype=np.int8)
    for rows in _batches(lambda: cursor.fetchmany(_ROWS_AT_ONCE)):
        block = np.array(rows, dtype=np.int32)
        found[block[:, 0]] = block[:, 1:]
    return {code: found[:, place] for place, code in enumerate(rules.criteria)}


def _batches(fetch: Callable[[], list[Any]]) -> Iterator[list[Any]]:
    while rows := fetch():
        yield rows


def _truth(tree: Tree) -> str:
    op = tree[0]
    if op in ("and", "or"):
        return "(" + f" {op} ".join(map(_truth, tree[1])) + ")"
    if op == "not":
        return f"(not {_truth(tree[1])})"
    if op == "flag":
        return tree[1]
    if op == "in":
        return f"({tree[1]} in ({', '.join(map(str, tree[2]))}))"
    return f"({_number(tree[2])} {'=' if tree[1] == '==' else tree[1]} {_number(tree[3])})"


def _number(tree: Tree) -> str:
    op = tree[0]
    if op == "constant":
        return str(tree[1])
    if op in ("fact", "least"):
        return tree[1] if op == "fact" else f"coalesce({tree[1]}, 0)"
    if op == "table":
        *lower, last = tree[2]
        lines = " ".join(f"when {tree[1]} = {size} then {value}" for size, value in enumerate(lower, 1))
        return f"(case {lines} when {tree[1]} > {len(lower)} then {last} end)"
    one, two = _number(tree[1]), _number(tree[2])
    if op == "max":
        return f"(case when {one} >= {two} then {one} when {one} < {two} then {two} end)"
    return f"({one} {op} {two})"
