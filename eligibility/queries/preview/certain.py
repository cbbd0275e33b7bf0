"""What two versions of a rule cannot do to anybody, told from their formulas alone.

Only this may be said as "nobody": counted in the caseload, nobody and a few must look the same, because whoever writes a draft can make it
turn on one person.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from eligibility.definition import Definition
from eligibility.language.limits import Limit
from eligibility.language.tree import Node, digest, to_json
from eligibility.local import compared, goes_with

RESULTS = frozenset({"gains", "loses", "becomes_known", "becomes_unknown"})
AMOUNTS = frozenset({"more", "less"})


def impossible(before: Definition | None, after: Definition, on: dt.date) -> frozenset[str]:
    """The columns in which nobody can be on `on`, whoever asks; what other programmes give is taken to be the same for both."""
    if before is None:
        return frozenset({"loses", "becomes_known", "more", "less"})
    if not _is_alike(before, after):
        return frozenset()
    found = set(RESULTS | AMOUNTS)
    plans = [before, *(before.with_variant(item) for item in before.variants)]
    ways = {way for plan in plans for item in plan.criteria for way in _ways(item.when, plan, before, after, on)}
    if ways:
        found -= RESULTS
        found |= _empty(ways, up="loses", down="gains")
    ways = {way for plan in plans if plan.amount for way in _ways(plan.amount.tree, plan, before, after, on)}
    if ways:
        found -= AMOUNTS
        found |= _empty(ways, up="less", down="more")
    return frozenset(found)


def _empty(ways: set[int | None], *, up: str, down: str) -> set[str]:
    """The column that stays empty where every formula goes the same way: `up` or `down`; none where one of them is not known."""
    if ways == {1}:
        return {up}
    return {down} if ways == {-1} else set()


def mark_of(definition: Definition) -> bytes:
    """What a rule decides by, without its texts, as a hash: two rules that read alike have the same."""
    return bytes.fromhex(digest(_decides(definition, limits=True)))


def _ways(tree: Node, plan: Definition, before: Definition, after: Definition, on: dt.date) -> Iterator[int | None]:
    """How the value of the formula goes: 1 up, -1 down, None not known; nothing for a limit that has the same value on the day."""
    for name, limit in before.limits.items():
        way = goes_with(tree, name, plan)
        if way == 0 or _value(limit, on) == _value(after.limits[name], on):
            continue
        higher = compared(limit, after.limits[name], on)
        yield None if way is None or not higher else way * higher


def _value(limit: Limit, on: dt.date) -> Any:
    row = limit.row_on(on)
    return row and (row.get("value"), row.get("table"))


def _is_alike(before: Definition, after: Definition) -> bool:
    """Whether the two differ in texts and values of limits only."""
    return set(before.limits) == set(after.limits) and _decides(before) == _decides(after)


def _decides(definition: Definition, *, limits: bool = False) -> dict[str, Any]:
    amount = definition.amount
    found: dict[str, Any] = {
        "criteria": [[item.id, item.group, to_json(item.when)] for item in definition.criteria],
        "worked_out": {name: [to_json(item.tree), str(item.for_person)] for name, item in definition.worked_out.items()},
        "amount": amount and [to_json(amount.tree), amount.per, amount.how, amount.to],
        "limits": {name: [limit.unit, [list(key) for key in limit.by]] for name, limit in definition.limits.items()},
        "variants": definition.to_dict().get("variants", []),
    }
    if limits:
        found["values"] = {
            name: [{key: row[key] for key in row if key != "law"} for row in limit.rows]
            for name, limit in definition.limits.items()
        }
    return found
