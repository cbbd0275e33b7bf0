"""Each sum of the collected facts is in the pension-age and energy programmes, with its first day and a citation."""

from fractions import Fraction

import pytest

from eligibility import registry
from tests.eligibility.reference import pension_age_rates as rates

MEANS, AMOUNTS = "pensioner_means", "pensioner_amounts"
# file, limit, keys of the table's line, the facts
SUMS = [
    (MEANS, "standard_guarantee", {"couple": False}, rates.GUARANTEE_SINGLE),
    (MEANS, "standard_guarantee", {"couple": True}, rates.GUARANTEE_COUPLE),
    (MEANS, "severe_disability_addition", {}, rates.SEVERE_DISABILITY),
    (MEANS, "carer_addition", {}, rates.CARER),
    (MEANS, "carer_earnings", {}, rates.CARERS_EARNINGS_LIMIT),
    (MEANS, "carers_allowance", {}, rates.CARERS_ALLOWANCE),
    (MEANS, "child_addition", {}, rates.CHILD),
    (MEANS, "first_child_addition", {}, rates.ELDEST_CHILD_BEFORE_2017),
    (MEANS, "disabled_child_addition", {}, rates.DISABLED_CHILD),
    (MEANS, "severely_disabled_child_addition", {}, rates.SEVERELY_DISABLED_CHILD),
    ("pension_credit", "savings_credit_threshold", {"couple": False}, rates.SAVINGS_THRESHOLD_SINGLE),
    ("pension_credit", "savings_credit_threshold", {"couple": True}, rates.SAVINGS_THRESHOLD_COUPLE),
    ("pension_credit", "savings_credit_most", {"couple": False}, rates.SAVINGS_MOST_SINGLE),
    ("pension_credit", "savings_credit_most", {"couple": True}, rates.SAVINGS_MOST_COUPLE),
    (AMOUNTS, "allowance", {"couple": False, "early": True}, rates.HB_SINGLE_BEFORE_2021),
    (AMOUNTS, "allowance", {"couple": False, "early": False}, rates.HB_SINGLE_FROM_2021),
    (AMOUNTS, "allowance", {"couple": True, "early": True}, rates.HB_COUPLE_BEFORE_2021),
    (AMOUNTS, "allowance", {"couple": True, "early": False}, rates.HB_COUPLE_FROM_2021),
    (AMOUNTS, "severe_disability_premium", {"both": False}, rates.HB_SEVERE_SINGLE),
    (AMOUNTS, "severe_disability_premium", {"both": True}, rates.HB_SEVERE_COUPLE),
    (AMOUNTS, "carer_premium", {}, rates.HB_CARER),
    (AMOUNTS, "child_allowance", {}, rates.HB_CHILD),
    (AMOUNTS, "disabled_child_premium", {}, rates.HB_DISABLED_CHILD),
    (AMOUNTS, "enhanced_child_premium", {}, rates.HB_ENHANCED_CHILD),
    ("council_tax_reduction", "local_allowance", {"couple": False, "younger": True}, rates.WORKING_AGE_SINGLE_YOUNG),
    ("council_tax_reduction", "local_allowance", {"couple": False, "younger": False}, rates.WORKING_AGE_SINGLE),
    ("council_tax_reduction", "local_allowance", {"couple": True, "younger": True}, rates.WORKING_AGE_COUPLE_YOUNG),
    ("council_tax_reduction", "local_allowance", {"couple": True, "younger": False}, rates.WORKING_AGE_COUPLE),
    ("council_tax_reduction", "disability_premium", {"couple": False}, rates.DISABILITY_SINGLE),
    ("council_tax_reduction", "disability_premium", {"couple": True}, rates.DISABILITY_COUPLE),
    ("council_tax_reduction", "enhanced_premium", {"couple": False}, rates.ENHANCED_SINGLE),
    ("council_tax_reduction", "enhanced_premium", {"couple": True}, rates.ENHANCED_COUPLE),
]
BANDS = [
    ("housing_benefit", "deduction", rates.HB_NON_DEPENDANT),
    ("council_tax_reduction", "deduction", rates.CTR_NON_DEPENDANT),
]
# file, limit, keys, first day, value: those that do not change each year
STANDING = [
    (MEANS, "capital_ignored", {}, "2009-11-16", 10000),
    (MEANS, "capital_step", {}, "2003-10-06", 500),
    (MEANS, "capital_income", {}, "2003-10-06", 1),
    (MEANS, "earnings_ignored", {"couple": False}, "2003-10-06", 5),
    (MEANS, "earnings_ignored", {"couple": True}, "2003-10-06", 10),
    (MEANS, "earnings_ignored_higher", {}, "2003-10-06", 20),
    (MEANS, "caring_hours", {}, "2010-04-01", 35),
    (AMOUNTS, "lone_parent_earnings_ignored", {}, "2006-03-06", 25),
    ("housing_benefit", "capital_limit", {}, "2006-04-10", 16000),
    ("housing_benefit", "taper", {}, "2006-03-06", "0.65"),
    ("housing_benefit", "smallest", {}, "2006-03-06", "0.50"),
    ("council_tax_reduction", "most_share", {}, "2013-04-01", 1),
    ("council_tax_reduction", "capital_limit", {}, "2013-04-01", 16000),
    ("council_tax_reduction", "withdrawal", {}, "2013-04-01", "0.2"),
    ("winter_fuel_payment", "standard_rate", {}, "2000-01-01", 200),
    ("winter_fuel_payment", "higher_rate", {}, "2000-01-01", 300),
    ("winter_fuel_payment", "shared_rate", {}, "2000-01-01", 100),
    ("winter_fuel_payment", "shared_higher_rate", {}, "2000-01-01", 200),
    ("winter_fuel_payment", "shared_both_higher_rate", {}, "2000-01-01", 150),
    ("winter_fuel_payment", "higher_age", {}, "2000-01-01", 80),
    ("winter_fuel_payment", "charge_income", {}, "2025-04-06", 35000),
    ("warm_home_discount", "rebate", {}, "2022-07-01", 150),
    ("warm_home_discount", "rebate", {}, "2026-04-01", 150),
]
# part of the bill, savings limit, withdrawal of the four schemes stated from April 2026
COUNCILS = {
    "newham": ("0.7", 6000, "0.25"),
    "merton": (1, 16000, "0.2"),
    "westminster": (1, 16000, "0.2"),
    "kingston": (1, 16000, "0.2"),
}


