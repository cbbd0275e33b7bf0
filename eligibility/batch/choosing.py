"""If and else over columns: one side, the other, or what both agree on where the condition is unknown."""

import numpy as np

from eligibility.batch.arrays import Bool, Code, Num, aligned, mask_of, tidy, unknown_of


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


def _pick(condition, one, two):
    lo = np.where(condition, one.lo, two.lo)
    hi = lo if one.hi is one.lo and two.hi is two.lo else np.where(condition, one.hi, two.hi)
    shape = np.shape(lo)

    def mask(first, second):
        if first is None and second is None:
            return None
        return tidy(np.where(condition, mask_of(first, shape), mask_of(second, shape)))

    why = None
    if one.why is not None or two.why is not None:
        why = np.where(condition, np.uint64(0) if one.why is None else one.why, np.uint64(0) if two.why is None else two.why)
    bound = max(one.bound, two.bound)
    return Num(
        lo,
        hi,
        one.scale,
        bound,
        mask(one.nlo, two.nlo),
        mask(one.nhi, two.nhi),
        mask(one.na, two.na),
        mask(one.may, two.may),
        why,
    )


def _span_of(test, one, two, unsure):
    picked = _pick(test.t, one, two)
    shape = np.broadcast_shapes(np.shape(picked.lo), np.shape(unsure))
    one_na, two_na = mask_of(one.na, shape), mask_of(two.na, shape)
    lo = np.where(one_na, two.lo, np.where(two_na, one.lo, np.minimum(one.lo, two.lo)))
    hi = np.where(one_na, two.hi, np.where(two_na, one.hi, np.maximum(one.hi, two.hi)))
    span = Num(
        lo,
        hi,
        one.scale,
        max(one.bound, two.bound),
        mask_of(one.nlo, shape) | mask_of(two.nlo, shape),
        mask_of(one.nhi, shape) | mask_of(two.nhi, shape),
        one_na & two_na,
        mask_of(one.may, shape) | mask_of(two.may, shape) | (one_na ^ two_na),
    )
    span.lo, span.hi = np.where(span.nlo, 0, span.lo), np.where(span.nhi, 0, span.hi)
    out = _pick(~unsure, picked, span)
    unknown = unknown_of(out)
    out.why = None if unknown is None else _chosen_why(test, one, two, unknown)
    return out


def _choose_code(test, then, other, unsure):
    names = tuple(dict.fromkeys((*then.names, *other.names)))
    place = {name: index for index, name in enumerate(names)}
    first, second = (np.array([place[name] for name in side.names] or [0], dtype=np.int64)[side.value] for side in (then, other))
    value = np.where(test.t, first, second)
    shape = np.shape(value)
    then_unknown, other_unknown, then_na, other_na = (
        mask_of(mask, shape) for mask in (then.unknown, other.unknown, then.na, other.na)
    )
    then_may, other_may = mask_of(then.may, shape), mask_of(other.may, shape)
    agree = ~then_unknown & ~other_unknown & ((then_na & other_na) | (~then_na & ~other_na & (first == second)))
    unknown = (test.t & then_unknown) | (test.f & other_unknown) | (unsure & ~agree)
    na = ((test.t & then_na) | (test.f & other_na) | (unsure & then_na & other_na)) & ~unknown
    may = unknown & ((test.t & then_may) | (test.f & other_may) | (unsure & (then_may | other_may | then_na | other_na)))
    return Code(value, names, tidy(unknown), tidy(na), tidy(may), _chosen_why(test, then, other, unknown))
