"""What moved between two versions on one day, condition by condition: limits with both values, formulas with both texts."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from eligibility.definition import Definition
from eligibility.language import to_text
from eligibility.language.limits import Limit
from eligibility.queries.presentation import lines_of, plain

AMOUNT = "amount"
MOST_LINES = 6  # of a table that changed; the difference of the versions shows all of it


@dataclass(frozen=True)
class Move:
    """One thing that differs. label: what it is; before, after: its value in words, "" where there is none. is_formula: they are rule text."""

    label: str
    before: str
    after: str
    is_formula: bool = False


def condition_words(id_: str, definition: Definition, on: dt.date, language: str) -> str:
    """The sentence of a condition, without a person."""
    return plain(definition.text(f"criteria.{id_}.says", language), definition, on, language)


def moves(before: Definition | None, after: Definition, on: dt.date, language: str) -> dict[str, list[Move]]:
    """{condition id, or "amount": what moved in it or in what it is worked out from}; only those where something did."""
    if before is None:
        return {}
    old, new = _trees(before), _trees(after)
    found = {id_: _moves(old.get(id_), new.get(id_), before, after, on, language) for id_ in [*new, *set(old).difference(new)]}
    return {id_: items for id_, items in found.items() if items}


def _trees(definition: Definition) -> dict[str, Any]:
    found = {item.id: item.when for item in definition.criteria}
    return {**found, AMOUNT: definition.amount.tree} if definition.amount else found


def _moves(one: Any, two: Any, before: Definition, after: Definition, on: dt.date, language: str) -> list[Move]:
    found = []
    if one != two:
        found.append(Move(_("How it is worked out"), _text(one), _text(two), True))
    (limits_one, parts_one), (limits_two, parts_two) = _named(one, before), _named(two, after)
    for name in dict.fromkeys([*parts_two, *parts_one]):
        trees = [item.worked_out[name].tree if name in item.worked_out else None for item in (before, after)]
        if trees[0] != trees[1]:
            label = after.text(f"worked_out.{name}.label", language) or name.replace("_", " ")
            found.append(Move(label, _text(trees[0]), _text(trees[1]), True))
    for name in dict.fromkeys([*limits_two, *limits_one]):
        found += _limit(name, before, after, on, language)
    return found


def _text(tree: Any) -> str:
    return "" if tree is None else to_text(tree)


def _named(tree: Any, definition: Definition) -> tuple[list[str], list[str]]:
    """Names of the limits and of the worked-out facts a tree rests on, through others too."""
    trees, limits, parts = [tree] if tree is not None else [], [], []
    while trees:
        for part in trees.pop().walk():
            if part.op == "limit" and part["name"] not in limits:
                limits.append(part["name"])
            elif part.op == "worked_out" and part["name"] not in parts and part["name"] in definition.worked_out:
                parts.append(part["name"])
                trees.append(definition.worked_out[part["name"]].tree)
    return limits, parts


def _limit(name: str, before: Definition, after: Definition, on: dt.date, language: str) -> Iterable[Move]:
    one, two = (_lines(item.limits.get(name), on, language) for item in (before, after))
    if one == two:
        return []
    label = (
        after.text(f"limits.{name}.label", language) or before.text(f"limits.{name}.label", language) or name.replace("_", " ")
    )
    changed = [cells for cells in dict.fromkeys([*two, *one]) if one.get(cells) != two.get(cells)]
    found = [
        Move(f"{label} ({', '.join(cells)})" if cells else label, one.get(cells, ""), two.get(cells, ""))
        for cells in changed[:MOST_LINES]
    ]
    if len(changed) > MOST_LINES:
        found.append(Move(_("And more lines of the same table"), "…", "…"))
    return found


def _lines(limit: Limit | None, on: dt.date, language: str) -> dict[tuple[str, ...], str]:
    """{words of the key columns: value in words} of the row in force on the day."""
    row = limit.row_on(on) if limit is not None else None
    if limit is None or row is None:
        return {}
    return {tuple(str(cell) for cell in line["cells"]): line["value"] for line in lines_of(limit, row, language)}
