"""What generated code calls and reads: the `Env` of one evaluation, and the cases too rare or too long to stand in the code itself.

A number stands in generated code as an int that is the value times a denominator known beforehand; anything else (Fraction, Unknown, None)
is the value itself. `down` and `up` go from one to the other.
"""

from datetime import date
from fractions import Fraction

from eligibility.engine import people
from eligibility.household import UNSURE
from eligibility.language import values
from eligibility.language.limits import exact, find
from eligibility.language.values import (
    NOTHING,
    Flow,
    Unknown,
    between,
    bounds,
    hull,
    may_be_na,
    missing_of,
    scale,
    shifted,
    years_between,
)

GONE = object()  # stands where a household or a person has no answer
_MOST_KEPT = 512


class Env:
    """What an evaluation reads: the household, the date, the results of other programmes; and what it has worked out so far.

    The date may be an Unknown between two dates: what comes out as known then holds on each day from one to the other.
    cache: {number of a worked-out fact, or (number, person): value as generated code keeps it}.
    """

    __slots__ = ("applicant", "cache", "home", "household", "on", "open", "partner", "people", "programmes")

    def __init__(self, household, on, programmes):
        self.household, self.on, self.programmes = household, on, programmes
        self.home, self.people, self.open = household.facts, household.people, household.open
        self.applicant, self.partner = household.applicant, household.partner
        self.cache = {}


def down(value, denominator):
    """The value itself, of what generated code keeps."""
    return exact(Fraction(value, denominator)) if type(value) is int else value


def up(value, denominator):
    """A value as generated code keeps it."""
    if type(value) is int:
        return value * denominator
    if type(value) is Fraction:
        times = value * denominator
        return times.numerator if times.denominator == 1 else value
    return value


def both(one, two):
    """An Unknown that hangs on what two of them hang on."""
    return Unknown(one.missing | two.missing)


def unsure(value):
    """A yes or no that also hangs on who lives there."""
    return Unknown(UNSURE if type(value) is bool else value.missing | UNSURE)


def counted(sure, unknown, is_open):
    """A count: of so many it is sure, `unknown` are the conditions of the others."""
    return people.over_count([*((True, None) for _ in range(sure)), *((where, None) for where in unknown)], is_open)


# --- facts --------------------------------------------------------------------------------------------------------------


def absent(fact):
    """The value of a fact that does not apply."""
    return {"money": NOTHING, "amount": 0, "boolean": False}.get(fact.type)


def missing(fact, key, na=None):
    """The value of a fact nobody has answered. na: whether it may turn out not to apply, None for what the catalogue says."""
    keys = frozenset({key})
    if fact.type == "money":
        return Flow(Unknown(keys, 0), "year")
    if fact.type == "amount":
        return Unknown(keys, 0)
    if fact.type == "boolean":
        return Unknown(keys)
    may = fact.may_not_apply if na is None else na
    if fact.type in ("integer", "decimal"):
        return Unknown(keys, fact.least, fact.most, may)
    return Unknown(keys, na=may)


def gone(person, fact):
    """The value of a fact that a person has no answer to, or of a person who is not there."""
    if person.state == "here":
        return missing(fact, person.key(fact.name))
    return absent(fact) if person.state == "absent" else missing(fact, next(iter(UNSURE)), na=True)


def age(env, person):
    """Whole years on the day."""
    born, on = person.facts.get("born_on"), env.on
    if born is not None:
        if type(on) is not Unknown:
            return years_between(born, on)
        return between(on.missing, years_between(born, on.lo), years_between(born, on.hi))
    if person.state == "here":
        return Unknown(frozenset({person.key("born_on")}), 0)
    return None if person.state == "absent" else Unknown(UNSURE, 0, None, True)


def role(person):
    """The role of somebody who may not be there."""
    if person.state == "here":
        return person.role
    return None if person.state == "absent" else Unknown(UNSURE, na=True)


def partner_applies(partner):
    """Whether there is a partner."""
    return Unknown(UNSURE) if partner.state == "unsure" else partner.state == "here"


def home_applies(home, fact):
    """Whether a fact about the household applies."""
    value = home.get(fact.name, GONE)
    if value is not GONE:
        return value is not None
    return Unknown(frozenset({fact.code})) if fact.may_not_apply else True


def person_applies(person, fact):
    """Whether a fact about a person applies."""
    value = person.facts.get(fact.name, GONE)
    if value is not GONE:
        return value is not None
    if person.state != "here":
        return False if person.state == "absent" else Unknown(UNSURE)
    return Unknown(frozenset({person.key(fact.name)})) if fact.may_not_apply else True


def applies(value):
    """Whether any other value applies."""
    if type(value) is Unknown:
        return Unknown(value.missing) if value.na else True
    return value is not None


