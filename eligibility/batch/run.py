"""Runs programmes over a caseload in chunks; several versions of them in one go share what they have in common."""

from dataclasses import dataclass

import numpy as np

from eligibility.batch.arithmetic import rounded
from eligibility.batch.arrays import (
    SAFE,
    Array,
    Bool,
    Num,
    aligned,
    conjunction,
    constant,
    disjunction,
    is_wide,
    mask_of,
    reasons,
    roomy,
    tidy,
    unknown_of,
)
from eligibility.batch.choosing import choose
from eligibility.batch.evaluate import Evaluator
from eligibility.batch.keys import Keys
from eligibility.engine.rulebook import assess, in_order
from eligibility.household import LOCAL, PEOPLE_KEY

CHUNK, CHUNK_WITH_REASONS = 65_536, 49_152
LIKELY, NOT_LIKELY, UNKNOWN = 1, 0, -1
OUTCOMES = {LIKELY: "likely", NOT_LIKELY: "not_likely", UNKNOWN: "unknown"}
_CODES = {"likely": LIKELY, "not_likely": NOT_LIKELY, "unknown": UNKNOWN, "met": LIKELY, "not_met": NOT_LIKELY}


@dataclass
class Column:
    """The answers of one programme, an element for each household.

    outcome: int8, 1 likely, 0 not likely, -1 unknown. low, high: pence, equal where the amount is known; open: there is no upper bound
    (high is then 0). Where the outcome is not likely both are 0; None where the programme has no amount or none is wanted.
    criteria: {id: int8 like outcome}. blocking: bits of the facts that hold up the outcome, None where not wanted; facts: code of each bit.
    """

    outcome: Array
    low: Array
    high: Array
    open: Array
    criteria: dict
    blocking: Array
    facts: tuple

    def blocking_of(self, row):
        """The codes of the facts that hold up the outcome of one household."""
        bits = int(self.blocking[row])
        return {fact for place, fact in enumerate(self.facts) if bits >> place & 1}


@dataclass
class _Answer:
    """Columns of one programme in one chunk: outcome, criteria, amount (None where it has none)."""

    truth: Bool
    criteria: dict
    value: Num | None


def run_batch(caseload, programmes, on, *, amounts=True, criteria=False, blocking=False, chunk=None):
    """{code: Column} for a Caseload. programmes: {code: Compiled} made ready for `on`. amounts, criteria, blocking: what is wanted."""
    return run_versions(caseload, [programmes], on, amounts=amounts, criteria=criteria, blocking=blocking, chunk=chunk)[0]


def run_versions(caseload, versions, on, *, amounts=True, criteria=False, blocking=False, chunk=None):
    """Like `run_batch` for several {code: Compiled} in one go: what they share is worked out once. Returns a list of {code: Column}."""
    size, chunk = len(caseload), chunk or (CHUNK_WITH_REASONS if blocking else CHUNK)
    bits = _bits(versions, bool(caseload.households)) if blocking else None
    run = _Run(versions, on, amounts)
    reasons_run = _Run(versions, on, False, bits) if blocking else None
    out = [{code: _empty(item, size, amounts, criteria, bits) for code, item in programmes.items()} for programmes in versions]
    for first in range(0, size, chunk):
        last = min(first + chunk, size)
        part = caseload.chunk(first, last)
        unknown = np.zeros(last - first, dtype=bool)
        for number, code, answer in run.answers(part):
            _write(answer, out[number][code], slice(first, last))
            if blocking:
                unknown |= out[number][code].outcome[first:last] == UNKNOWN
        if reasons_run is not None and (rows := np.flatnonzero(unknown)).size:
            for number, code, answer in reasons_run.answers(part.take(rows)):
                if answer.truth.why is not None:
                    out[number][code].blocking[first + rows] = answer.truth.why
        for row, household in part.households.items():
            for number, programmes in enumerate(versions):
                _one_by_one(household, programmes, on, out[number], first + row, bits)
    return out


