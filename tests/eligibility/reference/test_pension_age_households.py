"""What households get by law on 21 November 2026, all programmes at once, worked out by hand as an advice worker would."""

import json
from datetime import date

import pytest

from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.interchange import determine_lines
from eligibility.rules import catalogue
from tests.eligibility.reference.pension_age_stories import NO_HOME, OWN_HOME, adult, child, home, me, money

ON = date(2026, 11, 21)
MARRIED = {"married_or_civil_partner": True}
# {story: (household, {programme: pounds in the programme's period, or None where it has no amount})}; what is not named is not likely
STORIES = {
    # 238.00 - 184.90; rent and Council Tax in full with guarantee credit
    "a widow of 78 on the basic State Pension": (
        home(me("1948-05-01", state_pension=money(184.90))),
        {
            "pension_credit": "53.10", "housing_benefit": "115.00", "council_tax_reduction": "28.00", "winter_fuel_payment": "200.00",
            "warm_home_discount": "150.00", "debt_advice": None, "social_prescribing": None,
        },
    ),
    # 482.60 + 4.00 from savings is 123.35 above 363.25: 28.00 less 24.67
    "a couple on two full new State Pensions in their own home": (
        home(
            me("1958-05-01", "male", state_pension=money(241.30), **MARRIED),
            adult("partner", "partner", "1959-05-01", state_pension=money(241.30), **MARRIED),
            savings="12000.00", **OWN_HOME,
        ),
        {"council_tax_reduction": "3.33", "winter_fuel_payment": "100.00"},
    ),
    # no severe disability addition beside a grown daughter, and nothing taken off for her: he gets Attendance Allowance
    "a man of 70 with Attendance Allowance whose daughter works": (
        home(
            me("1956-05-01", "male", state_pension=money(221.20), attendance_allowance="higher", disabled=True),
            adult("daughter", "other_adult", "1986-05-01", earnings=money(500), take_home_pay=money(410), income_tax=money(50),
                  hours_worked_weekly=37),
        ),
        {
            "pension_credit": "16.80", "housing_benefit": "115.00", "council_tax_reduction": "28.00", "winter_fuel_payment": "200.00",
            "warm_home_discount": "150.00", "debt_advice": None, "social_prescribing": None, "care_needs_assessment": None,
        },
    ),
    # shut out of Pension Credit: 666.97 + 498.33 - 866.67 of Universal Credit, and Newham's 70 per cent
    "a couple of 67 and 60": (
        home(me("1959-01-01", "male", state_pension=money(200)), adult("partner", "partner", "1966-01-01")),
        {
            "universal_credit": "298.64", "council_tax_reduction": "19.60", "winter_fuel_payment": "200.00",
            "warm_home_discount": "150.00", "debt_advice": None,
        },
    ),
    # 238.00 + 81.07 + 69.98 - 180.00; 27.05 + 17.90
    "a grandmother of 69 who brings up two grandchildren": (
        home(me("1957-03-01", state_pension=money(180)), child("ann", "2018-03-01"), child("ben", "2014-03-01")),
        {
            "pension_credit": "209.05", "child_benefit": "44.95", "housing_benefit": "115.00", "council_tax_reduction": "28.00",
            "winter_fuel_payment": "200.00", "warm_home_discount": "150.00", "free_school_meals": None, "debt_advice": None,
            "social_prescribing": None,
        },
    ),
    # 424.90 + 2 x 303.94 + 1,300.00 - 55% of 463.00; above the pay from which the benefit cap no longer holds
    "a lone parent of two who works 16 hours": (
        home(
            me("1996-03-01", earnings=money(900, "month"), take_home_pay=money(890, "month"), hours_worked_weekly=16),
            child("ann", "2023-03-01", in_education=False), child("ben", "2020-03-01"),
            tenure="private_rent", rent=money(1300, "month"),
        ),
        {
            "universal_credit": "2078.13", "child_benefit": "44.95", "warm_home_discount": "150.00", "free_school_meals": None,
            "debt_advice": None,
        },
    ),
    # 338.58 + 700.00; 40 days are within 56
    "a man of 24 without work who may lose his home": (
        home(me("2002-03-01", "male"), tenure="private_rent", rent=money(700, "month"), threatened_with_homelessness_within_days=40),
        {
            "universal_credit": "1038.58", "council_tax_reduction": "19.60", "warm_home_discount": "150.00",
            "homelessness_prevention": None, "employment_support": None, "debt_advice": None,
        },
    ),
    # 27.05 + 2 x 17.90; 50 per cent of 3,268.20, rounded down
    "a family of three children on 70,000 a year": (
        home(
            me("1986-03-01", "male", earnings=money(70000, "year"), take_home_pay=money(50000, "year"),
               income_tax=money(15000, "year"), hours_worked_weekly=40, **MARRIED),
            adult("partner", "partner", "1988-03-01", **MARRIED),
            child("ann", "2015-03-01"), child("ben", "2017-06-01"), child("cat", "2020-03-01"),
            tenure="mortgage", rent=None,
        ),
        {"child_benefit": "62.85", "high_income_child_benefit_charge": "1634.00", "debt_advice": None},
    ),
    # 338.58 + 433.33
    "a woman of 19 who is pregnant with her first child": (
        home(me("2007-03-01", pregnant=True), rent=money(100)),
        {
            "universal_credit": "771.91", "council_tax_reduction": "19.60", "healthy_start": "4.65",
            "sure_start_maternity_grant": "500.00", "warm_home_discount": "150.00", "employment_support": None, "debt_advice": None,
        },
    ),
    # 41,440 a year is above 35,000; her 9,615 are below the personal allowance
    "a couple of 82 and 79 with large pensions": (
        home(
            me("1944-03-01", "male", state_pension=money(220), private_pension=money(30000, "year"),
               income_tax=money(5800, "year"), **MARRIED),
            adult("partner", "partner", "1947-03-01", state_pension=money(184.90), **MARRIED),
            savings="90000.00", **OWN_HOME,
        ),
        {"marriage_allowance": "252.00"},
    ),
    "a man of 45 who leaves prison in 30 days": (
        home(me("1981-03-01", "male", leaving_prison_within_days=30), **NO_HOME),
        {
            "universal_credit": "424.90", "homelessness_prevention": None, "resettlement_support": None, "employment_support": None,
            "debt_advice": None,
        },
    ),
    # 363.25 + 172.10 - 350.00 - 14.00 from savings, and 20.10 of savings credit; 17,000 do not matter with guarantee credit
    "a couple of 76 who both get Attendance Allowance": (
        home(
            me("1950-03-01", "male", state_pension=money(230), attendance_allowance="lower", disabled=True),
            adult("partner", "partner", "1950-06-01", state_pension=money(120), attendance_allowance="lower", disabled=True),
            tenure="private_rent", rent=money(200), savings="17000.00",
        ),
        {
            "pension_credit": "191.45", "housing_benefit": "200.00", "council_tax_reduction": "28.00", "winter_fuel_payment": "100.00",
            "warm_home_discount": "150.00", "care_needs_assessment": None, "social_prescribing": None,
        },
    ),
    # 424.90 + 498.33 + 217.26 for a new claim
    "a man of 55 too ill to prepare for work": (
        home(me("1971-03-01", "male", pip_daily_living="enhanced", pip_mobility="standard", disabled=True,
                limited_capability_for_work_related_activity=True)),
        {
            "universal_credit": "1140.49", "council_tax_reduction": "19.60", "warm_home_discount": "150.00",
            "care_needs_assessment": None, "employment_support": None, "social_prescribing": None, "debt_advice": None,
        },
    ),
    # 66 years and 4 months today: 238.00 - 190.00
    # not yet in the week of September that counts for the Winter Fuel Payment
    "a man on the day he reaches pension age": (
        home(me("1960-07-21", "male", state_pension=money(150), private_pension=money(40))),
        {
            "pension_credit": "48.00", "housing_benefit": "115.00", "council_tax_reduction": "28.00",
            "warm_home_discount": "150.00", "debt_advice": None, "social_prescribing": None,
        },
    ),
    # 66 years and 4 months tomorrow: Universal Credit still, 424.90 + 498.33 - 190.00 a week
    "a man on the day before": (
        home(me("1960-07-22", "male", state_pension=None, private_pension=money(40))),
        {
            "universal_credit": "749.90", "council_tax_reduction": "19.60", "warm_home_discount": "150.00", "debt_advice": None,
            "employment_support": None, "social_prescribing": None,
        },
    ),
    # 666.97 + 900.00 - 55% of 2,466.67
    "a married couple of whom one earns little": (
        home(
            me("1990-03-01", "male", earnings=money(28000, "year"), take_home_pay=money(23600, "year"),
               income_tax=money(3086, "year"), hours_worked_weekly=37, **MARRIED),
            adult("partner", "partner", "1991-03-01", earnings=money(6000, "year"), take_home_pay=money(6000, "year"),
                  hours_worked_weekly=10, **MARRIED),
            tenure="private_rent", rent=money(900, "month"),
        ),
        {"universal_credit": "210.30", "marriage_allowance": "252.00", "warm_home_discount": "150.00", "debt_advice": None},
    ),
    # 252.00 with 2.00 from savings: 17.96 less 40% of 14.00; then 264.36 is 8.36 above 256.00
    "a woman of 73 who reached pension age just before April 2016": (
        home(me("1953-04-05", state_pension=money(230), private_pension=money(20)), savings="10500.01", **OWN_HOME),
        {
            "pension_credit": "12.36", "council_tax_reduction": "26.33", "winter_fuel_payment": "200.00", "warm_home_discount": "150.00",
            "social_prescribing": None,
        },
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def rulebook():
    return Rulebook(registry.load_all(), registry.shared_files(), catalogue())


@pytest.mark.parametrize("story", STORIES)
def test_a_household_gets_what_the_law_gives(rulebook, story):
    household, due = STORIES[story]
    (line,) = determine_lines([json.dumps(household)], rulebook, ON)
    found = line["programmes"]
    assert [code for code, result in found.items() if result["outcome"] == "unknown"] == []
    likely = {code: result.get("amount", {}).get("amount") for code, result in found.items() if result["outcome"] == "likely"}
    assert likely == due
