"""Random households of working age in the interchange form, every fact known, with borders strongly favoured."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from tests.eligibility.reference import working_age as law
from tests.eligibility.reference import working_age_rates as rates
from tests.eligibility.reference.working_age_people import Home, Person, months_after

DAYS = [
    date(2024, 4, 8),
    date(2025, 4, 6),
    date(2025, 4, 7),
    date(2026, 3, 31),
    date(2026, 4, 5),
    date(2026, 4, 6),
    date(2026, 8, 31),
    date(2026, 9, 1),
    date(2026, 11, 21),
    date(2027, 3, 1),
    date(2028, 2, 29),
]
NOTHING = {
    "sex": "female",
    "married_or_civil_partner": False,
    "earnings": None,
    "take_home_pay": None,
    "income_tax": None,
    "self_employment": None,
    "hours_worked_weekly": None,
    "state_pension": None,
    "private_pension": None,
    "savings_interest": None,
    "caring_hours_weekly": 0,
    "cared_for_gets_disability_benefit": False,
    "pip_daily_living": "none",
    "pip_mobility": "none",
    "dla_care": "none",
    "dla_mobility": "none",
    "attendance_allowance": "none",
    "limited_capability_for_work_related_activity": False,
    "disabled": False,
    "in_education": False,
    "pregnant": False,
    "childcare_costs": None,
    "leaving_prison_within_days": None,
}
# A penny to each side of these decides something: pay a month (work allowances, Healthy Start, school meals, benefit cap) and a
# week (Carer's Allowance), income a year (the charge on Child Benefit, Marriage Allowance), savings.
PAY_A_MONTH = ["0.01", "404", "411", "427", "673", "684", "710", "408", "616.66", "793", "846", "881", "1500", "2400.55"]
PAY_A_WEEK = ["151", "196", "204", "94.15", "300.37"]
INCOME_A_YEAR = ["7400", "11310", "12570", "13830", "50270", "60000", "60200", "60400", "79800", "80000", "95000"]
SAVINGS = ["0", "0", "0", "3000", "5000", "6000", "6250", "16000"]
AGES = [0, 1, 3, 4, 5, 15, 16, 17, 18, 19, 20]
YES_NO = st.booleans()
RARELY = st.sampled_from([False, False, False, False, True])


def near(amount):
    """The amount, a penny less or a penny more, never below nothing."""
    pence = Fraction(amount) * 100
    return st.sampled_from([pence, pence, pence - 1, pence + 1]).map(lambda found: pounds(max(0, found)))


def pounds(pence):
    """Whole pence as the text of pounds."""
    return f"{int(pence) // 100}.{int(pence) % 100:02d}"


def money(amounts, per):
    """Money by a period, near one of the amounts."""
    return st.sampled_from(amounts).flatmap(near).map(lambda amount: {"amount": amount, "per": per})


def nothing_or(*strategies):
    """Nothing as often as one of the others."""
    return st.one_of(st.none(), *strategies)


PAY = nothing_or(
    money(PAY_A_MONTH, "month"),
    money(PAY_A_WEEK, "week"),
    money(INCOME_A_YEAR, "year"),
    st.integers(0, 300_000).map(lambda pence: {"amount": pounds(pence), "per": "four_weeks"}),
)
PENSION = nothing_or(money(["86.45", "184.90", "241.30"], "week"), money(["120.20"], "four_weeks"))


@st.composite
def birthdays(draw, ages, on):
    """A day of birth: the birthday of one of the ages on the day, the day before, the day after, or some other day."""
    birthday = months_after(on, -12 * draw(st.sampled_from(ages)))
    born_on = birthday + timedelta(days=draw(st.sampled_from([0, 0, 1, -1, -30, -182, -183, -184, -300])))
    return min(born_on, on).isoformat()


@st.composite
def adults(draw, role, on, id_):
    """An adult of the family or another one, mostly of working age."""
    ages = [16, 17, 18, 20, 21, 24, 25, 25, 40, 40, 64, 65, 66, 67, 80]
    person = {**NOTHING, "id": id_, "role": role, "born_on": draw(birthdays(ages, on))}
    old = Person(person, on).over_pension_age
    person["earnings"] = draw(PAY)
    person["take_home_pay"] = draw(st.one_of(st.just(person["earnings"]), PAY))
    person["self_employment"] = draw(nothing_or(st.none(), st.none(), PAY))
    person["hours_worked_weekly"] = draw(st.sampled_from([None, 0, 15, "15.5", 16, 35]))
    person["state_pension"] = draw(PENSION) if old else None
    person["private_pension"] = draw(nothing_or(st.none(), PENSION))
    person["savings_interest"] = draw(nothing_or(st.none(), money(["500"], "year")))
    person["caring_hours_weekly"] = draw(st.sampled_from([None, 0, 0, 1, "34.5", 35, 40]))
    person["cared_for_gets_disability_benefit"] = draw(YES_NO)
    person["limited_capability_for_work_related_activity"] = draw(RARELY)
    person["in_education"] = draw(RARELY)
    person["pregnant"] = draw(RARELY)
    person["disabled"] = draw(st.sampled_from([None, False, True]))
    person["married_or_civil_partner"] = draw(YES_NO)
    person["childcare_costs"] = draw(nothing_or(money(["1260.11", "1260.12", "2160.18"], "month"), money(["150"], "week")))
    person["leaving_prison_within_days"] = draw(st.sampled_from([None, None, None, 0, 56, 57, 84, 85]))
    if draw(RARELY):
        person["pip_daily_living"] = draw(st.sampled_from(["none", "standard", "enhanced"]))
        person["pip_mobility"] = draw(st.sampled_from(["none", "standard", "enhanced"]))
        person["dla_care"] = draw(st.sampled_from(["none", "lower", "middle", "higher"]))
        person["dla_mobility"] = draw(st.sampled_from(["none", "lower", "higher"]))
        person["attendance_allowance"] = draw(st.sampled_from(["none", "lower", "higher"])) if old else "none"
    return person


@st.composite
def children(draw, on, id_):
    """A child or young person of the family."""
    born_on = draw(
        st.one_of(
            birthdays(AGES, on),
            st.sampled_from(["2017-04-05", "2017-04-06", "2015-06-01"]),
            st.just(months_after(on, -rates.GRANT_MONTHS_AFTER_BIRTH).isoformat()),
        )
    )
    child = {**NOTHING, "id": id_, "role": "child", "born_on": born_on}
    age = Person(child, on).age
    child["in_education"] = age >= 4 if draw(YES_NO) else draw(YES_NO)
    if draw(RARELY):
        child["dla_care"] = draw(st.sampled_from(["none", "lower", "middle", "higher"]))
        child["dla_mobility"] = draw(st.sampled_from(["none", "lower", "higher"]))
        if age >= 16:
            child["pip_daily_living"] = draw(st.sampled_from(["none", "standard", "enhanced"]))
            child["pip_mobility"] = draw(st.sampled_from(["none", "standard", "enhanced"]))
    return child


@st.composite
def homes(draw):
    """(day of assessment, household) with every fact known."""
    on = draw(st.sampled_from(DAYS))
    people = [draw(adults("applicant", on, "p1"))]
    if draw(YES_NO):
        people.append(draw(adults("partner", on, "p2")))
    people += [draw(children(on, f"c{number}")) for number in range(draw(st.sampled_from([0, 0, 1, 1, 2, 2, 3, 4])))]
    people += [draw(adults("other_adult", on, f"o{number}")) for number in range(draw(st.sampled_from([0, 0, 0, 1, 2])))]
    nation = draw(st.sampled_from(["england"] * 7 + ["wales", "scotland", "northern_ireland"]))
    tenure = draw(st.sampled_from([*law.RENTED, *law.RENTED, "owned_outright", "mortgage", "no_home"]))
    home = {
        "nation": nation,
        "region": draw(st.sampled_from(["london", "london", "east_of_england", "north_west"])) if nation == "england" else None,
        "local_authority": draw(st.sampled_from(["newham", "hackney", "tower_hamlets", "barking_and_dagenham", "leeds"])),
        "tenure": tenure,
        "rent": draw(
            nothing_or(
                money(["96.55", "93.02", "193.10", "650", "950", "1400", "2600.50"], "month"), money(["120.33", "325"], "week")
            )
        ),
        "council_tax": {"amount": "1500.00", "per": "year"},
        "council_tax_band": "C",
        "bedrooms": 2,
        "savings": draw(st.sampled_from(SAVINGS).flatmap(near)),
        "threatened_with_homelessness_within_days": draw(st.sampled_from([None, None, 0, 56, 57])),
    }
    raw = {"id": "random", "household": home, "people": people}
    theme = draw(st.sampled_from([None, None, *THEMES]))
    if theme:
        theme(draw, raw, on)
    return on, raw


def _only_pay(draw, raw, on, amounts, per):
    """The family rents dearly, has nothing put by, and lives on the applicant's pay, which is near one of the amounts."""
    raw["household"] |= {"tenure": "private_rent", "rent": {"amount": "2600.00", "per": "month"}, "savings": "0"}
    for person in raw["people"]:
        if person["role"] in ("applicant", "partner"):
            person |= {"take_home_pay": None, "self_employment": None, "in_education": False}
    raw["people"][0]["take_home_pay"] = draw(money(amounts, per))


