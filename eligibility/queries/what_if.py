"""What if: all programmes at once for changed facts, and the curve of support against pay with its cliffs. Stores nothing."""

import datetime as dt
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from eligibility.engine import Assessment, Rulebook
from eligibility.language.values import shifted
from eligibility.queries.overlaps import together
from eligibility.take_home import pay_from

Household = dict[str, Any]
PER_YEAR = {"week": 52, "four_weeks": 13, "month": 12, "year": 1}
AS_NOW, MOVES_IN, MOVES_OUT = "as_now", "moves_in", "moves_out"
NEW_PARTNER, NEW_CHILD = "new-partner", "new-child"
CHARGES = frozenset({"high_income_child_benefit_charge"})  # programmes whose amount is paid, not got
STEP = Decimal(50)  # pounds a month between two points of the curve
POINTS = 61
CLIFF = Decimal(20)  # pounds a month: a fall from one pound to the next is a cliff from here on
PENNY = Decimal("0.01")


@dataclass(frozen=True)
class Change:
    """What is different. None or "as_now": as it is.

    earnings, partner_earnings, rent: {"amount", "per"}; pay is before tax. savings: pounds. born_on: birthday of one more child.
    """

    earnings: Mapping[str, str] | None = None
    rent: Mapping[str, str] | None = None
    partner: str = AS_NOW
    partner_earnings: Mapping[str, str] | None = None
    savings: Decimal | None = None
    born_on: dt.date | None = None


@dataclass(frozen=True)
class Line:
    """One programme before and after. amounts in pounds with their period; None for none or not known yet."""

    code: str
    before: Assessment
    after: Assessment

    @property
    def is_changed(self) -> bool:
        """Whether the answer, its amount or the range of its amount differs."""
        return _told(self.before) != _told(self.after)


def _told(answer: Assessment) -> tuple[object, ...]:
    return answer.outcome, answer.amount, answer.amount_range


@dataclass(frozen=True)
class Point:
    """One point of the curve. pay: pounds a month before tax; left: after tax and insurance; support: pounds a month from all programmes."""

    pay: Decimal
    left: Decimal
    support: Decimal

    @property
    def together(self) -> Decimal:
        return self.left + self.support


@dataclass(frozen=True)
class Cliff:
    """Where a programme ends or falls at once. pay: pounds a month before tax at which it does; loss: pounds a month, 0 for help without an amount."""

    code: str
    pay: Decimal
    loss: Decimal


def with_change(household: Household, change: Change, needs: frozenset[str]) -> Household:
    """The household in the interchange form as it would be. needs: catalogue codes of all programmes.

    A partner who moves in is taken to be of the applicant's age with no other income and no illness or disability; a child who
    is born, to be well.
    """
    changed = deepcopy(household)
    applicant = _applicant(changed)
    if change.partner == MOVES_OUT:
        changed["people"] = [person for person in changed["people"] if person["role"] != "partner"]
    if change.partner == MOVES_IN and _person(changed, "partner") is None:
        same_age = {"born_on": applicant["born_on"]} if "born_on" in applicant else {}
        changed["people"].append({**_neutral(needs), **same_age, "id": NEW_PARTNER, "role": "partner"})
    if change.born_on is not None:
        newborn = {"born_on": change.born_on.isoformat(), "id": NEW_CHILD, "role": "child"}
        changed["people"].append({**_neutral(needs), **newborn})
        for person in changed["people"]:
            if person.get("pregnant"):
                person["pregnant"] = False
    if change.earnings is not None:
        earn(applicant, _yearly(change.earnings))
    partner = _person(changed, "partner")
    if change.partner_earnings is not None and partner is not None:
        earn(partner, _yearly(change.partner_earnings))
    if change.rent is not None:
        changed["household"]["rent"] = dict(change.rent)
    if change.savings is not None:
        changed["household"]["savings"] = str(change.savings)
    return changed


def _neutral(needs: frozenset[str]) -> dict[str, None]:
    """The facts of somebody new to whom nothing else applies."""
    return {code.split(".", 1)[1]: None for code in needs if code.startswith("person.") and code != "person.born_on"}


def earn(person: dict[str, Any], yearly: Decimal) -> None:
    """Set a person's pay before tax (pounds a year), and what is left of it and the tax on it as far as they can be estimated."""
    pay = pay_from(yearly)
    for name, amount in (("earnings", pay.gross), ("take_home_pay", pay.net), ("income_tax", pay.tax)):
        person[name] = {"amount": str(amount.quantize(PENNY, ROUND_HALF_UP)), "per": "year"}


