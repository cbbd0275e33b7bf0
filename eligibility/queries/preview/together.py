"""What several drafts would do at once: each programme by itself, and all of them together, household by household.

The numbers leave through the same door as those of one draft (`disclosure.Shield`), under the mark of all the drafts together.
"""

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from eligibility.queries.preview.disclosure import HIDDEN, NO_SUM, NOBODY, Count, Shield, Sum, rounded
from eligibility.queries.preview.effects import COLUMNS, Effect, Measured, Rules
from eligibility.queries.preview.groups import Dimension
from eligibility.queries.preview.summary import EMPTY, FEW, SHOWN, Cost, Maker, Preview, cost_of, summed


@dataclass(frozen=True)
class Totals:
    """All programmes together, of everybody or of a group.

    gains, loses: households that would get (lose) at least one programme, whatever else they lose (get). better, worse: households with
    more (less) money in the sum of all programmes, as far as the facts that are known tell. cost: None where no programme has an amount.
    average: of the households whose money changes, pounds a year.
    """

    gains: Count
    loses: Count
    better: Count
    worse: Count
    cost: Cost | None
    average: Sum = NO_SUM


@dataclass(frozen=True)
class GroupLine:
    """A group of the table."""

    name: str
    size: Count
    totals: Totals


@dataclass(frozen=True)
class Together:
    """The preview of several drafts. state, size, left_out, part: as in `summary.Report`.

    lines: the programmes with a draft; others: those that rest on them. is_moved: whether any formula leaves room for a change.
    """

    on: dt.date
    state: str
    is_group: bool
    size: Count = NOBODY
    left_out: Count = NOBODY
    part: int = 100
    is_moved: bool = True
    lines: list[Preview] = field(default_factory=list)
    others: list[Preview] = field(default_factory=list)
    totals: Totals | None = None
    table: list[GroupLine] = field(default_factory=list)


def summarised_together(
    found: Measured, rules: Rules, *, on: dt.date, language: str, is_group: bool, split: Dimension | None, share: float = 1.0
) -> Together:
    """What may be shown of `found`."""
    if not len(found) and not is_group:
        return Together(on, EMPTY, is_group)
    shield = Shield(found.keys, mark=rules.mark, factor=1 / share)
    everybody = np.ones(len(found), dtype=bool)
    size = shield.count(everybody, is_lasting=True)
    if size.is_hidden or not size.number:
        return Together(on, FEW, is_group, size=HIDDEN)
    maker = Maker(rules, on, language)
    unread = Shield(found.left_out, factor=1 / share)
    own = [maker.short(code, found.effects[code], shield) for code in rules.codes]
    others = [maker.short(code, found.effects[code], shield) for code in rules.concerned if code not in rules.codes]
    whole = _All(found, rules, maker)
    table = _table(found, split, shield, whole) if split is not None else []
    return Together(
        on,
        SHOWN,
        is_group,
        size=size,
        left_out=unread.count(np.ones(len(found.left_out), dtype=bool), is_lasting=True),
        part=round(100 * share),
        is_moved=not maker.changes_nothing,
        lines=sorted(own, key=lambda item: item.name),
        others=[] if maker.changes_nothing else sorted(others, key=lambda item: item.name),
        totals=whole.of(shield, everybody),
        table=table,
    )


def _table(found: Measured, split: Dimension, shield: Shield, whole: "_All") -> list[GroupLine]:
    """The groups that are large enough."""
    lines = []
    for place, words in enumerate(split.options.values()):
        mask = np.asarray(found.split == place)
        line = GroupLine(str(words), shield.count(mask, is_lasting=True), whole.of(shield, mask))
        if not line.size.is_hidden:
            lines.append(line)
    return lines


class _All:
    """The programmes as one. empty: of the columns, those that no formula lets anybody into."""

    def __init__(self, found: Measured, rules: Rules, maker: Maker):
        effects = [found.effects[code] for code in rules.concerned]
        self.gains = np.any([effect.gains for effect in effects], axis=0)
        self.loses = np.any([effect.loses for effect in effects], axis=0)
        self.money = summed(found, rules, fewest=1)
        own_alone = len(rules.concerned) == len(rules.codes)
        self.empty = frozenset(COLUMNS) if maker.changes_nothing else frozenset[str]()
        if own_alone and not maker.changes_nothing:
            self.empty = frozenset(COLUMNS).intersection(*maker.empty.values())
        self.is_still = maker.changes_nothing

    def of(self, shield: Shield, mask: np.ndarray) -> Totals:
        """The totals of some of the households."""
        gains = NOBODY if "gains" in self.empty else shield.count(self.gains & mask)
        loses = NOBODY if "loses" in self.empty else shield.count(self.loses & mask)
        if self.money is None or self.money.low is None or self.money.high is None or self.money.open is None:
            return Totals(gains, loses, HIDDEN, HIDDEN, None)
        if self.is_still:
            return Totals(gains, loses, NOBODY, NOBODY, Cost(Sum(0), Sum(0)))
        known = ~self.money.open & mask
        better, worse = self.money.low > 0, self.money.high < 0
        part, small = self.money.of(mask), shield.of(mask)
        cost = cost_of(part, small)
        return Totals(gains, loses, shield.count(better & known), shield.count(worse & known), cost, _average(part, small))


def _average(effect: Effect, shield: Shield) -> Sum:
    """Pounds a year for each household whose money changes by a known sum: from the two numbers that are shown."""
    if effect.low is None:
        return NO_SUM
    who = (effect.low != 0) & effect.is_exact
    count, total = shield.count(who), shield.total(effect.low, who)
    return NO_SUM if not count.number or total.pounds is None else Sum(rounded(total.pounds / count.number, 2))
