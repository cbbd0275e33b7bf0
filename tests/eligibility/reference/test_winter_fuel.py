"""Winter Fuel Payment looks at the qualifying week of the winter that a day belongs to, and at no birthday after it."""

from datetime import date
from decimal import Decimal

import pytest

from eligibility import registry
from eligibility.engine import Rulebook, changes_ahead, ways_out
from eligibility.rules import catalogue
from tests.eligibility.reference.winter_fuel import last_day_of_qualifying_week

CODE = "winter_fuel_payment"
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def rulebook():
    return Rulebook(registry.load_all(), registry.shared_files(), catalogue())


def alone(born):
    nothing = dict.fromkeys(["earnings", "self_employment", "private_pension", "savings_interest"])
    pension = {"amount": "150.00", "per": "week"}
    person = {"id": "p1", "role": "applicant", "born_on": born.isoformat(), "state_pension": pension, **nothing}
    return {"id": "h", "household": {"nation": "england"}, "people": [person]}


def ahead(rulebook, born, on=TODAY):
    """(day, outcome and amount after it) of each change in the next two years."""
    found = changes_ahead(rulebook.assess(alone(born), on, [CODE]), rulebook)[CODE]
    return [(change.on, change.after, change.amount_after) for change in found]


def test_the_week_that_counts_is_that_of_the_law(rulebook):
    """Also on the first and the last day of each season, up to the last year of the table."""
    limit = registry.load_all()[CODE].limits["week_ends"]
    days = [date(year, month, day) for year in range(2019, 2036) for month, day in ((4, 1), (9, 14), (9, 28), (12, 31))]
    days += [date(year, 3, 31) for year in range(2020, 2037)]
    assert {day: limit.value_on(day) for day in days} == {day: last_day_of_qualifying_week(day) for day in days}
    assert [limit.value_on(date(year, 12, 1)) for year in (2024, 2025, 2026)] == [
        date(2024, 9, 22), date(2025, 9, 21), date(2026, 9, 27),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("born", "changes"),
    [
        (date(1960, 6, 27), []),  # of State Pension age on 27 September 2026, the last day
        (date(1960, 6, 28), [(date(2027, 4, 1), "likely", Decimal("200.00"))]),  # a day later: from the next winter on
        (date(1960, 12, 26), [(date(2027, 4, 1), "likely", Decimal("200.00"))]),  # 66 years and 9 months: 26 September 2027
        (date(1960, 12, 27), [(date(2028, 4, 1), "likely", Decimal("200.00"))]),
        (date(1946, 9, 27), []),
        (date(1946, 9, 28), [(date(2027, 4, 1), "likely", Decimal("300.00"))]),
        (date(1948, 9, 24), [(date(2028, 4, 1), "likely", Decimal("300.00"))]),  # the week of 2028 ends on 24 September
        (date(1948, 9, 25), []),
    ],
)
def test_a_result_changes_with_the_winter_and_not_with_the_birthday(rulebook, born, changes):
    assert ahead(rulebook, born) == changes


def test_before_the_week_the_winter_to_come_is_meant(rulebook):
    assert ahead(rulebook, date(1960, 6, 27), date(2026, 6, 1)) == []
    assert ahead(rulebook, date(1960, 6, 28), date(2026, 6, 1))[0][0] == date(2027, 4, 1)
    for day in (date(2026, 9, 20), date(2026, 9, 21), date(2026, 9, 27), date(2026, 9, 28)):
        for born, outcome in ((date(1960, 6, 27), "likely"), (date(1960, 6, 28), "not_likely")):
            assert rulebook.assess(alone(born), day, [CODE])[CODE].outcome == outcome, (day, born)


def test_nobody_is_told_a_way_out_of_their_age(rulebook):
    answer = rulebook.assess(alone(date(1960, 6, 28)), TODAY, [CODE])[CODE]
    assert ways_out(answer, rulebook.on(TODAY)) == []
    (age,) = (item for item in answer.criteria if item.id == "age")
    assert age.says() == "You reach State Pension age on 28 September 2026. For this payment it has to be by 27 September 2026"
