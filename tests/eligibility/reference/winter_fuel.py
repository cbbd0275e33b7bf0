"""Winter Fuel Payment in plain Python: SI 2025/969 (winters from 2025), SI 2024/869 (winter 2024), SI 2000/729 (before)."""

from datetime import date, timedelta
from fractions import Fraction

from tests.eligibility.reference import pension_age as law
from tests.eligibility.reference import pension_age_rates as rates


def last_day_of_qualifying_week(on):
    """The Sunday after the third Monday in September of the winter that can be claimed on a day, or next (up to 31 March: the one that began)."""
    day = date(on.year if on.month > 3 else on.year - 1, 9, 1)
    mondays = 0
    while mondays < 3:
        mondays += day.weekday() == 0
        day += timedelta(days=1)
    return day + timedelta(days=5)


def winter_fuel_payment(home, universal_credit):
    """What the applicant gets once, with ages as they are at the end of the qualifying week.

    Half of the couple's payment counts as each one's. Above £35,000 all of it is taken back through tax: nothing is left.
    """
    on = home.on
    nations = ("england", "wales") if on >= date(2024, 9, 16) else ("england", "wales", "scotland")
    week = last_day_of_qualifying_week(on)
    if home.facts["nation"] not in nations or not law.over_pension_age(home.applicant, week):
        return Fraction(0)
    benefit = law.pension_credit(home) > 0 or universal_credit
    if date(2024, 9, 16) <= on < date(2025, 9, 15) and not benefit:
        return Fraction(0)
    if on >= date(2025, 4, 6) and taxable_income(home.applicant) > rates.WINTER_CHARGE_ABOVE:
        return Fraction(0)
    eighty = law.age(home.applicant, week) >= 80
    # people with a listed benefit do not share with others than their partner (SI 2000/729 reg 2(1)(ii))
    sharing = [p for p in home.couple[1:] + ([] if benefit else home.others) if law.over_pension_age(p, week)]
    if not sharing:
        return Fraction(rates.WINTER_80 if eighty else rates.WINTER_UNDER_80)
    if not eighty:
        return Fraction(rates.WINTER_SHARED)
    both = any(law.age(person, week) >= 80 for person in sharing)
    return Fraction(rates.WINTER_BOTH_80 if both else rates.WINTER_80_WITH_UNDER_80)


def taxable_income(person):
    """A year's income that the £35,000 charge looks at (ITEPA 2003 s.681I)."""
    names = ("earnings", "self_employment", "state_pension", "private_pension", "savings_interest")
    return sum((law.weekly(person[name]) * 52 for name in names), Fraction(0))
