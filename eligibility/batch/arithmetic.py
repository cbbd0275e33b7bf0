"""Sums, products, quotients and rounding of columns: exact, with the same bounds as `language.values`."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from eligibility.batch.arrays import (
    SAFE,
    Num,
    aligned,
    either,
    explained,
    is_wide,
    operand,
    roomy_num,
    settled,
    tidy,
    times,
    unknown_of,
    widened,
)


def add(one, two):
    """one + two."""
    first, second = aligned(one, two)
    bound = first.bound + second.bound
    first, second = (_wide(first), _wide(second)) if bound > SAFE else (roomy_num(first, bound), roomy_num(second, bound))
    lo = _sum(first.lo, second.lo)
    hi = lo if first.hi is first.lo and second.hi is second.lo else _sum(first.hi, second.hi)
    out = Num(lo, hi, first.scale, bound, either(first.nlo, second.nlo), either(first.nhi, second.nhi))
    out.may = either(first.may, second.may)
    return explained(settled(out, either(first.na, second.na)), one, two)


def _sum(one, two):
    return one + two if np.ndim(one) == np.ndim(two) else operand(one) + operand(two)


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
    lo = times(one.lo, factor.numerator, bound)
    hi = lo if one.hi is one.lo else times(one.hi, factor.numerator, bound)
    return replace(one, lo=lo, hi=hi, scale=one.scale * factor.denominator, bound=bound)


def multiply(one, two):
    """one x two, with bounds where one factor is known or neither is negative."""
    for known, other in ((one, two), (two, one)):
        if known.is_constant:
            return by_constant(other, Fraction(int(known.lo), known.scale))
    bound = one.bound * two.bound
    first, second = (_wide(one), _wide(two)) if bound > SAFE else (roomy_num(one), roomy_num(two))
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
    one, unit = roomy_num(one), Fraction(unit)
    step = one.scale * unit.numerator
    bound = one.bound * unit.denominator * 2 + step * 2

    def whole(array):
        scaled_up = times(array, unit.denominator, bound)
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
    out = replace(
        one, lo=_zeroed(lo, one.nlo), hi=lo if hi is lo and one.nlo is None and one.nhi is None else _zeroed(hi, one.nhi)
    )
    out.scale, out.bound = unit.denominator, new_bound
    return explained(settled(out, one.na), one)
