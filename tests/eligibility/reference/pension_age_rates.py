"""Rates the pension-age reference works with, typed from the collected facts (2026-11-21) with their citations.

Nothing here is read from the programmes: a figure mistyped there shows as a difference. Pounds a week unless said.
A row holds from its day until the next one's. Benefits paid by the week start on the first Monday of the tax year
(the uprating orders, article 1); Housing Benefit and Council Tax Reduction on 1 April.
"""

from datetime import date
from fractions import Fraction

APRIL_2024, APRIL_2025, APRIL_2026 = date(2024, 4, 1), date(2025, 4, 1), date(2026, 4, 1)
FIRST_MONDAYS = date(2024, 4, 8), date(2025, 4, 7), date(2026, 4, 6)


def mondays(first, second, third):
    """A weekly benefit raised on the first Monday of the tax years 2024, 2025 and 2026."""
    return tuple(zip(FIRST_MONDAYS, (first, second, third), strict=True))


def aprils(first, second, third):
    """A sum raised on 1 April of 2024, 2025 and 2026."""
    return ((APRIL_2024, first), (APRIL_2025, second), (APRIL_2026, third))


def rate(rows, on):
    """The row in force on a day, exactly."""
    found = [value for since, value in rows if since <= on]
    return Fraction(found[-1])


# Pension Credit: SPC Act 2002 s.2, SI 2002/1792 reg 6, Sch I, Sch IIA para 9; ukpga/1992/5 s.150A; SI 2022/292 art 30.
GUARANTEE_SINGLE = mondays("218.15", "227.10", "238.00")
GUARANTEE_COUPLE = mondays("332.95", "346.60", "363.25")
SEVERE_DISABILITY = mondays("81.50", "82.90", "86.05")
CARER = mondays("45.60", "46.40", "48.15")
CHILD = mondays("66.29", "67.42", "69.98")
ELDEST_CHILD_BEFORE_2017 = mondays("76.79", "78.10", "81.07")
DISABLED_CHILD = mondays("35.93", "36.54", "37.93")
SEVERELY_DISABLED_CHILD = mondays("112.21", "114.12", "118.46")
# SI 2002/1792 reg 7: threshold, and 60 and 40 per cent.
SAVINGS_THRESHOLD_SINGLE = mondays("189.80", "198.27", "208.07")
SAVINGS_THRESHOLD_COUPLE = mondays("301.22", "314.34", "329.75")
# The most: stated for 2026-27; 60 per cent of guarantee less threshold to the nearest penny before (reg 7(3)).
SAVINGS_MOST_SINGLE = mondays("17.01", "17.30", "17.96")
SAVINGS_MOST_COUPLE = mondays("19.04", "19.36", "20.10")
# SI 2002/1792 reg 15(6): £1 a week for each £500 or part of it above £10,000.
CAPITAL_IGNORED, CAPITAL_STEP = Fraction(10000), Fraction(500)

# Carer's Allowance: SSCBA 1992 s.70, SI 1976/409 reg 8, CBP-9872.
CARERS_ALLOWANCE = mondays("81.90", "83.30", "86.45")
CARERS_EARNINGS_LIMIT = mondays("151", "196", "204")

