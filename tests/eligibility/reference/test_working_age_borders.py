"""Every border of pay, income and savings in every tax year, a penny to each side: the product and the reference agree, and the border bites."""

from datetime import date

import pytest

from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.rules import catalogue
from tests.eligibility.reference import working_age_rates as rates
from tests.eligibility.reference.working_age_compared import determined, differences
from tests.eligibility.reference.working_age_homes import NOTHING, pounds

DAYS = [date(2024, 6, 1), date(2025, 6, 1), date(2026, 6, 1), date(2026, 11, 21)]


@pytest.fixture(scope="module")
def rulebook():
    """All programmes of the repository."""
    return Rulebook(registry.load_all(), registry.shared_files(), catalogue())


def house(*people, **home):
    """A household of people in their thirties with nothing, but for what is given; the first one applies."""
    facts = {
        "nation": "england",
        "region": "london",
        "local_authority": "newham",
        "tenure": "private_rent",
        "rent": {"amount": "2600.00", "per": "month"},
        "savings": "0.00",
        "threatened_with_homelessness_within_days": None,
    }
    roles = ["applicant", *["partner"] * len(people)]
    members = [
        NOTHING | {"id": f"p{place}", "role": roles[place], "born_on": "1990-01-01"} | person
        for place, person in enumerate(people)
    ]
    return {"id": "border", "household": facts | home, "people": members}


def per(pence, period):
    """Money in the interchange form."""
    return {"amount": pounds(pence), "per": period}


CHILD = {"role": "child", "born_on": "2017-06-01", "in_education": True}
BABY = {"role": "child", "born_on": "2024-03-01"}
CARER = {"caring_hours_weekly": 35, "cared_for_gets_disability_benefit": True}
MARRIED = {"married_or_civil_partner": True}


def year_of(rows):
    """The pence of a dated rate on a day."""
    return lambda on: int(rates.rate(rows, on) * 100)


BORDERS = {
    # name: (programme it decides, pence at the border, the household with so many pence)
    "carer's pay": (
        "carers_allowance",
        year_of(rates.CARER_EARNINGS),
        lambda pence: house({**CARER, "take_home_pay": per(pence, "week")}),
    ),
    "carer's profit": (
        "carers_allowance",
        year_of(rates.CARER_EARNINGS),
        lambda pence: house({**CARER, "self_employment": per(pence, "week")}),
    ),
    "carer's pension": (
        "carers_allowance",
        year_of(rates.CARERS_ALLOWANCE),
        lambda pence: house({**CARER, "born_on": "1950-01-01", "state_pension": per(pence, "week")}),
    ),
    "pay that lifts the cap": (
        "universal_credit",
        lambda on: int(rates.rate(rates.LIVING_WAGE, on) * 16 * 52 / 12) * 100,
        lambda pence: house({"take_home_pay": per(pence, "month")}),
    ),
    "pay with a small child": (
        "healthy_start",
        lambda on: 40800,
        lambda pence: house({"take_home_pay": per(pence, "month")}, BABY),
    ),
    "pay with a pupil": (
        "free_school_meals",
        lambda on: 740000,
        lambda pence: house({"take_home_pay": per(pence, "year")}, CHILD),
    ),
    "income of the charge": (
        "high_income_child_benefit_charge",
        lambda on: 6020000,
        lambda pence: house({"earnings": per(pence, "year")}, CHILD),
    ),
    "income at the whole charge": (
        "high_income_child_benefit_charge",
        lambda on: 8000000,
        lambda pence: house({"earnings": per(pence, "year")}, CHILD),
    ),
    "lower income of a couple": (
        "marriage_allowance",
        lambda on: 1256998,
        lambda pence: house({**MARRIED, "earnings": per(pence, "year")}, {**MARRIED, "earnings": per(3000000, "year")}),
    ),
    "higher income of a couple": (
        "marriage_allowance",
        lambda on: 5027000,
        lambda pence: house(MARRIED, {**MARRIED, "earnings": per(pence, "year")}),
    ),
    "higher income of a couple in Scotland": (
        "marriage_allowance",
        lambda on: 4366200,
        lambda pence: house(MARRIED, {**MARRIED, "earnings": per(pence, "year")}, nation="scotland", region=None),
    ),
    "the first penny of tax": (
        "marriage_allowance",
        lambda on: 1257002,
        lambda pence: house(MARRIED, {**MARRIED, "earnings": per(pence, "year")}),
    ),
    "savings": ("universal_credit", lambda on: 1600000, lambda pence: house({}, savings=pounds(pence))),
    "savings with debts": (
        "debt_advice",
        lambda on: 500000 if on >= date(2026, 4, 1) else 300000,
        lambda pence: house({}, savings=pounds(pence)),
    ),
}
FLAT = {("pay with a pupil", DAYS[3])}  # from September 2026 pay does not count


@pytest.mark.parametrize("on", DAYS, ids=str)
@pytest.mark.parametrize("border", BORDERS)
def test_a_penny_to_each_side_is_what_the_law_says(rulebook, border, on):
    code, at, made = BORDERS[border]
    answers = []
    for pence in (at(on) - 1, at(on), at(on) + 1):
        raw = made(pence)
        assert not differences(rulebook, raw, on)
        entry = determined(rulebook, raw, on)[code]
        answers.append((entry["outcome"], str(entry.get("amount"))))
    assert (len(set(answers)) > 1) == ((border, on) not in FLAT)