# --- other programmes ---------------------------------------------------------------------------------------------------


def likely(env, code):
    """Whether another programme is likely."""
    result = env.programmes.get(code)
    return Unknown(frozenset({f"programmes.{code}"})) if result is None else result.truth


def outcome(env, code):
    """The outcome of another programme as a code."""
    truth = likely(env, code)
    return truth if type(truth) is Unknown else "likely" if truth else "not_likely"


def amount(env, code):
    """The amount of another programme."""
    result = env.programmes.get(code)
    if result is None:
        return Flow(Unknown(frozenset({f"programmes.{code}"}), 0), "year")
    return Flow(result.paid, result.per)


# --- dates --------------------------------------------------------------------------------------------------------------


def moved(day, number, sign, unit):
    """A date moved by a number of days, weeks, months or years."""
    count = scale(number, sign)
    if type(day) is not Unknown and type(count) is not Unknown:
        return shifted(day, count, unit)
    if day is None or count is None:
        return None
    (day_lo, day_hi), (lo, hi) = bounds(day), bounds(count)
    na = may_be_na(day) or may_be_na(count)
    return between(missing_of(day, count), shifted(day_lo, lo, unit), shifted(day_hi, hi, unit), na)


def days_between(start, end):
    """Days from one date to another."""
    return _span(start, end, lambda one, two: (two - one).days)


def age_on(born, day):
    """Whole years from one date to another."""
    return _span(born, day, years_between)


def _span(start, end, measure):
    def count(one, two):
        return None if one is None or two is None else measure(one, two)

    if type(start) is not Unknown and type(end) is not Unknown:
        return count(start, end)
    if start is None or end is None:
        return None
    (start_lo, start_hi), (end_lo, end_hi) = bounds(start), bounds(end)
    na = may_be_na(start) or may_be_na(end)
    return between(missing_of(start, end), count(start_hi, end_lo), count(start_lo, end_hi), na)


# --- tables -------------------------------------------------------------------------------------------------------------


class Table:
    """A limit that is a table, as it stands on one day; what was looked up is kept."""

    def __init__(self, limit, lines):
        self.lines, self.bounded = lines, limit.type.kind in ("money", "number", "date")
        self.gone = Unknown(frozenset({f"limits.{limit.name}"}))
        self._kept = {}

    def __call__(self, *keys):
        """The value for the keys."""
        if any(type(key) is Unknown for key in keys):
            return self._unknown(keys)
        if keys not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            line = find(self.lines, keys)
            self._kept[keys] = self.gone if line is None else line[1]
        return self._kept[keys]

    def _unknown(self, keys):
        """The span of the lines that may fit, where one must."""
        lines = [line for line in self.lines if all(_may_fit(cell, key) for cell, key in zip(line[0], keys, strict=True))]
        if not lines:
            return self.gone
        if not any(all(_must_fit(cell, key) for cell, key in zip(line[0], keys, strict=True)) for line in lines):
            return Unknown(missing_of(*keys), na=any(line[1] is None for line in lines))
        return hull(missing_of(*keys), [line[1] for line in lines], self.bounded)


def _may_fit(cell, key):
    if type(key) is not Unknown:
        return cell.fits(key)
    if cell.kind == "any":
        return True
    if cell.kind == "from":
        return key.hi is None or key.hi >= cell.values[0]
    return any((key.lo is None or value >= key.lo) and (key.hi is None or value <= key.hi) for value in cell.values)


def _must_fit(cell, key):
    if type(key) is not Unknown:
        return cell.fits(key)
    return cell.kind == "any" or (cell.kind == "from" and not key.na and key.lo is not None and key.lo >= cell.values[0])


NAMES = {
    "Flow": Flow,
    "GONE": GONE,
    "NOTHING": NOTHING,
    "Unknown": Unknown,
    "add": values.add,
    "age": age,
    "age_on": age_on,
    "amount": amount,
    "applies": applies,
    "at_least": values.at_least,
    "at_most": values.at_most,
    "both": both,
    "counted": counted,
    "date": date,
    "days_between": days_between,
    "divide": values.divide,
    "down": down,
    "equal": values.equal,
    "gone": gone,
    "home_applies": home_applies,
    "hull": hull,
    "largest": values.largest,
    "less": values.less,
    "likely": likely,
    "member": values.member,
    "moved": moved,
    "multiply": values.multiply,
    "negate": values.negate,
    "negative": values.negative,
    "outcome": outcome,
    "over_max": people.over_max,
    "over_min": people.over_min,
    "over_sum": people.over_sum,
    "partner_applies": partner_applies,
    "person_applies": person_applies,
    "role": role,
    "rounded": values.rounded,
    "scale": scale,
    "smallest": values.smallest,
    "unsure": unsure,
    "up": up,
}
