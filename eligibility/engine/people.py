"""How the values of several people become one.

pairs: (condition, value) of those whose condition is not "no". is_open: it is not known whether more people live there.
"""

from eligibility.household import UNSURE
from eligibility.language.values import (
    Unknown,
    add,
    between,
    bounds,
    conjunction,
    disjunction,
    largest,
    may_be_na,
    missing_of,
    negate,
    smallest,
)


def over_any(pairs, is_open):
    """Whether the condition and the value hold for somebody."""
    return disjunction([*(conjunction(pair) for pair in pairs), *([Unknown(UNSURE)] if is_open else [])])


def over_none(pairs, is_open):
    """Whether they hold for nobody."""
    return negate(over_any(pairs, is_open))


def over_all(pairs, is_open):
    """Whether the value holds for everybody for whom the condition does."""
    failing = [disjunction([negate(where), what]) for where, what in pairs]
    return conjunction([*failing, *([Unknown(UNSURE)] if is_open else [])])


def over_count(pairs, is_open):
    """For how many the condition holds."""
    sure = sum(1 for where, _ in pairs if where is True)
    unsure = [where for where, _ in pairs if where is not True]
    if is_open:
        return Unknown(missing_of(*unsure) | UNSURE, sure)
    return between(missing_of(*unsure), sure, sure + len(unsure))


def over_sum(pairs, is_open):
    """The sum of the values that apply; somebody who may not belong may count or not."""
    total = 0
    for where, what in pairs:
        if what is None:
            continue
        if where is not True or may_be_na(what):
            missing = missing_of(where, what)
            lo, hi = bounds(what)
            what = between(missing, None if lo is None else min(lo, 0), None if hi is None else max(hi, 0))
        total = add(total, what)
    return Unknown(missing_of(total) | UNSURE) if is_open else total


def over_min(pairs, is_open):
    """The smallest value that applies."""
    return _extreme(smallest, pairs, is_open)


def over_max(pairs, is_open):
    """The largest value that applies."""
    return _extreme(largest, pairs, is_open)


def _extreme(choose, pairs, is_open):
    values = []
    for where, what in pairs:
        if where is not True and what is not None:
            lo, hi = bounds(what)
            what = Unknown(missing_of(where, what), lo, hi, True)
        values.append(what)
    if is_open:
        values.append(Unknown(UNSURE, na=True))
    return choose(values)


COMBINE = {
    "any": over_any,
    "all": over_all,
    "none": over_none,
    "count": over_count,
    "sum": over_sum,
    "min": over_min,
    "max": over_max,
}
