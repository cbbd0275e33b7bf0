"""What the law gives people over pension age, for a household of which everything is known: plain functions, exact sums.

Written from the Acts and regulations named at each function and from the collected facts, without the programmes in view,
to hold `manage.py determine` against it. Takes the interchange form (a dict), gives {programme: (outcome, pounds)}.
"""

from datetime import date
from fractions import Fraction

from tests.eligibility.reference import pension_age_rates as rates

DISABILITY = ("attendance_allowance", "dla_care", "dla_mobility", "pip_daily_living", "pip_mobility")
RENTED = ("private_rent", "council_rent", "housing_association_rent")
A_YEAR = {"week": 52, "four_weeks": 13, "month": 12, "year": 1}


# Dates and money ------------------------------------------------------------------------------------------------------


def day(text):
    """A date from its ISO form."""
    return date.fromisoformat(text)


def add_months(start, months):
    """The same day some months later; the month's last day where that day is not there."""
    month = start.year * 12 + start.month - 1 + months
    for last in (start.day, 30, 29, 28):
        try:
            return date(month // 12, month % 12 + 1, min(last, start.day))
        except ValueError:
            continue
    raise AssertionError


def age(person, on):
    """Whole years. Somebody born on 29 February is a year older on 1 March of a common year."""
    born = day(person["born_on"])
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def weekly(money):
    """Money that comes regularly, in pounds a week; a month is a twelfth of 52 weeks (SI 2002/1792 reg 17(1))."""
    return Fraction(money["amount"]) * A_YEAR[money["per"]] / 52 if money else Fraction(0)


def to_the_penny(pounds):
    """Rounded to whole pence, half a penny up."""
    return Fraction((pounds * 100 + Fraction(1, 2)).__floor__(), 100)


def up_to_the_penny(pounds):
    """Rounded up to whole pence."""
    return Fraction((pounds * 100).__ceil__(), 100)


# State Pension age: Pensions Act 1995 Sch 4 para 1 as amended in 2007, 2011 and 2014 --------------------------------------


def pension_day(person):
    """The day on which State Pension age is reached, for people born from 6 October 1954 on; before: see reached_before_2016."""
    born = day(person["born_on"])
    if born < date(1960, 4, 6):
        return add_months(born, 66 * 12)
    if born < date(1961, 3, 6):
        later = (born.year - 1960) * 12 + born.month - 4 + (1 if born.day >= 6 else 0)  # 6 April to 5 May 1960: one month
        return add_months(born, 66 * 12 + later)
    if born < date(1977, 4, 6):
        return add_months(born, 67 * 12)
    if born < date(1978, 4, 6):  # a fixed day for each month from the 6th: 6 May 2044, 6 July 2044 ... 6 March 2046
        month = (born.year - 1977) * 12 + born.month - 4 - (born.day < 6)
        return add_months(date(2044, 5, 6), 2 * month)
    return add_months(born, 68 * 12)


def over_pension_age(person, on):
    """State Pension age reached; everybody born before 6 October 1954 had reached it by October 2020."""
    return day(person["born_on"]) < date(1954, 10, 6) or pension_day(person) <= on


def reached_before_2016(person):
    """Pensionable age before 6 April 2016: men 65, women by the tables of 1995 and 2011 (SPC Act 2002 s.3(1))."""
    return day(person["born_on"]) < (date(1953, 4, 6) if person["sex"] == "female" else date(1951, 4, 6))


def reached_before_april_2021(person):
    """Pensionable age before 1 April 2021 (SI 2021/188): 66 since October 2020, so born before 1 April 1955."""
    return day(person["born_on"]) < date(1955, 4, 1)


# Who lives there ------------------------------------------------------------------------------------------------------


class Home:
    """A household in the interchange form, read for these rules."""

    def __init__(self, data, on):
        self.facts, self.on = data["household"], on
        people = data["people"]
        self.applicant = next(p for p in people if p["role"] == "applicant")
        self.partner = next((p for p in people if p["role"] == "partner"), None)
        self.couple = [self.applicant] + ([self.partner] if self.partner else [])
        self.children = [p for p in people if p["role"] == "child" and self._dependent(p)]
        self.others = [p for p in people if p["role"] == "other_adult"]
        self.capital = Fraction(self.facts["savings"])
        self.all_over = all(over_pension_age(p, on) for p in self.couple)

    def _dependent(self, child):
        """Under 16, or under 20 in education (SSCBA 1992 s.142)."""
        return age(child, self.on) < 16 or (age(child, self.on) < 20 and child["in_education"])

    @property
    def lone_parent(self):
        return not self.partner and bool(self.children)

    def rate(self, rows):
        return rates.rate(rows, self.on)


def cares_benefit(person):
    """AA, middle or higher DLA care, PIP daily living: what severe disability and the carer rules ask for."""
    return (
        person["attendance_allowance"] != "none"
        or person["dla_care"] in ("middle", "higher")
        or person["pip_daily_living"] != "none"
    )


def carer(person, home):
    """Entitled to Carer's Allowance, or only kept from its payment by a State Pension (SSCBA 1992 s.70)."""
    return (
        person["caring_hours_weekly"] >= 35
        and person["cared_for_gets_disability_benefit"]
        and age(person, home.on) >= 16
        and not person["in_education"]
        and weekly(person["take_home_pay"]) + weekly(person["self_employment"]) <= home.rate(rates.CARERS_EARNINGS_LIMIT)
    )


def carers_allowance_paid(person, home):
    """Carer's Allowance above the State Pension: the two overlap (SI 1979/597 reg 4)."""
    if not carer(person, home):
        return Fraction(0)
    return max(Fraction(0), home.rate(rates.CARERS_ALLOWANCE) - weekly(person["state_pension"]))


# Income: SI 2002/1792 regs 14 to 17B, Sch IV, Sch VI; SI 2006/214 regs 29 to 35, Sch 4 -----------------------------------


def pay(home):
    """Net weekly pay and profit of the couple."""
    return sum((weekly(p["take_home_pay"]) + weekly(p["self_employment"]) for p in home.couple), Fraction(0))


def other_income(home):
    """Pensions after tax and Carer's Allowance. Disability benefits, Child Benefit and interest do not count.

    Take-home pay has had its tax taken off already, so tax is taken off pensions only where there is no such pay.
    """
    total = Fraction(0)
    for person in home.couple:
        pensions = weekly(person["state_pension"]) + weekly(person["private_pension"])
        total += max(Fraction(0), pensions - (0 if weekly(person["take_home_pay"]) else weekly(person["income_tax"])))
        total += carers_allowance_paid(person, home)
    return total


def assumed_from_savings(home):
    """£1 a week for each £500 or part of £500 above £10,000."""
    return Fraction(max(Fraction(0), (home.capital - rates.CAPITAL_IGNORED) / rates.CAPITAL_STEP).__ceil__())


def pay_ignored(home, lone_parent):
    """£20 for disability or caring, else £10 for a couple and £5 alone; lone parents have their own sum."""
    sums = [10 if home.partner else 5]
    if any(person[name] != "none" for person in home.couple for name in DISABILITY) or any(carer(p, home) for p in home.couple):
        sums.append(20)
    if home.lone_parent:
        sums.append(lone_parent)
    return Fraction(max(sums))


def income(home, lone_parent=20):
    """Weekly income for Pension Credit (lone_parent=20) or Housing Benefit and Council Tax Reduction (25)."""
    return max(Fraction(0), pay(home) - pay_ignored(home, lone_parent)) + other_income(home) + assumed_from_savings(home)


# Additions for disability and care ------------------------------------------------------------------------------------


def severe_disability_parts(home):
    """0, 1 or 2 times the addition (SI 2002/1792 Sch I paras 1 and 2; SI 2006/214 Sch 3 para 6).

    It stops while a paid carer looks after the person; the form does not tell whom somebody cares for, so it counts here.
    """
    if not all(cares_benefit(person) for person in home.couple):
        return 0
    if any(age(person, home.on) >= 18 and not cares_benefit(person) for person in home.others):
        return 0
    return len(home.couple)


def carer_parts(home):
    """Once for each of the couple who is a carer."""
    return sum(carer(person, home) for person in home.couple)


def severely_disabled(child):
    """Highest DLA care or enhanced PIP daily living."""
    return child["dla_care"] == "higher" or child["pip_daily_living"] == "enhanced"


def disabled(child):
    """Any DLA or PIP."""
    return any(child[name] != "none" for name in DISABILITY if name != "attendance_allowance")


# Pension Credit: SPC Act 2002 ss.1 to 4, SI 2002/1792 regs 6 and 7 -------------------------------------------------------


def minimum_guarantee(home):
    """The appropriate minimum guarantee without housing costs."""
    total = home.rate(rates.GUARANTEE_COUPLE if home.partner else rates.GUARANTEE_SINGLE)
    total += home.rate(rates.SEVERE_DISABILITY) * severe_disability_parts(home)
    total += home.rate(rates.CARER) * carer_parts(home)
    for number, child in enumerate(sorted(home.children, key=lambda found: found["born_on"])):
        first = number == 0 and day(child["born_on"]) < date(2017, 4, 6)
        total += home.rate(rates.ELDEST_CHILD_BEFORE_2017 if first else rates.CHILD)
        if severely_disabled(child):
            total += home.rate(rates.SEVERELY_DISABLED_CHILD)
        elif disabled(child):
            total += home.rate(rates.DISABLED_CHILD)
    return total


def guarantee_credit(home):
    """The income that is missing up to the guarantee; nothing for a couple of whom one is under pension age."""
    return up_to_the_penny(max(Fraction(0), minimum_guarantee(home) - income(home))) if home.all_over else Fraction(0)


def savings_threshold(home):
    """The income above which savings credit starts."""
    return home.rate(rates.SAVINGS_THRESHOLD_COUPLE if home.partner else rates.SAVINGS_THRESHOLD_SINGLE)


def savings_most(home):
    """The maximum savings credit."""
    return home.rate(rates.SAVINGS_MOST_COUPLE if home.partner else rates.SAVINGS_MOST_SINGLE)


def savings_end(home):
    """The income at which the last of the savings credit is withdrawn."""
    return minimum_guarantee(home) + savings_most(home) / Fraction(40, 100)


def savings_credit(home):
    """60 per cent above the threshold, up to the maximum, less 40 per cent above the guarantee (s.3, reg 7).

    Reg 7A: of a couple both must have reached pension age before 6 April 2016.
    """
    if not home.all_over or not all(reached_before_2016(person) for person in home.couple):
        return Fraction(0)
    found = income(home)
    amount_a = min(Fraction(60, 100) * max(Fraction(0), found - savings_threshold(home)), savings_most(home))
    amount_b = Fraction(40, 100) * max(Fraction(0), found - minimum_guarantee(home))
    return up_to_the_penny(max(Fraction(0), amount_a - amount_b))


def pension_credit(home):
    """Both credits a week. One under 10p is not paid (SI 2002/1792 reg 13). Great Britain."""
    if home.facts["nation"] == "northern_ireland" or not home.all_over:
        return Fraction(0)
    total = guarantee_credit(home) + savings_credit(home)
    return total if max(guarantee_credit(home), savings_credit(home)) >= Fraction(10, 100) else Fraction(0)


# Housing Benefit at pension age: SI 2006/214 ----------------------------------------------------------------------------


def applicable_amount(home, two_children_until=date(2024, 6, 8)):
    """Sch 3: allowances, children and premiums. Until 8 June 2024 only two children had an allowance (SI 2017/376, 2024/611)."""
    if home.partner:
        before = any(reached_before_april_2021(person) for person in home.couple)
        total = home.rate(rates.HB_COUPLE_BEFORE_2021 if before else rates.HB_COUPLE_FROM_2021)
    else:
        before = reached_before_april_2021(home.applicant)
        total = home.rate(rates.HB_SINGLE_BEFORE_2021 if before else rates.HB_SINGLE_FROM_2021)
    most = 2 if home.on < two_children_until else len(home.children)
    return total + home.rate(rates.HB_CHILD) * min(most, len(home.children)) + premiums(home)


def premiums(home):
    """For severe disability, caring and disabled children (Sch 3 paras 6 to 9)."""
    total = home.rate(rates.HB_CARER) * carer_parts(home)
    parts = severe_disability_parts(home)
    if parts:
        total += home.rate(rates.HB_SEVERE_COUPLE if parts == 2 else rates.HB_SEVERE_SINGLE)
    for child in home.children:
        if disabled(child):
            total += home.rate(rates.HB_DISABLED_CHILD)
        if severely_disabled(child):
            total += home.rate(rates.HB_ENHANCED_CHILD)
    return total


def non_dependant_deductions(home, rows):
    """Reg 55; SI 2012/2885 Sch 1 para 8: none where the applicant or partner gets AA, DLA care or PIP daily living.

    By gross income where 16 hours or more are worked, else the lowest; none for people under 18 and full-time students.
    """
    if any(
        person["attendance_allowance"] != "none" or person["dla_care"] != "none" or person["pip_daily_living"] != "none"
        for person in home.couple
    ):
        return Fraction(0)
    total = Fraction(0)
    for person in home.others:
        if age(person, home.on) < 18 or person["in_education"]:
            continue
        gross = sum(
            (
                weekly(person[name])
                for name in ("earnings", "self_employment", "state_pension", "private_pension", "savings_interest")
            ),
            Fraction(0),
        )
        total += rates.band(rows, home.on, gross if person["hours_worked_weekly"] >= 16 else 0)
    return total


def housing_benefit(home):
    """Rent less deductions less 65 per cent of the income above the applicable amount; at least 50p a week (reg 56)."""
    guarantee = guarantee_credit(home) > 0 and pension_credit(home) > 0
    if home.facts["tenure"] not in RENTED or not home.all_over or home.facts["nation"] == "northern_ireland":
        return Fraction(0)
    if home.capital > rates.HB_CAPITAL_LIMIT and not guarantee:
        return Fraction(0)
    most = weekly(home.facts["rent"]) - non_dependant_deductions(home, rates.HB_NON_DEPENDANT)
    if not guarantee:
        found = income(home, lone_parent=25) + pension_credit(home)
        most -= rates.HB_TAPER * max(Fraction(0), found - applicable_amount(home))
    return most if most >= rates.HB_SMALLEST else Fraction(0)


# Council Tax Reduction for pensioners in England: SI 2012/2885 -----------------------------------------------------------


def council_tax_reduction(home, universal_credit):
    """A week of Council Tax (a year is 365 days) less deductions less 20 per cent of the excess.

    Reg 3: a pensioner is over pension age, and nobody of the couple gets Universal Credit. Others: the scheme of the council.
    """
    if not over_pension_age(home.applicant, home.on) or universal_credit:
        return newham_reduction(home, universal_credit) if home.facts["local_authority"] == "newham" else Fraction(0)
    guarantee = guarantee_credit(home) > 0 and pension_credit(home) > 0
    if home.facts["nation"] != "england" or (home.capital > rates.CTR_CAPITAL_LIMIT and not guarantee):
        return Fraction(0)
    bill = weekly(home.facts["council_tax"]) * 52 * 7 / 365
    most = bill - non_dependant_deductions(home, rates.CTR_NON_DEPENDANT)
    if not guarantee:
        needs = applicable_amount(home, two_children_until=date(2025, 4, 1))  # SI 2025/39 reg 5(2)
        found = income(home, lone_parent=25) + pension_credit(home)
        most -= rates.CTR_TAPER * max(Fraction(0), found - needs)
    return max(Fraction(0), most)


# Council Tax Reduction at working age in Newham, from April 2026 (scheme of the council; else SI 2012/2886) --------------


def kept_from_pay(home):
    """What the taper of Universal Credit leaves of pay, a week: what is above the award's maximum (SI 2013/376 reg 22)."""
    allowance = Fraction(0)
    if home.children or any(person["limited_capability_for_work_related_activity"] for person in home.couple):
        allowance = Fraction(427 if home.facts["tenure"] in RENTED else 710) * 12 / 52
    found = pay(home)
    return found - Fraction(55, 100) * max(Fraction(0), found - allowance)


def newham_needs(home):
    """Allowance and premiums at working age: SI 2006/213 Sch 3, as the default scheme has them."""
    if home.partner:
        total = home.rate(rates.WORKING_AGE_COUPLE)
    else:
        young = age(home.applicant, home.on) < 25 and not home.children
        total = home.rate(rates.WORKING_AGE_SINGLE_YOUNG if young else rates.WORKING_AGE_SINGLE)
    if any(person[name] != "none" for person in home.couple for name in DISABILITY):
        total += home.rate(rates.DISABILITY_COUPLE if home.partner else rates.DISABILITY_SINGLE)
    if any(severely_disabled(person) for person in home.couple):
        total += home.rate(rates.ENHANCED_COUPLE if home.partner else rates.ENHANCED_SINGLE)
    return total + home.rate(rates.HB_CHILD) * len(home.children) + premiums(home)


def newham_reduction(home, universal_credit):
    """70 per cent of the bill less deductions less 25 per cent of the excess; savings up to £6,000, of which none is assumed."""
    if home.facts["nation"] != "england" or home.capital > rates.NEWHAM_CAPITAL or home.on < rates.APRIL_2026:
        return Fraction(0)
    if universal_credit:
        excess = kept_from_pay(home)
    else:
        found = max(Fraction(0), pay(home) - pay_ignored(home, 25)) + other_income(home)
        excess = max(Fraction(0), found - newham_needs(home))
    bill = weekly(home.facts["council_tax"]) * 52 * 7 / 365
    deductions = non_dependant_deductions(home, rates.NEWHAM_NON_DEPENDANT)
    return max(Fraction(0), rates.NEWHAM_SHARE * bill - deductions - rates.NEWHAM_TAPER * excess)


# Warm Home Discount: SI 2022/772, SI 2026/389 -----------------------------------------------------------------------------


def warm_home_discount(home, universal_credit):
    """£150 off the electricity bill in England and Wales with Pension Credit, Universal Credit or Housing Benefit."""
    if home.facts["nation"] not in ("england", "wales") or home.facts["tenure"] == "no_home":
        return Fraction(0)
    return Fraction(rates.WARM_HOME_REBATE) if pension_credit(home) or universal_credit or housing_benefit(home) else Fraction(0)
