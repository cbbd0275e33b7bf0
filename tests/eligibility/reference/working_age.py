"""What the law gives a fully known household: plain functions over the interchange form, written from the law and not from the programmes.

Each function takes a `Home` and gives an Answer. Money is exact pounds; a result is rounded to the nearest penny once, half up.
Where the record of a person does not hold what the law asks for, the reference takes the simpler reading that the programme's
page owns up to: SIMPLER names the entry of `leaves_out` for each.
"""

import math
from fractions import Fraction

from tests.eligibility.reference import working_age_rates as rates
from tests.eligibility.reference import working_age_services as services
from tests.eligibility.reference.working_age_people import PER_YEAR, Answer, months_after, to_the_penny

SIMPLER = {
    "universal_credit": (
        "local_housing_allowance",  # SI 2013/376 sch 4 part 4: the area's limit of a private rent
        "bedroom_tax",  # sch 4 para 36
        "young",  # reg 8(1)(b), (f), (g): 16 and 17 with a doctor's note, late in pregnancy, without parents' support
        "protected",  # SI 2026/113: the health element of older claims
        "self_employed",  # reg 62, and tax on profit
        "rounding",  # reg 6 rounds each amount, here the award is rounded once
        "leaving_school",  # reg 5: until 31 August after the 16th and the 19th birthday
        "carers_allowance",  # reg 66(1)(b): counts in full when paid; the record does not say who is paid
        "same_person",  # reg 29(2)-(3)
        "grace_period",  # reg 82(1)(b)
        "childcare",  # regs 31-35: offers of work, cover for absence, kinds of care
        "other_adults",  # sch 4 para 16: disabled people, carers, parents of a small child, people on Pension Credit
    ),
    "child_benefit": ("course", "leaving_school"),
    "high_income_child_benefit_charge": ("adjusted_income", "year"),
    "carers_allowance": ("pension_share", "self_employed", "overlap"),
    "free_school_meals": ("at_home", "other_benefits"),
    "healthy_start": ("ten_weeks", "child_addition", "month"),
    "sure_start_maternity_grant": ("due_date", "expected_twins", "earlier_twins"),
    "marriage_allowance": ("interest", "high_incomes"),
}
RENTED = ("private_rent", "council_rent", "housing_association_rent")


def child_benefit(home):
    """SSCBA 1992 ss.141-142: the rate of the eldest child and of each other one, a week. Only who has a child who counts gets it."""
    if not home.dependants:
        return Answer(False)
    others = len(home.dependants) - 1
    return Answer(True, home.rate(rates.ELDEST_CHILD) + others * home.rate(rates.OTHER_CHILD), "week")


def high_income_child_benefit_charge(home):
    """ITEPA 2003 ss.681B-681C: 1% for each whole £200 of the higher income above £60,000; the charge is in whole pounds, down."""
    benefit = child_benefit(home)
    if not benefit.likely:
        return Answer(False)
    above = max(p.income_before_tax for p in home.adults) - rates.CHARGE_ABOVE
    step = (rates.CHARGE_FULL_AT - rates.CHARGE_ABOVE) / 100
    percent = max(0, min(100, math.floor(above / step)))
    return Answer(percent > 0, Fraction(math.floor(benefit.amount * 52 * percent / 100)), "year")


def universal_credit(home):
    """Welfare Reform Act 2012 part 1 and SI 2013/376."""
    dependants = home.dependants
    too_ill = [p for p in home.adults if p.is_true("limited_capability_for_work_related_activity")]

    def old_enough(person):  # s.4(1)(a) and reg 8(1)(a), (c), (d), (e)
        listed = person in too_ill or person.cares or bool(dependants)
        return person.age >= rates.LEAST_AGE or (person.age >= rates.LEAST_AGE_LISTED and listed)

    def may_study(person):  # s.4(1)(d) and reg 14(1)(b), (c)
        disabled = person.gets_pip or person.gets_dla or person.gets_attendance_allowance
        return not person.is_true("in_education") or bool(dependants) or (person in too_ill and disabled)

    claimants = [p for p in home.adults if old_enough(p)]  # reg 3(3)(a): a partner who is too young is left out of the claim
    if (
        not home.nation_in("england", "wales", "scotland")
        or home.applicant not in claimants
        or all(p.over_pension_age for p in claimants)  # reg 3(2)(a)
        or not any(may_study(p) for p in claimants)  # reg 3(2)(b)
        or Fraction(home.facts["savings"]) > rates.CAPITAL_LIMIT
    ):
        return Answer(False)
    too_ill = [p for p in too_ill if p in claimants]
    rent = Fraction(0)
    if home.facts["tenure"] in RENTED and home.facts["rent"]:
        rent = Fraction(home.facts["rent"]["amount"]) * PER_YEAR[home.facts["rent"]["per"]] / 12
    housing = max(Fraction(0), rent - _other_adults(home, claimants))
    childcare = _childcare(home, too_ill)
    award = (
        home.rate(rates.STANDARD[_unit(claimants)])
        + _children(home)
        + (home.rate(rates.HEALTH_ELEMENT) if too_ill else 0)
        + home.rate(rates.CARER_ELEMENT) * _carers(claimants, too_ill)
        + housing
        + childcare
    )
    award = max(Fraction(0), award - _income(home, bool(dependants or too_ill), housing))
    award = max(Fraction(0), award - _over_the_cap(home, claimants, too_ill, award, childcare))
    award = to_the_penny(award)
    return Answer(award >= Fraction(1, 100), award, "month")  # reg 17: at least a penny


