"""Made-up households for trying a rule: the worked examples, the examples with something changed, and others, all near the rule's borders.

Pure. The same rules always give the same households, so that a finding can be shown again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from eligibility.cases import read_cases
from eligibility.definition import Definition
from eligibility.engine import Compiled
from eligibility.household import Household, Person
from eligibility.interchange import InterchangeError, read_household
from eligibility.language import Catalogue, RuleError
from eligibility.language.limits import NO_LIMIT, Limit, unit_type
from eligibility.language.types import PERIODS, FactType
from eligibility.language.values import Flow, shifted

MOST_MONEY = 5_000_000  # pence; far above any border of a means test when nothing else is known
_MOST_CHANGES = 3


@dataclass
class Borders:
    """Where the rules may turn: sums in pence, whole numbers, days and codes that stand in limits and formulas."""

    money: dict[str, set[int]] = field(default_factory=dict)
    numbers: set[Fraction] = field(default_factory=set)
    days: set[dt.date] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, definitions: Iterable[Definition], on: dt.date) -> "Borders":
        """The borders in whole definitions, by the limits in force on `on`."""
        found = cls()
        for definition in definitions:
            for limit in definition.limits.values():
                found._limit(limit, on)
            for _path, tree in definition.expressions():
                for part in tree.walk():
                    if part.op in ("number", "money", "date", "text"):
                        unit = {"number": "number", "date": "date", "text": "choice"}.get(part.op, "GBP")
                        unit = f"GBP/{part['per']}" if part.op == "money" and part["per"] != "once" else unit
                        found._value(unit, part["value"])
        return found

    def _limit(self, limit: Limit, on: dt.date) -> None:
        row = limit.row_on(on)
        if row is None:
            return
        columns = dict(limit.by)
        for line in row.get("table", [row]):
            self._value(limit.unit, line["value"])
            for column, unit in columns.items():
                cell = line.get(column)
                for value in cell if isinstance(cell, list) else [cell.get("from") if isinstance(cell, dict) else cell]:
                    if value is not None:
                        self._value(unit, value)

    def _value(self, unit: str, value: Any) -> None:
        kind = unit_type(unit)
        if value == NO_LIMIT:
            return
        if kind.kind == "money":
            self.money.setdefault(kind.per, set()).add(int(Fraction(value) * 100))
        elif kind.kind == "number":
            self.numbers.add(Fraction(value))
        elif kind.kind == "date":
            self.days.add(dt.date.fromisoformat(value))
        elif kind.kind in ("choice", "choices"):
            self.codes.update(value if isinstance(value, list) else [value])


class Maker:
    """Makes households that hold every fact the rules read.

    compiled: the programmes that will run on them; their facts are the ones made. on: the day they are for.
    """

    def __init__(self, definition: Definition, compiled: Mapping[str, Compiled], on: dt.date, catalogue: Catalogue):
        self.definition, self.on, self.catalogue = definition, on, catalogue
        everything = [plan.definition for item in compiled.values() for plan in item.plans]
        self.borders = Borders.of(everything, on)
        self.random = Random(definition.sha256)  # noqa: S311  households to try a rule on, nothing secret
        codes = frozenset().union(*(item.needs for item in compiled.values()))
        self.home = [catalogue.household(code.partition(".")[2]) for code in sorted(codes) if code.startswith("household.")]
        self.person = [catalogue.person(code.partition(".")[2]) for code in sorted(codes) if code.startswith("person.")]

    def households(self, count: int) -> list[Household]:
        """The worked examples that can be read, then examples with something changed, then others, `count` in all or more."""
        examples = self._examples()
        made = list(examples)
        while len(made) < count:
            if examples and self.random.random() < 0.7:
                made.append(self._changed(self.random.choice(examples)))
            else:
                made.append(self._new())
        for number, household in enumerate(made, 1):
            household.id = f"made{number}"
        return made

    def _examples(self) -> list[Household]:
        try:
            cases = read_cases(self.definition, self.catalogue)
        except RuleError:
            return []
        found = []
        for case in cases:
            try:
                found.append(self._complete(read_household(case.facts, self.catalogue, case.on)))
            except InterchangeError:
                continue
        return found

    def _complete(self, household: Household) -> Household:
        """What the example leaves open is made up, so that every household can be decided."""
        for fact in self.home:
            household.facts.setdefault(fact.name, self._value(fact))
        people = household.people
        for person in people:
            for fact in self.person:
                if fact.name not in person.facts:
                    person.facts[fact.name] = self._born(person.role) if fact.name == "born_on" else self._value(fact)
        return Household(household.id, household.facts, people)

    def _new(self) -> Household:
        draw = self.random
        roles = ["applicant", *(["partner"] if draw.random() < 0.5 else [])]
        roles += draw.choices(["child", "other_adult"], weights=[4, 1], k=draw.choice([0, 0, 1, 2, 4]))
        return self._complete(Household("", {}, [Person(f"p{number}", role) for number, role in enumerate(roles, 1)]))

    def _changed(self, example: Household) -> Household:
        draw = self.random
        people = [Person(person.id, person.role, dict(person.facts)) for person in example.people]
        home = dict(example.facts)
        places = [(home, fact, "") for fact in self.home]
        places += [(person.facts, fact, person.role) for person in people for fact in self.person]
        for facts, fact, role in draw.sample(places, min(len(places), draw.randint(1, _MOST_CHANGES))):
            facts[fact.name] = self._born(role) if fact.name == "born_on" else self._value(fact)
        return Household("", home, people)

    # --- single facts -----------------------------------------------------------------------------------------------------

    def _value(self, fact: FactType) -> Any:
        draw = self.random
        if fact.may_not_apply and draw.random() < 0.1:
            return None
        if fact.type == "money":
            per = draw.choice(PERIODS)
            return Flow(self._pence(per), per)
        if fact.type == "amount":
            return self._pence("once")
        if fact.type == "boolean":
            return draw.random() < 0.5
        if fact.type == "choice":
            return draw.choice(fact.choices)
        if fact.type == "choices":
            return frozenset(draw.sample(fact.choices, draw.randint(0, min(2, len(fact.choices)))))
        if fact.type == "text":
            return draw.choice(sorted(self.borders.codes) or ["somewhere"])
        if fact.type == "date":
            near = draw.choice(sorted(self.borders.days) or [self.on])
            return near + dt.timedelta(days=draw.choice([-400, -1, 0, 1, 30, -30]))
        return self._number(fact)

    def _pence(self, per: str) -> int:
        draw = self.random
        pool = sorted(self.borders.money.get(per) or set().union(*self.borders.money.values(), {0}))
        near = draw.choice(pool) + draw.choice([-1, 0, 1, 0, draw.randint(-5_000, 5_000)])
        drawn = draw.choice([0, near, near, draw.randint(0, 2 * max(pool) + 1000), draw.randint(0, 200_000)])
        return min(max(drawn, 0), MOST_MONEY)

    def _number(self, fact: FactType) -> Any:
        draw = self.random
        least = fact.least if fact.least is not None else Fraction(0)
        near = draw.choice(sorted(number for number in self.borders.numbers if number <= 400) or [Fraction(1)])
        number = Fraction(int(draw.choice([near, near - 1, near + 1, Fraction(draw.randint(0, 40))])))
        number = max(number, least)
        return int(number if fact.most is None else min(number, fact.most))

    def _born(self, role: str) -> dt.date:
        draw = self.random
        ages = sorted({int(number) for number in self.borders.numbers if 0 < number < 100} | {25, 40, 67})
        if role == "child":
            ages = [age for age in ages if age < 20] or [5]
            ages.append(draw.randint(0, 17))
        else:
            ages = [age for age in ages if age >= 16]
        years = draw.choice(
            [draw.choice(ages), draw.choice(ages), draw.randint(0, 17) if role == "child" else draw.randint(16, 90)]
        )
        return shifted(self.on, -years, "years") + dt.timedelta(
            days=draw.choice([-1, 0, -200]) if years else -draw.randint(0, 300)
        )
