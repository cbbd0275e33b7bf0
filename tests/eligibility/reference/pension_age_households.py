"""Random households of which everything is known, drawn to the borders of the pension-age rules: a penny or a day to either side."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from tests.eligibility.reference import pension_age as law
from tests.eligibility.reference import winter_fuel

TODAY = date(2026, 11, 21)
DAYS = [TODAY] * 4 + [
    date(2024, 4, 8), date(2024, 9, 15), date(2024, 9, 16), date(2025, 1, 15), date(2025, 4, 6), date(2025, 4, 7),
    date(2025, 9, 14), date(2025, 9, 15), date(2026, 3, 31), date(2026, 4, 1), date(2026, 4, 5), date(2026, 4, 6),
]  # fmt: skip
TURNS = [date(1951, 4, 6), date(1953, 4, 6), date(1955, 4, 1), date(1960, 4, 6), date(1961, 3, 6)]
SAVINGS = [0, 6000, 10000, 10500, 15500, 16000, 16500, 40000]
PERIODS = {"week": Fraction(1), "four_weeks": Fraction(4), "month": Fraction(52, 12), "year": Fraction(52)}
RATES = {
    "attendance_allowance": ["lower", "higher"],
    "dla_care": ["lower", "middle", "higher"],
    "dla_mobility": ["lower", "higher"],
    "pip_daily_living": ["standard", "enhanced"],
    "pip_mobility": ["standard", "enhanced"],
}
NEAR = st.sampled_from([-1, 0, 0, 1])
# What a household is drawn for: anything, or the conditions that one rule needs at once.
THEMES = ["any", "any", "savings credit", "rent", "others", "caring", "winter", "newham"]
# Gross weekly pay of other adults at the borders of the deductions' bands, which rise each April.
BANDS = [176, 183, 192, 256, 266, 279, 316, 334, 348, 365, 394, 445, 463, 485, 554, 577, 605]


def rarely(draw, value, otherwise=None):
    """The value drawn in about one of five households."""
    return draw(value) if draw(st.integers(0, 4)) == 0 else otherwise


def money(pounds, per="week"):
    """Pounds a week as money of a period, in whole pence; none for nothing."""
    pence = law.to_the_penny(pounds * PERIODS[per])
    return {"amount": f"{float(pence):.2f}", "per": per} if pence > 0 else None


def reaching_pension_age(on):
    """The birthday of people who reach State Pension age on a day: looked for among the likely ones."""
    for months in range(66 * 12, 67 * 12 + 1):
        guess = law.add_months(on, -months)
        if law.pension_day({"born_on": guess.isoformat()}) == on:
            return guess
    return law.add_months(on, -66 * 12)


@st.composite
def births(draw, on, theme):
    """A birthday of somebody around pension age, 80, or one of the dates that the rules turn on; or any."""
    near = timedelta(days=draw(NEAR))
    if theme == "savings credit":
        return draw(st.sampled_from([*TURNS[:2], date(1940, 5, 5), date(1946, 6, 6), date(1951, 4, 5)])) + near
    if theme == "newham":
        return law.add_months(on, -12 * draw(st.sampled_from([18, 25, 25, 40, 60]))) + near
    if theme not in ("any", "winter"):
        return draw(st.dates(date(1936, 1, 1), date(1959, 12, 31)))
    kind = draw(st.integers(0, 6))
    counts = winter_fuel.last_day_of_qualifying_week(on) if theme == "winter" else on
    if kind == 0:
        return reaching_pension_age(counts) + near
    if kind == 1 or (theme == "winter" and kind < 4):
        return law.add_months(counts, -80 * 12) + near
    if kind == 2:
        return draw(st.sampled_from(TURNS)) + near
    if kind == 3:
        return on - timedelta(days=draw(st.integers(18 * 366, 66 * 365)))
    return draw(st.dates(date(1936, 1, 1), date(1959, 12, 31)))


@st.composite
def adults(draw, id_, role, on, theme):
    """One adult with every fact: mostly pensions, seldom pay, a disability benefit or caring."""
    person = {
        "id": id_,
        "role": role,
        "born_on": draw(births(on, theme)).isoformat(),
        "sex": draw(st.sampled_from(["female", "male"])),
    }
    worked = rarely(draw, st.sampled_from(["5.00", "20.00", "25.00", "120.00", "183.00", "204.00", "204.01", "365.00", "700.00"]))
    if theme in ("others", "newham") and role == "other_adult":
        worked = f"{draw(st.sampled_from(BANDS)) + draw(NEAR) / 100:.2f}"
    pay = {"amount": worked, "per": "week"} if worked else None
    person |= {
        "married_or_civil_partner": role == "partner",
        "earnings": pay,
        "take_home_pay": pay,
        "hours_worked_weekly": draw(st.sampled_from([15, 16, 16, 30])) if pay else 0,
        "self_employment": rarely(draw, st.sampled_from([money(Fraction(10)), money(Fraction(40), "month")])),
        "income_tax": rarely(draw, st.sampled_from([{"amount": "3.70", "per": "week"}, {"amount": "240.00", "per": "year"}])),
        "state_pension": money(Fraction(draw(st.sampled_from([0, 6000, 8645, 15000, 18490, 24130, 30000])), 100), draw(st.sampled_from(list(PERIODS)))),
        "private_pension": rarely(draw, st.sampled_from([{"amount": "55.55", "per": "week"}, {"amount": "300.00", "per": "month"}])),
        "savings_interest": rarely(draw, st.just({"amount": "35.00", "per": "year"})),
        "caring_hours_weekly": draw(st.sampled_from([34, 35, 40])) if theme == "caring" else 0,
        "cared_for_gets_disability_benefit": theme == "caring" or draw(st.booleans()),
        "in_education": rarely(draw, st.booleans(), False),
        "limited_capability_for_work_related_activity": False,
        "disabled": False, "pregnant": False, "childcare_costs": None, "leaving_prison_within_days": None,
    }  # fmt: skip
    return person | benefits(
        draw, list(RATES) if theme in ("any", "caring", "newham") or role == "other_adult" else ["pip_mobility"]
    )


def benefits(draw, names):
    """Which disability benefits somebody gets: mostly none, seldom one or two."""
    found = dict.fromkeys(RATES, "none")
    for name in rarely(draw, st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True), []):
        found[name] = draw(st.sampled_from(RATES[name]))
    return found


@st.composite
def children(draw, id_, on):
    """One child: around the 2017 date, 16, 18 and 20."""
    near = timedelta(days=draw(NEAR))
    born = draw(
        st.sampled_from(
            [date(2017, 4, 6), law.add_months(on, -16 * 12), date(2019, 6, 1), date(2012, 2, 29), law.add_months(on, -20 * 12)]
        )
    )
    person = {
        "id": id_,
        "role": "child",
        "born_on": (born + near).isoformat(),
        "sex": "female",
        "in_education": draw(st.booleans()),
    }
    return person | benefits(draw, ["dla_care", "dla_mobility", "pip_daily_living", "pip_mobility"])


@st.composite
def households(draw):
    """A day and a household; now and then the income is aimed at a border of the rules, to the penny."""
    theme = draw(st.sampled_from(THEMES))
    on = TODAY if theme == "newham" else draw(st.sampled_from(DAYS))
    people = [draw(adults("p1", "applicant", on, theme))]
    if draw(st.booleans()):
        people.append(draw(adults("p2", "partner", on, theme)))
    if draw(st.integers(0, 3)) == 0:
        people += [draw(children(f"c{number}", on)) for number in range(draw(st.integers(1, 3)))]
    if theme == "others" or (theme in ("any", "winter", "newham") and draw(st.integers(0, 3)) == 0):
        people += [draw(adults(f"o{number}", "other_adult", on, theme)) for number in range(draw(st.integers(1, 2)))]
    savings = Fraction(draw(st.sampled_from(SAVINGS[:2] if theme == "newham" else SAVINGS))) + Fraction(draw(NEAR), 100)
    data = {
        "id": "h",
        "household": {
            "nation": draw(st.sampled_from(["england"] * 9 + ["wales", "scotland", "northern_ireland"])),
            "region": "london",
            "local_authority": "newham" if theme == "newham" else draw(st.sampled_from(["newham", "leeds"])),
            "tenure": draw(st.sampled_from([*law.RENTED, *(["owned_outright", "no_home"] if theme in ("any", "newham") else [])])),
            "rent": draw(st.sampled_from([{"amount": "115.38", "per": "week"}, {"amount": "950.00", "per": "month"}, {"amount": "21.00", "per": "week"}])),
            "council_tax": draw(st.sampled_from([{"amount": "1500.00", "per": "year"}, {"amount": "730.00", "per": "year"}, {"amount": "120.00", "per": "month"}])),
            "council_tax_band": "C",
            "bedrooms": 2,
            "savings": f"{float(max(Fraction(0), savings)):.2f}",
            "threatened_with_homelessness_within_days": None,
        },
        "people": people,
    }  # fmt: skip
    if data["household"]["tenure"] in ("owned_outright", "no_home"):
        data["household"]["rent"] = None
    aim(draw, data, on, theme)
    return on, data


def aim(draw, data, on, theme):
    """Set the applicant's State Pension so that the household's income meets a border, or misses it by a penny."""
    home, applicant = law.Home(data, on), data["people"][0]
    if theme == "winter":
        less = winter_fuel.taxable_income(applicant) - 52 * law.weekly(applicant["state_pension"])
        applicant["state_pension"] = money((35000 - less) / 52 + Fraction(draw(NEAR), 5200), "year")
        return
    if theme == "newham":
        to = law.newham_needs(home) + draw(st.sampled_from([0, 20, 70]))
        pay = money(to - law.other_income(home) + law.pay_ignored(home, 25) + Fraction(draw(NEAR), 100))
        applicant |= {"take_home_pay": pay, "earnings": pay, "self_employment": None}
        return
    guarantee, needs = law.minimum_guarantee(home), law.applicable_amount(home)
    rent = law.weekly(data["household"]["rent"])
    target = draw(
        st.sampled_from(
            [
                None,
                None,
                guarantee,
                guarantee - Fraction(10, 100),
                law.savings_threshold(home),
                law.savings_end(home),
                needs,
                needs + (rent - Fraction(1, 2)) / Fraction(65, 100),
                needs + Fraction(1500 * 7, 365) / Fraction(20, 100),
            ]
        )
    )
    if target is None:
        return
    applicant |= {"state_pension": None, "income_tax": None}
    missing = target - law.income(law.Home(data, on)) + Fraction(draw(NEAR), 100)
    applicant["state_pension"] = money(missing)
