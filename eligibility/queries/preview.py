"""What a changed rule would do to the caseload: who gains, who loses, how much a year. Counts only; small ones are hidden.

Reads the pseudonymous typed facts as a machine for the whole caseload: no name, no record, no page of a person.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from consent.models import TypedFacts
from eligibility.batch import LIKELY, NOT_LIKELY, UNKNOWN, Caseload, Column, Impact, run_batch, what_if
from eligibility.definition import Definition
from eligibility.engine import Compiled
from eligibility.household import Household
from eligibility.interchange import InterchangeError, read_household
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import definition_of, in_force
from eligibility.rules import catalogue, rulebook
from portal.kit.actor import Actor, acting_as

MOST = 50_000  # records one preview reads; above that it takes those with the lowest ids and says so
FEWEST = 10  # a count below this is hidden, unless it is 0
PER_YEAR = {"week": 52, "four_weeks": 13, "month": 12, "year": 1, "once": 1}
_OUTCOMES = ((LIKELY, "likely"), (UNKNOWN, "unknown"), (NOT_LIKELY, "not_likely"))


@dataclass(frozen=True)
class Count:
    """A number of households, hidden when a person could be guessed from it. `number` is None then."""

    number: int | None

    @classmethod
    def of(cls, number: int) -> "Count":
        return cls(None if 0 < number < FEWEST else number)

    @classmethod
    def after(cls, before: int, after: int) -> "Count":
        """The number after a change, hidden too where the difference would tell about single households."""
        return cls(None) if 0 < abs(after - before) < FEWEST else cls.of(after)

    def __str__(self) -> str:
        return _("hidden") if self.number is None else f"{self.number:,}"


@dataclass(frozen=True)
class Group:
    """Some of the households. is_place: one of the councils, which together are nearly all."""

    name: str
    mask: np.ndarray
    is_place: bool = False


@dataclass(frozen=True)
class Preview:
    """The effect on one programme. before is None where it has no rule in force.

    gains, loses: households whose outcome turns; more, less: likely in both with another amount. cost: pounds a year after less
    before (None: hidden or no amount). deciding: [(criterion id, Count)] for those who lose. groups: [{"name", counts}].
    """

    code: str
    is_own: bool
    outcomes: list[dict[str, Any]]
    gains: Count
    loses: Count
    more: Count
    less: Count
    becomes_unknown: Count
    becomes_known: Count
    cost: Decimal | None
    is_cost_hidden: bool
    deciding_losses: list[tuple[str, Count]]
    deciding_gains: list[tuple[str, Count]]
    groups: list[dict[str, Any]]

    @property
    def changes_nothing(self) -> bool:
        return all(
            count.number == 0
            for count in (self.gains, self.loses, self.more, self.less, self.becomes_unknown, self.becomes_known)
        )


@dataclass(frozen=True)
class PreviewReport:
    """on: the day whose rules were compared. size: records read; left_out: records whose facts cannot be read; is_sample: more are there."""

    on: dt.date
    size: int
    left_out: int
    is_sample: bool
    programmes: list[Preview]


def preview(version: ProgrammeVersion, *, on: dt.date) -> PreviewReport:
    """Compare the rules in force on `on` with the same rules and `version` in place of its programme's own.

    Raises RuleError when the version does not work together with the others.
    """
    code = version.programme.code
    with acting_as(Actor.machine("preview", caseload=True)), transaction.atomic():
        households, areas, left_out, is_sample = _caseload(on)
        before = {item.programme.code: definition_of(item) for item in in_force(on)}
    after = {**before, code: definition_of(version)}
    columns = Caseload.from_households(households, catalogue())
    groups = _groups(households, areas, on)
    new = rulebook(after).on(on)
    if code not in before:
        answers = run_batch(columns, new, on, criteria=True)
        return PreviewReport(on, len(households), left_out, is_sample, [_first_time(code, new[code], answers[code], groups)])
    concerned = _concerned(after, code)
    impacts = what_if(columns, rulebook(before).on(on), new, on)
    found = [_preview(name, name == code, new[name], impacts[name], groups) for name in concerned]
    return PreviewReport(
        on, len(households), left_out, is_sample, [found[0], *(item for item in found[1:] if not item.changes_nothing)]
    )


def _caseload(on: dt.date) -> tuple[list[Household], list[str], int, bool]:
    households, areas, left_out = [], [], 0
    rows = TypedFacts.objects.filter(version__gt=0).order_by("record_id")[: MOST + 1]
    found = list(rows.values_list("record_id", "household", "people", "local_authority"))
    for record_id, home, people, area in found[:MOST]:
        try:
            household = read_household({"id": str(record_id), "household": home, "people": people}, catalogue(), on)
        except InterchangeError:
            left_out += 1
            continue
        households.append(household)
        areas.append(area or "")
    return households, areas, left_out, len(found) > MOST


def _concerned(definitions: dict[str, Definition], code: str) -> list[str]:
    """The programme itself and all that rest on its result, through others too."""
    found = [code]
    for _round in definitions:
        found += [name for name, item in definitions.items() if name not in found and item.programmes_used() & set(found)]
    return found


def _groups(households: list[Household], areas: list[str], on: dt.date) -> list[Group]:
    """Kinds of households, then councils."""

    def mask(test: Callable[[Household], bool]) -> np.ndarray:
        return np.array([test(household) for household in households], dtype=bool)

    kinds = [
        Group(_("With children"), mask(lambda home: any(person.role == "child" for person in home.people))),
        Group(_("Couples"), mask(lambda home: home.partner.state == "here")),
        Group(_("Alone, without children"), mask(lambda home: len(home.people) == 1)),
        Group(_("Applicant 66 or over"), mask(lambda home: _age(home, on) >= 66)),
    ]
    named = np.array(areas, dtype=object)
    return kinds + [Group(area.replace("_", " ").title(), named == area, True) for area in sorted(set(areas) - {""})]


def _age(household: Household, on: dt.date) -> int:
    born = household.applicant.facts.get("born_on")
    return -1 if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _preview(code: str, is_own: bool, programme: Compiled, impact: Impact, groups: list[Group]) -> Preview:
    was, now = impact.before.outcome, impact.after.outcome
    both = (was == LIKELY) & (now == LIKELY)
    change = impact.change if impact.change is not None else np.zeros(len(was), dtype=np.int64)
    more, less = both & (change > 0), both & (change < 0)
    touched = impact.gains | impact.loses | more | less
    return Preview(
        code=code,
        is_own=is_own,
        outcomes=[_line(name, was == value, now == value) for value, name in _OUTCOMES],
        gains=Count.of(_sum(impact.gains)),
        loses=Count.of(_sum(impact.loses)),
        more=Count.of(_sum(more)),
        less=Count.of(_sum(less)),
        becomes_unknown=Count.of(_sum(impact.becomes_unknown)),
        becomes_known=Count.of(_sum(impact.becomes_known)),
        cost=_cost(change, touched, programme) if impact.change is not None else None,
        is_cost_hidden=impact.change is not None and 0 < _sum(touched) < FEWEST,
        deciding_losses=_counted(impact.deciding(impact.loses)),
        deciding_gains=_counted(impact.deciding(impact.gains)),
        groups=_group_lines(groups, was == LIKELY, now == LIKELY, impact.gains, impact.loses),
    )


def _line(outcome: str, was: np.ndarray, now: np.ndarray) -> dict[str, Any]:
    before, after = _sum(was), _sum(now)
    shown = Count.after(before, after)
    size = max(len(was), 1)
    return {
        "outcome": outcome,
        "before": Count.of(before),
        "after": shown,
        "was": 0 if 0 < before < FEWEST else round(100 * before / size),
        "now": 0 if shown.number is None else round(100 * after / size),
    }


def _group_lines(
    groups: list[Group], was: np.ndarray, now: np.ndarray, gains: np.ndarray, loses: np.ndarray
) -> list[dict[str, Any]]:
    """A line for each group. Where one council's number is hidden the next smallest is too, or the rest would give it away."""
    lines = []
    for group in groups:
        before, after = _sum(group.mask & was), _sum(group.mask & now)
        lines.append(
            {
                "name": group.name,
                "is_place": group.is_place,
                "before": Count.of(before),
                "after": Count.after(before, after),
                "gains": Count.of(_sum(group.mask & gains)),
                "loses": Count.of(_sum(group.mask & loses)),
            }
        )
    places = [line for line in lines if line["is_place"]]
    for column in ("before", "after", "gains", "loses"):
        shown = [line for line in places if line[column].number]
        if sum(line[column].number is None for line in places) == 1 and shown:
            min(shown, key=lambda line: line[column].number)[column] = Count(None)
    return lines


