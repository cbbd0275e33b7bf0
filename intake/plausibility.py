"""Answers that do not fit together well. Warnings only: life is stranger than rules, and the person knows best."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from intake.definition import YOU
from intake.draft import Draft, Member, fact_key

PER_YEAR = {"week": Decimal(52), "four_weeks": Decimal(13), "month": Decimal(12), "year": Decimal(1), "once": Decimal(1)}
YOUNGEST_PARENT = 12  # years
LONGEST_LIFE = 110
CHILD_UNTIL = 20  # Child Benefit (General) Regulations 2006 reg 2: under 20 in education


@dataclass(frozen=True)
class Doubt:
    """text: a sentence; slot_key: the question to look at again; member_id: the person to look at again."""

    text: str
    slot_key: str = ""
    member_id: str = ""


def doubts(draft: Draft) -> list[Doubt]:
    """What to look at again before sending."""
    found = list(_about_ages(draft))
    for member in draft.people:
        found += _about_money(draft, member)
    return found


def _about_ages(draft: Draft) -> Iterator[Doubt]:
    mine = draft.age(YOU)
    if mine is not None and mine > LONGEST_LIFE:
        yield Doubt(_("You would be %(age)s years old. Check your date of birth.") % {"age": mine}, slot_key=f"{YOU}/born_on")
    if mine is not None and mine < 16:
        yield Doubt(
            _("You would be %(age)s years old. Most programmes begin at 16. Check your date of birth.") % {"age": mine},
            slot_key=f"{YOU}/born_on",
        )
    for member in draft.people[1:]:
        age = draft.age(member.id)
        if age is None:
            continue
        words: dict[str, Any] = {"name": member.name, "age": age}
        if age > LONGEST_LIFE:
            yield Doubt(_("%(name)s would be %(age)s years old. Check the date of birth.") % words, member_id=member.id)
        elif member.role == "child" and mine is not None and age > mine:
            yield Doubt(_("%(name)s is older than you. Check both dates of birth.") % words, member_id=member.id)
        elif member.role == "child" and mine is not None and mine - age < YOUNGEST_PARENT and mine >= 16:
            yield Doubt(
                _("There are few years between %(name)s and you. Check both dates of birth.") % words, member_id=member.id
            )
        elif member.role == "child" and age >= CHILD_UNTIL:
            yield Doubt(
                _("%(name)s is %(age)s. From 20 on a child counts as another adult. Check who it is.") % words,
                member_id=member.id,
            )
        elif member.role == "partner" and age < 16:
            yield Doubt(_("Your partner would be %(age)s years old. Check the date of birth.") % words, member_id=member.id)
        elif member.role == "other_adult" and age < 16:
            yield Doubt(_("%(name)s is %(age)s: a child, not an adult. Check who it is.") % words, member_id=member.id)


def _about_money(draft: Draft, member: Member) -> Iterator[Doubt]:
    def value(name: str) -> Any:
        return draft.values.get(fact_key(f"person.{name}", member.id))

    gross, net, tax = (_a_year(value(name)) for name in ("earnings", "take_home_pay", "income_tax"))
    if gross is not None and net is not None and net > gross:
        yield Doubt(_("The pay after tax is more than the pay before tax. Check both amounts."), f"{member.id}/take_home_pay")
    income = [
        _a_year(value(name)) for name in ("earnings", "self_employment", "state_pension", "private_pension", "savings_interest")
    ]
    if tax and any(part is not None for part in income) and tax > sum(part or 0 for part in income):
        yield Doubt(_("The tax is more than the income. Check both amounts."), f"{member.id}/income_tax")
    worked, cared = (Decimal(str(value(name) or 0)) for name in ("hours_worked_weekly", "caring_hours_weekly"))
    if worked + cared > 168:
        yield Doubt(_("Work and care together are more hours than a week has. Check both numbers."), f"{member.id}/caring_hours")


def _a_year(value: Any) -> Decimal | None:
    return Decimal(value["amount"]) * PER_YEAR[value["per"]] if isinstance(value, dict) else None
