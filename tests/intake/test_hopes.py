"""The way to a first programme that fits: what is asked while nothing does, with made programmes and with the shipped ones."""

import datetime as dt

import pytest

from casework.demonstration.cast import Citizen, citizens
from consent import needs
from consent.facts import catalogue, fact
from consent.needs import MET, NOT_MET, OPEN, OpenProgramme, Prospect
from consent.values import parse_value
from intake.actions.forms import read_document
from intake.definition import FormError, read_form
from intake.draft import Draft, Slot
from intake.queries.hopes import hopes
from intake.queries.steps import Steps, steps
from tests.bench.questions import Truth
from tests.bench.strangers import strangers

ON = dt.date(2026, 11, 21)
FORM = read_form(read_document(), catalogue())
SOON = 8  # questions
BEGUN = {
    "you/born_on": {"values": {"person.born_on": "1990-04-02"}, "not_sure": False, "at": "1"},
    "household/members": {"values": {"done": True}, "not_sure": False, "at": "2"},
}


def draft(answers: dict | None = None, members: tuple[dict, ...] = (), event: str = "") -> Draft:
    return Draft(FORM, BEGUN | (answers or {}), members, {}, ON, event)


def hoped(code: str, *sides: tuple[str, str], events: tuple[str, ...] = ()) -> OpenProgramme:
    """An undecided programme with sides of one way: (what is missing, how it turns out if things go well)."""
    ways = tuple((frozenset({key}),) for key, _outcome in sides)
    pages = {"household.savings": "household/savings", "household.nation": "household/nation", "you.disabled": "you/disabled"}
    prospects = tuple((Prospect(outcome, frozenset({pages[key]}) if outcome == MET else frozenset()),) for key, outcome in sides)
    return OpenProgramme(code, frozenset(key for key, _outcome in sides), ways, events, prospects=prospects)


def next_page(*programmes: OpenProgramme, event: str = "") -> str:
    return Steps(draft(event=event), list(programmes)).after(None).key


def test_what_is_likelier_to_fit_comes_first():
    assert next_page(hoped("a", ("household.savings", NOT_MET)), hoped("b", ("household.nation", MET))) == "household/nation"
    assert next_page(hoped("a", ("household.savings", MET)), hoped("b", ("household.nation", NOT_MET))) == "household/savings"


def test_the_shorter_way_comes_first():
    long = hoped("a", ("household.tenure", OPEN), ("household.local_authority", OPEN), ("household.region", OPEN))
    assert next_page(long, hoped("b", ("household.savings", MET))) == "household/savings"


def test_a_page_on_the_way_to_several_comes_first_on_the_way():
    one = hoped("a", ("household.savings", MET), ("household.nation", MET))
    two = hoped("b", ("household.tenure", OPEN), ("household.nation", MET))
    assert next_page(one, two) == "household/nation"


def test_a_programme_that_only_hangs_on_health_waits_unless_that_is_what_happened():
    ill = hoped("a", ("you.disabled", MET), events=("illness_or_disability",))
    other = hoped("b", ("household.local_authority", OPEN), ("household.tenure", OPEN), ("household.savings", MET))
    assert next_page(ill, other) != "you/disabled"
    assert next_page(ill, other, event="illness_or_disability") == "you/disabled"


def test_where_nobody_hopes_the_page_that_settles_most_is_asked():
    plain = [OpenProgramme(code, frozenset({key}), ((frozenset({key}),),)) for code, key in (("a", "household.tenure"),)]
    assert next_page(*plain) == "household/tenure"


def test_hopes_are_for_open_pages_and_each_is_an_answer_the_catalogue_takes():
    members = ({"id": "p2", "role": "partner", "born_on": "1988-01-01"}, {"id": "c1", "role": "child", "born_on": "2019-01-30"})
    one = draft({"household/tenure": {"values": {"household.tenure": "council_rent"}, "not_sure": False, "at": "3"}}, members)
    found = {hope.name: hope.facts for hope in hopes(one, one.answers)}
    assert "household/tenure" not in found and found["household/rent"]
    assert found["you/which_money"]["you.take_home_pay"] is None, "no box ticked: no such money"
    assert found["household/who_benefits"]["c1.dla_care"] == "none"
    assert "you/take_home_pay" not in found, "it is asked when a box is ticked"
    for facts in found.values():
        for key, value in facts.items():
            kind = fact(key if key.startswith("household.") else f"person.{key.split('.', 1)[1]}")
            if value is not None:
                parse_value(kind, value)