def _first_time(code: str, programme: Compiled, answers: Column, groups: list[Group]) -> Preview:
    """The effect of a programme that has no rule in force: everybody who is likely gains."""
    now = answers.outcome
    gains, zero = now == LIKELY, Count(0)
    amounts = answers.low if answers.low is not None else None
    return Preview(
        code=code,
        is_own=True,
        outcomes=[_line(name, np.zeros(len(now), dtype=bool), now == value) for value, name in _OUTCOMES],
        gains=Count.of(_sum(gains)),
        loses=zero,
        more=zero,
        less=zero,
        becomes_unknown=zero,
        becomes_known=zero,
        cost=_cost(amounts, gains, programme) if amounts is not None else None,
        is_cost_hidden=amounts is not None and 0 < _sum(gains) < FEWEST,
        deciding_losses=[],
        deciding_gains=[],
        groups=_group_lines(groups, np.zeros(len(now), dtype=bool), gains, gains, np.zeros(len(now), dtype=bool)),
    )


def _sum(mask: np.ndarray) -> int:
    return int(np.count_nonzero(mask))


def _cost(change: np.ndarray, touched: np.ndarray, programme: Compiled) -> Decimal | None:
    """Pounds a year; None where so few are touched that the sum would tell about one of them."""
    if 0 < _sum(touched) < FEWEST:
        return None
    pence = int(change[touched].sum()) * PER_YEAR[programme.definition.amount.per]
    return Decimal(pence) / 100


def _counted(counts: dict[str, int]) -> Iterable[tuple[str, Count]]:
    return [(name, Count.of(count)) for name, count in counts.items()]
