"""Three-valued values and their arithmetic.

A known value is a plain one: bool, int or Fraction (money in pence), date, str, frozenset; None stands for "does not apply".
An `Unknown` has bounds (None: no bound), the keys of the facts that are missing, and whether it may turn out not to apply.
"""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction

from eligibility.language.types import PER_YEAR


class Unknown:
    """A value that hangs on missing facts. lo, hi: bounds or None. missing: fact keys. na: it may turn out not to apply."""

    __slots__ = ("hi", "lo", "missing", "na")

    def __init__(self, missing, lo=None, hi=None, na=False):
        self.missing, self.lo, self.hi, self.na = missing, lo, hi, na

    def __repr__(self):
        return f"Unknown({sorted(self.missing)}, {self.lo}..{self.hi}{', may not apply' if self.na else ''})"


class Flow:
    """Money with the period it comes by; the amount may be Unknown."""

    __slots__ = ("amount", "per")

    def __init__(self, amount, per):
        self.amount, self.per = amount, per


NOTHING = Flow(0, "year")


def between(missing, lo, hi, na=False):
    """An Unknown, or the value itself when the bounds leave no room."""
    if lo is not None and lo == hi and not na:
        return lo
    return Unknown(missing, lo, hi, na)


def bounds(value):
    """(lo, hi) of a known or unknown value."""
    return (value.lo, value.hi) if type(value) is Unknown else (value, value)


def missing_of(*values):
    """The union of the facts missing from the values."""
    found: frozenset[str] = frozenset()
    for value in values:
        if type(value) is Unknown:
            found |= value.missing
    return found


def may_be_na(value):
    """Whether the value does not apply or may turn out so."""
    return value is None or (type(value) is Unknown and value.na)


# --- yes and no ---------------------------------------------------------------------------------------------------------


def negate(value):
    """Kleene not."""
    return value if type(value) is Unknown else not value


def conjunction(values):
    """Kleene and over an iterable; stops at the first "no"."""
    missing = None
    for value in values:
        if value is False:
            return False
        if value is not True:
            missing = value.missing if missing is None else missing | value.missing
    return True if missing is None else Unknown(missing)


def disjunction(values):
    """Kleene or over an iterable; stops at the first "yes"."""
    missing = None
    for value in values:
        if value is True:
            return True
        if value is not False:
            missing = value.missing if missing is None else missing | value.missing
    return False if missing is None else Unknown(missing)


def at_least(number, values):
    """Whether at least `number` of the conditions hold."""
    sure, unknown = 0, []
    for value in values:
        if value is True:
            sure += 1
        elif value is not False:
            unknown.append(value)
    if sure >= number:
        return True
    return False if sure + len(unknown) < number else Unknown(missing_of(*unknown))


def less(one, two):
    """one < two; a value that does not apply is never less."""
    if type(one) is not Unknown and type(two) is not Unknown:
        return one is not None and two is not None and one < two
    if one is None or two is None:
        return False
    (one_lo, one_hi), (two_lo, two_hi) = bounds(one), bounds(two)
    if one_lo is not None and two_hi is not None and one_lo >= two_hi:
        return False
    if one_hi is not None and two_lo is not None and one_hi < two_lo and not may_be_na(one) and not may_be_na(two):
        return True
    return Unknown(missing_of(one, two))


def at_most(one, two):
    """one <= two; a value that does not apply is never."""
    if type(one) is not Unknown and type(two) is not Unknown:
        return one is not None and two is not None and one <= two
    if one is None or two is None:
        return False
    (one_lo, one_hi), (two_lo, two_hi) = bounds(one), bounds(two)
    if one_lo is not None and two_hi is not None and one_lo > two_hi:
        return False
    if one_hi is not None and two_lo is not None and one_hi <= two_lo and not may_be_na(one) and not may_be_na(two):
        return True
    return Unknown(missing_of(one, two))


def equal(one, two):
    """one == two; a value that does not apply equals nothing."""
    if type(one) is not Unknown and type(two) is not Unknown:
        return one is not None and two is not None and one == two
    if one is None or two is None:
        return False
    (one_lo, one_hi), (two_lo, two_hi) = bounds(one), bounds(two)
    if one_lo is not None and two_hi is not None and one_lo > two_hi:
        return False
    if one_hi is not None and two_lo is not None and one_hi < two_lo:
        return False
    return Unknown(missing_of(one, two))


def member(one, many):
    """one in many; a value that does not apply is in no list."""
    if one is None or many is None:
        return False
    if type(one) is not Unknown and type(many) is not Unknown:
        return one in many
    return False if type(many) is frozenset and not many else Unknown(missing_of(one, many))


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


# --- numbers and money --------------------------------------------------------------------------------------------------


def add(one, two):
    """one + two; with a part that does not apply it does not apply."""
    if type(one) is not Unknown and type(two) is not Unknown:
        return None if one is None or two is None else one + two
    if one is None or two is None:
        return None
    (one_lo, one_hi), (two_lo, two_hi) = bounds(one), bounds(two)
    lo = None if one_lo is None or two_lo is None else one_lo + two_lo
    hi = None if one_hi is None or two_hi is None else one_hi + two_hi
    return between(missing_of(one, two), lo, hi, may_be_na(one) or may_be_na(two))


def negative(value):
    """-value."""
    if type(value) is not Unknown:
        return None if value is None else -value
    return Unknown(value.missing, None if value.hi is None else -value.hi, None if value.lo is None else -value.lo, value.na)


