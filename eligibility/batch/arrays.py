"""Three-valued values as columns: one array element for each household (or person), with the same meaning as `language.values`.

`Bool`: a pair of arrays, certainly yes and certainly no. `Num`: numbers, money (pence) and dates (ordinals) as int64 numerators over one
`scale` for the whole column, with bounds where facts are missing; where 64 bits could overflow, or a column is divided by a column, the
arrays hold exact Python numbers instead. `Code`: index into a list of names. Masks that are nowhere true are None. Where a value does not
apply (`na`) its numbers are 0 and no other mask is set. `why` holds, for unknown elements, the bits of the missing facts.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

import numpy as np

SAFE = 2**62


@dataclass(slots=True)
class Bool:
    """t: certainly yes. f: certainly no. Neither: unknown."""

    t: np.ndarray
    f: np.ndarray
    why: np.ndarray | None = None

    def take(self, index):
        """The elements at `index`; a scalar stays one."""
        return Bool(taken(self.t, index), taken(self.f, index), taken(self.why, index))


@dataclass(slots=True)
class Num:
    """lo, hi: bounds, equal where known. nlo, nhi: no bound on that side. na: does not apply. may: may turn out not to apply.

    bound: no absolute value in lo or hi is above it.
    """

    lo: np.ndarray
    hi: np.ndarray
    scale: int = 1
    bound: int = 0
    nlo: np.ndarray | None = None
    nhi: np.ndarray | None = None
    na: np.ndarray | None = None
    may: np.ndarray | None = None
    why: np.ndarray | None = None

    def take(self, index):
        """The elements at `index`; a scalar stays one."""
        lo = taken(self.lo, index)
        hi = lo if self.hi is self.lo else taken(self.hi, index)
        masks = (taken(mask, index) for mask in (self.nlo, self.nhi, self.na, self.may, self.why))
        return Num(lo, hi, self.scale, self.bound, *masks)

    @property
    def is_exact(self):
        """Nothing in this column is unknown."""
        return self.hi is self.lo and self.nlo is None and self.nhi is None and self.may is None

    @property
    def is_constant(self):
        """One known value for the whole column."""
        return self.is_exact and self.na is None and np.ndim(self.lo) == 0


@dataclass(slots=True)
class Code:
    """value: index into names, or a bit mask over them where `many`. unknown, na, may: masks."""

    value: np.ndarray
    names: tuple
    unknown: np.ndarray | None = None
    na: np.ndarray | None = None
    may: np.ndarray | None = None
    why: np.ndarray | None = None
    many: bool = False

    def take(self, index):
        """The elements at `index`; a scalar stays one."""
        masks = (taken(mask, index) for mask in (self.unknown, self.na, self.may, self.why))
        return Code(taken(self.value, index), self.names, *masks, self.many)


@dataclass(slots=True)
class FlowColumn:
    """Money with the period of each element. per: index into types.PERIODS, an array or one int."""

    amount: Num
    per: object

    def take(self, index):
        """The elements at `index`."""
        return FlowColumn(self.amount.take(index), taken(self.per, index))


def taken(array, index):
    """array[index], None and scalars unchanged."""
    return array if array is None or np.ndim(array) == 0 else array[index]


def either(one, two):
    """The union of two masks that may be None."""
    if one is None or two is None:
        return two if one is None else one
    return one | two


def tidy(mask):
    """The mask, or None when it is nowhere true."""
    return mask if mask is not None and np.any(mask) else None


def reasons(unknown, *values):
    """The joined `why` of the values where `unknown`, or None when none is kept."""
    found = None
    for value in values:
        if value.why is not None:
            found = value.why if found is None else found | value.why
    return None if found is None else found * unknown


# --- yes and no ---------------------------------------------------------------------------------------------------------


def constant_bool(value):
    """A Bool that is the same everywhere."""
    return Bool(np.bool_(value), np.bool_(not value))


def negate(one):
    """Kleene not."""
    return Bool(one.f, one.t, one.why)


def conjunction(values):
    """Kleene and."""
    first, *rest = values
    if not rest:
        return first
    t, f = first.t, first.f
    for value in rest:
        t, f = t & value.t, f | value.f
    return Bool(t, f, reasons(~(t | f), *values))


def disjunction(values):
    """Kleene or."""
    return negate(conjunction([negate(value) for value in values]))


def at_least(number, values):
    """Whether at least `number` of the columns hold."""
    sure = sum(value.t.astype(np.int16) for value in values)
    possible = sum((~value.f).astype(np.int16) for value in values)
    t, f = sure >= number, possible < number
    return Bool(t, f, reasons(~(t | f), *values))


# --- numbers ------------------------------------------------------------------------------------------------------------


def constant(value):
    """A Num with the same known value everywhere; None: it does not apply."""
    if value is None:
        return Num(np.int64(0), np.int64(0), na=np.bool_(True))
    value = Fraction(value)
    if abs(value.numerator) > SAFE:
        number = np.array(value.numerator, dtype=object)
    else:
        number = np.int64(value.numerator)
    return Num(number, number, value.denominator, abs(value.numerator))


def unknown_num(why, lo=None):
    """A Num that is nowhere known; lo: its lower bound, an int."""
    zero = np.int64(lo or 0)
    return Num(zero, zero, 1, abs(lo or 0), np.bool_(True) if lo is None else None, np.bool_(True), why=why)


def unknown_of(one):
    """The mask of elements whose value is not known, or None."""
    found = None if one.hi is one.lo else one.lo != one.hi
    return either(either(found, one.nlo), either(one.nhi, one.may))


def _times(array, factor, bound):
    """array x factor, in Python numbers where 64 bits are not enough."""
    if factor == 1:
        return array
    return (widened(array) if bound > SAFE else array) * factor


def widened(array):
    """The array in exact Python numbers."""
    return np.asarray(array).astype(object)


def is_wide(array):
    """Whether an array (or a number taken out of one) is in Python numbers."""
    return getattr(array, "dtype", object) == object


def scaled(one, scale):
    """The same values over another scale, a multiple of the present one."""
    factor = scale // one.scale
    if factor == 1:
        return one
    bound = one.bound * factor
    lo = _times(one.lo, factor, bound)
    hi = lo if one.hi is one.lo else _times(one.hi, factor, bound)
    return replace(one, lo=lo, hi=hi, scale=scale, bound=bound)


def aligned(*values):
    """The values over one common scale."""
    scale = lcm(*(value.scale for value in values))
    return [scaled(value, scale) for value in values]


def settled(one, na):
    """`one` with the elements in `na` marked as not applying."""
    if na is None:
        return one
    keep = ~na
    lo = np.where(na, 0, one.lo)
    hi = lo if one.hi is one.lo else np.where(na, 0, one.hi)
    masks = {name: None if mask is None else mask & keep for name, mask in (("nlo", one.nlo), ("nhi", one.nhi), ("may", one.may))}
    why = None if one.why is None else one.why * keep
    return replace(one, lo=lo, hi=hi, na=na, why=why, **masks)


def explained(one, *sources):
    """`one` with the reasons of its sources where it is unknown."""
    if all(source.why is None for source in sources):
        return one
    unknown = unknown_of(one)
    return one if unknown is None else replace(one, why=reasons(unknown, *sources))


def add(one, two):
    """one + two."""
    first, second = aligned(one, two)
    bound = first.bound + second.bound
    if bound > SAFE:
        first, second = _wide(first), _wide(second)
    lo = first.lo + second.lo
    hi = lo if first.hi is first.lo and second.hi is second.lo else first.hi + second.hi
    nlo, nhi = either(first.nlo, second.nlo), either(first.nhi, second.nhi)
    out = Num(_zeroed(lo, nlo), hi if hi is lo and nlo is None and nhi is None else _zeroed(hi, nhi), first.scale, bound, nlo, nhi)
    out.may = either(first.may, second.may)
    return explained(settled(out, either(first.na, second.na)), one, two)


def _zeroed(array, mask):
    return array if mask is None else np.where(mask, 0, array)


def _wide(one):
    if is_wide(one.lo):
        return one
    lo = widened(one.lo)
    return replace(one, lo=lo, hi=lo if one.hi is one.lo else widened(one.hi))


def negative(one):
    """-one."""
    lo = -one.hi
    return replace(one, lo=lo, hi=lo if one.hi is one.lo else -one.lo, nlo=one.nhi, nhi=one.nlo)


def by_constant(one, factor):
    """one x a known factor (Fraction)."""
    factor = Fraction(factor)
    if factor == 0:
        zero = np.zeros(np.shape(one.lo), dtype=np.int64)
        return explained(Num(zero, zero, 1, 0, na=one.na, may=one.may), one)
    if factor < 0:
        return negative(by_constant(one, -factor))
    bound = one.bound * factor.numerator
    lo = _times(one.lo, factor.numerator, bound)
    hi = lo if one.hi is one.lo else _times(one.hi, factor.numerator, bound)
    return replace(one, lo=lo, hi=hi, scale=one.scale * factor.denominator, bound=bound)


def multiply(one, two):
    """one x two, with bounds where one factor is known or neither is negative."""
    for known, other in ((one, two), (two, one)):
        if known.is_constant:
            return by_constant(other, Fraction(int(known.lo), known.scale))
    bound = one.bound * two.bound
    first, second = (_wide(one), _wide(two)) if bound > SAFE else (one, two)
    na = either(one.na, two.na)
    if one.is_exact and two.is_exact:
        lo = first.lo * second.lo
        return settled(Num(lo, lo, one.scale * two.scale, bound), na)
    shape = np.broadcast_shapes(np.shape(one.lo), np.shape(two.lo))
    false = np.zeros(shape, dtype=bool)
    one_unknown, two_unknown = (false if (mask := unknown_of(value)) is None else mask | false for value in (one, two))
    by_one, by_two = _by_known(first, second, false), _by_known(second, first, false)
    both = _both_unknown(first, second, false)
    lo, hi, nlo, nhi = (
        np.where(~one_unknown, known, np.where(~two_unknown, other, neither))
        for known, other, neither in zip(by_one, by_two, both, strict=True)
    )
    may = either(one.may, two.may)
    out = Num(np.where(nlo, 0, lo), np.where(nhi, 0, hi), one.scale * two.scale, bound, tidy(nlo), tidy(nhi), may=may)
    return explained(settled(out, na), one, two)


def _by_known(known, other, false):
    """Bounds of the product where `known` is known."""
    factor = known.lo
    up, down = factor >= 0, factor < 0
    low, high = other.lo * factor, other.hi * factor
    nlo, nhi = (false if mask is None else mask for mask in (other.nlo, other.nhi))
    some = factor != 0
    return np.where(up, low, high), np.where(up, high, low), some & np.where(down, nhi, nlo), some & np.where(down, nlo, nhi)


def _both_unknown(one, two, false):
    one_nlo, two_nlo, one_nhi, two_nhi = (false if mask is None else mask for mask in (one.nlo, two.nlo, one.nhi, two.nhi))
    usable = ~one_nlo & ~two_nlo & (one.lo >= 0) & (two.lo >= 0)
    return one.lo * two.lo, one.hi * two.hi, ~usable, ~usable | one_nhi | two_nhi


def divide(one, two):
    """one / two; by 0 it does not apply."""
    if two.is_constant:
        if int(two.lo) == 0:
            return settled(one, np.ones(np.shape(one.lo), dtype=bool))
        return by_constant(one, Fraction(two.scale, int(two.lo)))
    shape = np.broadcast_shapes(np.shape(one.lo), np.shape(two.lo))
    unknown = unknown_of(two)
    unknown = np.zeros(shape, dtype=bool) if unknown is None else unknown | np.zeros(shape, dtype=bool)
    zero = (two.lo == 0) & ~unknown & np.ones(shape, dtype=bool)
    safe = np.where(zero | unknown, 1, two.lo)
    inverse = np.array([Fraction(two.scale) / Fraction(value) for value in np.ravel(safe).tolist()], dtype=object).reshape(shape)
    first = _wide(replace(one, lo=np.broadcast_to(one.lo, shape), hi=np.broadcast_to(one.hi, shape)))
    over = Fraction(1, one.scale)
    low, high = first.lo * inverse * over, first.hi * inverse * over
    up = safe > 0
    false = np.zeros(shape, dtype=bool)
    nlo, nhi = (false if mask is None else mask | false for mask in (one.nlo, one.nhi))
    lo_open, hi_open = np.where(up, nlo, nhi) | unknown, np.where(up, nhi, nlo) | unknown
    lo, hi = np.where(lo_open, 0, np.where(up, low, high)), np.where(hi_open, 0, np.where(up, high, low))
    may = either(one.may, unknown if unknown.any() else None)
    out = Num(lo.astype(object), hi.astype(object), 1, SAFE + 1, tidy(lo_open), tidy(hi_open), may=may)
    na = either(either(one.na, two.na), tidy(zero))
    return explained(settled(out, None if na is None else na | false), one, two)


def rounded(one, how, unit):
    """Rounded to whole `unit`s: how is down, up or nearest (half goes up)."""
    unit = Fraction(unit)
    step = one.scale * unit.numerator
    bound = one.bound * unit.denominator * 2 + step * 2

    def whole(array):
        scaled_up = _times(array, unit.denominator, bound)
        if how == "down":
            steps = scaled_up // step
        elif how == "up":
            steps = -(-scaled_up // step)
        else:
            steps = (scaled_up * 2 + step) // (step * 2)
        return steps * unit.numerator

    lo = whole(one.lo)
    hi = lo if one.hi is one.lo else whole(one.hi)
    new_bound = one.bound * unit.denominator // one.scale + unit.numerator + 1
    out = replace(one, lo=_zeroed(lo, one.nlo), hi=lo if hi is lo and one.nlo is None and one.nhi is None else _zeroed(hi, one.nhi))
    out.scale, out.bound = unit.denominator, new_bound
    return explained(settled(out, one.na), one)


# --- comparison ---------------------------------------------------------------------------------------------------------


def _without(mask, *others):
    for other in others:
        if other is not None:
            mask = mask & ~other
    return mask


def _ordered(one, two, strict):
    first, second = aligned(one, two)
    na = either(one.na, two.na)
    if first.is_exact and second.is_exact:
        t = first.lo < second.lo if strict else first.lo <= second.lo
        t = np.asarray(t, dtype=bool)
        return Bool(t, ~t) if na is None else Bool(t & ~na, ~t | na)
    f = first.lo >= second.hi if strict else first.lo > second.hi
    t = first.hi < second.lo if strict else first.hi <= second.lo
    f = _without(np.asarray(f, dtype=bool), first.nlo, second.nhi)
    t = _without(np.asarray(t, dtype=bool), first.nhi, second.nlo, first.may, second.may)
    if na is not None:
        t, f = t & ~na, f | na
    return Bool(t, f, reasons(~(t | f), one, two))


def less(one, two):
    """one < two."""
    return _ordered(one, two, True)


def at_most(one, two):
    """one <= two."""
    return _ordered(one, two, False)


def equal(one, two):
    """one == two, for numbers or for codes."""
    if isinstance(one, Bool):
        return _equal_bools(one, two)
    if isinstance(one, Code):
        return _equal_codes(one, two)
    first, second = aligned(one, two)
    na = either(one.na, two.na)
    same = np.asarray(first.lo == second.lo, dtype=bool)
    if first.is_exact and second.is_exact:
        return Bool(same, ~same) if na is None else Bool(same & ~na, ~same | na)
    above = _without(np.asarray(first.lo > second.hi, dtype=bool), first.nlo, second.nhi)
    below = _without(np.asarray(first.hi < second.lo, dtype=bool), first.nhi, second.nlo)
    unknown = either(unknown_of(one), unknown_of(two))
    t, f = same & ~unknown, above | below | (~same & ~unknown)
    if na is not None:
        t, f = t & ~na, f | na
    return Bool(t, f, reasons(~(t | f), one, two))


def _equal_bools(one, two):
    t = (one.t & two.t) | (one.f & two.f)
    f = (one.t & two.f) | (one.f & two.t)
    return Bool(t, f, reasons(~(t | f), one, two))


def _equal_codes(one, two):
    place = {name: index for index, name in enumerate(one.names)}
    other = np.array([place.get(name, -1 - index) for index, name in enumerate(two.names)] or [-1], dtype=np.int64)
    same = np.asarray(one.value == other[two.value], dtype=bool)
    return _known_only(same, one, two)


def _known_only(truth, one, two):
    unknown, na = either(one.unknown, two.unknown), either(one.na, two.na)
    t, f = truth, ~truth
    if unknown is not None:
        t, f = t & ~unknown, f & ~unknown
    if na is not None:
        t, f = t & ~na, f | na
    return Bool(t, f) if unknown is None else Bool(t, f, reasons(~(t | f), one, two))


def member(one, many):
    """one in many: many is a frozenset of codes or numbers, or a Code column with many names."""
    if isinstance(many, frozenset):
        if isinstance(one, Num):
            return _number_in(one, many)
        truth = np.array([name in many for name in one.names] or [False], dtype=bool)[one.value]
        out = _known_only(np.asarray(truth), one, Code(np.int64(0), ()))
        if not many:
            return Bool(np.zeros_like(out.t), np.ones_like(out.f))
        return out
    place = {name: index for index, name in enumerate(many.names)}
    shift = np.array([place.get(name, 63) for name in one.names] or [63], dtype=np.int64)[one.value]
    truth = np.asarray(((many.value >> np.minimum(shift, 62)) & 1).astype(bool) & (shift < 63))
    return _known_only(truth, one, many)


def _number_in(one, many):
    truth = np.zeros(np.shape(one.lo), dtype=bool)
    for value in many:
        value = Fraction(value) * one.scale
        if value.denominator == 1:
            truth = truth | (one.lo == value.numerator)
    unknown = unknown_of(one)
    return _known_only(truth, Code(np.int64(0), (), unknown, one.na, why=one.why), Code(np.int64(0), ()))


TESTS = {
    "<": less,
    "<=": at_most,
    ">": lambda one, two: less(two, one),
    ">=": lambda one, two: at_most(two, one),
    "==": equal,
    "!=": lambda one, two: negate(equal(one, two)),
    "in": member,
    "not in": lambda one, two: negate(member(one, two)),
}


# --- choosing -----------------------------------------------------------------------------------------------------------


def choose(test, then, other):
    """then where the test holds, other where it does not, what both agree on (or their span) where it is unknown."""
    if isinstance(then, Bool):
        both_t, both_f = then.t & other.t, then.f & other.f
        t = (test.t & then.t) | (test.f & other.t) | both_t
        f = (test.t & then.f) | (test.f & other.f) | both_f
        return Bool(t, f, _chosen_why(test, then, other, ~(t | f)))
    unsure = ~(test.t | test.f)
    if isinstance(then, Code):
        return _choose_code(test, then, other, unsure)
    first, second = aligned(then, other)
    if not np.any(unsure):
        return _pick(test.t, first, second)
    return _span_of(test, first, second, unsure)


def _chosen_why(test, then, other, unknown):
    whys = [value.why for value in (test, then, other)]
    if all(why is None for why in whys):
        return None
    of_test, of_then, of_other = (np.uint64(0) if why is None else why for why in whys)
    unsure = ~(test.t | test.f)
    found = of_then * (test.t | unsure) | of_other * (test.f | unsure) | of_test * unsure
    return found * unknown


def _mask(mask, shape):
    return np.zeros(shape, dtype=bool) if mask is None else np.broadcast_to(mask, shape)


def _pick(condition, one, two):
    lo = np.where(condition, one.lo, two.lo)
    hi = lo if one.hi is one.lo and two.hi is two.lo else np.where(condition, one.hi, two.hi)
    shape = np.shape(lo)

    def mask(first, second):
        if first is None and second is None:
            return None
        return tidy(np.where(condition, _mask(first, shape), _mask(second, shape)))

    why = None
    if one.why is not None or two.why is not None:
        why = np.where(condition, np.uint64(0) if one.why is None else one.why, np.uint64(0) if two.why is None else two.why)
    bound = max(one.bound, two.bound)
    return Num(lo, hi, one.scale, bound, mask(one.nlo, two.nlo), mask(one.nhi, two.nhi), mask(one.na, two.na), mask(one.may, two.may), why)


def _span_of(test, one, two, unsure):
    picked = _pick(test.t, one, two)
    shape = np.broadcast_shapes(np.shape(picked.lo), np.shape(unsure))
    one_na, two_na = _mask(one.na, shape), _mask(two.na, shape)
    lo = np.where(one_na, two.lo, np.where(two_na, one.lo, np.minimum(one.lo, two.lo)))
    hi = np.where(one_na, two.hi, np.where(two_na, one.hi, np.maximum(one.hi, two.hi)))
    span = Num(
        lo,
        hi,
        one.scale,
        max(one.bound, two.bound),
        _mask(one.nlo, shape) | _mask(two.nlo, shape),
        _mask(one.nhi, shape) | _mask(two.nhi, shape),
        one_na & two_na,
        _mask(one.may, shape) | _mask(two.may, shape) | (one_na ^ two_na),
    )
    span.lo, span.hi = np.where(span.nlo, 0, span.lo), np.where(span.nhi, 0, span.hi)
    out = _pick(~unsure, picked, span)
    unknown = unknown_of(out)
    out.why = None if unknown is None else _chosen_why(test, one, two, unknown)
    return out


def _choose_code(test, then, other, unsure):
    names = tuple(dict.fromkeys((*then.names, *other.names)))
    place = {name: index for index, name in enumerate(names)}
    first, second = (
        np.array([place[name] for name in side.names] or [0], dtype=np.int64)[side.value] for side in (then, other)
    )
    value = np.where(test.t, first, second)
    shape = np.shape(value)
    then_unknown, other_unknown, then_na, other_na = (
        _mask(mask, shape) for mask in (then.unknown, other.unknown, then.na, other.na)
    )
    then_may, other_may = _mask(then.may, shape), _mask(other.may, shape)
    agree = ~then_unknown & ~other_unknown & ((then_na & other_na) | (~then_na & ~other_na & (first == second)))
    unknown = (test.t & then_unknown) | (test.f & other_unknown) | (unsure & ~agree)
    na = ((test.t & then_na) | (test.f & other_na) | (unsure & then_na & other_na)) & ~unknown
    may = unknown & ((test.t & then_may) | (test.f & other_may) | (unsure & (then_may | other_may | then_na | other_na)))
    return Code(value, names, tidy(unknown), tidy(na), tidy(may), _chosen_why(test, then, other, unknown))