def _carer(draw, raw, on):
    """About to have the Carer's Allowance, or to lose it for a penny of pay."""
    _only_pay(draw, raw, on, [str(rates.rate(rates.CARER_EARNINGS, on))], "week")
    raw["household"]["nation"] = draw(st.sampled_from(["england", "england", "wales", "scotland"]))
    raw["people"][0] |= {"caring_hours_weekly": 35, "cared_for_gets_disability_benefit": True}
    raw["people"][0]["state_pension"] = None


def _at_the_cap(draw, raw, on):
    """Over the benefit cap, but for what is earned."""
    enough = int(rates.rate(rates.LIVING_WAGE, on) * 16 * 52 / 12)
    _only_pay(draw, raw, on, ["0.01", str(enough)], "month")
    _well(raw)


def _well(raw):
    """Nobody is ill, disabled or a carer."""
    for person in raw["people"]:
        person |= {name: "none" for name in NOTHING if NOTHING[name] == "none"}
        person |= {"limited_capability_for_work_related_activity": False, "caring_hours_weekly": 0, "disabled": False}


def _one_benefit(draw, raw, on):
    """One person gets one disability benefit, which lifts the benefit cap or shows a need for care."""
    _at_the_cap(draw, raw, on)
    raw["household"]["nation"] = "england"
    person = draw(st.sampled_from([raw["people"][0], *raw["people"]]))
    who = Person(person, on)
    rates_of = {"dla_care": ["lower", "middle", "higher"], "dla_mobility": ["lower", "higher"]}
    if who.age >= 16:
        rates_of |= {"pip_daily_living": ["standard", "enhanced"], "pip_mobility": ["standard", "enhanced"]}
    if who.over_pension_age:
        rates_of["attendance_allowance"] = ["lower", "higher"]
    name = draw(st.sampled_from(sorted(rates_of)))
    person[name] = draw(st.sampled_from(rates_of[name]))