@pytest.fixture(scope="module")
def files():
    """Each programme and each shared file in its stored form, by code."""
    found = registry.load_all() | registry.shared_files()
    return {code: item.to_dict() for code, item in found.items()}


def held(limits, name, keys):
    """What a limit holds for a line of its table: {first day: (value, law)}."""
    unit = limits[name]["unit"]
    found = {}
    for row in limits[name]["rows"]:
        lines = [line for line in row.get("table", [row]) if all(line[key] == value for key, value in keys.items())]
        (line,) = lines
        value = Fraction(str(line["value"])) if line["value"] != "none" else None
        found[str(row["from"])] = (value, row["law"])
    assert unit
    return found


def cited(law):
    """Whether a citation names something that can be looked up."""
    return any(sign in law for sign in ("SI ", "Act", "CBP-", "GOV.UK", "ITEPA", "Scheme", "scheme", "Guide"))


@pytest.mark.parametrize(("file", "name", "keys", "facts"), SUMS, ids=lambda item: item if isinstance(item, str) else None)
def test_sums_of_each_year(files, file, name, keys, facts):
    found = held(files[file]["limits"], name, keys)
    for since, value in facts:
        assert found[since.isoformat()][0] == Fraction(value), since
        assert cited(found[since.isoformat()][1])


@pytest.mark.parametrize(("file", "name", "facts"), BANDS, ids=lambda item: item if isinstance(item, str) else None)
def test_deductions_for_other_adults(files, file, name, facts):
    rows = {str(row["from"]): row for row in files[file]["limits"][name]["rows"]}
    for since, bands in facts:
        table = rows[since.isoformat()]["table"]
        found = [(Fraction(str(line["income"]["from"])), Fraction(str(line["value"]))) for line in table]
        assert found == [(Fraction(least), Fraction(sum_)) for least, sum_ in bands], since


@pytest.mark.parametrize(("file", "name", "keys", "since", "value"), STANDING)
def test_values_that_stand(files, file, name, keys, since, value):
    found = held(files[file]["limits"], name, keys)[since]
    assert found[0] == Fraction(value)
    assert cited(found[1])


@pytest.mark.parametrize("council", COUNCILS)
def test_schemes_of_the_councils(files, council):
    (variant,) = (item for item in files["council_tax_reduction"]["variants"] if item["id"] == council)
    names = ("local_most_share", "local_capital_limit", "local_withdrawal")
    for name, value in zip(names, COUNCILS[council], strict=True):
        found, law = held(variant["limits"], name, {})["2026-04-01"]
        assert found == Fraction(value), name
        assert cited(law)


def test_a_value_that_stands_in_no_fact_says_so(files):
    """What was taken from elsewhere is marked, so that somebody confirms it."""
    for file, name in [(AMOUNTS, "child_allowance"), (AMOUNTS, "disabled_child_premium"), ("council_tax_reduction", "deduction")]:
        assert all("to be confirmed" in row["note"] for row in files[file]["limits"][name]["rows"]), name
