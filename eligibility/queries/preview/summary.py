"""What a preview shows: counts, sums and sentences that went through `disclosure`, nothing else."""

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
from django.utils.translation import gettext as _

from eligibility.batch import LIKELY, NOT_LIKELY, UNKNOWN
from eligibility.definition import Definition
from eligibility.queries.preview.certain import impossible
from eligibility.queries.preview.disclosure import HIDDEN, NO_SUM, NOBODY, Count, Shield, Sum, rounded
from eligibility.queries.preview.effects import COLUMNS, Effect, Measured, Rules
from eligibility.queries.preview.groups import Dimension
from eligibility.queries.preview.moves import AMOUNT, Move, condition_words, moves
from eligibility.queries.what_if import CHARGES

EMPTY, FEW, SHOWN = "empty", "few", "shown"
_OUTCOMES = ((LIKELY, "likely"), (UNKNOWN, "unknown"), (NOT_LIKELY, "not_likely"))
_BANDS = (-50, -10, 0, 10, 50)  # pounds a month, or of one payment


@dataclass(frozen=True)
class Cost:
    """Pounds a year after less before. low, high: equal where no fact is missing that matters; hidden together.

    is_open: facts are missing that could make it more without a bound. is_once: each household is paid one time.
    """

    low: Sum
    high: Sum
    is_open: bool = False
    is_once: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.low.is_hidden or self.high.is_hidden


@dataclass(frozen=True)
class Outcome:
    """How many have an outcome before and after; was, now: their shares in per cent, 0 where hidden."""

    outcome: str
    before: Count
    after: Count
    was: int
    now: int


@dataclass(frozen=True)
class Band:
    """How many have a change of this size. share: of the largest band, in per cent. tone: less | same | more | unknown."""

    words: str
    count: Count
    share: int
    tone: str


@dataclass(frozen=True)
class Decider:
    """A condition that turned for those who gain or lose, or the amount for those who get more or less. moves: what differs in it."""

    id: str
    words: str
    gains: Count
    loses: Count
    moves: list[Move]


@dataclass(frozen=True)
class Line:
    """A group of the table."""

    name: str
    size: Count
    before: Count
    after: Count
    gains: Count
    loses: Count
    more: Count
    less: Count
    becomes_known: Count
    becomes_unknown: Count
    cost: Cost | None
    average: Sum
    decider: str


@dataclass(frozen=True)
class Preview:
    """The effect on one programme. cost: None where it has no amount."""

    code: str
    name: str
    is_own: bool
    gains: Count
    loses: Count
    more: Count
    less: Count
    becomes_unknown: Count
    becomes_known: Count
    changes_nothing: bool
    cost: Cost | None
    outcomes: list[Outcome] = field(default_factory=list)
    deciders: list[Decider] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    average: Sum = NO_SUM
    median: Sum = NO_SUM


@dataclass(frozen=True)
class Report:
    """A whole preview. state: empty (no households), few (too few to say anything) or shown. is_first: the programme has no rule in force.

    size: households of the group; left_out: records whose facts cannot be read; part: how many of a hundred were read.
    """

    on: dt.date
    state: str
    is_first: bool
    is_group: bool
    size: Count = NOBODY
    left_out: Count = NOBODY
    part: int = 100
    own: Preview | None = None
    others: list[Preview] = field(default_factory=list)
    together: Cost | None = None
    table: list[Line] = field(default_factory=list)
    missing: Count = NOBODY


