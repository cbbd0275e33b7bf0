"""Many values become one: over the people of each household, over the parts of min and max, over the lines of a table. Dates too."""

from functools import cache

import numpy as np

from eligibility.batch.arrays import (
    SAFE,
    Bool,
    Num,
    aligned,
    either,
    explained,
    is_wide,
    mask_of,
    operand,
    reasons,
    roomy_num,
    tidy,
    undecided,
    unknown_of,
    widened,
)

_FAR = np.iinfo(np.int64).max
_FAR_OBJECT = 10**40


def far(array):
    """A number beyond all values of the array's kind."""
    return _FAR_OBJECT if is_wide(array) else _FAR


def over_any(where, what, starts):
    """Whether the condition and the value hold for somebody in each segment."""
    t, f = where.t & what.t, where.f | what.f
    why = undecided(t, f, where, what)
    all_f = np.logical_and.reduceat(f, starts)
    any_t = np.logical_or.reduceat(t, starts)
    if why is not None:
        why = np.bitwise_or.reduceat(why, starts) * ~(any_t | all_f)
    return Bool(any_t, all_f, why)


def over_count(where, starts):
    """How many hold in each segment."""
    lo = np.add.reduceat(where.t.astype(np.int64), starts)
    unsure = ~(where.t | where.f)
    if not unsure.any():
        return Num(lo, lo, 1, len(unsure))
    hi = np.add.reduceat((~where.f).astype(np.int64), starts)
    why = None if where.why is None else np.bitwise_or.reduceat(where.why * unsure, starts) * (lo != hi)
    return Num(lo, hi, 1, len(unsure), why=why)


def over_sum(where, what, starts, longest):
    """The sum over each segment of those for whom the condition holds; where it is not certain they may count or not."""
    n, what = len(where.t), roomy_num(what)
    na, may = mask_of(what.na, n), mask_of(what.may, n)
    counted = ~where.f & ~na
    unsure = counted & (~where.t | may)
    lo, hi = np.broadcast_to(what.lo, n), np.broadcast_to(what.hi, n)
    bound = what.bound * longest
    if bound > SAFE and not is_wide(lo):
        lo, hi = widened(lo), widened(hi)
    if what.is_exact and not unsure.any():
        total = np.add.reduceat(np.where(counted, lo, 0), starts)
        return Num(total, total, what.scale, bound)
    nlo, nhi = mask_of(what.nlo, n) & counted, mask_of(what.nhi, n) & counted
    lo = np.where(counted, np.where(unsure, np.minimum(lo, 0), lo), 0)
    hi = np.where(counted, np.where(unsure, np.maximum(hi, 0), hi), 0)
    out = Num(
        np.add.reduceat(np.where(nlo, 0, lo), starts),
        np.add.reduceat(np.where(nhi, 0, hi), starts),
        what.scale,
        bound,
        tidy(np.logical_or.reduceat(nlo, starts)),
        tidy(np.logical_or.reduceat(nhi, starts)),
    )
    if out.nlo is not None:
        out.lo = np.where(out.nlo, 0, out.lo)
    if out.nhi is not None:
        out.hi = np.where(out.nhi, 0, out.hi)
    part_unknown = (lo != hi) | nlo | nhi
    why = reasons(part_unknown, where, what)
    if why is not None:
        unknown = unknown_of(out)
        out.why = None if unknown is None else np.bitwise_or.reduceat(why, starts) * unknown
    return out


def over_extreme(where, what, starts, sizes, largest):
    """The smallest (or largest) value over each segment of those for whom the condition holds and which apply."""
    return _extreme(
        where,
        roomy_num(what),
        (int(sizes.sum()),),
        lambda function, array: function.reduceat(array, starts),
        lambda array: np.repeat(array, sizes),
        largest,
    )


