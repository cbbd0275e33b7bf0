"""Groups of households that a preview can be narrowed to or split by, made from what the fact catalogue says about each fact.

A choice fact gives its choices, a yes or no whether it is so for anybody in the household, money and numbers give bands, a date of birth gives
ages. To these come what a household is (who lives there) and the results of the other programmes. Facts about crime are offered only where the rule
under preview sees them.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from consent.facts import FactKind
from consent.facts import catalogue as fact_kinds
from eligibility.batch import LIKELY, NOT_LIKELY, Caseload, Column
from eligibility.batch.caseload import Column as Facts
from eligibility.language.types import PER_YEAR, PERIODS, ROLES

UNKNOWN, NONE, YES, NO = "unknown", "none", "yes", "no"
Words = str | Promise
Answers = Mapping[str, Column]

MONEY_BANDS = (0, 5_000, 10_000, 16_000, 20_000, 30_000, 50_000, 100_000)  # pounds, a year where it is regular
NUMBER_BANDS = (0, 1, 2, 3, 4, 16, 35)
AGE_BANDS = (0, 18, 25, 35, 50, 66, 75, 80)
_HEADINGS: dict[str, Words] = {  # of the catalogue's categories, for colleagues
    "household": _("Household"),
    "income": _("Income and savings"),
    "housing": _("Home"),
    "health": _("Health and care"),
    "education": _("Education"),
    "justice": _("Prison and probation"),
}
_APPLICANT, _PARTNER, _CHILD, _ADULT = (ROLES.index(name) for name in ("applicant", "partner", "child", "other_adult"))


@dataclass(frozen=True)
class Dimension:
    """One way to tell households apart. options: {code: words}, in order, without overlap. of: the place of each household's option.

    facts: catalogue codes it reads. programme: code of the programme whose result before it is. category: heading it stands under.
    """

    code: str
    words: Words
    category: Words
    options: Mapping[str, Words]
    of: Callable[[Caseload, dt.date, Answers], np.ndarray]
    facts: tuple[str, ...] = ()
    programme: str = ""

    def __hash__(self) -> int:
        return hash(self.code)

    def place(self, option: str) -> int:
        """Where an option stands. Raises ValueError for one that is not there."""
        return list(self.options).index(option)


def dimensions(needs: Iterable[str], places: Mapping[str, Sequence[str]], programmes: Mapping[str, str]) -> dict[str, Dimension]:
    """All dimensions for a rule that sees the facts `needs`, by code.

    places: the values of text facts that may be named, {fact code: values}. programmes: {code: name} of those with a result.
    """
    found = [_household_type(), _children()]
    for kind in fact_kinds().values():
        if kind.sensitivity != "criminal" or kind.code in set(needs):
            found += _of_fact(kind, places.get(kind.code, ()))
    found += [_of_programme(code, name) for code, name in programmes.items()]
    return {dimension.code: dimension for dimension in found}


# --- who lives there ----------------------------------------------------------------------------------------------------


def _household_type() -> Dimension:
    options = {
        "alone": _("Alone"),
        "alone_children": _("Alone with children"),
        "couple": _("Couple"),
        "couple_children": _("Couple with children"),
        "other_adults": _("With other adults"),
        UNKNOWN: _("Not known"),
    }

    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        couple, children = load.partner >= 0, _sum(load, load.roles == _CHILD) > 0
        found = 2 * couple.astype(np.int16) + children
        found = np.where(_sum(load, load.roles == _ADULT) > 0, 4, found)
        return np.where(load.open, 5, found)

    return Dimension("household", _("Who lives there"), _HEADINGS["household"], options, of)


def _children() -> Dimension:
    options: dict[str, Words] = {str(number): str(number) for number in range(4)}
    options |= {"4": _("4 or more"), UNKNOWN: _("Not known")}

    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        return np.where(load.open, 5, np.minimum(_sum(load, load.roles == _CHILD), 4))

    return Dimension("children", _("Children"), _HEADINGS["household"], options, of)


def _sum(load: Caseload, values: np.ndarray) -> np.ndarray:
    """A number for each household: that of its people together."""
    return np.add.reduceat(values.astype(np.int64), load.starts) if len(load) else np.zeros(0, dtype=np.int64)


# --- facts --------------------------------------------------------------------------------------------------------------


def _of_fact(kind: FactKind, values: Sequence[str]) -> list[Dimension]:
    """The dimension of a fact; none for one that tells nothing in groups (names, free text)."""
    made = _MAKERS.get(kind.type)
    if made is None or kind.name == "role":
        return []
    options, of = made(kind, values)
    if not options:
        return []
    code = kind.code.replace(".", "-")
    return [Dimension(code, kind.words(), _HEADINGS.get(kind.category, kind.category), options, of, (kind.code,))]


def _choice(kind: FactKind, values: Sequence[str]):
    if kind.level == "person" and kind.choices[0] == "none":
        return _somebody(kind, lambda column: column.values != 0)
    options: dict[str, Words] = {name: kind.choice_words(name) for name in kind.choices}
    return _with_rest(options), lambda load, on, answers: _coded(kind, load, len(kind.choices))


def _text(kind: FactKind, values: Sequence[str]):
    options: dict[str, Words] = {name: kind.choice_words(name).title() for name in values}
    place = {name: index for index, name in enumerate(options)}

    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        column = _fact_of(kind, load)
        # a place too small to be named is in no option
        places = np.array([place.get(name, _OTHER_PLACE) for name in column.names] or [_OTHER_PLACE], dtype=np.int32)
        return _rest(column, places[column.values], len(options))

    return (_with_rest(options) if options and kind.level == "household" else {}), of


_OTHER_PLACE = 2**30


def _coded(kind: FactKind, load: Caseload, size: int) -> np.ndarray:
    column = _fact_of(kind, load)
    return _rest(column, column.values, size)


def _boolean(kind: FactKind, values: Sequence[str]):
    if kind.level == "person":
        return _somebody(kind, lambda column: column.values.astype(bool))

    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        column = load.home[kind.name]
        found = np.where(column.values.astype(bool) & ~_mask(column.na, len(load)), 0, 1)
        return np.where(_mask(column.missing, len(load)), 2, found)

    return {YES: _("Yes"), NO: _("No"), UNKNOWN: _("Not known")}, of


def _somebody(kind: FactKind, is_so: Callable[[Facts], np.ndarray]):
    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        column = load.person[kind.name]
        n = len(load.roles)
        missing = _mask(column.missing, n)
        yes = _sum(load, is_so(column) & ~missing & ~_mask(column.na, n)) > 0
        unsure = (_sum(load, missing & (load.roles != _CHILD)) > 0) | load.open
        return np.where(yes, 0, np.where(unsure, 2, 1))

    return {YES: _("Somebody in the household"), NO: _("Nobody in the household"), UNKNOWN: _("Not known")}, of


def _money(kind: FactKind, values: Sequence[str]):
    regular = kind.type == "money"
    options: dict[str, Words] = {"0": _("Nothing")}
    for low, high in pairwise(MONEY_BANDS):
        sums = {"low": f"£{low:,}", "high": f"£{high:,}"}
        if low == 0:
            words = _("Up to %(high)s a year") if regular else _("Up to %(high)s")
        else:
            words = _("Over %(low)s, up to %(high)s a year") if regular else _("Over %(low)s, up to %(high)s")
        options[str(high)] = _Filled(words, sums)
    last = {"low": f"£{MONEY_BANDS[-1]:,}"}
    options["more"] = _Filled(_("Over %(low)s a year") if regular else _("Over %(low)s"), last)
    options[UNKNOWN] = _("Not known")
    edges = np.array([band * 100 for band in MONEY_BANDS], dtype=np.int64)

    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        column = load.home[kind.name] if kind.level == "household" else load.person[kind.name]
        amount = np.where(_mask(column.na, len(column.values)), 0, column.values)
        if column.per is not None:
            amount = amount * np.array([PER_YEAR[per] for per in PERIODS], dtype=np.int64)[column.per]
        missing = _mask(column.missing, len(column.values))
        if kind.level == "person":
            adults = (load.roles == _APPLICANT) | (load.roles == _PARTNER)
            amount, missing = _sum(load, amount * adults), (_sum(load, missing & adults) > 0) | load.open
        return np.where(missing, len(options) - 1, np.searchsorted(edges, amount, side="left"))

    return options, of


def _number(kind: FactKind, values: Sequence[str]):
    options: dict[str, Words] = {}
    for low, high in pairwise(NUMBER_BANDS):
        options[str(low)] = str(low) if high == low + 1 else _Filled(_("%(low)s to %(high)s"), {"low": low, "high": high - 1})
    options[str(NUMBER_BANDS[-1])] = _Filled(_("%(low)s or more"), {"low": NUMBER_BANDS[-1]})
    options |= {NONE: _("Does not apply"), UNKNOWN: _("Not known")}
    size = len(NUMBER_BANDS)

    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        column = _fact_of(kind, load)
        edges = np.array(NUMBER_BANDS[1:], dtype=np.int64) * column.scale
        return _rest(column, np.asarray(np.searchsorted(edges, column.values, side="right")), size)

    return options, of


def _date(kind: FactKind, values: Sequence[str]):
    if kind.name != "born_on":
        return {}, None
    options: dict[str, Words] = {}
    for low, high in pairwise(AGE_BANDS):
        words = _("Under %(high)s") if low == 0 else _("%(low)s to %(last)s")
        options[str(low)] = _Filled(words, {"low": low, "high": high, "last": high - 1})
    options[str(AGE_BANDS[-1])] = _Filled(_("%(low)s or more"), {"low": AGE_BANDS[-1]})
    options[UNKNOWN] = _("Not known")

    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        column = _fact_of(kind, load)
        # somebody born on or before the day has had the birthday
        edges = np.array([_years_before(on, years).toordinal() for years in reversed(AGE_BANDS[1:])], dtype=np.int64)
        found = len(AGE_BANDS) - 1 - np.searchsorted(edges, column.values, side="left")
        return np.where(_mask(column.missing, len(load)), len(options) - 1, found)

    return options, of


def _years_before(on: dt.date, years: int) -> dt.date:
    day = 28 if (on.month, on.day) == (2, 29) and (on.year - years) % 4 else on.day
    return dt.date(on.year - years, on.month, day)


_MAKERS: dict[str, Callable] = {
    "choice": _choice,
    "boolean": _boolean,
    "money": _money,
    "amount": _money,
    "integer": _number,
    "decimal": _number,
    "date": _date,
    "text": _text,
}


def _fact_of(kind: FactKind, load: Caseload) -> Facts:
    """The column of a household fact, of the applicant's for a fact about people."""
    return load.home[kind.name] if kind.level == "household" else load.person[kind.name].rows(load.applicant)