def summarised(
    found: Measured,
    rules: Rules,
    *,
    on: dt.date,
    language: str,
    is_group: bool,
    split: Dimension | None,
    share: float = 1.0,
) -> Report:
    """What may be shown of `found`."""
    is_first = rules.code not in rules.before
    if not len(found) and not is_group:
        return Report(on, EMPTY, is_first, is_group)
    shield = Shield(found.keys, mark=rules.mark, factor=1 / share)
    everybody = np.ones(len(found), dtype=bool)
    size = shield.count(everybody, is_lasting=True)
    if size.is_hidden or not size.number:
        return Report(on, FEW, is_first, is_group, size=HIDDEN)
    maker = Maker(rules, on, language)
    unread = Shield(found.left_out, factor=1 / share)
    own = maker.whole(found.effects[rules.code], shield)
    others = [maker.short(code, found.effects[code], shield) for code in rules.concerned if code != rules.code]
    return Report(
        on,
        SHOWN,
        is_first,
        is_group,
        size=size,
        left_out=unread.count(np.ones(len(found.left_out), dtype=bool), is_lasting=True),
        part=round(100 * share),
        own=own,
        others=[] if maker.changes_nothing else others,
        together=_together(found, rules, shield) if len(rules.concerned) > 1 else None,
        table=maker.table(found, split, shield) if split is not None else [],
        missing=shield.count(_missing(found.effects[rules.code])),
    )


def _missing(effect: Effect) -> np.ndarray:
    """Households of which facts are missing that matter for what would change."""
    found = (effect.was == UNKNOWN) | (effect.now == UNKNOWN)
    return found | ~effect.is_exact if effect.low is not None else found


class Maker:
    """Makes the parts of a report for one comparison. empty: {code: columns that the formulas leave empty}, of those under preview."""

    def __init__(self, rules: Rules, on: dt.date, language: str):
        self.rules, self.on, self.language = rules, on, language
        self.empty = {
            code: frozenset[str]() if rules.rests_on_another(code) else impossible(rules.before.get(code), rules.after[code], on)
            for code in rules.codes
        }
        self.changes_nothing = all(empty >= set(COLUMNS) for empty in self.empty.values())

    def leaves(self, code: str) -> bool:
        """Whether the formulas leave everybody's result of the programme as it is."""
        return self.changes_nothing or self.empty.get(code, frozenset()) >= set(COLUMNS)

    def counts(self, code: str, effect: Effect, shield: Shield, mask: np.ndarray | None = None) -> dict[str, Count]:
        """The columns; nobody is said only where the formulas leave nobody."""
        found = {}
        for column in COLUMNS:
            turned = getattr(effect, column)
            is_nobody = self.changes_nothing or column in self.empty.get(code, ())
            found[column] = NOBODY if is_nobody else shield.count(turned if mask is None else turned & mask)
        return found

    def definition(self, code: str) -> Definition:
        return self.rules.after[code]

    def short(self, code: str, effect: Effect, shield: Shield) -> Preview:
        counts = self.counts(code, effect, shield)
        return Preview(
            code=code,
            name=self.definition(code).text("name", self.language) or code,
            is_own=code in self.rules.codes,
            gains=counts["gains"],
            loses=counts["loses"],
            more=counts["more"],
            less=counts["less"],
            becomes_unknown=counts["becomes_unknown"],
            becomes_known=counts["becomes_known"],
            changes_nothing=self.leaves(code),
            cost=self._cost(effect, shield, code),
        )

    def whole(self, effect: Effect, shield: Shield) -> Preview:
        exact = effect.changes & effect.is_exact
        return replace(
            self.short(self.rules.code, effect, shield),
            outcomes=_outcomes(effect, shield, self.rules.code not in self.rules.before, self.changes_nothing),
            deciders=self._deciders(effect, shield),
            bands=[] if self.changes_nothing else _bands(effect, shield, self.definition(self.rules.code)),
            average=_average(effect, shield) if effect.low is not None else NO_SUM,
            median=shield.median(effect.low, exact) if effect.low is not None else NO_SUM,
        )

    def _deciders(self, effect: Effect, shield: Shield) -> list[Decider]:
        before, after = self.rules.before.get(self.rules.code), self.definition(self.rules.code)
        moved = moves(before, after, self.on, self.language)
        lines = []
        for id_, mask in effect.turned.items():
            gains, loses = shield.count(mask & effect.gains), shield.count(mask & effect.loses)
            if id_ in moved or gains.number or loses.number:
                owner = after if any(item.id == id_ for item in after.criteria) else before
                words = condition_words(id_, owner, self.on, self.language) if owner else ""
                lines.append(Decider(id_, words or id_.replace("_", " "), gains, loses, moved.get(id_, [])))
        lines.sort(key=lambda line: -(line.gains.number or 0) - (line.loses.number or 0))
        if moved.get(AMOUNT):
            words = _("The amount")
            lines.append(Decider(AMOUNT, words, shield.count(effect.more), shield.count(effect.less), moved[AMOUNT]))
        return lines

    def _cost(self, effect: Effect, shield: Shield, code: str) -> Cost | None:
        if self.leaves(code) and self.definition(code).amount is not None:
            return Cost(Sum(0), Sum(0))
        return _cost(effect, shield, self.definition(code))

    def table(self, found: Measured, split: Dimension, shield: Shield) -> list[Line]:
        effect, lines = found.effects[self.rules.code], []
        assert found.split is not None
        for place, words in enumerate(split.options.values()):
            line = self._line(str(words), found.split == place, effect, shield)
            if not line.size.is_hidden:
                lines.append(line)
        return lines

    def _line(self, name: str, mask: np.ndarray, effect: Effect, shield: Shield) -> Line:
        part, small = effect.of(mask), shield.of(mask)
        return Line(
            name=name,
            size=shield.count(mask, is_lasting=True),
            before=shield.count(mask & (effect.was == LIKELY), is_lasting=True),
            after=shield.count(mask & (effect.now == LIKELY), is_lasting=self.changes_nothing),
            cost=self._cost(part, small, self.rules.code),
            average=_average(part, small) if part.low is not None else NO_SUM,
            decider=self._first_decider(part, small),
            **self.counts(self.rules.code, effect, shield, mask),
        )

    def _first_decider(self, effect: Effect, shield: Shield) -> str:
        """The condition that most of those who gain or lose turn on; "" where too few do to say."""
        turns = effect.gains | effect.loses
        counts = [(shield.count(mask & turns).number or 0, id_) for id_, mask in effect.turned.items()]
        number, id_ = max(counts, default=(0, ""))
        if not number:
            return ""
        after = self.definition(self.rules.code)
        return condition_words(id_, after, self.on, self.language) or id_.replace("_", " ")