def lines(
    book: Rulebook, before: Household, after: Household, today: dt.date, on: dt.date, codes: list[str] | None = None
) -> list[Line]:
    """Every programme (of `codes`) before (on `today`) and after (on `on`), those that change first."""
    one, two = book.assess(before, today, codes), book.assess(after, on, codes)
    found = [Line(code, one[code], two[code]) for code in codes or one]
    return sorted(found, key=lambda line: not line.is_changed)


def support(answers: Mapping[str, Assessment]) -> Decimal:
    """Pounds a month from all programmes that are likely and pay by the week, month or year; charges count against it."""
    found = {code: monthly(answer) for code, answer in answers.items()}
    return together(found, {code: answer.programme.definition.takes_off for code, answer in answers.items()})


def monthly(answer: Assessment) -> Decimal:
    """Pounds a month of one answer, 0 where it does not pay regularly, below 0 for a charge."""
    if answer.outcome != "likely" or answer.amount is None or answer.per not in PER_YEAR:
        return Decimal(0)
    amount = (answer.amount * PER_YEAR[answer.per] / 12).quantize(PENNY, ROUND_HALF_UP)
    return -amount if answer.code in CHARGES else amount


def curve(book: Rulebook, household: Household, on: dt.date, codes: list[str] | None = None) -> tuple[list[Point], list[Cliff]]:
    """Support (from the programmes of `codes`) against the applicant's pay, from 0 upwards in steps, and the cliffs on the way."""
    points, cliffs, before = [], [], None
    for number in range(POINTS):
        pay = STEP * number
        answers = _at(book, household, on, pay, codes)
        answers = {code: answers[code] for code in codes or answers}
        points.append(Point(pay, (pay_from(pay * 12).net / 12).quantize(PENNY), support(answers)))
        if before is not None:
            cliffs += [
                cliff
                for code in answers
                if (cliff := _cliff(book, household, on, code, before, answers, pay - STEP, pay)) is not None
            ]
        before = answers
    return points, cliffs


def _at(book: Rulebook, household: Household, on: dt.date, pay: Decimal, codes: list[str] | None = None) -> dict[str, Assessment]:
    changed = deepcopy(household)
    earn(_applicant(changed), pay * 12)
    return book.assess(changed, on, codes)


def _cliff(
    book: Rulebook,
    household: Household,
    on: dt.date,
    code: str,
    one: Mapping[str, Assessment],
    two: Mapping[str, Assessment],
    low: Decimal,
    high: Decimal,
) -> Cliff | None:
    """The cliff of one programme between two points, found to the pound; None where it falls gently or not at all."""
    ends = one[code].outcome == "likely" and two[code].outcome == "not_likely"
    if not ends and monthly(one[code]) - monthly(two[code]) < CLIFF:
        return None
    left, right = one[code], two[code]
    while high - low > 1:
        middle = ((low + high) / 2).quantize(Decimal(1))
        answer = _at(book, household, on, middle, [code])[code]
        if abs(monthly(left) - monthly(answer)) + (left.outcome != answer.outcome) >= abs(monthly(answer) - monthly(right)) + (
            answer.outcome != right.outcome
        ):
            high, right = middle, answer
        else:
            low, left = middle, answer
    loss = monthly(left) - monthly(right)
    if loss < CLIFF and not (ends and left.per == ""):
        return None
    return Cliff(code, high, loss)


def moments(household: Household, today: dt.date) -> list[tuple[dt.date, int | None]]:
    """Days worth looking at: today, in half a year, in one and two years (None), and the days on which a child turns 16, 18 and 20 (the age)."""
    found: list[tuple[dt.date, int | None]] = [(today, None), (shifted(today, 6, "months"), None)]
    found += [(shifted(today, years, "years"), None) for years in (1, 2)]
    for person in household["people"]:
        if person["role"] == "child" and person.get("born_on"):
            born = dt.date.fromisoformat(person["born_on"])
            days = [(shifted(born, age, "years"), age) for age in (16, 18, 20)]
            found += [(day, age) for day, age in days if day > today]
    return found


def _person(household: Household, role: str) -> dict[str, Any] | None:
    return next((person for person in household["people"] if person["role"] == role), None)


def _applicant(household: Household) -> dict[str, Any]:
    return next(person for person in household["people"] if person["role"] == "applicant")


def _yearly(money: Mapping[str, str]) -> Decimal:
    return Decimal(money["amount"]) * PER_YEAR[money["per"]]
