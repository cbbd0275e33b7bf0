"""Households nobody invented a story for: drawn by chance, the same at every run, so that asking is not fitted to the demonstration."""

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from casework.demonstration.cast import ADULT, CHILD, HOME, Citizen

COUNCILS = ["newham", "merton", "westminster", "kingston_upon_thames", "oxford", "leeds", "hackney", "durham"]
RENTED = ["private_rent", "council_rent", "housing_association_rent"]
REGIONS = ["london", "south_east", "yorkshire", "north_west", "south_west"]


def strangers(count: int, today: dt.date, seed: int = 7, *, forgetful: bool = True) -> Iterator[Citizen]:
    """`count` households. Alone or in a couple, with children or not, old and young, in work or not, ill or well.

    forgetful: one in ten does not know something about themselves.
    """
    chance = random.Random(seed)
    for number in range(count):
        age = chance.choices([chance.randint(16, 24), chance.randint(25, 64), chance.randint(65, 95)], [1, 6, 3])[0]
        people = [_adult("applicant", age, today, chance)]
        if chance.random() < 0.45:
            people.append(_adult("partner", max(18, age + chance.randint(-8, 8)), today, chance))
            married = chance.random() < 0.7
            for person in people:
                person["facts"]["married_or_civil_partner"] = married
        if 18 <= age < 60 and chance.random() < 0.5:
            people += [_child(today, chance) for _child_number in range(chance.choice([1, 1, 2, 2, 3, 4]))]
            people[0]["facts"]["childcare_costs"] = _money(chance.choice([0, 0, 300, 900]))
        if chance.random() < 0.12:
            people.append(_adult("other_adult", chance.randint(18, 80), today, chance))
        if forgetful and chance.random() < 0.1:
            _forget(chance.choice(people)["facts"], chance)
        yield Citizen(slug=f"stranger-{number + 1}", name="", people=people, home=_home(chance))


def _money(amount: int, per: str = "month") -> dict[str, str]:
    return {"amount": f"{amount}.00", "per": per}


def _born(age: float, today: dt.date) -> str:
    return (today - dt.timedelta(days=round((age + 0.4) * 365.25))).isoformat()


def _adult(role: str, age: int, today: dt.date, chance: random.Random) -> dict[str, Any]:
    facts: dict[str, Any] = ADULT | {"born_on": _born(age, today), "sex": chance.choice(["female", "male"])}
    if role != "applicant":
        facts["childcare_costs"] = facts["leaving_prison_within_days"] = None
    if age >= 66:
        facts["state_pension"] = _money(chance.randint(90, 241), "week")
        if chance.random() < 0.5:
            facts["private_pension"] = _money(chance.choice([80, 250, 700, 1400]))
    elif chance.random() < 0.6:
        pay = chance.choice([320, 760, 1240, 1900, 2600, 3800, 5600])
        facts |= {
            "earnings": _money(pay),
            "take_home_pay": _money(round(pay * 0.82)),
            "income_tax": _money(round(max(0, pay - 1048) * 0.2)),
            "hours_worked_weekly": str(min(45, pay // 45)),
        }
    elif chance.random() < 0.2:
        facts |= {"self_employment": _money(chance.choice([200, 900, 2100])), "hours_worked_weekly": "30"}
    if chance.random() < 0.25:
        facts["disabled"] = True
        if chance.random() < 0.5:
            benefit = "attendance_allowance" if age >= 66 else "pip_daily_living"
            facts[benefit] = chance.choice(["lower", "higher"] if age >= 66 else ["standard", "enhanced"])
        facts["limited_capability_for_work_related_activity"] = age < 66 and chance.random() < 0.3
    if chance.random() < 0.12:
        facts |= {
            "caring_hours_weekly": str(chance.choice([10, 35, 60])),
            "cared_for_gets_disability_benefit": chance.random() < 0.7,
        }
    facts["in_education"] = age < 24 and chance.random() < 0.4
    facts["pregnant"] = facts["sex"] == "female" and 18 <= age < 45 and chance.random() < 0.06
    if role == "applicant" and chance.random() < 0.02:
        facts["leaving_prison_within_days"] = chance.randint(1, 90)
    return {"name": "", "role": role, "facts": facts}


def _child(today: dt.date, chance: random.Random) -> dict[str, Any]:
    age = chance.uniform(0, 18.9)
    facts: dict[str, Any] = CHILD | {"born_on": _born(age, today), "sex": chance.choice(["female", "male"]), "pregnant": False}
    facts["in_education"] = age >= 4 and chance.random() < 0.95
    if chance.random() < 0.07:
        facts |= {"disabled": True, "dla_care": chance.choice(["lower", "middle", "higher"])}
    return {"name": "", "role": "child", "facts": facts}


def _home(chance: random.Random) -> dict[str, Any]:
    tenure = chance.choice([*RENTED, "owned_outright", "mortgage", "no_home"])
    nation = chance.choices(["england", "wales", "scotland", "northern_ireland"], [12, 1, 1, 1])[0]
    home = HOME | {
        "nation": nation,
        "region": chance.choice(REGIONS) if nation == "england" else None,
        "local_authority": chance.choice(COUNCILS) if nation == "england" else "elsewhere",
        "tenure": tenure,
        "savings": f"{chance.choice([0, 150, 900, 3000, 7000, 12000, 20000, 90000])}.00",
    }
    if tenure in RENTED:
        home["rent"] = _money(chance.randint(40, 190) * 10)
    if tenure != "no_home":
        home |= {
            "bedrooms": chance.randint(1, 4),
            "council_tax": _money(chance.randint(90, 260) * 10, "year"),
            "council_tax_band": chance.choice("ABCDE"),
        }
    if chance.random() < 0.05 or tenure == "no_home":
        home["threatened_with_homelessness_within_days"] = chance.randint(0, 60)
    return home


def _forget(facts: dict[str, Any], chance: random.Random) -> None:
    """One thing the person does not know; a date of birth they do."""
    facts.pop(chance.choice(sorted(set(facts) - {"born_on"})), None)