def _outcomes(effect: Effect, shield: Shield, is_first: bool, is_same: bool) -> list[Outcome]:
    """Results before and after. is_first: there was no rule before. is_same: the formulas change nobody's, so both have one number."""
    pairs = [
        (
            name,
            NOBODY if is_first and value != NOT_LIKELY else shield.count(effect.was == value, is_lasting=True),
            shield.count(effect.now == value, is_lasting=is_same),
        )
        for value, name in _OUTCOMES
    ]
    most = max((count.number or 0 for _name, *counts in pairs for count in counts), default=0) or 1

    def share(count: Count) -> int:
        return round(100 * (count.number or 0) / most)

    return [Outcome(name, before, after, share(before), share(after)) for name, before, after in pairs]


def _bands(effect: Effect, shield: Shield, definition: Definition) -> list[Band]:
    """How the change is spread over those who may get it under either version."""
    if effect.low is None or definition.amount is None:
        return []
    divide = 100 if definition.amount.per == "once" else 1200
    once = definition.amount.per == "once"
    edges = [edge * divide for edge in _BANDS]
    who, exact = effect.concerned, effect.is_exact
    low = effect.low
    masks = [(_lost(50, None, once), low < edges[0], "less"), (_lost(10, 50, once), (low >= edges[0]) & (low < edges[1]), "less")]
    masks += [(_lost(0, 10, once), (low >= edges[1]) & (low < 0), "less"), (_("The same"), low == 0, "same")]
    masks += [(_won(0, 10, once), (low > 0) & (low <= edges[3]), "more")]
    masks += [(_won(10, 50, once), (low > edges[3]) & (low <= edges[4]), "more"), (_won(50, None, once), low > edges[4], "more")]
    found = [(words, shield.count(mask & who & exact), tone) for words, mask, tone in masks]
    found.append((_("Not known, because facts are missing"), shield.count(who & ~exact), "unknown"))
    most = max((count.number or 0 for _words, count, _tone in found), default=0) or 1
    return [Band(words, count, round(100 * (count.number or 0) / most), tone) for words, count, tone in found]


