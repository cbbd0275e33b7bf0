"""The workload written directly in NumPy, from the text of the rules and for one day, as a careful person would: pairs of masks (certainly
met, certainly not), what programmes share worked out once, no chunks."""

import numpy as np

from tests.bench.engines.workload import Facts

Pair = tuple[np.ndarray, np.ndarray]

INCOME = np.array([162_000, 238_000, 281_000, 324_000, 368_000, 411_000], dtype=np.int32)
LOW_INCOME = np.array([97_500, 146_000, 173_000, 200_000, 227_000, 254_000], dtype=np.int32)
SAVINGS = np.array([350_000, 650_000, 750_000, 850_000, 950_000, 1_050_000], dtype=np.int32)
RENT = np.array([77_000, 93_500, 110_000, 126_500, 143_000, 159_500], dtype=np.int32)
TAX = np.array([13_200, 16_500, 18_200, 19_800, 21_500, 23_100], dtype=np.int32)


def _both(*pairs: Pair) -> Pair:
    yes, no = pairs[0]
    for other in pairs[1:]:
        yes, no = yes & other[0], no | other[1]
    return yes, no


def _any(*pairs: Pair) -> Pair:
    yes, no = pairs[0]
    for other in pairs[1:]:
        yes, no = yes | other[0], no & other[1]
    return yes, no


def _not(pair: Pair) -> Pair:
    return pair[1], pair[0]


