"""What the walk promises is so: the shipped rules, the shipped form, households and answers by chance."""

import datetime as dt
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.facts import catalogue as fact_kinds
from consent.needs import OpenProgramme
from intake.actions.forms import read_document
from intake.definition import read_form
from intake.draft import Draft, Slot
from intake.queries.steps import Steps, steps
from tests.bench.questions import Truth
from tests.bench.strangers import strangers

ON = dt.date(2026, 11, 21)
FORM = read_form(read_document(), fact_kinds())
SAME_RULES = [HealthCheck.function_scoped_fixture]  # a rulebook that nothing changes
HOUSEHOLDS = list(strangers(60, ON, seed=11, forgetful=False))


class Walker:
    """Somebody who answers as one household would, or each page as another one would."""

    def __init__(self, number: int, seed: int):
        self.chance = random.Random(seed)
        citizen = HOUSEHOLDS[number]
        self.members = [
            {"id": f"m{place}", "role": person["role"], "born_on": person["facts"]["born_on"]}
            for place, person in enumerate(citizen.people[1:], start=1)
        ]
        self.truth = Truth(citizen)
        self.answers: dict[str, dict] = {}

    def now(self) -> Steps:
        draft = Draft(FORM, dict(self.answers), self.members, {}, ON)
        return steps(draft, ON)

    def answer(self, now: Steps, slot: Slot) -> None:
        said = self.truth.answer(now, slot)
        if slot.question.kind == "which" and self.chance.random() < 0.4:  # what the household would not say
            said["values"]["chosen"] = [code for code in said["values"]["shown"] if self.chance.random() < 0.5]
        if said["not_sure"]:
            said = {"values": {code: something(code) for code in slot.question.facts}, "not_sure": False}
        self.answers[slot.key] = {**said, "rev": 1, "by": {}, "at": f"{len(self.answers):06}"}


def something(code: str) -> object:
    """A value a fact may have."""
    kind = fact_kinds()[code]
    values = {
        "boolean": True,
        "money": {"amount": "10.00", "per": "week"},
        "amount": "10.00",
        "integer": 1,
        "decimal": "1",
        "text": "x",
    }
    return kind.choices[-1] if kind.choices else values[kind.type]


def undecided(now: Steps) -> set[str]:
    return {programme.code for programme in now.open or () if programme.is_undecided}


@given(number=st.integers(0, len(HOUSEHOLDS) - 1), answered=st.integers(2, 16), seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None, suppress_health_check=SAME_RULES)
def test_the_answers_that_are_named_decide_the_programmes_that_are_named(shipped_rules, number, answered, seed):
    walker = Walker(number, seed)
    last: Slot | None = None
    for _page in range(answered):
        now = walker.now()
        last = now.after(last)
        if last is None:
            return
        walker.answer(now, last)
    now = walker.now()
    promise = now.promise(now.after(last))
    assert promise.programmes <= undecided(now)
    asked = 0
    while left := [slot for slot in walker.now().pending if slot.key in promise.pages]:
        now = walker.now()
        walker.answer(now, walker.chance.choice(left))
        asked += 1
    assert asked <= len(promise.pages)
    assert not promise.programmes & undecided(walker.now())


@given(number=st.integers(0, len(HOUSEHOLDS) - 1), seed=st.integers(0, 10_000))
@settings(max_examples=10, deadline=None, suppress_health_check=SAME_RULES)
def test_when_nothing_is_left_to_ask_everything_is_decided(shipped_rules, number, seed):
    walker = Walker(number, seed)
    last: Slot | None = None
    for _page in range(80):
        now = walker.now()
        last = now.after(last)
        if last is None:
            assert not now.open
            return
        walker.answer(now, last)
    pytest.fail("the form does not end")


def test_the_next_page_helps_to_keep_the_promise(shipped_rules):
    walker = Walker(3, 1)
    last = None
    for _page in range(40):
        now = walker.now()
        last = now.after(last)
        if last is None:
            break
        promise = now.promise(last)
        helps = any(last.key in pages for pages in now.decisive.values())
        assert not helps or last.key in promise.pages
        walker.answer(now, last)


def test_a_fact_nobody_can_tell_promises_nothing():
    draft = Draft(FORM, {}, [{"id": "m1", "role": "child"}], {}, ON)
    lost = OpenProgramme("one", frozenset({"m1.born_on"}), ((frozenset({"m1.born_on"}),),))
    told = OpenProgramme("two", frozenset({"household.savings"}), ((frozenset({"household.savings"}),),))
    walk = Steps(draft, [lost, told])
    assert walk.promise().programmes == {"two"} and walk.promise().pages == {"household/savings"}