class _Run:
    """The programmes of all versions over one chunk after the other. bits: {fact key: bit} when reasons are wanted, else None."""

    def __init__(self, versions, on, amounts, bits=None):
        self.versions, self.on, self.amounts, self.bits = versions, on, amounts, bits
        self.orders = [in_order({code: item.uses for code, item in programmes.items()}) for programmes in versions]
        self.counted = {code for programmes in versions for item in programmes.values() for code in _amounts_used(item)}
        self.keys = Keys(on)

    def answers(self, part):
        """(number of the version, code, _Answer) for each programme, in the order of evaluation."""
        evaluator = Evaluator(part, self.on, self.keys, {}, self.bits)
        for number, programmes in enumerate(self.versions):
            self.keys.begin(number, programmes, self.orders[number])
            evaluator.results = {}
            for code in self.orders[number]:
                counted = code in self.counted
                yield number, code, self._answer(programmes[code], evaluator, self.amounts or counted, counted)

    def _answer(self, programme, evaluator, amount, counted):
        """The answer of one programme, kept for other versions that are the same; its result is kept for programmes that use it.

        counted: whether some programme reads its amount.
        """
        key = ("answer", amount, self.keys.programmes[programme.code])
        kept = evaluator.base.cache.get(key)
        if kept is None:
            kept = (
                _by_council(programme, evaluator, amount) if programme.variants else _of_plan(programme.plan, evaluator, amount)
            )
            if len(self.versions) > 1 and all(
                programme.code in other and other[programme.code].rule_hash == programme.rule_hash for other in self.versions
            ):
                evaluator.base.cache[key] = kept
        rule = programme.plan.definition.amount
        paid = None
        if counted:
            value = kept.value if kept.value is not None else constant(0)
            paid = choose(_full(kept.truth, len(evaluator.chunk)), value, constant(0))
        evaluator.results[programme.code] = (kept.truth, paid, rule.per if rule else "year")
        return kept


def _amounts_used(programme):
    """Codes of the programmes whose amount this one reads."""
    if not programme.uses:
        return set()
    parts = [part for plan in programme.plans for typed in plan.typed.values() for part in plan.scope.all_parts(typed)]
    return {part.info["code"] for part in parts if part.op == "programme" and part.info["what"] == "amount"}


def _bits(versions, is_open):
    """A bit for everything that can be missing: facts, limits that may have no value, results of programmes that are not there.

    is_open: of some households it is not known who lives there. Where 64 bits are not enough all limits share one.
    """
    found, limits = {PEOPLE_KEY} if is_open else set(), set()
    for programmes in versions:
        for item in programmes.values():
            found |= item.needs | {f"programmes.{code}" for code in item.uses if code not in programmes}
            for plan in item.plans:
                limits |= {
                    f"limits.{name}" for name, limit in plan.scope.limits.items() if limit.by or limit.row_on(plan.on) is None
                }
    if len(found) + len(limits) <= 64:
        return {name: place for place, name in enumerate(sorted(found | limits))}
    bits = {name: place for place, name in enumerate(sorted(found | {"limits"}))}
    return {**bits, **dict.fromkeys(limits, bits["limits"])}


def _width(bits):
    most = max(bits.values(), default=0)
    return np.uint32 if most < 32 else np.uint64 if most < 64 else object


def _names(bits):
    """The name of each bit, in order."""
    by_place: dict[int, str] = {}
    for name, place in bits.items():
        by_place.setdefault(place, name)
    return tuple(by_place[place] for place in sorted(by_place))


def _empty(programme, size, amounts, criteria, bits):
    wanted = amounts and programme.plan.amount is not None
    return Column(
        outcome=np.empty(size, dtype=np.int8),
        low=np.zeros(size, dtype=np.int64) if wanted else None,
        high=np.zeros(size, dtype=np.int64) if wanted else None,
        open=np.zeros(size, dtype=bool) if wanted else None,
        criteria={item.id: np.empty(size, dtype=np.int8) for item in programme.definition.criteria} if criteria else {},
        blocking=None if bits is None else np.zeros(size, dtype=_width(bits)),
        facts=_names(bits or {}),
    )


def _of_plan(plan, evaluator, amount):
    criteria = {id_: evaluator.value(plan.typed[id_], plan.scope) for id_ in plan.conditions}
    sides = [criteria[ids[0]] if len(ids) == 1 else disjunction([criteria[id_] for id_ in ids]) for ids in plan.sides.values()]
    value = None
    if amount and plan.amount is not None:
        value = _paid_if_any(rounded(evaluator.value(plan.typed["amount"], plan.scope), *plan.rounding))
    return _Answer(conjunction(sides), criteria, value)