# Housing Benefit: SI 2006/214 Sch 3, SI 2021/188 reg 2, regs 29 and 43.
HB_SINGLE_BEFORE_2021 = aprils("235.20", "244.40", "256.00")
HB_SINGLE_FROM_2021 = aprils("218.15", "227.10", "238.00")
HB_COUPLE_BEFORE_2021 = aprils("352.00", "366.00", "383.35")
HB_COUPLE_FROM_2021 = aprils("332.95", "346.60", "363.25")
HB_SEVERE_SINGLE = aprils("81.50", "82.90", "86.05")
HB_SEVERE_COUPLE = aprils("163.00", "165.80", "172.10")
HB_CARER = aprils("45.60", "46.40", "48.15")
# Not among the collected facts: uprating orders SI 2024/242, 2025/295, 2026/148 (Sch 3 paras 2, 7, 8). To be confirmed.
HB_CHILD = aprils("83.24", "84.66", "87.88")
HB_DISABLED_CHILD = aprils("80.01", "81.37", "84.46")
HB_ENHANCED_CHILD = aprils("32.20", "32.75", "33.99")
HB_CAPITAL_LIMIT = Fraction(16000)
HB_TAPER = Fraction("0.65")
HB_SMALLEST = Fraction("0.50")
# Non-dependant bands: gross weekly income from, deduction.
HB_NON_DEPENDANT = (
    (APRIL_2024, (("0", "19.30"), ("176", "44.40"), ("256", "60.95"), ("334", "99.65"), ("445", "113.50"), ("554", "124.55"))),
    (APRIL_2025, (("0", "19.65"), ("183", "45.15"), ("266", "62.00"), ("348", "101.35"), ("463", "115.45"), ("577", "126.65"))),
    (APRIL_2026, (("0", "20.40"), ("192", "46.85"), ("279", "64.35"), ("365", "105.20"), ("485", "119.85"), ("605", "131.45"))),
)

# Council Tax Reduction: SI 2012/2885 reg 11, Sch 1 paras 3 and 7. Bands: Sch 1 para 8 by SI 2024/29, 2025/39, 2026/27.
CTR_CAPITAL_LIMIT, CTR_TAPER = Fraction(16000), Fraction("0.20")
CTR_NON_DEPENDANT = (
    (APRIL_2024, (("0", "4.90"), ("256", "10.05"), ("445", "12.60"), ("554", "15.10"))),
    (APRIL_2025, (("0", "5.00"), ("266", "10.20"), ("463", "12.80"), ("577", "15.35"))),
    (APRIL_2026, (("0", "5.20"), ("279", "10.60"), ("485", "13.30"), ("605", "15.95"))),
)
# Newham, working age, from April 2026 (Council Tax Reduction Scheme 2026).
# Deductions from that scheme, not among the collected facts: to be confirmed.
NEWHAM_NON_DEPENDANT = ((APRIL_2026, (("0", "7.54"), ("183", "14.96"), ("316", "18.84"), ("394", "22.61"))),)
# Working-age allowances and premiums: SI 2006/213 Sch 3, SI 2025/295.
WORKING_AGE_SINGLE_YOUNG, WORKING_AGE_SINGLE = aprils("71.70", "72.90", "75.65"), aprils("90.50", "92.05", "95.55")
WORKING_AGE_COUPLE_YOUNG = aprils("108.30", "110.15", "114.35")  # both under 18
WORKING_AGE_COUPLE = aprils("142.25", "144.65", "150.15")
DISABILITY_SINGLE, DISABILITY_COUPLE = aprils("42.50", "43.20", "44.85"), aprils("60.60", "61.65", "64.00")
ENHANCED_SINGLE, ENHANCED_COUPLE = aprils("20.85", "21.20", "22.00"), aprils("29.75", "30.25", "31.40")
NEWHAM_SHARE, NEWHAM_CAPITAL, NEWHAM_TAPER = Fraction("0.7"), Fraction(6000), Fraction("0.25")

# Winter Fuel Payment: SI 2000/729 reg 2, SI 2024/869 reg 2, SI 2025/969 reg 2; charge: ITEPA 2003 s.681I.
WINTER_UNDER_80, WINTER_80, WINTER_SHARED, WINTER_80_WITH_UNDER_80, WINTER_BOTH_80 = 200, 300, 100, 200, 150
WINTER_CHARGE_ABOVE = Fraction(35000)

# Warm Home Discount: SI 2022/772 reg 3, SI 2026/389 reg 3, a year.
WARM_HOME_REBATE = 150


def band(rows, on, income):
    """The deduction of the band that an income falls in."""
    table = [bands for since, bands in rows if since <= on][-1]
    return Fraction([deduction for least, deduction in table if Fraction(least) <= income][-1])