def _lost(low: int, high: int | None, once: bool) -> str:
    if high is None:
        return (_("Over £%(low)s less") if once else _("Over £%(low)s a month less")) % {"low": low}
    if low == 0:
        return (_("Under £%(high)s less") if once else _("Under £%(high)s a month less")) % {"high": high}
    return (_("£%(low)s to £%(high)s less") if once else _("£%(low)s to £%(high)s a month less")) % {"low": low, "high": high}


def _won(low: int, high: int | None, once: bool) -> str:
    if high is None:
        return (_("Over £%(low)s more") if once else _("Over £%(low)s a month more")) % {"low": low}
    if low == 0:
        return (_("Up to £%(high)s more") if once else _("Up to £%(high)s a month more")) % {"high": high}
    return (_("£%(low)s to £%(high)s more") if once else _("£%(low)s to £%(high)s a month more")) % {"low": low, "high": high}


def _cost(effect: Effect, shield: Shield, definition: Definition) -> Cost | None:
    if effect.low is None or effect.high is None or effect.open is None or definition.amount is None:
        return None
    sign = -1 if definition.code in CHARGES else 1
    return _between(sign * effect.low, sign * effect.high, effect, shield, definition.amount.per == "once")


def _between(one: np.ndarray, two: np.ndarray, effect: Effect, shield: Shield, is_once: bool) -> Cost:
    low, high = np.minimum(one, two), np.maximum(one, two)
    ends = shield.total(low, effect.changes), shield.total(high, effect.changes)
    is_open = effect.open is not None and not shield.count(effect.open & effect.changes).is_hidden
    if shield.count(effect.changes & (low != high)).is_hidden:
        return Cost(ends[0], ends[0], is_open, is_once)
    if not ends[0].is_hidden and not ends[1].is_hidden and (ends[0].pounds or 0) > (ends[1].pounds or 0):
        ends = ends[1], ends[0]
    return Cost(*ends, is_open, is_once)


def _together(found: Measured, rules: Rules, shield: Shield) -> Cost | None:
    """The cost of all the programmes that change, as one sum over households."""
    effect = summed(found, rules)
    return None if effect is None else cost_of(effect, shield)


def summed(found: Measured, rules: Rules, fewest: int = 2) -> Effect | None:
    """The amounts of all programmes concerned as one, charges counted against them; None where fewer than `fewest` have an amount."""
    low, high = (np.zeros(len(found), dtype=np.int64) for _end in range(2))
    is_open = np.zeros(len(found), dtype=bool)
    counted = 0
    for code in rules.concerned:
        effect, definition = found.effects[code], rules.after[code]
        if effect.low is None or effect.high is None or effect.open is None or definition.amount is None:
            continue
        counted += 1
        ends = (-effect.high, -effect.low) if code in CHARGES else (effect.low, effect.high)
        low, high, is_open = low + ends[0], high + ends[1], is_open | effect.open
    if counted < fewest:
        return None
    nothing = np.zeros(len(found), dtype=np.int8)
    return Effect(nothing, nothing, low, high, is_open, {})


def cost_of(effect: Effect, shield: Shield, is_once: bool = False) -> Cost | None:
    """The cost of an effect, protected; None where it has no amount."""
    if effect.low is None or effect.high is None:
        return None
    return _between(effect.low, effect.high, effect, shield, is_once)


def _average(effect: Effect, shield: Shield) -> Sum:
    """Pounds a year for each household whose amount changes by a known sum: from the two numbers that are shown, not from the true ones."""
    who = effect.changes & effect.is_exact
    count, total = shield.count(who), shield.total(effect.low, who) if effect.low is not None else NO_SUM
    if not count.number or total.is_hidden:
        return NO_SUM
    return Sum(rounded((total.pounds or 0) / count.number, 2))
