"""Three-valued values as columns: one array element for each household (or person), with the same meaning as `language.values`.

`Bool`: a pair of arrays, certainly yes and certainly no. `Num`: numbers, money (pence) and dates (ordinals) as whole numerators over one
`scale` for the whole column, with bounds where facts are missing; in 32 bits where all that can come out fits, else in 64; where these could
overflow, or a column is divided by a column, the arrays hold exact Python numbers instead. `Code`: index into a list of names. Masks that are
nowhere true are None. Where a value does not apply (`na`) its numbers are 0 and no other mask is set; where there is no bound (`nlo`, `nhi`) the
number there means nothing. `why` holds, for unknown elements, the bits of the missing facts.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

SAFE = 2**62
NARROW = 2**31 - 1
Array = Any  # an ndarray, a NumPy scalar that stands for every element, or None


@dataclass(slots=True)
class Bool:
    """t: certainly yes. f: certainly no. Neither: unknown."""

    t: Array
    f: Array
    why: Array = None

    def take(self, index):
        """The elements at `index`; a scalar stays one."""
        return Bool(taken(self.t, index), taken(self.f, index), taken(self.why, index))


@dataclass(slots=True)
class Num:
    """lo, hi: bounds, equal where known. nlo, nhi: no bound on that side. na: does not apply. may: may turn out not to apply.

    bound: no absolute value in lo or hi is above it.
    """

    lo: Array
    hi: Array
    scale: int = 1
    bound: int = 0
    nlo: Array = None
    nhi: Array = None
    na: Array = None
    may: Array = None
    why: Array = None

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

    value: Array
    names: tuple
    unknown: Array = None
    na: Array = None
    may: Array = None
    why: Array = None
    many: bool = False

    def take(self, index):
        """The elements at `index`; a scalar stays one."""
        unknown, na, may, why = (taken(mask, index) for mask in (self.unknown, self.na, self.may, self.why))
        return Code(taken(self.value, index), self.names, unknown, na, may, why, self.many)


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
    if one is None or two is None or one is two:
        return two if one is None else one
    return one | two


def tidy(mask):
    """The mask, or None when it is nowhere true."""
    return mask if mask is not None and np.any(mask) else None


def mask_of(mask, shape):
    """The mask as an array; None is nowhere true."""
    return np.zeros(shape, dtype=bool) if mask is None else np.broadcast_to(mask, shape)


def reasons(unknown, *values):
    """The joined `why` of the values where `unknown`, or None when none is kept."""
    found = None
    for value in values:
        if value.why is not None:
            found = value.why if found is None else found | value.why
    return None if found is None else found * unknown


def undecided(t, f, *values):
    """The joined `why` of the values where a truth is neither t nor f, or None when none is kept."""
    return None if all(value.why is None for value in values) else reasons(~(t | f), *values)


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
    t, f = first.t & rest[0].t, first.f | rest[0].f
    for value in rest[1:]:
        t, f = _within(np.logical_and, t, value.t), _within(np.logical_or, f, value.f)
    return Bool(t, f, undecided(t, f, *values))


def _within(join, own, other):
    """join(own, other), in the memory of `own` where it has room."""
    return join(own, other, out=own) if own.shape and own.shape == other.shape else join(own, other)


def disjunction(values):
    """Kleene or."""
    return negate(conjunction([Bool(value.f, value.t, value.why) for value in values]))


def at_least(number, values):
    """Whether at least `number` of the columns hold."""
    sure = sum(value.t.astype(np.int16) for value in values)
    possible = sum((~value.f).astype(np.int16) for value in values)
    t, f = sure >= number, possible < number
    return Bool(t, f, undecided(t, f, *values))


# --- numbers ------------------------------------------------------------------------------------------------------------


def constant(value):
    """A Num with the same known value everywhere; None: it does not apply."""
    if value is None:
        return Num(np.int64(0), np.int64(0), na=np.bool_(True))
    value = Fraction(value)
    if abs(value.numerator) > SAFE:
        number: Array = np.array(value.numerator, dtype=object)
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


def times(array, factor, bound):
    """array x factor, in Python numbers where 64 bits are not enough."""
    if factor == 1:
        return array
    return (widened(array) if bound > SAFE else roomy(array, max(bound, abs(factor)))) * factor


def roomy(array, bound=SAFE):
    """The array in 64 bits, if numbers up to `bound` may come out of it and 32 are not enough."""
    return array.astype(np.int64) if bound > NARROW and _is_narrow(array) else array


def roomy_num(one, bound=SAFE):
    """The column with its bounds in 64 bits."""
    if not (_is_narrow(one.lo) or _is_narrow(one.hi)):
        return one
    lo = roomy(one.lo, bound)
    return replace(one, lo=lo, hi=lo if one.hi is one.lo else roomy(one.hi, bound))


def _is_narrow(array):
    return getattr(array, "dtype", None) == np.int32


def operand(array):
    """A scalar as a Python number, which takes on the width of the array it meets; an array unchanged."""
    return int(array) if np.ndim(array) == 0 and not is_wide(array) else array


def without(mask, *others):
    """The mask where none of the others (masks or None) is true."""
    last = None
    for other in others:
        if other is not None and other is not last:
            mask = np.greater(mask, other)
            last = other
    return mask


def widened(array):
    """The array in exact Python numbers."""
    return np.asarray(array).astype(object)


def is_wide(array):
    """Whether an array (or a number taken out of one) is in Python numbers."""
    return not hasattr(array, "dtype") or array.dtype.kind == "O"


def scaled(one, scale):
    """The same values over another scale, a multiple of the present one."""
    factor = scale // one.scale
    if factor == 1:
        return one
    bound = one.bound * factor
    lo = times(one.lo, factor, bound)
    hi = lo if one.hi is one.lo else times(one.hi, factor, bound)
    return replace(one, lo=lo, hi=hi, scale=scale, bound=bound)


def aligned(*values):
    """The values over one common scale."""
    if all(value.scale == values[0].scale for value in values):
        return values
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