def extreme(values, largest):
    """min or max of several columns."""
    values = aligned(*values)
    bound = max(value.bound for value in values)
    if all(_is_plain(value, largest) for value in values):
        return _plain_extreme([roomy_num(value, bound) for value in values], bound, largest)
    values = [roomy_num(value) for value in values]
    shape = np.broadcast_shapes(*(np.shape(value.lo) for value in values)) or (1,)

    def stacked(name, mask):
        arrays = [getattr(value, name) for value in values]
        if mask and all(array is None for array in arrays):
            return None
        return np.stack(
            [np.broadcast_to((np.uint64(0) if name == "why" else False) if array is None else array, shape) for array in arrays]
        )

    masks = {name: stacked(name, True) for name in ("nlo", "nhi", "na", "may", "why")}
    joined = Num(stacked("lo", False), stacked("hi", False), values[0].scale, bound, **masks)
    everybody = Bool(np.ones(joined.lo.shape, dtype=bool), np.zeros(joined.lo.shape, dtype=bool))
    found = _extreme(
        everybody, joined, joined.lo.shape, lambda function, array: function.reduce(array, axis=0), lambda array: array, largest
    )
    return found.take(0) if all(np.ndim(value.lo) == 0 for value in values) else found


def _is_plain(value, largest):
    """Whether everything applies, the bound towards the other side is there, and no reason for an unknown has to be kept."""
    if value.na is not None or value.may is not None or (value.nlo if largest else value.nhi) is not None:
        return False
    return value.why is None or value.is_exact


def _plain_extreme(values, bound, largest):
    """The extreme of plain columns: it has no bound where one of them has none."""
    first, *rest = values
    lo, hi, same = operand(first.lo), operand(first.hi), first.hi is first.lo
    open_end = first.nhi if largest else first.nlo
    better = np.maximum if largest else np.minimum
    for value in rest:
        same = same and value.hi is value.lo
        lo = better(lo, operand(value.lo))
        hi = lo if same else better(hi, operand(value.hi))
        open_end = either(open_end, value.nhi if largest else value.nlo)
    hi = lo if same else hi
    return Num(lo, hi, first.scale, bound, None if largest else open_end, open_end if largest else None)


def _extreme(where, what, shape, reduce, back, largest):
    """The extreme of what applies. reduce(ufunc, array): over those that belong together; back: spreads a result over them again."""
    lo, hi = np.broadcast_to(what.lo, shape), np.broadcast_to(what.hi, shape)
    nlo, nhi = mask_of(what.nlo, shape), mask_of(what.nhi, shape)
    if largest:
        lo, hi, nlo, nhi = -hi, -lo, nhi, nlo
    out_of_it = mask_of(what.na, shape) | where.f
    unsure = (mask_of(what.may, shape) | ~where.t) & ~out_of_it
    certain = ~out_of_it & ~unsure
    end = far(lo)
    some, sure_some = reduce(np.logical_or, ~out_of_it), reduce(np.logical_or, certain)
    low_open = reduce(np.logical_or, nlo & ~out_of_it)
    low = reduce(np.minimum, np.where(out_of_it, end, lo))
    bounded = certain & ~nhi
    bounded_sure = reduce(np.logical_or, bounded)
    high = reduce(np.minimum, np.where(bounded, hi, end))
    high_open = ~bounded_sure & sure_some
    if not bounded_sure.all():
        high = np.where(bounded_sure, high, reduce(np.maximum, np.where(out_of_it, -end, hi)))
        high_open |= ~bounded_sure & reduce(np.logical_or, nhi & ~out_of_it)
    may = some & ~sure_some
    low, high = np.where(some & ~low_open, low, 0), np.where(some & ~high_open, high, 0)
    low_open, high_open = low_open & some, high_open & some
    why = _extreme_why(where, what, (lo, nlo, out_of_it, unsure), (high, high_open, sure_some), reduce, back)
    if largest:
        low, high, low_open, high_open = -high, -low, high_open, low_open
    out = Num(low, high, what.scale, what.bound, tidy(low_open), tidy(high_open), tidy(~some), tidy(may))
    unknown = unknown_of(out)
    if not unknown.any():
        out.hi = out.lo
    elif why is not None:
        out.why = why * unknown
    return out


