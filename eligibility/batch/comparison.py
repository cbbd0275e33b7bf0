"""Comparing columns of numbers, dates and codes: a value that does not apply is never less, equal or in a list."""

from fractions import Fraction

import numpy as np

from eligibility.batch.arrays import Bool, Code, Num, aligned, either, negate, reasons, unknown_of


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
