"""Both versions of the rules over the caseload: for every household of the group what it had and what it would have. Exact, and for this package only.

What may be shown of it is decided in `disclosure`.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from django.db import transaction

from eligibility.batch import LIKELY, NOT_LIKELY, UNKNOWN, Caseload, Column, run_versions
from eligibility.definition import Definition
from eligibility.engine import Compiled
from eligibility.queries.preview.certain import mark_of
from eligibility.queries.preview.disclosure import household_keys
from eligibility.queries.preview.groups import Dimension
from eligibility.queries.preview.reading import Extent, parts
from eligibility.rules import rulebook
from portal.kit.actor import Actor, acting_as

COLUMNS = ("gains", "loses", "more", "less", "becomes_known", "becomes_unknown")
PER_YEAR = {"week": 52, "four_weeks": 13, "month": 12, "year": 1, "once": 1}


@dataclass(frozen=True)
class Rules:
    """What is compared. before, after: the definitions of all programmes; codes: those under preview.

    concerned: they and all that rest on their results, through others too.
    """

    codes: tuple[str, ...]
    before: Mapping[str, Definition]
    after: Mapping[str, Definition]
    concerned: tuple[str, ...]

    @classmethod
    def of(cls, before: Mapping[str, Definition], *news: Definition) -> "Rules":
        codes = tuple(new.code for new in news)
        after = {**before, **{new.code: new for new in news}}
        return cls(codes, before, after, (*codes, *_resting(after, codes)))

    @property
    def code(self) -> str:
        """The one programme under preview, or the first of several."""
        return self.codes[0]

    @property
    def changed(self) -> tuple[str, ...]:
        """Those under preview that decide otherwise than before, by themselves."""
        return tuple(
            code for code in self.codes if code not in self.before or mark_of(self.before[code]) != mark_of(self.after[code])
        )

    @property
    def mark(self) -> bytes:
        """What the rules under preview decide by, as a hash: of one rule its own (`mark_of`), of several all of them, in no order."""
        marks = {code: mark_of(self.after[code]) for code in self.changed or self.codes}
        if len(marks) == 1:
            return next(iter(marks.values()))
        return sha256(b"".join(code.encode() + marks[code] for code in sorted(marks))).digest()

    def rests_on_another(self, code: str) -> bool:
        """Whether a programme rests, through others too, on the result of one that is changed here besides it."""
        others = [other for other in self.changed if other != code]
        return code in _resting(self.after, others)

    def made_ready(self, on: dt.date, also: Iterable[str] = ()) -> tuple[dict[str, Compiled], dict[str, Compiled]]:
        """Both versions, with what the concerned programmes (and those of `also`) rest on and nothing else. Raises RuleError."""
        one = self._with_inputs(self.before, {*self.concerned, *also} & set(self.before))
        two = self._with_inputs(self.after, {*self.concerned, *also})
        return rulebook(one).on(on), rulebook(two).on(on)

    @staticmethod
    def _with_inputs(definitions: Mapping[str, Definition], codes: set[str]) -> dict[str, Definition]:
        wanted: set[str] = set()
        while codes:
            wanted |= codes
            used: set[str] = set().union(*(definitions[code].programmes_used() for code in codes if code in definitions))
            codes = used - wanted
        return {code: definitions[code] for code in sorted(wanted) if code in definitions}


def _resting(definitions: Mapping[str, Definition], codes: Iterable[str]) -> list[str]:
    """The programmes that rest on the results of `codes`, through others too, without `codes` themselves."""
    first = list(codes)
    found = list(first)
    for _round in definitions:
        found += [name for name, item in definitions.items() if name not in found and item.programmes_used() & set(found)]
    return found[len(first) :]


@dataclass
class Effect:
    """One programme, an element for each household of the group.

    was, now: outcomes. low, high: pence a year more (below 0: less), equal where nothing is missing; None where it has no amount.
    open: no upper bound of the change is known. turned: {condition: whether it has another result}.
    """

    was: np.ndarray
    now: np.ndarray
    low: np.ndarray | None
    high: np.ndarray | None
    open: np.ndarray | None
    turned: dict[str, np.ndarray]

    def of(self, mask: np.ndarray) -> "Effect":
        """The effect on some of the households."""
        turned = {name: values[mask] for name, values in self.turned.items()}
        low, high, open_ = (None if values is None else values[mask] for values in (self.low, self.high, self.open))
        return Effect(self.was[mask], self.now[mask], low, high, open_, turned)

    @property
    def gains(self) -> np.ndarray:
        return (self.was == NOT_LIKELY) & (self.now == LIKELY)

    @property
    def loses(self) -> np.ndarray:
        return (self.was == LIKELY) & (self.now == NOT_LIKELY)

    @property
    def becomes_known(self) -> np.ndarray:
        return (self.was == UNKNOWN) & (self.now != UNKNOWN)

    @property
    def becomes_unknown(self) -> np.ndarray:
        return (self.was != UNKNOWN) & (self.now == UNKNOWN)

    @property
    def is_exact(self) -> np.ndarray:
        """Where the change of the amount is one number."""
        if self.low is None or self.open is None:
            return np.zeros(len(self.was), dtype=bool)
        return (self.low == self.high) & ~self.open

    @property
    def _both(self) -> np.ndarray:
        return (self.was == LIKELY) & (self.now == LIKELY) & self.is_exact

    @property
    def more(self) -> np.ndarray:
        return self._both & (self.low > 0) if self.low is not None else np.zeros(len(self.was), dtype=bool)

    @property
    def less(self) -> np.ndarray:
        return self._both & (self.low < 0) if self.low is not None else np.zeros(len(self.was), dtype=bool)

    @property
    def better(self) -> np.ndarray:
        return self.gains | self.more

    @property
    def worse(self) -> np.ndarray:
        return self.loses | self.less

    @property
    def changes(self) -> np.ndarray:
        """Whoever has another result, or may have."""
        found = self.was != self.now
        if self.low is not None and self.high is not None and self.open is not None:
            found = found | (self.low != 0) | (self.high != 0) | (self.open & (self.was != self.now))
        return found

    @property
    def concerned(self) -> np.ndarray:
        """Whoever may get it under either version."""
        return (self.was == LIKELY) | (self.now == LIKELY)


@dataclass
class Measured:
    """What came out. ids, keys: of the households of the group. everyone: how many were read. split: place of each one's option.

    left_out: keys of records whose facts cannot be read. effects: {code: Effect}.
    """

    ids: np.ndarray
    keys: np.ndarray
    everyone: int
    left_out: np.ndarray
    split: np.ndarray | None
    effects: dict[str, Effect] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.keys)


def measured(
    rules: Rules,
    *,
    on: dt.date,
    chosen: Mapping[Dimension, str],
    split: Dimension | None = None,
    size: Extent | None = None,
    share: float = 1.0,
    ids: Iterable | None = None,
) -> Measured:
    """Compare both versions over the caseload, or the records `ids`. chosen: {dimension: option}, all of which must hold.

    Reads pseudonymous typed facts as a machine for the whole caseload. Raises RuleError for rules that do not work together.
    """
    used = [*chosen, *([split] if split is not None else [])]
    one, two = rules.made_ready(on, [item.programme for item in used if item.programme])
    facts = {code for programmes in (one, two) for item in programmes.values() for code in item.needs}
    facts |= {code for item in used for code in item.facts} | {"person.born_on"}
    gathered = _Gathered(rules.concerned)
    with acting_as(Actor.machine("preview", caseload=True)), transaction.atomic():
        for part in parts(on, facts, size=size, share=share, ids=ids):
            gathered.left_out.append(part.left_out)
            if len(part.caseload):
                gathered.add(part.ids, part.caseload, one, two, on, chosen, split)
    return gathered.whole(split is not None)


class _Gathered:
    """Collects what the parts give; only the households of the group are kept."""

    def __init__(self, codes: tuple[str, ...]):
        self.codes = codes
        self.ids: list[np.ndarray] = []
        self.split: list[np.ndarray] = []
        self.effects: dict[str, list[Effect]] = {code: [] for code in codes}
        self.left_out: list[np.ndarray] = []
        self.everyone = 0

    def add(self, ids, load: Caseload, one, two, on: dt.date, chosen: Mapping[Dimension, str], split: Dimension | None) -> None:
        self.everyone += len(load)
        old, new = run_versions(load, [one, two], on, criteria=True)
        held = np.ones(len(load), dtype=bool)
        for item, option in chosen.items():
            held &= item.of(load, on, old) == item.place(option)
        self.ids.append(ids[held])
        if split is not None:
            self.split.append(np.asarray(split.of(load, on, old))[held])
        for code in self.codes:
            effect = _effect(old.get(code), new[code], two[code])
            self.effects[code].append(effect.of(held))

    def whole(self, has_split: bool) -> Measured:
        ids = np.concatenate(self.ids) if self.ids else np.zeros((0, 16), dtype=np.uint8)
        return Measured(
            ids=ids,
            keys=household_keys(ids),
            everyone=self.everyone,
            left_out=household_keys(np.concatenate(self.left_out)) if self.left_out else np.zeros(0, dtype=np.uint64),
            split=(np.concatenate(self.split) if self.split else np.zeros(0, dtype=np.int64)) if has_split else None,
            effects={code: _joined(found) for code, found in self.effects.items() if found},
        )


def _joined(found: list[Effect]) -> Effect:
    def together(arrays):
        return None if arrays[0] is None else np.concatenate(arrays)

    was, now, low, high, open_ = (
        together([getattr(item, name) for item in found]) for name in ("was", "now", "low", "high", "open")
    )
    turned = {name: together([item.turned[name] for item in found]) for name in found[0].turned}
    return Effect(was, now, low, high, open_, turned)


def _effect(old: Column | None, new: Column, programme: Compiled) -> Effect:
    """Where the programme had no rule before, everybody had nothing."""
    was = old.outcome if old is not None else np.full(len(new.outcome), NOT_LIKELY, dtype=np.int8)
    low = high = open_ = None
    if new.low is not None:
        factor = PER_YEAR[programme.definition.amount.per]
        (old_low, old_high, old_open), (new_low, new_high, new_open) = (
            _amounts(old, was, factor),
            _amounts(new, new.outcome, factor),
        )
        # The same facts are missing on both sides, so the lower amounts go together, and the higher ones.
        ends = new_low - old_low, new_high - old_high
        same = (was == new.outcome) & (old_low == new_low) & (old_high == new_high) & (old_open == new_open)
        low, high = np.minimum(*ends), np.maximum(*ends)
        open_ = (old_open | new_open) & ~same
    return Effect(was, new.outcome, low, high, open_, _turned(old, new))


def _amounts(found: Column | None, outcome: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pence a year at least and at most, and where there is no upper bound; nothing for sure while the outcome is open."""
    if found is None or found.low is None:
        zero = np.zeros(len(outcome), dtype=np.int64)
        return zero, zero, np.zeros(len(outcome), dtype=bool)
    low = np.asarray(np.where(outcome == UNKNOWN, 0, found.low) * factor)
    return low, np.asarray(np.where(found.open, found.low, found.high) * factor), np.asarray(found.open)


def _turned(old: Column | None, new: Column) -> dict[str, np.ndarray]:
    """Where each condition has another result; one that is only in one version counts where it is not met."""
    if old is None:
        return {}
    found = {}
    for id_ in [*new.criteria, *(name for name in old.criteria if name not in new.criteria)]:
        if id_ in old.criteria and id_ in new.criteria:
            mask = old.criteria[id_] != new.criteria[id_]
        else:
            mask = (new.criteria[id_] if id_ in new.criteria else old.criteria[id_]) != LIKELY
        found[id_] = mask
    return found