def decide(facts: Facts) -> dict[str, np.ndarray]:
    """{programme: 1 likely, 0 not likely, -1 unknown}."""
    v, missing = facts.values, facts.missing

    def known(truth: np.ndarray, *names: str) -> Pair:
        here = ~missing[names[0]]
        for name in names[1:]:
            here &= ~missing[name]
        return truth & here, ~truth & here

    def flag(name: str) -> Pair:
        return v[name], ~(v[name] | missing[name])

    def code(name: str, *wanted: int) -> Pair:
        table = np.zeros(len(facts.names[name]), dtype=bool)
        table[list(wanted)] = True
        return known(table[v[name]], name)

    disabled, carer, pregnant, student = flag("disabled"), flag("carer"), flag("pregnant"), flag("student")
    settled, arrears, veteran = flag("settled"), flag("in_arrears"), flag("veteran")
    covered, not_northern = code("nation", 0, 1, 2), code("nation", 0, 1, 2)
    anywhere = code("nation", 0, 1, 2, 3)
    dear, london = code("region", 5, 6, 7), code("region", 6)
    renting, homeless = code("tenure", 0, 1, 2), code("tenure", 5)
    low_band, high_band = code("band", 0, 1, 2, 3), code("band", 6, 7)
    idle, employed, paid_work = code("work", 2, 3, 4), code("work", 0), code("work", 0, 1)
    retired, unable = code("work", 3), code("work", 4)
    alone, couple, widowed = code("status", 0, 2, 3), code("status", 1), code("status", 2)

    adult, older, young = known(v["age"] >= 18, "age"), known(v["age"] >= 66, "age"), known(v["age"] < 25, "age")
    working_age = _both(adult, _not(older))
    months = v["months_here"]
    long_here, here = known(months >= 24, "months_here"), known(months >= 3, "months_here")
    hours = v["hours"]
    part_time, full_time, short_week = known(hours >= 16, "hours"), known(hours >= 35, "hours"), known(hours < 30, "hours")
    parent, few_children = known(v["children"] > 0, "children"), known(v["children"] <= 2, "children")
    size = v["size"]
    large, larger = known(size >= 5, "size"), known(size > 5, "size")
    rooms = known(v["bedrooms"] <= size + 1, "bedrooms", "size")
    line = np.clip(size, 1, 6) - 1

    savings = v["savings"]
    up_to_top, up_to_floor = known(savings <= 1_600_000, "savings"), known(savings <= 600_000, "savings")
    up_to_table, emergency = known(savings <= SAVINGS[line], "savings", "size"), known(savings <= 50_000, "savings")
    rent = v["rent"]
    modest_rent = known(rent <= RENT[line], "rent", "size")
    heavy = np.maximum(0, rent - 20_000)
    tax = v["council_tax"]
    pays_tax, modest_tax = known(tax >= 6_000, "council_tax"), known(tax <= TAX[line], "council_tax", "size")
    low_pay, low_pension = known(v["pay"] <= 85_000, "pay"), known(v["pension"] <= 110_000, "pension")

    # A sum that is over the limit already is over, though one part is missing: parts are never negative, 0 stands for a missing one.
    income = v["pay"] + v["pension"] + v["other_income"]
    whole = ~(missing["pay"] | missing["pension"] | missing["other_income"])
    sized = ~missing["size"]

    def within(limits: np.ndarray) -> Pair:
        low = income <= limits[line]
        return low & whole & sized, ~low & sized

    small_income, low_income = within(INCOME), within(LOW_INCOME)
    cold = income <= 160_000
    little_income = cold & whole, ~cold
    other = v["pension"] + v["other_income"] <= 110_000
    little_other = other & ~missing["pension"] & ~missing["other_income"], ~other
    has_rent = ~missing["rent"]
    weighs, heavier = rent * 3 > income, heavy * 3 > income
    rent_weighs = weighs & has_rent & whole, ~weighs & has_rent
    rent_is_heavy = heavier & has_rent & whole, ~heavier & has_rent

    rules = {
        "rent_help": [
            covered, _any(settled, long_here), adult, renting, modest_rent, up_to_top,
            _any(small_income, _both(disabled, _not(student))), rooms, _any(_not(student), parent, disabled), _any(rent_weighs, arrears),
        ],
        "heating_help": [
            covered, _any(older, disabled, _both(parent, pregnant)), _not(homeless), _any(little_income, _both(small_income, large)),
            up_to_table, _any(low_band, dear), _any(idle, short_week), _not(_both(student, alone)), _any(settled, here),
        ],
        "council_tax_help": [
            pays_tax, _any(modest_tax, disabled), _not(high_band), adult, _any(up_to_floor, _both(up_to_top, older)),
            _any(low_income, _both(carer, low_pay)), _any(_not(student), couple), here, _any(_not(london), arrears),
        ],
        "child_grant": [
            _any(parent, pregnant), _any(few_children, veteran), low_income, up_to_table, covered, settled,
            _any(part_time, carer, pregnant), _both(_not(older), _not(retired)),
        ],
        "carer_support": [
            carer, working_age, low_pay, _not(full_time), _not(student), _both(settled, here), up_to_top, not_northern,
            _any(little_other, larger),
        ],
        "work_bridge": [
            _any(idle, _not(part_time)), _any(_not(unable), veteran), working_age, _any(young, long_here, disabled), _not(student),
            _any(up_to_table, up_to_floor), small_income, _any(_not(dear), known(heavy >= 160_000, "rent")),
            _any(settled, _both(veteran, covered)),
        ],
        "pension_top_up": [
            older, low_pension, _any(low_income, _both(disabled, small_income)), _any(up_to_top, widowed),
            _any(_not(paid_work), _not(part_time)), anywhere, _any(here, settled), _any(alone, _not(large)),
        ],
        "hardship_fund": [
            emergency, _any(arrears, homeless, _both(pregnant, alone)), _any(low_income, _both(_not(modest_rent), small_income)),
            _any(rent_is_heavy, disabled), adult, covered, _any(low_band, homeless), _any(parent, disabled, older),
            _not(_both(student, _not(parent))), _not(_both(employed, full_time)),
        ],
    }  # fmt: skip
    found = {}
    for code_, criteria in rules.items():
        yes, no = _both(*criteria)
        found[code_] = yes.astype(np.int8) - ~(yes | no)
    return found