def _unit(claimants):
    return (
        "single" if len(claimants) == 1 else "couple",
        "25 or over" if any(p.age >= 25 for p in claimants) else "under 25",
    )


def _children(home):
    """Regs 24, 24A, 36: eldest first; who was born before 6 April 2017 is always paid for, and brings more when the eldest."""
    total = Fraction(0)
    most = home.rate(rates.CHILDREN_PAID_FOR)
    for place, child in enumerate(sorted(home.dependants, key=lambda p: p.born_on), 1):
        before = child.born_on < rates.BORN_BEFORE
        if most is None or place <= most or before:
            total += home.rate(rates.FIRST_CHILD_ELEMENT if place == 1 and before else rates.CHILD_ELEMENT)
        grown = child.age >= rates.CHILD_UNTIL  # PIP is for people of 16 and over
        if child.raw["dla_care"] == "higher" or (grown and child.raw["pip_daily_living"] == "enhanced"):
            total += home.rate(rates.DISABLED_CHILD_HIGHER)
        elif child.gets_dla or (grown and child.gets_pip):
            total += home.rate(rates.DISABLED_CHILD_LOWER)
    return total


def _carers(claimants, too_ill):
    """Reg 29: one element for each carer; who is too ill counts only where the health element is there for the other."""
    carers = [p for p in claimants if p.cares]
    if len(too_ill) == 2:
        return min(len(carers), 1)
    return len([p for p in carers if p not in too_ill])


def _other_adults(home, claimants):
    """Sch 4 paras 13-16: nothing where the renter, or one of a couple, needs daily help. What other adults get is not looked at."""
    if any(p.needs_daily_help for p in claimants):
        return Fraction(0)
    return sum(p.age >= rates.OTHER_ADULT_FROM for p in home.others) * home.rate(rates.OTHER_ADULT_DEDUCTION)


def _childcare(home, too_ill):
    """Regs 31-36: one works; the other works too, or is too ill, or cares."""
    young = [p for p in home.dependants if p.age < rates.CHILD_UNTIL]
    at_work = [p for p in home.adults if p.earned > 0]
    rest = [p for p in home.adults if p not in at_work]
    if not young or not at_work or not all(p in too_ill or p.cares for p in rest):
        return Fraction(0)
    costs = sum(p.a_month("childcare_costs") for p in home.adults)
    most = home.rate(rates.CHILDCARE_MOST_ONE if len(young) == 1 else rates.CHILDCARE_MOST_MORE)
    return min(costs * rates.CHILDCARE_SHARE, most)


def _income(home, has_allowance, housing):
    """Reg 22, 66, 72: 55% of what is earned above the work allowance, and all of pensions and assumed income from capital."""
    allowance = home.rate(rates.WORK_ALLOWANCE_WITH_RENT if housing > 0 else rates.WORK_ALLOWANCE) if has_allowance else 0
    earned = sum(p.earned for p in home.adults) / 12
    pensions = sum(p.a_month("state_pension") + p.a_month("private_pension") for p in home.adults)
    steps = max(0, math.ceil((Fraction(home.facts["savings"]) - rates.CAPITAL_IGNORED) / rates.CAPITAL_STEP))
    return max(Fraction(0), earned - allowance) * rates.TAPER + pensions + steps * rates.INCOME_A_STEP


def _over_the_cap(home, claimants, too_ill, award, childcare):
    """Regs 79-83: what the cap takes off."""
    earned = sum(p.earned for p in home.adults) / 12
    if (
        too_ill
        or any(p.cares for p in claimants)
        or any(p.gets_dla for p in [*claimants, *home.dependants])
        or any(p.gets_pip and p.age >= rates.CHILD_UNTIL for p in [*claimants, *home.dependants])
        or any(p.gets_attendance_allowance for p in claimants)
        or earned >= math.floor(home.rate(rates.LIVING_WAGE) * 16 * 52 / 12)
    ):
        return Fraction(0)
    alone = len(claimants) == 1 and not home.dependants
    cap = Fraction(rates.BENEFIT_CAP[home.facts["region"] == "london", alone], 12)
    benefit = child_benefit(home)
    total = award + (benefit.amount * 52 / 12 if benefit.likely else 0)
    return max(Fraction(0), total - cap - childcare)