def _with_rest(options: Mapping[str, Words]) -> dict[str, Words]:
    return {**options, NONE: _("Does not apply"), UNKNOWN: _("Not known")}


def _rest(column: Facts, found: np.ndarray, size: int) -> np.ndarray:
    """What does not apply and what is missing come after the `size` options."""
    n = len(column.values)
    return np.where(_mask(column.missing, n), size + 1, np.where(_mask(column.na, n), size, found))


def _mask(mask: np.ndarray | None, n: int) -> np.ndarray:
    return np.zeros(n, dtype=bool) if mask is None else mask


class _Filled(Promise):
    """A lazy sentence with values put in when it is read."""

    def __init__(self, words: Words, values: Mapping[str, object]):
        self.words, self.values = words, values

    def __str__(self) -> str:
        return str(self.words) % self.values


# --- results ------------------------------------------------------------------------------------------------------------


def _of_programme(code: str, name: str) -> Dimension:
    options = {"likely": _("May get it"), "not_likely": _("Does not fit"), UNKNOWN: _("Not known")}

    def of(load: Caseload, on: dt.date, answers: Answers) -> np.ndarray:
        outcome = answers[code].outcome
        return np.where(outcome == LIKELY, 0, np.where(outcome == NOT_LIKELY, 1, 2))

    return Dimension(f"result-{code}", name, _("Other programmes"), options, of, programme=code)
