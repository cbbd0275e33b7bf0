"""Speed of the two machines, in CPU time of one run, as ratios to the same rule written by hand.

`run()` measures one programme of nine criteria with an amount: one household with sentences against a plain Python function, and a made
caseload (2% of each fact missing) against hand-written NumPy that answers in three values too. The answers are compared before anything is
timed.
"""

from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from time import process_time

import numpy as np

from consent.facts import catalogue as fact_kinds
from eligibility.batch import Caseload, run_batch, what_if
from eligibility.batch.caseload import Column
from eligibility.definition import Definition
from eligibility.engine import assess, compile_programme
from eligibility.interchange import read_household
from eligibility.language import catalogue_from
from eligibility.language.types import ROLES

ON = date(2026, 11, 21)
MISSING = 0.02


@dataclass(frozen=True)
class Measure:
    """One line of the table. value: in `unit`; ratio: to the hand-written control of the same run, None for the control itself."""

    name: str
    value: float
    unit: str
    ratio: float | None = None


def rule(savings_limit=16000):
    """The programme that is measured."""

    def limit(unit, value):
        return {"unit": unit, "rows": [{"from": "2020-01-01", "value": value, "law": "Bench Act s.1"}]}

    conditions = {
        "nation": "household.nation == 'england'",
        "savings": "household.savings <= limits.savings",
        "tenure": "household.tenure in ['private_rent', 'council_rent', 'housing_association_rent']",
        "rent": "per_month(household.rent) <= limits.rent",
        "age": "18 <= applicant.age < 66",
        "need": "children > 0 or applicant.disabled or applicant.pregnant",
        "earnings": "earnings <= limits.earnings",
        "band": "not household.council_tax_band in ['G', 'H']",
        "rooms": "household.bedrooms <= children + 2",
    }
    return Definition.from_dict(
        {
            "programme": {"code": "bench", "agency": "bench", "area": "income", "name": "B", "summary": "B", "purpose": "B"},
            "law": [{"title": "Bench Act"}],
            "limits": {
                "savings": limit("GBP", savings_limit),
                "rent": limit("GBP/month", 1500),
                "earnings": limit("GBP/month", 3000),
                "allowance": limit("GBP/month", "424.90"),
                "child": limit("GBP/month", "303.94"),
                "free": limit("GBP/month", 427),
                "taper": limit("share", "0.55"),
            },
            "worked_out": {
                "children": {"is": "count(p for p in family if p.role == 'child' and p.age < 16)"},
                "earnings": {"is": "sum(per_month(p.earnings) for p in family)"},
            },
            "criteria": [
                {
                    "id": id_,
                    "when": when,
                    "says": f"This holds: {id_}, with savings of {{household.savings}}",
                    "says_not": f"This does not hold: {id_}, the limit is {{limits.savings}}",
                    "law": "Bench Act s.2",
                }
                for id_, when in conditions.items()
            ],
            "amount": {
                "is": "max(0, limits.allowance + children * limits.child - limits.taper * max(0, earnings - limits.free))",
                "per": "month",
            },
        }
    )


def made_caseload(size, catalogue, seed=1):
    """A Caseload of random households with 2% of each fact missing, made in columns."""
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 6, size)
    starts = np.cumsum(sizes) - sizes
    people = int(sizes.sum())
    place = np.arange(people) - np.repeat(starts, sizes)
    other = random.choice([1, 2, 2, 2, 3], people)
    roles = np.where(place == 0, 0, np.where((other == 1) & (place > 1), 2, other)).astype(np.int8)
    partner = np.where((sizes > 1) & (roles[np.minimum(starts + 1, people - 1)] == 1), starts + 1, -1)

    def column(fact, count):
        values = {
            "money": lambda: random.integers(0, 300_000, count),
            "amount": lambda: random.integers(0, 2_500_000, count),
            "integer": lambda: random.integers(0, 5, count),
            "decimal": lambda: random.integers(0, 40, count),
            "boolean": lambda: random.random(count) < 0.3,
            "date": lambda: np.where(
                roles == 2, random.integers(733_000, 739_500, count), random.integers(709_000, 733_000, count)
            ),
            "choice": lambda: random.integers(0, len(fact.choices), count),
            "text": lambda: np.zeros(count, dtype=np.int64),
        }[fact.type]()
        missing = random.random(count) < MISSING
        per = random.integers(0, 4, count).astype(np.int8) if fact.type == "money" else None
        values = np.where(missing, 0, values) if fact.type != "boolean" else values & ~missing
        bound = int(np.abs(values).max()) if values.dtype != bool else 1
        return Column(values, missing, None, 1, fact.choices or ("",), per, bound)

    used = [
        fact
        for fact in catalogue.values()
        if fact.type != "choices" and fact.name != "due_on" and (fact.type != "date" or fact.name == "born_on")
    ]
    return Caseload(
        ids=[str(row) for row in range(size)],
        home={fact.name: column(fact, size) for fact in used if fact.level == "household"},
        person={fact.name: column(fact, people) for fact in used if fact.level == "person"},
        starts=starts,
        sizes=sizes,
        roles=roles,
        applicant=starts,
        partner=partner,
        open=np.zeros(size, dtype=bool),
    )