def _paid_if_any(value):
    """An amount that does not apply is 0; where it may not apply it is known all the same if it would be 0."""
    if value.may is None:
        return Num(value.lo, value.hi, value.scale, value.bound, value.nlo, value.nhi, why=value.why)
    lo, hi = np.where(value.may, np.minimum(value.lo, 0), value.lo), np.where(value.may, np.maximum(value.hi, 0), value.hi)
    lo = lo if value.nlo is None else np.where(value.nlo, 0, lo)
    hi = hi if value.nhi is None else np.where(value.nhi, 0, hi)
    out = Num(lo, hi, value.scale, value.bound, value.nlo, value.nhi)
    out.why = reasons(unknown_of(out), value)
    return out


# --- local variants -----------------------------------------------------------------------------------------------------


def _by_council(programme, evaluator, amount):
    """Each plan over the households of its councils; households whose council is not known go through all of them."""
    chunk, n = evaluator.chunk, len(evaluator.chunk)
    column = chunk.home[LOCAL]
    missing, na = mask_of(column.missing, n), mask_of(column.na, n)
    ids = ["", *(id_ for id_, _ in programme.variant_plans)]
    plan_of_name = np.array(
        [ids.index(programme.variants[name][0]) if name in programme.variants else 0 for name in column.names]
    )
    chosen = np.where(missing | na, 0, plan_of_name[column.values])
    pieces, everywhere = [], []
    nowhere = np.flatnonzero(missing)
    for place, plan in enumerate(programme.plans):
        rows = np.flatnonzero((chosen == place) & ~missing)
        both = np.concatenate([rows, nowhere])
        if not len(both):
            continue
        results = _results_at(evaluator.results, both)
        inner = Evaluator(chunk.take(both), evaluator.on, evaluator.keys, results, evaluator.bits, counting=False)
        found = _of_plan(plan, inner, amount)
        pieces.append((rows, _rows_of(found, np.arange(len(rows)), len(both))))
        everywhere.append(_rows_of(found, np.arange(len(rows), len(both)), len(both)))
    if len(nowhere):
        bit = None if evaluator.bits is None else evaluator.bits[f"household.{LOCAL}"]
        pieces.append((nowhere, _agreed(everywhere, bit, len(nowhere))))
    names = [item.id for item in programme.definition.criteria]
    criteria = {id_: _joined_bools([(rows, found.criteria.get(id_)) for rows, found in pieces], n) for id_ in names}
    values = [(rows, found.value) for rows, found in pieces]
    value = _joined_nums(values, n) if amount and programme.plan.amount is not None else None
    return _Answer(_joined_bools([(rows, found.truth) for rows, found in pieces], n), criteria, value)


def _results_at(results, rows):
    return {
        code: (truth.take(rows), None if paid is None else paid.take(rows), per) for code, (truth, paid, per) in results.items()
    }


def _full(value, n):
    return Bool(np.broadcast_to(value.t, n), np.broadcast_to(value.f, n), value.why)


def _rows_of(answer, index, n):
    criteria = {id_: _full(found, n).take(index) for id_, found in answer.criteria.items()}
    value = None if answer.value is None else _full_num(answer.value, n).take(index)
    return _Answer(_full(answer.truth, n).take(index), criteria, value)


def _full_num(value, n):
    lo = np.broadcast_to(value.lo, n)
    masks = {
        name: None if getattr(value, name) is None else np.broadcast_to(getattr(value, name), n) for name in ("nlo", "nhi", "why")
    }
    return Num(lo, lo if value.hi is value.lo else np.broadcast_to(value.hi, n), value.scale, value.bound, **masks)


def _agreed(answers, bit, n):
    """What all plans say alike; where they differ it hangs on the council too."""

    def join(values):
        t, f = np.logical_and.reduce([value.t for value in values]), np.logical_and.reduce([value.f for value in values])
        return Bool(t, f, _with_council(~(t | f), values, bit))

    ids = [id_ for id_ in answers[0].criteria if all(id_ in answer.criteria for answer in answers)]
    criteria = {id_: join([answer.criteria[id_] for answer in answers]) for id_ in ids}
    truth = join([answer.truth for answer in answers])
    if answers[0].value is None:
        return _Answer(truth, criteria, None)
    return _Answer(truth, criteria, _hull([(answer.truth, answer.value or constant(0)) for answer in answers], n, bit))


def _with_council(unknown, values, bit):
    if bit is None:
        return None
    found, council = reasons(unknown, *values), np.uint64(1 << bit) if bit < 64 else 1 << bit
    return unknown * council if found is None else (found | council) * unknown


