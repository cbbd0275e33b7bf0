"""A caseload as columns: one row for each household, one for each person, people of a household side by side."""

from dataclasses import dataclass, field

import numpy as np

from eligibility.batch.arrays import Array
from eligibility.language.limits import exact
from eligibility.language.types import PERIODS, ROLES


@dataclass
class Column:
    """One fact. values: int64 (pence, whole numbers over `scale`, date ordinals, indexes into `names`, bit masks over `names`).

    missing, na: masks or None. per: index into PERIODS for money that comes by a period.
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
        """The column of a fact from arrays; values are 0 where it is missing or does not apply."""
        names = fact.choices or ("",) if names is None else names
        bound = int(np.abs(values).max()) if len(values) and values.dtype != bool else 0
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
    home: dict
    person: dict
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
        """The households from `first` up to `last`, as views."""
        low, high = (int(self.starts[row]) if row < len(self) else len(self.roles) for row in (first, last))
        return self._rows(slice(first, last), slice(low, high), low)

    def take(self, rows):
        """The households at the given rows, copied."""
        sizes = self.sizes[rows]
        ends = np.cumsum(sizes)
        people = np.repeat(self.starts[rows] - (ends - sizes), sizes) + np.arange(int(sizes.sum()))
        part = self._rows(rows, people, 0)
        part.starts = ends - sizes
        move = part.starts - self.starts[rows]
        part.applicant = self.applicant[rows] + move
        part.partner = np.where(self.partner[rows] < 0, -1, self.partner[rows] + move)
        part.households = {place: self.households[row] for place, row in enumerate(rows.tolist()) if row in self.households}
        return part

    def _rows(self, rows, people, low):
        partner = self.partner[rows]
        offset = rows.start if isinstance(rows, slice) else 0
        return Caseload(
            ids=self.ids[rows] if isinstance(rows, slice) else [self.ids[row] for row in rows.tolist()],
            home={name: column.rows(rows) for name, column in self.home.items()},
            person={name: column.rows(people) for name, column in self.person.items()},
            starts=self.starts[rows] - low,
            sizes=self.sizes[rows],
            roles=self.roles[people],
            applicant=self.applicant[rows] - low,
            partner=np.where(partner < 0, -1, partner - low),
            open=self.open[rows],
            households={row - offset: household for row, household in self.households.items() if 0 <= row - offset < len(partner)}
            if isinstance(rows, slice)
            else {},
        )


def _place(household, wanted):
    return next(place for place, person in enumerate(household.people) if person is wanted)


_NONE = object()


def _column(fact, holders):
    answers = [holder.facts.get(fact.name, _NONE) for holder in holders]
    missing = np.array([answer is _NONE for answer in answers], dtype=bool)
    na = np.array([answer is None for answer in answers], dtype=bool)
    known = [answer if answer is not _NONE and answer is not None else None for answer in answers]
    column = Column(np.zeros(len(answers), dtype=np.int64), _tidy(missing), _tidy(na))
    if fact.type == "money":
        column.values = _ints(None if flow is None else flow.amount for flow in known)
        column.per = np.array([3 if flow is None else PERIODS.index(flow.per) for flow in known], dtype=np.int8)
    elif fact.type == "boolean":
        column.values = np.array([bool(answer) for answer in known], dtype=bool)
    elif fact.type == "date":
        column.values = _ints(None if answer is None else answer.toordinal() for answer in known)
    elif fact.type == "decimal":
        denominators = {answer.denominator for answer in known if answer is not None}
        column.scale = int(np.lcm.reduce(list(denominators))) if denominators else 1
        column.values = _ints(None if answer is None else exact(answer * column.scale) for answer in known)
    elif fact.type in ("choice", "text"):
        column.names = fact.choices or tuple(sorted({answer for answer in known if answer is not None})) or ("",)
        place = {name: index for index, name in enumerate(column.names)}
        column.values = _ints(None if answer is None else place[answer] for answer in known)
    elif fact.type == "choices":
        column.names = fact.choices
        place = {name: 1 << index for index, name in enumerate(fact.choices)}
        column.values = _ints(None if answer is None else sum(place[name] for name in answer) for answer in known)
    else:
        column.values = _ints(known)
    if column.values.dtype == np.int64 and len(answers):
        column.bound = int(np.abs(column.values).max())
    return column


def _ints(answers):
    return np.array([0 if answer is None else int(answer) for answer in answers], dtype=np.int64)