def test_a_ticked_box_is_hoped_about_in_its_own_right():
    ticked = {"values": {"shown": ["losing_home"], "chosen": ["losing_home"]}, "not_sure": False, "at": "3"}
    one = draft({"you/which_situation": ticked})
    found = {hope.name: hope.facts for hope in hopes(one, one.answers)}
    assert found["you/threatened_days"] == {"household.threatened_with_homelessness_within_days": 30}


@pytest.mark.parametrize("chance", [0, 101, "often", 0.5, True])
def test_a_chance_is_so_many_of_a_hundred(chance):
    document = read_document()
    document["sections"][0]["questions"][1]["chance"] = chance
    with pytest.raises(FormError, match="chance"):
        read_form(document, catalogue())


def test_hopes_only_order_the_questions(shipped_rules, monkeypatch):
    """What is asked when all is answered, and what is promised, is the same without them."""
    now = steps(draft(), ON)
    assert any(programme.prospects for programme in now.open)
    plain = Steps(now.draft, needs.open_programmes(now.draft.household, ON, None, now.draft.usual_household))
    assert not any(programme.prospects for programme in plain.open)
    assert {slot.key for slot in plain.pending} == {slot.key for slot in now.pending}
    assert plain.decisive == now.decisive
    assert plain.after(None) != now.after(None)


def test_once_something_fits_nothing_is_hoped_for(shipped_rules):
    child = ({"id": "c1", "role": "child", "born_on": "2019-01-30"},)
    one = draft({"household/nation": {"values": {"household.nation": "england"}, "not_sure": False, "at": "3"}}, child)
    found = needs.open_programmes(one.household, ON, None, one.usual_household, hopes(one, one.answers))
    assert found and not any(programme.prospects for programme in found), "Child Benefit fits"


def test_an_answer_that_cannot_be_is_no_reason_to_hope(shipped_rules):
    one = draft({"you/born_on": {"values": {"person.born_on": "2990-04-02"}, "not_sure": False, "at": "1"}})
    found = needs.open_programmes(one.household, ON, None, one.usual_household, hopes(one, one.answers))
    assert found and not any(programme.prospects for programme in found)


def pages_until_something_fits(book, citizen: Citizen) -> int | None:
    """Pages until the first programme is found to fit; None when none does."""
    truth = Truth(citizen)
    members = [{"id": f"m{place}", "role": person["role"]} for place, person in enumerate(citizen.people[1:], start=1)]
    answers: dict[str, dict] = {}
    last: Slot | None = None
    for number in range(100):
        one = Draft(FORM, answers, members, {}, ON)
        if any(answer.outcome == "likely" for answer in book.assess({"id": "one", **one.household}, ON).values()):
            return number
        now = steps(one, ON)
        last = now.after(last)
        if last is None:
            return None
        if last.question.kind == "members":
            for member in members:
                if (born_on := truth.facts_of(member["id"]).get("born_on")) is not None:
                    member["born_on"] = born_on
        answers[last.key] = {**truth.answer(now, last), "rev": 1, "by": {}, "at": f"{number:06}"}
    raise AssertionError(f"{citizen.slug}: the form does not end")


def test_everybody_in_the_demonstration_hears_soon_of_something_that_fits(shipped_rules):
    pages = {one.slug: pages_until_something_fits(shipped_rules, one) for one in citizens(ON)}
    found = {slug: number for slug, number in pages.items() if number is not None}
    assert len(found) > 30
    assert {slug: number for slug, number in found.items() if number > SOON} == {}


def test_nearly_everybody_else_hears_soon_of_something_that_fits(shipped_rules):
    found = [number for one in strangers(60, ON) if (number := pages_until_something_fits(shipped_rules, one)) is not None]
    assert len(found) > 40
    assert sum(number <= SOON for number in found) >= 0.9 * len(found)