def subtract(one, two):
    """one - two."""
    return add(one, negative(two))


def multiply(one, two):
    """one x two. Bounds are kept where one factor is known or neither is negative."""
    if type(one) is not Unknown and type(two) is not Unknown:
        return None if one is None or two is None else one * two
    if one is None or two is None:
        return None
    if type(one) is not Unknown:
        return scale(two, one)
    if type(two) is not Unknown:
        return scale(one, two)
    lo = hi = None
    if one.lo is not None and two.lo is not None and one.lo >= 0 and two.lo >= 0:
        lo = one.lo * two.lo
        hi = None if one.hi is None or two.hi is None else one.hi * two.hi
    return between(one.missing | two.missing, lo, hi, one.na or two.na)


def scale(value, factor):
    """value x a known factor."""
    if type(value) is not Unknown:
        return None if value is None else value * factor
    if factor == 0:
        return between(value.missing, 0, 0, value.na)
    lo = None if value.lo is None else value.lo * factor
    hi = None if value.hi is None else value.hi * factor
    return between(value.missing, *((lo, hi) if factor > 0 else (hi, lo)), value.na)


def divide(one, two):
    """one / two, exactly; by 0 it does not apply."""
    if one is None or two is None or two == 0:
        return None
    if type(two) is Unknown:
        return Unknown(missing_of(one, two), na=True)
    return scale(one, Fraction(1) / two)


def step_of(value, how, unit):
    """`value` rounded to whole `unit`s: how is down, up or nearest (half goes up)."""
    if how == "down":
        return value // unit * unit
    if how == "up":
        return -(-value // unit) * unit
    return (value * 2 + unit) // (unit * 2) * unit


def rounded(value, how, unit):
    """Rounding of a known or unknown value; it keeps the order, so bounds stay bounds."""
    if type(value) is not Unknown:
        return None if value is None else step_of(value, how, unit)
    lo = None if value.lo is None else step_of(value.lo, how, unit)
    hi = None if value.hi is None else step_of(value.hi, how, unit)
    return between(value.missing, lo, hi, value.na)


def smallest(values):
    """The smallest of those that apply; none applies: does not apply."""
    present = [value for value in values if value is not None]
    if not any(type(value) is Unknown for value in present):
        return min(present) if present else None
    los, his = [bounds(value)[0] for value in present], [bounds(value)[1] for value in present]
    lo = None if None in los else min(los)
    sure = [bounds(value)[1] for value in present if not may_be_na(value) and bounds(value)[1] is not None]
    certain = any(not may_be_na(value) for value in present)
    if sure:
        hi = min(sure)
    else:
        hi = None if certain or None in his else max(his)
    missing = missing_of(
        *(value for value in present if hi is None or bounds(value)[0] is None or bounds(value)[0] < hi or not certain)
    )
    return between(missing, lo, hi, not certain)


def largest(values):
    """The largest of those that apply; none applies: does not apply."""
    present = [value for value in values if value is not None]
    if not any(type(value) is Unknown for value in present):
        return max(present) if present else None
    los, his = [bounds(value)[0] for value in present], [bounds(value)[1] for value in present]
    hi = None if None in his else max(his)
    sure = [bounds(value)[0] for value in present if not may_be_na(value) and bounds(value)[0] is not None]
    certain = any(not may_be_na(value) for value in present)
    if sure:
        lo = max(sure)
    else:
        lo = None if certain or None in los else min(los)
    missing = missing_of(
        *(value for value in present if lo is None or bounds(value)[1] is None or bounds(value)[1] > lo or not certain)
    )
    return between(missing, lo, hi, not certain)


def hull(missing, values, bounded=True):
    """What is known when the result is one of `values`: they all agree, or an Unknown that spans them."""
    first = values[0]
    if type(first) is not Unknown and all(type(value) is not Unknown and value == first for value in values):
        return first
    missing = missing | missing_of(*values)
    na = any(may_be_na(value) for value in values)
    if not bounded:
        return Unknown(missing, na=na)
    present = [bounds(value) for value in values if value is not None]
    los, his = [lo for lo, _ in present], [hi for _, hi in present]
    return between(missing, None if None in los else min(los), None if None in his else max(his), na)


# --- periods and dates --------------------------------------------------------------------------------------------------


def conversion(per, to, days=None):
    """The exact factor from money per `per` to money per `to`. A year is 12 months or 52 weeks; with `days` it is days/7 weeks."""
    if per == to:
        return 1
    year: dict[str, Fraction | int] = (
        dict(PER_YEAR) if days is None else {**PER_YEAR, "week": Fraction(days, 7), "four_weeks": Fraction(days, 28)}
    )
    factor = Fraction(year[per]) / year[to]
    return factor.numerator if factor.denominator == 1 else factor


def shifted(day, number, unit):
    """`day` moved by a whole number of days, weeks, months or years; a day the month has not becomes its last day."""
    if day is None or number is None:
        return None
    number = int(number // 1)
    try:
        if unit in ("days", "weeks"):
            return day + timedelta(days=number * (7 if unit == "weeks" else 1))
        months = day.year * 12 + day.month - 1 + number * (12 if unit == "years" else 1)
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    except (OverflowError, ValueError):
        return date.max if number > 0 else date.min


def years_between(born, day):
    """Whole years from one date to another, 0 before it. Somebody born on 29 February has the birthday on 1 March in other years."""
    return max(0, day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
