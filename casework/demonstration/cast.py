"""The cast: agencies and people of the demonstration as data. Pure: the day is an argument, chance is seeded."""

import datetime as dt
import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent.parent / "deploy" / "demonstration"
NEIGHBOURS = 28

# What an adult, a child and a home say where a story says nothing: "none of this".
ADULT: dict[str, Any] = {
    "married_or_civil_partner": False,
    "earnings": None,
    "take_home_pay": None,
    "income_tax": None,
    "self_employment": None,
    "hours_worked_weekly": "0",
    "state_pension": None,
    "private_pension": None,
    "savings_interest": None,
    "caring_hours_weekly": "0",
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
CHILD: dict[str, Any] = {"in_education": False, "dla_care": "none", "dla_mobility": "none", "disabled": False}
HOME: dict[str, Any] = {
    "nation": "england",
    "region": "london",
    "local_authority": "newham",
    "rent": None,
    "council_tax": None,
    "council_tax_band": None,
    "bedrooms": None,
    "savings": "0",
    "threatened_with_homelessness_within_days": None,
}
FIRST = ["Ada", "Ben", "Chloe", "Dmitri", "Efua", "Farah", "Gwen", "Hugo", "Ines", "Jamal", "Kasia", "Liam", "Mona", "Nikhil"]
FAMILY = ["Abbott", "Bakare", "Costa", "Dixon", "Evans", "Forde", "Gupta", "Hill", "Ivanova", "Jones", "Khatun", "Lopez"]
STAGES = ["applied", "assessing", "asked", "ready", "granted", "refused", "none"]
PART = ("name", "role", "age", "months", "sex")


@dataclass(frozen=True)
class Citizen:
    """One story. home: {fact name: value}; people: the applicant first, each {"name", "role", "facts": {fact name: value}}."""

    slug: str
    name: str
    people: list[dict[str, Any]]
    home: dict[str, Any]
    story: str = ""
    language: str = "en"
    interpreter: bool = False
    account: bool = False
    at_counter: str = ""
    stage: str = "none"
    refer: dict[str, str] = field(default_factory=dict)

    @property
    def email(self) -> str:
        return f"{self.slug}@example.org"


def agencies() -> list[dict[str, Any]]:
    """The agencies with offices, teams and staff, as written in `agencies.toml`."""
    return tomllib.loads((FOLDER / "agencies.toml").read_text(encoding="utf-8"))["agency"]


def staff_email(name: str, agency: str) -> str:
    """The sign-in address of a colleague: grace.okafor@newham-council.example.org."""
    return f"{'.'.join(name.lower().replace('dr ', '').split())}@{agency}.example.org"


def citizens(today: dt.date) -> list[Citizen]:
    """All people of the demonstration: the told stories, then their neighbours."""
    told = tomllib.loads((FOLDER / "citizens.toml").read_text(encoding="utf-8"))["citizen"]
    return [*(_told(raw, today) for raw in told), *_neighbours(today)]


def _told(raw: dict[str, Any], today: dt.date) -> Citizen:
    missing = raw.get("missing", [])
    me = {"name": raw["name"], "role": "applicant", "age": raw["age"], "sex": raw["sex"], **raw.get("me", {})}
    people = [_person(one, today, missing) for one in [me, *raw.get("members", [])]]
    home = {name: value for name, value in (HOME | raw["home"]).items() if f"household.{name}" not in missing}
    keep = ("slug", "name", "story", "language", "interpreter", "account", "at_counter", "stage", "refer")
    return Citizen(people=people, home=home, **{key: raw[key] for key in keep if key in raw})


def _person(raw: dict[str, Any], today: dt.date, missing: list[str]) -> dict[str, Any]:
    facts = dict(CHILD if raw["role"] == "child" else ADULT)
    facts |= {"born_on": _born(raw, today).isoformat(), "sex": raw["sex"]}
    facts |= {name: value for name, value in raw.items() if name not in PART}
    return {
        "name": raw["name"],
        "role": raw["role"],
        "facts": {name: value for name, value in facts.items() if f"person.{name}" not in missing},
    }


def _born(raw: dict[str, Any], today: dt.date) -> dt.date:
    days = round(raw["months"] * 30.44) if "months" in raw else round((raw["age"] + 0.45) * 365.25)
    return today - dt.timedelta(days=days)


def _neighbours(today: dt.date) -> Iterator[Citizen]:
    """More people like those around the corner, the same at every load."""
    chance = random.Random(20261121)  # noqa: S311 (invents people, guards nothing)
    for number in range(NEIGHBOURS):
        name = f"{chance.choice(FIRST)} {chance.choice(FAMILY)}"
        is_old = chance.random() < 0.3
        pay = chance.choice([None, 320, 760, 1240, 1900, 2600])
        me = {"name": name, "role": "applicant", "age": chance.randint(67, 88) if is_old else chance.randint(20, 60)}
        me |= _income(pay if not is_old else None, is_old, chance)
        members = [
            {"name": chance.choice(FIRST), "role": "child", "age": chance.randint(0, 15), "sex": "female", "in_education": True}
            for _child in range(0 if is_old else chance.choice([0, 0, 1, 2, 3]))
        ]
        rent = None if is_old and chance.random() < 0.5 else chance.randint(60, 150) * 10
        home = {
            "tenure": "private_rent" if rent else "owned_outright",
            "rent": {"amount": f"{rent}.00", "per": "month"} if rent else None,
            "bedrooms": chance.randint(1, 4),
            "savings": f"{chance.choice([0, 150, 900, 3000, 7000, 12000])}.00",
            "council_tax": {"amount": f"{chance.randint(100, 190) * 10}.00", "per": "year"},
            "council_tax_band": chance.choice("ABCD"),
        }
        yield Citizen(
            slug=f"neighbour-{number + 1}",
            name=name,
            people=[_person(one, today, []) for one in [me, *members]],
            home=HOME | home,
            stage=STAGES[number % len(STAGES)],
        )


def _income(pay: int | None, is_old: bool, chance: random.Random) -> dict[str, Any]:
    facts: dict[str, Any] = {"sex": chance.choice(["female", "male"])}
    if is_old:
        facts["state_pension"] = {"amount": f"{chance.randint(120, 241)}.00", "per": "week"}
    if pay:
        facts |= {
            "earnings": {"amount": f"{pay}.00", "per": "month"},
            "take_home_pay": {"amount": f"{round(pay * 0.9)}.00", "per": "month"},
            "hours_worked_weekly": str(min(40, pay // 45)),
        }
    return facts