def by_hand(load):
    """The rule of `rule()` written directly in NumPy: (certainly likely, certainly not)."""
    home, person = load.home, load.person

    def known(column, truth):
        return truth & ~column.missing, ~truth & ~column.missing

    def code(name, *wanted):
        column = home[name]
        return known(column, np.isin(column.values, [column.names.index(item) for item in wanted]))

    nation, tenure = code("nation", "england"), code("tenure", "private_rent", "council_rent", "housing_association_rent")
    band_t, band_f = code("council_tax_band", "G", "H")
    savings = known(home["savings"], home["savings"].values <= 1_600_000)
    yearly = np.array([52, 13, 12, 1])
    rent = known(home["rent"], home["rent"].values * yearly[home["rent"].per] <= 12 * 150_000)
    born = person["born_on"]
    day = (born.values - 719_163).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    number = month.astype(np.int64)
    in_year = (number % 12 + 1) * 100 + (day - month.astype("datetime64[D]")).astype(np.int64) + 1
    age = np.maximum(0, ON.year - (number // 12 + 1970) - (in_year > ON.month * 100 + ON.day))
    first = load.applicant
    adult = known(Column(born.values, born.missing[first]), (age[first] >= 18) & (age[first] < 66))
    is_child = load.roles == ROLES.index("child")
    surely = np.add.reduceat((is_child & ~born.missing & (age < 16)).astype(np.int64), load.starts)
    perhaps = np.add.reduceat((is_child & (born.missing | (age < 16))).astype(np.int64), load.starts)
    flags = [known(Column(None, person[name].missing[first]), person[name].values[first]) for name in ("disabled", "pregnant")]
    need = (surely > 0) | flags[0][0] | flags[1][0], (perhaps == 0) & flags[0][1] & flags[1][1]
    family = load.roles != ROLES.index("other_adult")
    pay = person["earnings"]
    yearly_pay = np.where(family & ~pay.missing, pay.values * yearly[pay.per], 0)
    total = np.add.reduceat(yearly_pay, load.starts)
    gap = np.logical_or.reduceat(family & pay.missing, load.starts)
    earnings = (total <= 12 * 300_000) & ~gap, total > 12 * 300_000
    rooms = home["bedrooms"]
    small_enough = (rooms.values <= surely + 2) & ~rooms.missing, (rooms.values > perhaps + 2) & ~rooms.missing
    sides = [nation, savings, tenure, rent, adult, need, earnings, (band_f, band_t), small_enough]
    likely, refused = sides[0]
    for t, f in sides[1:]:
        likely, refused = likely & t, refused | f
    low = 1_200 * (42_490 + surely * 30_394) - 55 * np.maximum(0, total - 12 * 42_700)
    low = np.maximum(0, low)
    return likely, refused, (low * 2 + 1_200) // 2_400


def by_hand_one(facts):
    """The rule written directly in Python with its sentences, for one household of whom everything is known."""
    home, people = facts["household"], facts["people"]
    yearly = {"week": 52, "four_weeks": 13, "month": 12, "year": 1}

    def age(person):
        born = date.fromisoformat(person["born_on"])
        return ON.year - born.year - ((ON.month, ON.day) < (born.month, born.day))

    def per_year(money):
        return round(float(money["amount"]) * 100) * yearly[money["per"]]

    children = sum(1 for person in people if person["role"] == "child" and age(person) < 16)
    earned = sum(per_year(person["earnings"]) for person in people if person["role"] != "other_adult")
    first = people[0]
    checks = {
        "nation": home["nation"] == "england",
        "savings": float(home["savings"]) <= 16000,
        "tenure": home["tenure"] in ("private_rent", "council_rent", "housing_association_rent"),
        "rent": per_year(home["rent"]) <= 12 * 150_000,
        "age": 18 <= age(first) < 66,
        "need": children > 0 or first["disabled"] or first["pregnant"],
        "earnings": earned <= 12 * 300_000,
        "band": home["council_tax_band"] not in ("G", "H"),
        "rooms": home["bedrooms"] <= children + 2,
    }
    amount = max(0, 42490 + children * 30394 - 0.55 * max(0, earned / 12 - 42700))
    sentences = [
        f"This holds: {id_}, with savings of £{float(home['savings']):,.2f}"
        if held
        else f"This does not hold: {id_}, the limit is £16,000"
        for id_, held in checks.items()
    ]
    return all(checks.values()), round(amount), sentences


def one_household():
    """The household of the single evaluation, in the interchange form."""
    pay = {"amount": "900.00", "per": "month"}
    return {
        "id": "h",
        "household": {
            "nation": "england",
            "savings": "1200.00",
            "tenure": "private_rent",
            "rent": {"amount": "950.00", "per": "month"},
            "council_tax_band": "C",
            "bedrooms": 2,
        },
        "people": [
            {"id": "p1", "role": "applicant", "born_on": "1990-04-02", "earnings": pay, "disabled": False, "pregnant": False},
            {"id": "p2", "role": "child", "born_on": "2019-01-30", "earnings": {"amount": "0", "per": "month"}},
            {"id": "p3", "role": "partner", "born_on": "1991-04-02", "earnings": pay},
        ],
    }


def cpu(work, times=5):
    """The best CPU time of several runs, in seconds."""
    best = float("inf")
    for _ in range(times):
        start = process_time()
        work()
        best = min(best, process_time() - start)
    return best


read_amount = attrgetter("amount")


def _single(programmes, catalogue):
    facts = one_household()
    household, rounds = read_household(facts, catalogue, ON), 200

    def hand():
        for _ in range(rounds):
            by_hand_one(facts)

    def decide():
        for _ in range(rounds):
            for found in assess(household, programmes, ON).values():
                read_amount(found)  # worked out when asked for

    def explain():
        for _ in range(rounds):
            for found in assess(household, programmes, ON).values():
                read_amount(found)
                for item in found.criteria:
                    item.says()

    found = assess(household, programmes, ON)["bench"]
    likely, amount, _ = by_hand_one(facts)
    if (found.outcome == "likely", int(found.amount * 100)) != (likely, amount):
        raise AssertionError("The control decides the single household differently.")
    control = cpu(hand) / rounds * 1e6
    rows = [Measure("one household, plain Python by hand, with sentences", control, "us")]
    for name, work in (("one household, outcome and amount", decide), ("one household, with sentences", explain)):
        value = cpu(work) / rounds * 1e6
        rows.append(Measure(name, value, "us", value / control))
    return rows


def _columns(programmes, changed, catalogue, size):
    load = made_caseload(size, catalogue)
    likely, refused, amount = by_hand(load)
    column = run_batch(load, programmes, ON)["bench"]
    if not (np.array_equal(column.outcome == 1, likely) and np.array_equal(column.outcome == 0, refused)):
        raise AssertionError("The control decides the caseload differently.")
    if not np.array_equal(column.low[likely], amount[likely]):
        raise AssertionError("The control pays differently.")
    control = cpu(lambda: by_hand(load))
    rows = [Measure(f"{size:,} households, NumPy by hand", control * 1e3, "ms")]
    works = {
        "outcomes": lambda: run_batch(load, programmes, ON, amounts=False),
        "outcomes and amounts": lambda: run_batch(load, programmes, ON),
        "and every criterion": lambda: run_batch(load, programmes, ON, criteria=True),
        "and the facts that block": lambda: run_batch(load, programmes, ON, criteria=True, blocking=True),
        "what if: two versions": lambda: what_if(load, programmes, changed, ON, criteria=False),
    }
    for name, work in works.items():
        value = cpu(work)
        rows.append(Measure(f"{size:,} households, {name}", value * 1e3, "ms", value / control))
    return rows


def run(sizes=(10_000, 100_000)):
    """Measures, prints the table and returns the Measures. Raises AssertionError when a control gives another answer."""
    catalogue = catalogue_from(fact_kinds())
    programmes = {"bench": compile_programme(rule(), ON, {}, catalogue)}
    changed = {"bench": compile_programme(rule(10000), ON, {}, catalogue)}
    rows = _single(programmes, catalogue)
    for size in sizes:
        rows += _columns(programmes, changed, catalogue, size)
    for row in rows:
        print(f"{row.name:<60} {row.value:>10.2f} {row.unit:<3} {'' if row.ratio is None else f'{row.ratio:.2f} x'}")
    return rows


if __name__ == "__main__":
    run()
