"""On random programmes and households: what is found about changes is what trying day by day, and fact by fact, gives."""

from copy import deepcopy
from datetime import date, timedelta
from random import Random

import pytest

from eligibility.definition import Definition
from eligibility.engine import Rulebook, changes_ahead, outlook, ways_out
from eligibility.language.values import Unknown, shifted
from tests.eligibility.language.made import CATALOGUE, SHARED, Maker, household, programme

START = date(2027, 11, 15)  # before the birthdays of the random people, and before the limits of April 2028
DAYS = 150
AGES = (3, 16, 18, 66)
SEEDS = (0, 11, 54, 77, 82, 83, 91, 106, 115, 125, 175, 182, 279, *range(1, 8))  # with many a change


def random_case(seed):
    """A Rulebook of two random programmes that test dates, and a random household with dates around these days."""
    random = Random(seed)
    rulebook = Rulebook({"one": dated(random, "one"), "two": dated(random, "two", ["one"])}, SHARED, CATALOGUE)
    data = household(random, missing=random.choice([0, 0, 0.2]))
    for holder, name, years in [(data["household"], "moved_on", [0]), *((one, "born_on", AGES) for one in data["people"])]:
        if name in holder:
            day = START + timedelta(days=random.randint(-30, DAYS))
            holder[name] = shifted(day, -random.choice(years), "years").isoformat()
    return rulebook, data


def dated(random, code, programmes=()):
    maker = Maker(random, (), programmes)
    data = programme(random, code, programmes, depth=2).to_dict()
    when = [f"{maker.day(2)} {maker.pick('<', '<=', '==')} {maker.day(2)}", f"{maker.number(1)} <= {maker.person()}.age"]
    data["criteria"][0]["when"] = f"{random.choice(when)} or {maker.yes(1)}"
    return Definition.from_dict({**data, "criteria": data["criteria"][:2], "variants": []})


def day_by_day(rulebook, data, code):
    """The definition: the days on which outcome or amount of one programme differ from those of the day before."""
    before, found = rulebook.assess(data, START, [code])[code], []
    for number in range(1, DAYS + 1):
        day = START + timedelta(days=number)
        after = rulebook.assess(data, day, [code])[code]
        if (after.outcome, after.amount) != (before.outcome, before.amount):
            found.append((day, before.outcome, after.outcome, before.amount, after.amount))
        before = after
    return found


def looked_ahead(rulebook, data):
    changes = changes_ahead(rulebook.assess(data, START), rulebook, DAYS)
    return {
        code: [(item.on, item.before, item.after, item.amount_before, item.amount_after) for item in items]
        for code, items in changes.items()
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_looking_ahead_finds_what_every_single_day_gives(seed):
    rulebook, data = random_case(seed)
    assert looked_ahead(rulebook, data) == {code: day_by_day(rulebook, data, code) for code in rulebook.definitions}


def test_the_random_programmes_do_change_by_themselves():
    """The property above would say nothing about programmes that never change."""
    found = [change for seed in SEEDS for items in looked_ahead(*random_case(seed)).values() for change in items]
    assert len(found) > 10


@pytest.mark.parametrize("seed", range(40))
def test_ways_out_are_those_that_trying_every_fact_finds(seed, monkeypatch):
    rulebook, data = random_case(seed)
    ready, answers = rulebook.on(START), rulebook.assess(data, START)
    found = {code: ways_out(answer, ready) for code, answer in answers.items()}
    monkeypatch.setattr(outlook, "_decisive", lambda *_: set(CATALOGUE))
    assert found == {code: ways_out(answer, ready) for code, answer in answers.items()}
    for code, ways in found.items():
        for way in ways:
            assert rulebook.assess(changed(data, way), START)[code].outcome == "likely"


def changed(data, way):
    """The household with the fact of a way out changed as it says."""
    out = deepcopy(data)
    level, *rest = way.key.split(".")
    holder = out["household"] if level == "household" else next(item for item in out["people"] if item["id"] == rest[0])
    holder[rest[-1]] = way.value
    return out


def test_an_answer_for_a_stretch_of_days_names_the_day_only_where_it_matters(make, store, catalogue):
    definition = make({"grown": "applicant.age >= 18"})
    ready = Rulebook({definition.code: definition}, store, catalogue).on(START)[definition.code]
    home = {"id": "h", "people": [{"id": "p1", "role": "applicant", "born_on": "2010-01-10"}]}
    (answer,) = Rulebook({definition.code: definition}, store, catalogue).assess(home, START).values()

    def truth(first, last):
        result, _ = ready.run(answer.result.env.household, Unknown(outlook.DAY, first, last), {})
        return result.truth

    assert truth(START, date(2028, 1, 9)) is False
    assert truth(date(2028, 1, 10), date(2028, 3, 1)) is True
    assert truth(START, date(2028, 1, 10)).missing == outlook.DAY
