"""A household in the interchange form as the working-age reference reads it: people with plain readings, and the rates of a day."""

import math
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.eligibility.reference import working_age_rates as rates

PER_YEAR = {"week": 52, "four_weeks": 13, "month": 12, "year": 1}


@dataclass(frozen=True)
class Answer:
    """likely: whether it is likely. amount: pounds, None where there is none to state; only compared when likely."""

    likely: bool
    amount: Fraction | None = None
    per: str = ""


class Person:
    """One member of the household with plain readings of the interchange form. `null` reads as nothing, no or none."""

    def __init__(self, raw, on):
        self.raw, self.on = raw, on
        self.role, self.born_on = raw["role"], date.fromisoformat(raw["born_on"])

    def a_year(self, name):
        """Money that comes regularly, in pounds a year."""
        value = self.raw[name]
        return Fraction(0) if value is None else Fraction(value["amount"]) * PER_YEAR[value["per"]]

    def a_month(self, name):
        """Money that comes regularly, in pounds a month."""
        return self.a_year(name) / 12

    def a_week(self, name):
        """Money that comes regularly, in pounds a week."""
        return self.a_year(name) / 52

    def is_true(self, name):
        """Whether a yes/no fact is yes."""
        return self.raw[name] is True

    def number(self, name):
        """A number, 0 where it does not apply."""
        return Fraction(str(self.raw[name] or 0))

    @property
    def age(self):
        """Years completed on the day of assessment; somebody born on 29 February completes one on 1 March of a common year."""
        return self.on.year - self.born_on.year - ((self.on.month, self.on.day) < (self.born_on.month, self.born_on.day))

    @property
    def over_pension_age(self):
        """Pensions Act 1995 sch 4 part 1, for people who reach it after 2020."""
        if self.born_on < date(1960, 4, 6):
            return self.on >= months_after(self.born_on, 66 * 12)
        if self.born_on >= date(1977, 4, 6):
            return False
        if self.born_on >= date(1961, 3, 6):
            return self.on >= months_after(self.born_on, 67 * 12)
        steps = (self.born_on.year - 1960) * 12 + self.born_on.month - 4 + (self.born_on.day >= 6)
        return self.on >= months_after(self.born_on, 66 * 12 + steps)

    @property
    def earned(self):
        """Take-home pay and profit, a year."""
        return self.a_year("take_home_pay") + self.a_year("self_employment")

    @property
    def income_before_tax(self):
        """All income that tax looks at, a year."""
        return sum(
            self.a_year(name) for name in ("earnings", "self_employment", "state_pension", "private_pension", "savings_interest")
        )

    @property
    def needs_daily_help(self):
        """Gets the daily living part of PIP, DLA care at the middle or highest rate, or Attendance Allowance."""
        return (
            self.raw["pip_daily_living"] in ("standard", "enhanced")
            or self.raw["dla_care"] in ("middle", "higher")
            or self.raw["attendance_allowance"] in ("lower", "higher")
        )

    @property
    def gets_pip(self):
        """Any rate of either part of PIP."""
        return {self.raw["pip_daily_living"], self.raw["pip_mobility"]} & {"standard", "enhanced"} != set()

    @property
    def gets_dla(self):
        """Any rate of either part of DLA."""
        return {self.raw["dla_care"], self.raw["dla_mobility"]} & {"lower", "middle", "higher"} != set()

    @property
    def gets_attendance_allowance(self):
        """Either rate of Attendance Allowance."""
        return self.raw["attendance_allowance"] in ("lower", "higher")

    @property
    def cares(self):
        """Regular and substantial caring: SSCBA 1992 s.70(1)-(3), earnings left aside (SI 2013/376 reg 30)."""
        return (
            self.age >= rates.CARER_AGE
            and self.number("caring_hours_weekly") >= rates.CARING_HOURS
            and self.is_true("cared_for_gets_disability_benefit")
            and not self.is_true("in_education")
        )


class Home:
    """A household in the interchange form on a day. pension_credit: what another reference says of Pension Credit."""

    def __init__(self, raw, on, pension_credit=False):
        self.on, self.pension_credit = on, pension_credit
        self.facts = raw["household"]
        self.people = [Person(item, on) for item in raw["people"]]
        self.applicant = next(p for p in self.people if p.role == "applicant")
        self.partner = next((p for p in self.people if p.role == "partner"), None)
        self.adults = [p for p in (self.applicant, self.partner) if p]
        self.others = [p for p in self.people if p.role == "other_adult"]
        self.children = [p for p in self.people if p.role == "child"]
        self.dependants = [
            p for p in self.children if p.age < rates.CHILD_UNTIL or (p.age < rates.STUDENT_UNTIL and p.is_true("in_education"))
        ]

    def rate(self, rows):
        """A dated rate on the day of assessment."""
        return rates.rate(rows, self.on)

    def nation_in(self, *nations):
        """Whether the household lives in one of the nations."""
        return self.facts["nation"] in nations


def months_after(day, months):
    """The same day of the month `months` later, or the last day of a month that is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError(day)


def to_the_penny(pounds):
    """Pounds to the nearest penny, half a penny up."""
    return Fraction(math.floor(pounds * 100 + Fraction(1, 2)), 100)
