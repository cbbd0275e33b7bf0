"""What is asked next: conditions, what follows from answers, and only what some programme still needs."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from consent import needs
from consent.facts import catalogue
from consent.needs import OpenProgramme
from intake.actions.forms import read_document
from intake.definition import read_form
from intake.draft import Draft, years
from intake.queries.steps import DONE, Promise, steps

ON = dt.date(2026, 11, 21)
FORM = read_form(read_document(), catalogue())


def said(values: dict[str, Any] | None = None, *, not_sure: bool = False, at: str = "1") -> dict[str, Any]:
    return {"values": values or {}, "not_sure": not_sure, "rev": 1, "by": {"source": "self"}, "at": at}


def ticked(
    *chosen: str, shown: tuple[str, ...] = ("pay", "self_employment", "private_pension", "savings_interest")
) -> dict[str, Any]:
    return said({"chosen": list(chosen), "shown": list(shown)})


def draft(
    answers: dict[str, Any] | None = None, members: tuple[dict, ...] = (), known: dict | None = None, event: str = ""
) -> Draft:
    start = {"you/born_on": said({"person.born_on": "1990-04-02"}), "household/members": said({"done": True})}
    return Draft(FORM, start | (answers or {}), members, known or {}, ON, event)


CHILD = {"id": "c1", "role": "child", "name": "Mo", "born_on": "2019-01-30"}
PARTNER = {"id": "p2", "role": "partner", "name": "Ali", "born_on": "1988-01-01"}


class Asker:
    """A provider that wants what it is told."""

    def __init__(self, *programmes: OpenProgramme, concepts: set[str] = frozenset()):
        self.open, self.concepts = list(programmes), concepts

    def open_programmes(self, household, on, programmes, usual=None, hopes=()):
        self.household, self.programmes = household, programmes
        return self.open

    def needed_concepts(self, programmes):
        return self.concepts


def wants(code: str, *sides: str | tuple[str, ...], life_events: tuple[str, ...] = ()) -> OpenProgramme:
    """An undecided programme: of each side one fact must be known (a tuple: any one of several)."""
    ways = tuple(tuple(frozenset({key}) for key in ((side,) if isinstance(side, str) else side)) for side in sides)
    return OpenProgramme(code, frozenset(key for side in ways for way in side for key in way), ways, life_events)


def pending(one: Draft, **options: Any) -> list[str]:
    return [slot.key for slot in steps(one, ON, **options).pending]


def test_rent_waits_for_the_kind_of_home_and_falls_away_for_owners():
    assert "household/rent" not in pending(draft())
    assert "household/rent" in pending(draft({"household/tenure": said({"household.tenure": "private_rent"})}))
    owner = draft({"household/tenure": said({"household.tenure": "owned_outright"})})
    assert "household/rent" not in pending(owner)
    assert owner.values["household.rent"] is None
    unsure = draft({"household/tenure": said(not_sure=True)})
    assert "household/rent" in pending(unsure)
    assert "household.rent" not in unsure.values


def test_boxes_open_questions_and_settle_the_others():
    one = draft({"you/which_money": ticked("pay")})
    keys = pending(one)
    assert "you/earnings" in keys and "you/self_employment" not in keys
    assert one.values["you.self_employment"] is None
    assert one.values["you.state_pension"] is None  # not offered at 36
    nothing = draft({"you/which_money": ticked()})
    assert nothing.values["you.hours_worked_weekly"] == 0 and nothing.values["you.earnings"] is None
    unsure = draft({"you/which_money": said(not_sure=True)})
    assert "you.earnings" not in unsure.values and "you/earnings" not in pending(unsure)


def test_a_box_that_was_not_shown_says_nothing():
    one = draft({"you/which_money": ticked("pay", shown=("pay",))})
    assert "you.self_employment" not in one.values


def test_boxes_answer_yes_and_no():
    one = draft({"you/which_situation": ticked("pregnant", shown=("pregnant", "in_education", "losing_home", "leaving_prison"))})
    assert one.values["you.pregnant"] is True and one.values["you.in_education"] is False
    assert one.values["you.leaving_prison_within_days"] is None
    assert "household.threatened_with_homelessness_within_days" in one.values


def test_questions_about_children_and_what_one_answer_says_for_two():
    one = draft({"you/married": said({"person.married_or_civil_partner": True})}, (PARTNER, CHILD))
    assert one.values["p2.married_or_civil_partner"] is True
    assert one.values["c1.earnings"] is None and one.values["c1.hours_worked_weekly"] == 0
    assert one.values["c1.childcare_costs"] is None
    assert "c1/child_education" in pending(one)
    alone = draft()
    assert alone.values["you.married_or_civil_partner"] is False


def test_only_what_a_programme_needs_is_asked(monkeypatch):
    asker = Asker(wants("uc", "household.savings"), wants("pc", "household.savings"), concepts={"household.savings"})
    monkeypatch.setattr(needs, "_providers", [asker])
    walk = steps(draft(), ON, {"uc"})
    assert [slot.key for slot in walk.pending] == ["household/savings"]
    assert walk.undecided == {"uc", "pc"}
    assert asker.programmes == {"uc"}
    you = asker.household["people"][0]
    assert (you["id"], you["role"], you["born_on"], you["childcare_costs"]) == ("you", "applicant", "1990-04-02", None)
    assert "earnings" not in you


def test_a_needed_amount_is_reached_through_its_boxes(monkeypatch):
    asker = Asker(wants("uc", "you.earnings"), concepts={"person.earnings"})
    monkeypatch.setattr(needs, "_providers", [asker])
    assert pending(draft()) == ["you/which_money"]
    walk = steps(draft(), ON)
    assert [option.code for option in walk.options(walk.pending[0])] == ["pay"]
    assert pending(draft({"you/which_money": ticked("pay", shown=("pay",))})) == ["you/earnings"]


def test_what_settles_most_comes_first_in_its_section(monkeypatch):
    asker = Asker(
        wants("a", "household.council_tax_band"),
        wants("b", "household.council_tax_band"),
        wants("c", "household.nation"),
        wants("d", "household.bedrooms", "household.savings", "you.caring_hours_weekly"),
    )
    monkeypatch.setattr(needs, "_providers", [asker])
    rented = draft({"household/tenure": said({"household.tenure": "private_rent"})})
    assert [key for key in pending(rented) if key.startswith("household/")][:3] == [
        "household/council_tax_band",
        "household/nation",
        "household/bedrooms",
    ]


def test_what_is_begun_is_brought_to_an_end(monkeypatch):
    asker = Asker(
        wants("long", *(f"you.{name}" for name in ("earnings", "take_home_pay", "caring_hours_weekly", "disabled", "sex"))),
        wants("short", "household.nation", "household.savings"),
    )
    monkeypatch.setattr(needs, "_providers", [asker])
    assert steps(draft(), ON).after(None).key in {"household/nation", "household/savings"}


def test_the_topic_changes_only_for_something_better(monkeypatch):
    equal = Asker(wants("a", "household.nation"), wants("b", "household.savings"), wants("c", "household.tenure"))
    monkeypatch.setattr(needs, "_providers", [equal])
    one = draft()
    walk = steps(one, ON)
    assert walk.after(one.slot("household/rent")).key in {"household/nation", "household/tenure"}
    assert walk.after(one.slot("you/which_money")).key == "household/savings"
    better = Asker(wants("a", "household.nation"), wants("b", "household.savings"), wants("c", "household.savings"))
    monkeypatch.setattr(needs, "_providers", [better])
    assert steps(one, ON).after(one.slot("household/rent")).key == "household/savings"


def test_health_comes_after_the_rest_unless_it_matters(monkeypatch):
    monkeypatch.setattr(needs, "_providers", [Asker(wants("a", "you.disabled"), wants("b", "household.savings"))])
    assert steps(draft(), ON).after(None).key == "household/savings"
    ill = [wants("a", "you.disabled", life_events=("illness_or_disability",)), wants("b", "household.savings")]
    monkeypatch.setattr(needs, "_providers", [Asker(*ill)])
    assert steps(draft(event="illness_or_disability"), ON).after(None).key == "you/disabled"


def test_what_few_people_get_comes_late(monkeypatch):
    rare = replace(wants("a", "household.nation"), is_rare=True)
    monkeypatch.setattr(needs, "_providers", [Asker(rare, wants("b", "household.savings"))])
    assert steps(draft(), ON).after(None).key == "household/savings"


def test_the_answers_most_people_give_are_only_for_the_order():
    one = draft({"you/disabled": said({"person.disabled": True})}, (CHILD,))
    you, child = one.usual_household["people"]
    assert you["disabled"] is True and you["pip_daily_living"] == "none" and child["in_education"] is True
    assert "pip_daily_living" not in one.household["people"][0]
    assert "savings" not in one.usual_household["household"]


def test_boxes_that_matter_now_are_put_once_more(monkeypatch):
    answered = {"you/which_money": ticked("pay", shown=("pay",)), "you/earnings": said({"person.earnings": None})}
    monkeypatch.setattr(needs, "_providers", [Asker(wants("a", "you.private_pension"), concepts={"person.private_pension"})])
    walk = steps(draft(answered), ON)
    assert walk.after(None).key == "you/which_money"
    assert [option.code for option in walk.options(walk.after(None))] == ["pay", "private_pension"]
    again = {**answered, "you/which_money": ticked("pay", shown=("pay", "private_pension"))}
    assert "you/which_money" not in pending(draft(again))


def test_the_promise_counts_the_pages_before_a_page_too(monkeypatch):
    asker = Asker(wants("a", "household.rent"), wants("b", "household.tenure"), wants("c", "you.earnings", "household.savings"))
    monkeypatch.setattr(needs, "_providers", [asker])
    one = draft()
    walk = steps(one, ON)
    assert walk.promise(one.slot("household/tenure")) == Promise(frozenset({"household/tenure"}), frozenset({"b"}))
    assert walk.promise(one.slot("household/rent")).pages == {"household/tenure", "household/rent"}
    assert walk.promise(one.slot("household/rent")).programmes == {"a", "b"}
    assert walk.promise(one.slot("household/savings")).pages == {"you/which_money", "you/earnings", "household/savings"}
    unsure = draft({"you/which_money": said(not_sure=True)})
    assert steps(unsure, ON).promise(unsure.slot("household/savings")).programmes == {"b"}, "what c needs nobody can tell"


def test_not_sure_is_not_asked_again(monkeypatch):
    monkeypatch.setattr(needs, "_providers", [Asker(wants("uc", "household.savings"))])
    walk = steps(draft({"household/savings": said(not_sure=True)}), ON)
    assert walk.pending == () and walk.undecided == set()


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        ("you/caring_hours", "you/cared_for", "you.cared_for_gets_disability_benefit"),
        ("you/disabled", "you/too_ill_to_prepare", "you.limited_capability_for_work_related_activity"),
        ("household/tenure", "household/rent", "household.rent"),
    ],
)
def test_who_would_rather_not_say_is_not_asked_the_next_thing_about_it(monkeypatch, before, after, missing):
    monkeypatch.setattr(needs, "_providers", [Asker(wants("a", missing), wants("b", "household.savings"))])
    left = draft({before: said({"left_out": True}, not_sure=True)})
    walk = steps(left, ON)
    assert after not in [slot.key for slot in walk.pending]
    assert walk.promise().programmes == {"b"}, "what hangs on it nobody can tell"
    unsure = steps(draft({before: said(not_sure=True)}), ON)
    assert after in [slot.key for slot in unsure.pending], "who is not sure of one thing may know the next"
    assert unsure.promise(left.slot(after)).programmes == {"a"}


def test_what_happened_brings_its_sections_forward():
    assert [one.code for one in steps(draft(event="illness_or_disability"), ON).sections][:4] == [
        "you",
        "household",
        "health",
        "money",
    ]
    assert pending(draft(event="unheard_of"))


@pytest.mark.parametrize(
    ("event", "page"),
    [
        ("lost_my_job", "you/which_money"),
        ("having_a_baby", "you/which_situation"),
        ("losing_my_home", "you/which_situation"),
        ("leaving_prison", "you/which_situation"),
        ("caring_for_someone", "you/caring_hours"),
        ("illness_or_disability", "you/disabled"),
    ],
)
def test_the_door_opens_on_what_happened(monkeypatch, event, page):
    asker = Asker(
        *(wants(code, "household.nation") for code in "abcd"),
        *(wants(code, f"you.{name}") for code, name in [("e", "pregnant"), ("f", "disabled"), ("g", "caring_hours_weekly")]),
        wants("h", "you.earnings"),
    )
    monkeypatch.setattr(needs, "_providers", [asker])
    assert steps(draft(event=event), ON).after(None).key == page
    assert steps(draft(), ON).after(None).key == "household/nation"
    monkeypatch.setattr(needs, "_providers", [Asker(wants("a", "household.nation"))])
    assert steps(draft(event=event), ON).after(None).key == "household/nation", "nothing hangs on what happened"


def test_fresh_facts_are_not_asked_and_stale_ones_are():
    def entry(value, fresh):
        return {"value": value, "at": "2026-10-01T10:00:00+00:00", "source": "self", "by": "", "fresh": fresh}

    one = draft(known={"household.nation": entry("england", True), "household.savings": entry("5.00", False)})
    keys = pending(one)
    assert "household/nation" not in keys and "household/savings" in keys
    assert "household.savings" not in one.values
    assert keys[0].endswith("known")


def test_the_way_back_is_the_way_one_came():
    one = draft(
        {
            "you/born_on": said({"person.born_on": "1990-04-02"}, at="1"),
            "household/members": said({"done": True}, at="2"),
            "household/nation": said({"household.nation": "wales"}, at="3"),
        }
    )
    walk = steps(one, ON)
    assert walk.before(one.slot("household/tenure")).key == "household/nation"
    assert walk.before(one.slot("household/nation")).key == "household/members"
    assert walk.before(one.slot("you/born_on")) is None


def test_section_states():
    states = {state.section.code: state.state for state in steps(draft(), ON).section_states}
    assert states["money"] == "not_started" and states["household"] == DONE


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ((2004, 2, 29), (2026, 2, 28), 21),
        ((2004, 2, 29), (2026, 3, 1), 22),
        ((1990, 4, 2), (2026, 4, 2), 36),
        ((1990, 4, 2), (2026, 4, 1), 35),
    ],
)
def test_ages(born, on, age):
    assert years(dt.date(*born), dt.date(*on)) == age