def _hull(pairs, n, bit):
    """The span of the amounts of the plans that are not certainly refused; 0 where all are."""
    values = aligned(*(_full_num(value, n) for _, value in pairs))
    lo, hi = np.full(n, SAFE), np.full(n, -SAFE)
    nlo, nhi = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for (truth, _), value in zip(pairs, values, strict=True):
        counts = ~truth.f
        lo, hi = np.where(counts, np.minimum(lo, value.lo), lo), np.where(counts, np.maximum(hi, value.hi), hi)
        nlo, nhi = nlo | (counts & mask_of(value.nlo, n)), nhi | (counts & mask_of(value.nhi, n))
    none = np.logical_and.reduce([truth.f for truth, _ in pairs])
    bound = max(value.bound for value in values)
    out = Num(np.where(none | nlo, 0, lo), np.where(none | nhi, 0, hi), values[0].scale, bound, tidy(nlo), tidy(nhi))
    counted = [
        Bool(truth.t, truth.f, None if value.why is None else value.why * ~truth.f)
        for (truth, _), value in zip(pairs, values, strict=True)
    ]
    out.why = _with_council(unknown_of(out), counted, bit)
    return out


def _joined_bools(pieces, n):
    t, f = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    kept = [value.why for _, value in pieces if value is not None and value.why is not None]
    why = np.zeros(n, dtype=kept[0].dtype) if kept else None
    for rows, value in pieces:
        if value is not None:
            t[rows], f[rows] = value.t, value.f
            if why is not None and value.why is not None:
                why[rows] = value.why
    return Bool(t, f, why)


def _joined_nums(pieces, n):
    values = aligned(*(value if value is not None else constant(0) for _, value in pieces))
    wide = any(is_wide(value.lo) for value in values)
    lo, hi = (np.zeros(n, dtype=object if wide else np.int64) for _ in range(2))
    nlo, nhi = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    kept = [value.why for value in values if value.why is not None]
    why: Array = np.zeros(n, dtype=kept[0].dtype) if kept else None
    for (rows, _), value in zip(pieces, values, strict=True):
        lo[rows], hi[rows] = value.lo, value.hi
        nlo[rows], nhi[rows] = mask_of(value.nlo, len(rows)), mask_of(value.nhi, len(rows))
        if value.why is not None:
            why[rows] = value.why
    return Num(lo, hi, values[0].scale, max(value.bound for value in values), tidy(nlo), tidy(nhi), why=why)


# --- writing down -------------------------------------------------------------------------------------------------------


def _write(answer, column, rows):
    _codes(answer.truth, column.outcome[rows])
    for id_, found in column.criteria.items():
        _codes(answer.criteria[id_], found[rows])
    if column.low is not None:
        refused = answer.truth.f
        low, high = _pence(answer.value.lo, answer.value.scale), _pence(answer.value.hi, answer.value.scale)
        nothing = refused if answer.value.nlo is None else refused | answer.value.nlo
        column.low[rows] = np.where(nothing, 0, low)
        column.high[rows] = np.where(refused if answer.value.nhi is None else refused | answer.value.nhi, 0, high)
        if answer.value.nhi is not None:
            column.open[rows] = answer.value.nhi & ~refused


def _codes(truth, into):
    """Writes 1 where it holds, 0 where it does not, -1 where it is unknown."""
    np.add(np.asarray(truth.t).view(np.int8), np.asarray(truth.t | truth.f).view(np.int8), out=into)
    into -= 1


def _pence(array, scale):
    if scale == 1 and not is_wide(array):
        return array
    return np.asarray((roomy(array) * 2 + scale) // (scale * 2)).astype(np.int64)


def _one_by_one(household, programmes, on, columns, row, bits):
    """A household that columns cannot hold (it is not known who lives there) is decided by the engine."""
    for code, found in assess(household, programmes, on).items():
        column = columns[code]
        column.outcome[row] = _CODES[found.outcome]
        results = {item.id: item.result for item in found.criteria}
        for id_, kept in column.criteria.items():
            kept[row] = _CODES[results.get(id_, "unknown")]
        if column.blocking is not None:
            keys = {f"person.{key.split('.')[-1]}" if key.startswith("people.") else key for key in found.missing_for_outcome}
            column.blocking[row] = sum({1 << bits[key] for key in keys})
        if column.low is not None:
            low, high = (found.amount, found.amount) if found.amount is not None else found.amount_range or (0, 0)
            column.low[row], column.high[row] = int((low or 0) * 100), int((high or 0) * 100)
            column.open[row] = high is None