def _young_family(draw, raw, on):
    """A small child, Universal Credit, and pay at the limit of Healthy Start."""
    _only_pay(draw, raw, on, ["408"], "month")
    raw["people"].append(draw(children(on, "baby")) | {"born_on": draw(birthdays([0, 1, 3, 4], on))})


def _pupils(draw, raw, on):
    """A pupil at the first or last age of school, and pay at the limit of free school meals."""
    _only_pay(draw, raw, on, ["7400"], "year")
    raw["people"] = [person for person in raw["people"] if person["role"] != "child"]
    pupil = {"born_on": draw(birthdays([4, 5, 16, 19], on)), "in_education": draw(YES_NO)}
    raw["people"].append(draw(children(on, "pupil")) | pupil)


def _spouses(draw, raw, on):
    """A married couple near the limits of Marriage Allowance."""
    raw["household"]["nation"] = draw(st.sampled_from(["england", "scotland"]))
    first, second = raw["people"][0], draw(adults("partner", on, "spouse"))
    for person in (first, second):
        person |= dict.fromkeys(("self_employment", "state_pension", "private_pension", "savings_interest"))
    first |= {"married_or_civil_partner": True, "earnings": draw(nothing_or(money(["8000", "11310", "12570"], "year")))}
    second["earnings"] = draw(money(["12570", "13830", "30000", "43662", "50270"], "year"))
    raw["people"] = [first, second, *(person for person in raw["people"][1:] if person["role"] != "partner")]


def _to_the_end_of_universal_credit(draw, raw, on):
    """Sets the applicant's pay so that Universal Credit is about to end: some pennies to either side."""
    person = raw["people"][0]
    person["take_home_pay"] = person["self_employment"] = None
    found = law.universal_credit(Home(raw, on))
    if found.likely:
        pence = int(found.amount / rates.TAPER * 100) + draw(st.sampled_from([-3, -2, -1, 0, 1, 2, 42700, 71000, 71001, 71002]))
        person["take_home_pay"] = {"amount": pounds(max(0, pence)), "per": "month"}


THEMES = (_carer, _at_the_cap, _one_benefit, _young_family, _pupils, _spouses, _to_the_end_of_universal_credit)