def _extreme_why(where, what, parts, found, reduce, back):
    lo, nlo, out_of_it, unsure = parts
    part_unknown = unsure | (np.broadcast_to(what.lo, lo.shape) != np.broadcast_to(what.hi, lo.shape))
    part_unknown = (part_unknown | mask_of(what.nlo, lo.shape) | mask_of(what.nhi, lo.shape)) & ~out_of_it
    why = reasons(part_unknown, where, what)
    if why is None:
        return None
    high, high_open, sure_some = (back(value) for value in found)
    return reduce(np.bitwise_or, why * (high_open | nlo | (lo < high) | ~sure_some))


# --- dates --------------------------------------------------------------------------------------------------------------

_EPOCH = 719163
FIRST_DAY, LAST_DAY = 1, 3652059


def parts_of(ordinals):
    """(year, month x 100 + day) of date ordinals."""
    days = (np.asarray(ordinals) - _EPOCH).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    number = months.astype(np.int64)
    year, month = number // 12 + 1970, number % 12 + 1
    return year, month * 100 + (days - months.astype("datetime64[D]")).astype(np.int64) + 1


def years_between(born, day):
    """Whole years between date ordinals, 0 before the first."""
    (born_year, born_day), (year, in_year) = parts_of(born), parts_of(day)
    return np.maximum(0, year - born_year - (in_year < born_day))


_YEARS_TABLED = 150


@cache
def _age_table(day):
    """The age on a date ordinal of somebody born so many days before."""
    return years_between(day - np.arange(_YEARS_TABLED * 366), day).astype(np.int64)


def ages_on(born, day):
    """`years_between` of many dates of birth and one day, looked up."""
    days = day - born
    if len(days) and days.max() >= _YEARS_TABLED * 366:
        return years_between(born, day)
    return _age_table(day)[np.maximum(days, 0)]


def shifted(ordinals, number, unit):
    """Date ordinals moved by whole days, weeks, months or years; a day the month has not becomes its last day."""
    if unit in ("days", "weeks"):
        moved = ordinals + number * (7 if unit == "weeks" else 1)
        return np.clip(moved, FIRST_DAY, LAST_DAY)
    steps = np.clip(number * (12 if unit == "years" else 1), -200_000, 200_000)
    days = (np.asarray(ordinals) - _EPOCH).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    in_month = days - months.astype("datetime64[D]")
    target = (months.astype(np.int64) + steps).astype("datetime64[M]")
    first = target.astype("datetime64[D]")
    last = (target + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D") - first
    moved = (first + np.minimum(in_month, last)).astype(np.int64) + _EPOCH
    return np.clip(moved, FIRST_DAY, LAST_DAY)


def spread(one, two, low, high, may_na=True):
    """A Num between the arrays low and high, open where one of its sources is; for functions that keep the order."""
    (lo, lo_open), (hi, hi_open) = low, high
    shape = np.broadcast_shapes(np.shape(lo), np.shape(hi))
    out = Num(lo, hi, 1, LAST_DAY * 2)
    if one.is_exact and two.is_exact:
        out.hi = out.lo
    else:
        out.nlo, out.nhi = tidy(mask_of(lo_open, shape)), tidy(mask_of(hi_open, shape))
        out.lo = out.lo if out.nlo is None else np.where(out.nlo, 0, out.lo)
        out.hi = out.hi if out.nhi is None else np.where(out.nhi, 0, out.hi)
        out.may = either(one.may, two.may)
    na = either(one.na, two.na)
    if na is not None:
        from_na = np.broadcast_to(na, shape)
        keep = ~from_na
        out.lo = np.where(from_na, 0, out.lo)
        out.hi = out.lo if one.is_exact and two.is_exact else np.where(from_na, 0, out.hi)
        out.nlo, out.nhi, out.may = (None if mask is None else mask & keep for mask in (out.nlo, out.nhi, out.may))
        out.na = from_na
    return explained(out, one, two)
