"""Rates the working-age reference works with, typed from the collected facts (2026-11-21) with their citations.

Nothing here is read from the programmes: a figure mistyped there shows as a difference. Texts, so that every figure is exact.
A row holds from its day until the next one's. Social security rates change on the Monday of the first week of the tax year.
"""

from datetime import date
from fractions import Fraction

APRIL_2024, APRIL_2025, APRIL_2026 = date(2024, 4, 8), date(2025, 4, 7), date(2026, 4, 6)
LONG_AGO = date(1900, 1, 1)


def years(first, second, third):
    """A rate of the tax years from April 2024, 2025 and 2026."""
    return ((APRIL_2024, first), (APRIL_2025, second), (APRIL_2026, third))


def always(value):
    """A rate that has not changed since long before the first assessment date."""
    return ((LONG_AGO, value),)


def rate(rows, on):
    """The row in force on a day, exactly; None stands for "no limit"."""
    value = [value for since, value in rows if since <= on][-1]
    return None if value is None else Fraction(value)


# Child Benefit: SSCBA 1992 s.142; House of Commons Library CBP-9872, CBP-10105. A week.
ELDEST_CHILD = years("25.60", "26.05", "27.05")
OTHER_CHILD = years("16.95", "17.25", "17.90")
CHILD_UNTIL, STUDENT_UNTIL = 16, 20
# ITEPA 2003 ss.681B-681C, Finance Act 2012 sch 1: 1% for each £200 above, all of it at the upper figure. A year.
CHARGE_ABOVE, CHARGE_FULL_AT = Fraction(60000), Fraction(80000)

# Universal Credit, a month. CBP-9872; SI 2013/376 regs 18, 22, 24A, 36, 72, sch 4.
STANDARD = {
    ("single", "under 25"): years("311.68", "316.98", "338.58"),
    ("single", "25 or over"): years("393.45", "400.14", "424.90"),
    ("couple", "under 25"): years("489.23", "497.55", "528.34"),
    ("couple", "25 or over"): years("617.60", "628.10", "666.97"),
}
CHILD_ELEMENT = years("287.92", "292.81", "303.94")
FIRST_CHILD_ELEMENT = years("333.33", "339.00", "351.88")
BORN_BEFORE = date(2017, 4, 6)
CHILDREN_PAID_FOR = ((LONG_AGO, "2"), (APRIL_2026, None))
DISABLED_CHILD_LOWER = years("156.11", "158.76", "164.79")
DISABLED_CHILD_HIGHER = years("487.58", "495.87", "514.71")
HEALTH_ELEMENT = years("416.19", "423.27", "217.26")  # from April 2026 the amount of new claimants
CARER_ELEMENT = years("198.31", "201.68", "209.34")
WORK_ALLOWANCE_WITH_RENT = years("404", "411", "427")
WORK_ALLOWANCE = years("673", "684", "710")
TAPER = Fraction("0.55")
CAPITAL_LIMIT, CAPITAL_IGNORED, CAPITAL_STEP, INCOME_A_STEP = Fraction(16000), Fraction(6000), Fraction(250), Fraction("4.35")
CHILDCARE_SHARE = Fraction("0.85")
CHILDCARE_MOST_ONE = years("1014.63", "1031.88", "1071.09")
CHILDCARE_MOST_MORE = years("1739.37", "1768.94", "1836.16")
OTHER_ADULT_DEDUCTION = years("91.47", "93.02", "96.55")
OTHER_ADULT_FROM = 21  # SI 2013/376 sch 4 para 16(2)(a)
LEAST_AGE, LEAST_AGE_LISTED = 18, 16  # WRA 2012 s.4, SI 2013/376 reg 8
# SI 2016/909 reg 2, a year: (in London, single without children).
BENEFIT_CAP = {(True, True): 16967, (False, True): 14753, (True, False): 25323, (False, False): 22020}
# SI 2013/376 reg 82(1)(a): 16 hours a week at the National Living Wage, x 52 / 12, fraction of a pound left out (reg 6(1A)).
# The wage an hour: SI 2015/621 reg 4 as amended each April.
LIVING_WAGE = ((date(2024, 4, 1), "11.44"), (date(2025, 4, 1), "12.21"), (date(2026, 4, 1), "12.71"))

# Carer's Allowance: CBP-9872; SSCBA 1992 s.70; SI 1976/409 reg 8. A week.
CARERS_ALLOWANCE = years("81.90", "83.30", "86.45")
CARER_EARNINGS = years("151", "196", "204")
CARING_HOURS, CARER_AGE = 35, 16
SCOTLAND_OWN_FROM = date(2024, 11, 4)

# Marriage Allowance: ITA 2007 ss.55A-55E; SI 2021/111 art.3. A year.
PERSONAL_ALLOWANCE = Fraction(12570)
TRANSFERRED_SHARE, TRANSFER_ROUNDED_TO = Fraction("0.10"), 10
BASIC_RATE = Fraction("0.20")  # ITA 2007 s.6
BASIC_RATE_LIMIT = Fraction(37700)  # ITA 2007 s.10(5)
SCOTLAND_HIGHER_RATE_ABOVE = Fraction(43662)  # ITA 2007 s.55B(2)(b), Scottish Rate Resolution

# Sure Start Maternity Grant: SI 2005/3061 reg 5, gov.uk "What you'll get".
MATERNITY_GRANT = Fraction(500)
GRANT_MONTHS_AFTER_BIRTH = 6

# Free School Meals (Education Act 1996 s.512ZB) and Healthy Start (SI 2005/3262): eligibility.md section 2, to be confirmed.
MEALS_EARNINGS, MEALS_FOR_ALL_FROM = Fraction(7400), date(2026, 9, 1)
HEALTHY_START_TAKE_HOME = Fraction(408)
HEALTHY_START_WEEK = ((LONG_AGO, "4.25"), (date(2026, 4, 1), "4.65"))
HEALTHY_START_FIRST_YEAR = ((LONG_AGO, "8.50"), (date(2026, 4, 1), "9.30"))
HEALTHY_START_UNTIL = 4