def carers_allowance(home):
    """SSCBA 1992 s.70, SI 1976/409 reg 8; SI 1979/597 reg 4: a State Pension is paid first, the allowance tops it up if it can."""
    person = home.applicant
    # SSI 2023/302: Carer Support Payment took its place in all of Scotland on 4 November 2024
    paid_here = home.nation_in("england", "wales") or (home.nation_in("scotland") and home.on < rates.SCOTLAND_OWN_FROM)
    likely = paid_here and person.cares and person.earned / 52 <= home.rate(rates.CARER_EARNINGS)
    paid = home.rate(rates.CARERS_ALLOWANCE) - person.a_week("state_pension")
    return Answer(likely and paid > 0, paid, "week")


def marriage_allowance(home):
    """ITA 2007 ss.55A-55E: married; one below the personal allowance, the other with tax at no more than the basic rate."""
    if home.partner is None or not home.applicant.is_true("married_or_civil_partner"):
        return Answer(False)
    lower, higher = sorted(p.income_before_tax for p in home.adults)
    allowance = rates.PERSONAL_ALLOWANCE
    most = rates.SCOTLAND_HIGHER_RATE_ABOVE if home.nation_in("scotland") else allowance + rates.BASIC_RATE_LIMIT
    if not (lower <= allowance < higher <= most):
        return Answer(False)
    part = Fraction(math.ceil(allowance * rates.TRANSFERRED_SHARE / rates.TRANSFER_ROUNDED_TO) * rates.TRANSFER_ROUNDED_TO)
    saved = min(part, higher - allowance) * rates.BASIC_RATE
    lost = max(Fraction(0), lower - (allowance - part)) * rates.BASIC_RATE
    gain = to_the_penny(saved - lost)
    return Answer(gain > 0, gain, "year")


def free_school_meals(home):
    """Education Act 1996 s.512ZB, England: a pupil, and Universal Credit (until August 2026 with little pay) or Pension Credit."""

    def pupil(child):  # s.8: of compulsory school age; younger and older children as far as they are at school
        return 5 <= child.age < 16 or (4 <= child.age < 19 and child.is_true("in_education"))

    earned = sum(p.earned for p in home.adults)
    by_credit = universal_credit(home).likely and (home.on >= rates.MEALS_FOR_ALL_FROM or earned <= rates.MEALS_EARNINGS)
    return Answer(home.nation_in("england") and any(map(pupil, home.children)) and (by_credit or home.pension_credit))


def healthy_start(home):
    """SI 2005/3262: pregnant or a child under 4, and low-paid Universal Credit or Pension Credit; pregnant under 18: always, for
    the pregnancy alone."""
    if not home.nation_in("england", "wales", "northern_ireland"):
        return Answer(False)
    expecting = [p for p in home.adults if p.is_true("pregnant")]
    small = [p for p in home.children if p.age < rates.HEALTHY_START_UNTIL]
    take_home = sum(p.earned for p in home.adults) / 12
    by_benefit = (universal_credit(home).likely and take_home <= rates.HEALTHY_START_TAKE_HOME) or (
        home.pension_credit and bool(small)
    )
    if not by_benefit:
        expecting, small = [p for p in expecting if p.age < 18], []
    each, first_year = home.rate(rates.HEALTHY_START_WEEK), home.rate(rates.HEALTHY_START_FIRST_YEAR)
    amount = each * len(expecting) + sum(first_year if p.age < 1 else each for p in small)
    return Answer(bool(expecting or small), amount, "week")


def sure_start_maternity_grant(home):
    """SI 2005/3061 regs 5, 5A: a birth ahead or up to six months ago and a benefit; one grant for each child of a first birth, one
    fewer where another child under 16 is in the family."""
    newborn = [p for p in home.children if home.on <= months_after(p.born_on, rates.GRANT_MONTHS_AFTER_BIRTH)]
    expecting = any(p.is_true("pregnant") for p in home.adults)
    others = [p for p in home.children if p.age < 16 and p not in newborn]
    paid_for = len(newborn) - 1 if others else max(1, len(newborn))
    likely = (
        home.nation_in("england", "wales")
        and bool(newborn or expecting)
        and paid_for > 0
        and (universal_credit(home).likely or home.pension_credit)
    )
    return Answer(likely, rates.MATERNITY_GRANT * paid_for, "once")


PROGRAMMES = {
    function.__name__: function
    for function in (
        universal_credit,
        child_benefit,
        high_income_child_benefit_charge,
        carers_allowance,
        free_school_meals,
        healthy_start,
        sure_start_maternity_grant,
        marriage_allowance,
        services.homelessness_prevention,
        services.care_needs_assessment,
        services.carers_assessment,
        services.employment_support,
        services.resettlement_support,
        services.debt_advice,
        services.social_prescribing,
    )
}
