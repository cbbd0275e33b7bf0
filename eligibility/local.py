"""What a local variant does to the common rule: narrower or wider, part by part, and whether it goes below a floor.

Pure. Where the direction can be told from the formulas it is (a lower limit after `<=`); elsewhere the common rule and the local one run
over the worked examples and many made-up households (`made_households`), and a household that shows the difference is kept.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eligibility.batch import LIKELY, NOT_LIKELY, Caseload, Column, run_versions
from eligibility.definition import Definition
from eligibility.engine import Compiled, Rulebook
from eligibility.household import Household
from eligibility.language import Catalogue
from eligibility.language.limits import Limit, inner_value
from eligibility.language.tree import Node
from eligibility.made_households import Maker
from eligibility.sections import Variant

TRIED = 3_000
NARROWER, WIDER, BOTH, SAME = "narrower", "wider", "both", "same"


@dataclass(frozen=True)
class Part:
    """One thing a variant changes. kind: limit | worked_out | criterion | amount | left_out. is_new: the common rule has none of it."""

    kind: str
    name: str
    is_new: bool = False


@dataclass(frozen=True)
class Effect:
    """What a part, or a whole variant, does. direction: narrower | wider | both | same.

    is_sure: told from the formulas, so it holds for every household; else it is what was found among `tried` made-up households.
    loses, gains: a household for each way, None where none was found or looked for.
    """

    direction: str
    is_sure: bool = False
    loses: Household | None = None
    gains: Household | None = None
    tried: int = 0


@dataclass(frozen=True)
class Breach:
    """A household for which a variant goes below the floor. floor: criteria | limits | result; names: what is marked; criterion: the one not met."""

    variant: Variant
    floor: str
    name: str
    household: Household


def parts_of(definition: Definition, variant: Variant) -> list[Part]:
    """Everything a variant changes, in the order of the rule."""
    found = [Part("left_out", id_) for id_ in variant.leaves_out]
    known = {item.id for item in definition.criteria}
    found += [Part("criterion", item.id, item.id not in known) for item in variant.criteria]
    found += [Part("limit", name, name not in definition.limits) for name in variant.limits]
    found += [Part("worked_out", name, name not in definition.worked_out) for name in variant.worked_out]
    return [*found, Part("amount", "amount", definition.amount is None)] if variant.amount else found


# --- told from the formulas ---------------------------------------------------------------------------------------------


def told(definition: Definition, variant: Variant, part: Part, on: dt.date) -> str:
    """The direction of one part where the formulas tell it for every household, else ""."""
    groups: dict[str, int] = {}
    for item in definition.criteria:
        groups[item.group] = groups.get(item.group, 0) + 1
    by_id = {item.id: item for item in definition.criteria}
    if part.kind == "left_out" and part.name not in by_id:
        return SAME  # the common rule has it no more
    if part.kind == "left_out":
        group = by_id[part.name].group
        return WIDER if not group or groups[group] == 1 else NARROWER
    if part.kind == "criterion":
        new = next(item for item in variant.criteria if item.id == part.name)
        if part.is_new:
            return WIDER if new.group and new.group in groups else NARROWER
        return SAME if new.when == by_id[part.name].when and new.group == by_id[part.name].group else ""
    if part.kind == "limit" and not part.is_new:
        return _limit_told(definition, definition.limits[part.name], variant.limits[part.name], on)
    if part.is_new:
        return SAME if part.kind in ("limit", "worked_out") else ""
    return ""


def _limit_told(definition: Definition, common: Limit, local: Limit, on: dt.date) -> str:
    moves = {goes_with(tree, common.name, definition) for path, tree in definition.expressions() if not path.startswith(_ASIDE)}
    moves.discard(0)
    if not moves:
        return SAME
    move = moves.pop()
    if moves or move is None or common.unit != local.unit:
        return ""
    higher = compared(common, local, on)
    if higher == 0:
        return SAME
    if higher is None:
        return ""
    return WIDER if higher * move > 0 else NARROWER


_ASIDE = ("worked_out.", "evidence.")  # entered through the criteria that use them; evidence decides nothing


def compared(common: Limit, local: Limit, on: dt.date) -> int | None:
    """1 where the local value is higher on `on` and ever after, -1 lower, 0 the same; None where it is now this, now that, or no number."""
    if common.by or local.by or common.type.kind not in ("money", "number", "yes_no", "choices"):
        return None
    later = {row["from"] for limit in (common, local) for row in limit.rows if row["from"] > on.isoformat()}
    found = set()
    for day in (on, *(dt.date.fromisoformat(start) for start in sorted(later))):
        one, two = common.row_on(day), local.row_on(day)
        if one is None or two is None:
            return None
        found.add(_higher(inner_value(common.unit, one["value"]), inner_value(local.unit, two["value"])))
    found.discard(0)
    return (found.pop() if len(found) == 1 else None) if found else 0


def _higher(one: Any, two: Any) -> int | None:
    """1 where `two` is higher than `one`, or holds all of its codes and more; None where it cannot be said."""
    if one == two:
        return 0
    if one is None or two is None:
        return None
    if isinstance(one, frozenset):
        return 1 if one < two else -1 if two < one else None
    return 1 if two > one else -1


def goes_with(tree: Node, limit: str, definition: Definition) -> int | None:
    """How the value of a formula goes when the limit rises: 1 with it, -1 against it, 0 not at all, None not known."""

    def of(part: Node) -> int | None:
        return goes_with(part, limit, definition)

    def joined(moves: Iterable[int | None]) -> int | None:
        found = set(moves)
        found.discard(0)
        return (found.pop() if len(found) == 1 else None) if found else 0

    def against(move: int | None) -> int | None:
        return None if move is None else -move

    op, parts = tree.op, tree.parts
    if op == "limit":
        keys = joined(of(part) for part in parts)
        return (1 if tree["name"] == limit else 0) if keys == 0 else None
    if op == "worked_out":
        return of(definition.worked_out[tree["name"]].tree)
    if op == "get":
        item = definition.worked_out.get(tree["name"])
        return of(item.tree) if item is not None and item.for_person and tree["of"] != "household" else 0
    if not parts:
        return 0
    if op == "compare" and len(parts) == 2:
        left, right, test = of(parts[0]), of(parts[1]), tree["tests"][0]
        if left == right == 0:
            return 0
        if test in ("<", "<="):
            return joined([against(left), right])
        if test in (">", ">="):
            return joined([left, against(right)])
        if test in ("in", "not in") and left == 0:
            return right if test == "in" else against(right)
        return None
    if op in ("and", "or", "at_least", "+"):
        return joined(of(part) for part in parts)
    if op in ("not", "negative"):
        return against(of(parts[0]))
    if op == "-":
        return joined([of(parts[0]), against(of(parts[1]))])
    if op == "call" and (tree["name"] in ("min", "max") or tree["name"].startswith(("per_", "round_"))):
        return joined(of(part) for part in parts)
    if op == "people" and tree["how"] in ("any", "all", "none", "sum", "min", "max"):
        what, where = of(parts[0]), of(parts[1])
        if where != 0:
            return None if what != 0 or tree["how"] not in ("any",) else where
        return against(what) if tree["how"] == "none" else what
    if op == "if" and of(parts[0]) == 0:
        return joined([of(parts[1]), of(parts[2])])
    return 0 if all(of(part) == 0 for part in parts) else None


# --- tried on households ------------------------------------------------------------------------------------------------


class Trial:
    """The common rule and local ones over the same made-up households, all in one go of the columnar machine.

    definition: whole, with its variants. others: whole definitions of the other programmes. on: the day whose limits count.
    """

    def __init__(self, definition: Definition, others: Mapping[str, Definition], on: dt.date, catalogue: Catalogue):
        self.definition, self.on, self.catalogue = definition, on, catalogue
        self.common = replace(definition, variants=(), floor={})
        self.others = {code: item for code, item in others.items() if code in _used(definition, others)}

    def effects(self, variant: Variant) -> tuple[Effect, dict[Part, Effect]]:
        """What the whole variant does, and each of its parts alone."""
        parts = parts_of(self.definition, variant)
        open_ = [part for part in parts if not told(self.definition, variant, part, self.on)]
        columns, households = self._run([variant, *(only(self.definition, variant, part) for part in open_)])
        found = [_effect(columns[0], column, households) for column in columns[1:]]
        by_part = dict(zip(open_, found[1:], strict=True))
        for part in parts:
            if part not in by_part:
                by_part[part] = Effect(told(self.definition, variant, part, self.on), is_sure=True)
        whole = found[0]
        sure = {effect.direction for effect in by_part.values()} - {SAME}
        if whole.direction == SAME and len(sure) == 1 and all(effect.is_sure for effect in by_part.values()):
            whole = Effect(sure.pop(), is_sure=True, tried=whole.tried)
        return whole, {part: by_part[part] for part in parts}

    def breaches(self) -> list[Breach]:
        """Where variants go below the floor, one household for each variant and each thing that is marked."""
        variants, floor = self.definition.variants, self.definition.floor
        if not variants or not floor:
            return []
        columns, households = self._run(variants)
        found = []
        for variant, column in zip(variants, columns[1:], strict=True):
            for kind, name, mask in self._below(columns[0], column):
                if mask.any():
                    found.append(Breach(variant, kind, name, _simplest(households, mask)))
        return found

    def _below(self, common: Column, local: Column) -> Iterator[tuple[str, str, np.ndarray]]:
        floor = self.definition.floor
        for id_ in floor.get("criteria", ()):
            yield "criteria", id_, _lost(common, local, id_)
        for name in floor.get("limits", ()):
            for item in self.common.criteria:
                if _reads(item.when, name, self.common):
                    yield "limits", name, _lost(common, local, item.id)
            if self.common.amount and _reads(self.common.amount.tree, name, self.common):
                yield "limits", name, _less(common, local)
        if floor.get("result"):
            yield "result", "", ((common.outcome == LIKELY) & (local.outcome == NOT_LIKELY)) | _less(common, local)

    def _run(self, variants: Iterable[Variant]) -> tuple[list[Column], list[Household]]:
        code = self.definition.code
        versions = [self._ready(self.common), *(self._ready(self.definition.with_variant(variant)) for variant in variants)]
        everything = {f"{code}.{number}": item[code] for number, item in enumerate(versions)}
        everything |= {name: item for name, item in versions[0].items() if name != code}
        households = Maker(self.definition, everything, self.on, self.catalogue).households(TRIED)
        caseload = Caseload.from_households(households, self.catalogue)
        found = run_versions(caseload, versions, self.on, criteria=True)
        return [columns[code] for columns in found], households

    def _ready(self, definition: Definition) -> dict[str, Compiled]:
        return Rulebook({**self.others, definition.code: definition}, {}, self.catalogue).on(self.on)


def only(definition: Definition, variant: Variant, part: Part) -> Variant:
    """The variant with one of its parts alone, and with the new limits and worked-out facts that part may need."""
    new_limits = {name: item for name, item in variant.limits.items() if name not in definition.limits}
    new_worked = {name: item for name, item in variant.worked_out.items() if name not in definition.worked_out}
    one = {part.name}
    return replace(
        variant,
        limits={**new_limits, **{name: item for name, item in variant.limits.items() if part.kind == "limit" and name in one}},
        worked_out={
            **new_worked,
            **{name: item for name, item in variant.worked_out.items() if part.kind == "worked_out" and name in one},
        },
        criteria=tuple(item for item in variant.criteria if part.kind == "criterion" and item.id in one),
        amount=variant.amount if part.kind == "amount" else None,
        leaves_out=tuple(id_ for id_ in variant.leaves_out if part.kind == "left_out" and id_ in one),
        translations={},
    )


def _used(definition: Definition, others: Mapping[str, Definition]) -> set[str]:
    found: set[str] = set()
    waiting = set(definition.programmes_used())
    while waiting:
        code = waiting.pop()
        if code in others and code not in found and code != definition.code:
            found.add(code)
            waiting |= others[code].programmes_used()
    return found


def _reads(tree: Any, limit: str, definition: Definition) -> bool:
    """Whether a formula reads a limit, through worked-out facts too."""
    waiting: list[Node] = [tree]
    seen: set[str] = set()
    while waiting:
        for part in waiting.pop().walk():
            if part.op == "limit" and part["name"] == limit:
                return True
            name = part["name"] if part.op in ("worked_out", "get") else ""
            if name in definition.worked_out and name not in seen:
                seen.add(name)
                waiting.append(definition.worked_out[name].tree)
    return False


def _lost(common: Column, local: Column, id_: str) -> np.ndarray:
    """Who meets a criterion by the common rule and not by the local one; one that is left out is met by all."""
    if id_ not in local.criteria:
        return np.zeros(len(common.outcome), dtype=bool)
    return (common.criteria[id_] == LIKELY) & (local.criteria[id_] == NOT_LIKELY)


def _less(common: Column, local: Column) -> np.ndarray:
    both = (common.outcome == LIKELY) & (local.outcome == LIKELY)
    if common.low is None or local.low is None:
        return np.zeros(len(both), dtype=bool)
    known = (common.low == common.high) & (local.low == local.high) & ~common.open & ~local.open
    return both & known & (local.low < common.low)


def _effect(common: Column, local: Column, households: list[Household]) -> Effect:
    size = len(households)
    loses = ((common.outcome == LIKELY) & (local.outcome == NOT_LIKELY)) | _less(common, local)
    gains = ((common.outcome == NOT_LIKELY) & (local.outcome == LIKELY)) | _less(local, common)
    if not loses.any() and not gains.any():  # nothing shows in the result: look at the conditions one by one
        for id_ in set(common.criteria) & set(local.criteria):
            loses = loses | _lost(common, local, id_)
            gains = gains | _lost(local, common, id_)
    narrower, wider = bool(loses.any()), bool(gains.any())
    direction = BOTH if narrower and wider else NARROWER if narrower else WIDER if wider else SAME
    return Effect(
        direction,
        loses=_simplest(households, loses) if narrower else None,
        gains=_simplest(households, gains) if wider else None,
        tried=size,
    )


def _simplest(households: list[Household], mask: np.ndarray) -> Household:
    """The first household with the fewest people: worked examples come first."""
    return min((households[row] for row in np.flatnonzero(mask)), key=lambda household: len(household.people))
