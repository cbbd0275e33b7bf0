"""A caseload as columns: one row for each household, one for each person, people of a household side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from eligibility.batch.arrays import NARROW, Array
from eligibility.language.limits import exact
from eligibility.language.types import PERIODS, ROLES


@dataclass
class Column:
    """One fact. values: pence, whole numbers over `scale`, date ordinals, indexes into `names`, bit masks over `names`; as narrow as they
    fit, and 0 where the fact is missing or does not apply.

    missing, na: masks or None. per: index into PERIODS for money that comes by a period. bound: no absolute value is above it.
    """

    values: Array
    missing: Array = None
    na: Array = None
    scale: int = 1
    names: tuple = ()
    per: Array = None
    bound: int = 0

    @classmethod
    def of(cls, fact, values, missing=None, na=None, per=None, scale=1, names=None):
        """The column of a fact from an array of values (0 where it is missing or does not apply) and its masks."""
        names = fact.choices if names is None else names
        bound = int(np.abs(values).max()) if len(values) and values.dtype != bool else 0
        if fact.type in ("choice", "text"):
            values = values.astype(np.min_scalar_type(len(names) + 8))
        elif fact.type not in ("boolean", "choices"):
            values = values.astype(np.int32 if bound <= NARROW else np.int64)
        return cls(values, _tidy(missing), _tidy(na), scale, names, per, bound)

    def rows(self, index):
        """The column for some rows (a slice or an index array)."""
        parts = (None if part is None else part[index] for part in (self.values, self.missing, self.na, self.per))
        values, missing, na, per = parts
        return Column(values, _tidy(missing), _tidy(na), self.scale, self.names, per, self.bound)


def _tidy(mask):
    return mask if mask is not None and mask.any() else None


@dataclass
class Caseload:
    """Columns of households and people. starts: first person of each household. applicant, partner: person index, -1 for nobody.

    open: households of which it is not known who lives there. households: the Household objects of open rows, by row.
    """

    ids: list
    home: Mapping
    person: Mapping
    starts: Array
    sizes: Array
    roles: Array
    applicant: Array
    partner: Array
    open: Array
    households: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.starts)

    @classmethod
    def from_households(cls, households, catalogue):
        """A caseload of Household objects (see `interchange.read_household`)."""
        people = [person for household in households for person in household.people]
        sizes = np.array([len(household.people) for household in households], dtype=np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64) if len(sizes) else sizes
        roles = np.array([ROLES.index(person.role) for person in people], dtype=np.int8)
        pairs = list(zip(households, starts.tolist(), strict=True))
        return cls(
            ids=[household.id for household in households],
            home={fact.name: _column(fact, households) for fact in catalogue.values() if fact.level == "household"},
            person={fact.name: _column(fact, people) for fact in catalogue.values() if fact.level == "person"},
            starts=starts,
            sizes=sizes,
            roles=roles,
            applicant=np.array([start + _place(household, household.applicant) for household, start in pairs], dtype=np.int64),
            partner=np.array(
                [
                    start + _place(household, household.partner) if household.partner.state == "here" else -1
                    for household, start in pairs
                ],
                dtype=np.int64,
            ),
            open=np.array([household.open for household in households], dtype=bool),
            households={index: household for index, household in enumerate(households) if household.open},
        )

    def chunk(self, first, last):
        """The households from `first` up to `last`, as views and without ids."""
        return _Chunk(self, first, last)

    def take(self, rows):
        """The households at the given rows, copied."""
        sizes = self.sizes[rows]
        ends = np.cumsum(sizes)
        people = np.repeat(self.starts[rows] - (ends - sizes), sizes) + np.arange(int(sizes.sum()))
        starts = ends - sizes
        move = starts - self.starts[rows]
        return Caseload(
            ids=[self.ids[row] for row in rows.tolist()] if self.ids else [],
            home=_Some(self.home, rows),
            person=_Some(self.person, people),
            starts=starts,
            sizes=sizes,
            roles=self.roles[people],
            applicant=self.applicant[rows] + move,
            partner=np.where(self.partner[rows] < 0, -1, self.partner[rows] + move),
            open=self.open[rows],
            households={place: self.households[row] for place, row in enumerate(rows.tolist()) if row in self.households}
            if self.households
            else {},
        )


class _Chunk(Caseload):
    """Neighbouring households of a caseload; what is not asked for is not made."""

    def __init__(self, whole, first, last):
        self.whole, self.rows = whole, slice(first, last)
        low, high = (int(whole.starts[row]) if row < len(whole) else len(whole.roles) for row in (first, last))
        self.low, self.roles, self.sizes, self.open = low, whole.roles[low:high], whole.sizes[first:last], whole.open[first:last]
        self.ids: list = []
        self.home, self.person = _Some(whole.home, self.rows), _Some(whole.person, slice(low, high))
        self.households = {row - first: household for row, household in whole.households.items() if first <= row < last}

    def __len__(self):
        return len(self.sizes)

    @cached_property
    def starts(self):
        return self.whole.starts[self.rows] - self.low

    @cached_property
    def applicant(self):
        return self.whole.applicant[self.rows] - self.low

    @cached_property
    def partner(self):
        partner = self.whole.partner[self.rows]
        return np.where(partner < 0, -1, partner - self.low)


class _Some(Mapping):
    """The columns of `source` for some rows, each taken when it is asked for."""

    def __init__(self, source, rows):
        self.source, self.index, self.taken = source, rows, {}

    def __getitem__(self, name):
        if name not in self.taken:
            self.taken[name] = self.source[name].rows(self.index)
        return self.taken[name]

    def __iter__(self):
        return iter(self.source)

    def __len__(self):
        return len(self.source)


def _place(household, wanted):
    return next(place for place, person in enumerate(household.people) if person is wanted)


_NONE = object()


def _column(fact, holders):
    answers = [holder.facts.get(fact.name, _NONE) for holder in holders]
    missing = np.array([answer is _NONE for answer in answers], dtype=bool)
    na = np.array([answer is None for answer in answers], dtype=bool)
    known = [answer if answer is not _NONE and answer is not None else None for answer in answers]
    scale, names, per = 1, fact.choices, None
    if fact.type == "money":
        values = _ints(None if flow is None else flow.amount for flow in known)
        per = np.array([3 if flow is None else PERIODS.index(flow.per) for flow in known], dtype=np.int8)
    elif fact.type == "boolean":
        values = np.array([bool(answer) for answer in known], dtype=bool)
    elif fact.type == "date":
        values = _ints(None if answer is None else answer.toordinal() for answer in known)
    elif fact.type == "decimal":
        denominators = {answer.denominator for answer in known if answer is not None}
        scale = int(np.lcm.reduce(list(denominators))) if denominators else 1
        values = _ints(None if answer is None else exact(answer * scale) for answer in known)
    elif fact.type in ("choice", "text"):
        names = fact.choices or tuple(sorted({answer for answer in known if answer is not None})) or ("",)
        place = {name: index for index, name in enumerate(names)}
        values = _ints(None if answer is None else place[answer] for answer in known)
    elif fact.type == "choices":
        place = {name: 1 << index for index, name in enumerate(fact.choices)}
        values = _ints(None if answer is None else sum(place[name] for name in answer) for answer in known)
    else:
        values = _ints(known)
    return Column.of(fact, values, missing, na, per, scale, names)


def _ints(answers):
    return np.array([0 if answer is None else int(answer) for answer in answers], dtype=np.int64)
