"""Comparing columns of numbers, dates and codes: a value that does not apply is never less, equal or in a list."""

from fractions import Fraction

import numpy as np

from eligibility.batch.arrays import Bool, Code, Num, aligned, either, negate, operand, undecided, unknown_of, without

_MOST_RUNS = 6  # of neighbouring codes that are compared one by one; for more a table is quicker


def _ordered(one, two, strict):
    first, second = aligned(one, two)
    na = either(one.na, two.na)
    if first.is_exact and second.is_exact:
        t = _below(first.lo, second.lo, strict)
        return Bool(t, ~t) if na is None else Bool(without(t, na), ~t | na)
    t = _below(first.hi, second.lo, strict)
    f = ~(t if first.hi is first.lo and second.hi is second.lo else _below(first.lo, second.hi, strict))
    f = without(f, first.nlo, second.nhi)
    t = without(t, first.nhi, second.nlo, first.may, second.may)
    if na is not None:
        t, f = without(t, na), f | na
    return Bool(t, f, undecided(t, f, one, two))


def _below(one, two, strict):
    one, two = operand(one), operand(two)
    return np.asarray(one < two if strict else one <= two, dtype=bool)


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
    same = np.asarray(operand(first.lo) == operand(second.lo), dtype=bool)
    if first.is_exact and second.is_exact:
        return Bool(same, ~same) if na is None else Bool(same & ~na, ~same | na)
    above = without(_below(second.hi, first.lo, True), first.nlo, second.nhi)
    below = without(_below(first.hi, second.lo, True), first.nhi, second.nlo)
    unknown = either(unknown_of(one), unknown_of(two))
    t, f = same & ~unknown, above | below | (~same & ~unknown)
    if na is not None:
        t, f = t & ~na, f | na
    return Bool(t, f, undecided(t, f, one, two))


def _equal_bools(one, two):
    t = (one.t & two.t) | (one.f & two.f)
    f = (one.t & two.f) | (one.f & two.t)
    return Bool(t, f, undecided(t, f, one, two))


def _equal_codes(one, two):
    place = {name: index for index, name in enumerate(one.names)}
    other = np.array([place.get(name, -1 - index) for index, name in enumerate(two.names)] or [-1], dtype=np.int64)
    same = np.asarray(operand(one.value) == operand(other[two.value]), dtype=bool)
    return _known_only(same, one, two)


def _known_only(truth, one, two):
    unknown, na = either(one.unknown, two.unknown), either(one.na, two.na)
    t, f = truth, ~truth
    if unknown is not None:
        t, f = without(t, unknown), without(f, unknown)
    if na is not None:
        t, f = without(t, na), f | na
    return Bool(t, f) if unknown is None else Bool(t, f, undecided(t, f, one, two))


def member(one, many):
    """one in many: many is a frozenset of codes or numbers, or a Code column with many names."""
    if isinstance(many, frozenset):
        if isinstance(one, Num):
            return _number_in(one, many)
        truth = _one_of(one.value, [name in many for name in one.names] or [False])
        out = _known_only(np.asarray(truth), one, Code(np.int64(0), ()))
        if not many:
            return Bool(np.zeros_like(out.t), np.ones_like(out.f))
        return out
    place = {name: index for index, name in enumerate(many.names)}
    shift = np.array([place.get(name, 63) for name in one.names] or [63], dtype=np.int64)[one.value]
    truth = np.asarray(((many.value >> np.minimum(shift, 62)) & 1).astype(bool) & (shift < 63))
    return _known_only(truth, one, many)


def _one_of(codes, wanted):
    """Whether each code is wanted: neighbouring codes are compared together. wanted: a bool for each code."""
    if np.ndim(codes) == 0:
        return np.bool_(wanted[int(codes)])
    runs, other_runs = _runs(wanted, True), _runs(wanted, False)
    if min(len(runs), len(other_runs)) > _MOST_RUNS:
        return np.array(wanted, dtype=bool)[codes]
    if len(other_runs) < len(runs):
        return ~_within(codes, other_runs, len(wanted))
    return _within(codes, runs, len(wanted))


def _runs(wanted, what):
    edges = [
        place
        for place in range(len(wanted) + 1)
        if (place < len(wanted) and wanted[place] is what) != (place > 0 and wanted[place - 1] is what)
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _within(codes, runs, size):
    found = np.zeros(np.shape(codes), dtype=bool) if not runs else None
    for first, end in runs:
        if end - first == 1:
            here = codes == first
        elif first == 0:
            here = codes < end if end < size else np.ones(np.shape(codes), dtype=bool)
        else:
            here = codes >= first
            if end < size:
                here &= codes < end
        found = here if found is None else found | here
    return found


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
