"""Asking only what matters: questions of the one form against the sum of a form for each programme, over the demonstration's
households and others drawn by chance, walked as the intake walks.

A question is a page of the form. A person answers every page truthfully; what they do not know (a fact missing in their story)
they answer with "not sure". A separate form asks, in the same pages, everything its one programme reads and that applies to
the household, as a form on paper does; the sum runs over all programmes, as the one form settles all of them.
"""

import datetime as dt
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.utils import timezone

from casework.demonstration.cast import Citizen, citizens
from consent import needs
from eligibility.queries.catalogue import in_force, rulebook_of
from intake.definition import HOUSEHOLD, YOU, Form
from intake.draft import Draft, Slot
from intake.queries.forms import form_of, newest_revision
from intake.queries.steps import Steps, steps
from tests.bench.measure import Line
from tests.bench.stage import BASE, Stage
from tests.bench.strangers import strangers

MOST_SHARE, MOST_BEFORE_AN_ANSWER = 0.4, 8
STRANGERS = 60  # households nobody invented a story for
LONGEST = 400  # pages; a walk that does not end is a fault


@dataclass(frozen=True)
class Walk:
    """asked: pages answered until nothing is open. decided, likely: pages until the first programme was decided either way, and
    until one was found to fit (None when none does). choosing: milliseconds of CPU that each choice of the next page took."""

    asked: int
    decided: int
    likely: int | None
    choosing: tuple[float, ...] = ()


def measure(stage: Stage) -> Iterator[Line]:
    """The lines of the questions, over all households of the demonstration and over some drawn by chance."""
    stage.use(BASE)
    today = timezone.localdate()
    revision = newest_revision()
    assert revision is not None
    form = form_of(revision.pk)
    for name, people in {
        "of the demonstration": citizens(today),
        "drawn by chance": list(strangers(STRANGERS, today)),
    }.items():
        yield from _lines(name, form, people, today)


def _lines(name: str, form: Form, people: list[Citizen], today: dt.date) -> Iterator[Line]:
    codes = sorted(version.programme.code for version in in_force(today))
    reads = {code: needs.needed_concepts({code}) for code in codes}
    walks, separate = [], []
    for citizen in people:
        together, answered = walk(form, citizen, today)
        walks.append(together)
        separate.append(sum(ordinary(answered, reads[code]) for code in codes))
    asked = [one.asked for one in walks]
    share, most = sum(asked) / sum(separate), max(one / apart for one, apart in zip(asked, separate, strict=True))
    yield Line(
        "Asking", f"questions of the one form against {len(codes)} separate forms, {len(people)} households {name}",
        f"{sum(asked)} (median {median(asked):g})", f"{sum(separate)} (median {median(separate):g})",
        ratio=share, limit=f"≤ {MOST_SHARE:g} x", is_met=share <= MOST_SHARE,
    )  # fmt: skip
    yield Line(
        "Asking", f"the household with the largest share, {name}", f"{most:.0%}", limit=f"≤ {MOST_SHARE:.0%}",
        is_met=most <= MOST_SHARE,
    )  # fmt: skip
    decided = [one.decided for one in walks]
    yield Line(
        "Asking", f"questions until a programme is decided either way, {name}: median, most", f"{median(decided):g}, {max(decided)}",
        limit=f"≤ {MOST_BEFORE_AN_ANSWER}", is_met=max(decided) <= MOST_BEFORE_AN_ANSWER,
    )  # fmt: skip
    fitting = [one.likely for one in walks if one.likely is not None]
    soon = sum(pages <= MOST_BEFORE_AN_ANSWER for pages in fitting)
    yield Line(
        "Asking", f"questions until a programme is found to fit, {len(fitting)} households {name} that one fits: median, most",
        f"{median(fitting):g}, {max(fitting)}", f"{soon} of {len(fitting)} within {MOST_BEFORE_AN_ANSWER}",
        limit=f"≤ {MOST_BEFORE_AN_ANSWER}", is_met=soon == len(fitting),
    )  # fmt: skip
    choosing = sorted(took for one in walks for took in one.choosing)
    yield Line(
        "Asking", f"CPU of choosing the next question, {len(choosing)} choices {name}: median, one in a hundred is slower",
        f"{median(choosing):.2f} ms, {choosing[len(choosing) * 99 // 100]:.2f} ms",
    )  # fmt: skip


def ordinary(draft: Draft, read: Collection[str]) -> int:
    """How many pages an ordinary form for one programme has that reads the facts `read`. draft: a whole walk, answered."""
    found = 0
    for slot in draft.slots:
        question = slot.question
        if draft.applies(slot) is False or question.kind not in {"facts", "which", "who", "members"}:
            continue
        found += question.kind == "members" or question.always or bool(draft.form.covers(question) & set(read))
    return found


def walk(form: Form, citizen: Citizen, today: dt.date) -> tuple[Walk, Draft]:
    """Walk one household through the form for all programmes, and the draft when nothing is open any more."""
    truth = Truth(citizen)
    members = [{"id": f"m{place}", "role": person["role"]} for place, person in enumerate(citizen.people[1:], start=1)]
    answers: dict[str, dict[str, Any]] = {}
    undecided: set[str] | None = None
    book = rulebook_of(in_force(today))
    decided = 0
    likely: int | None = None
    last: Slot | None = None
    choosing: list[float] = []
    for number in range(LONGEST):
        draft = Draft(form=form, answers=answers, members=members, known={}, on=today)
        begun = time.process_time()
        now = steps(draft, today)
        following = now.after(last)
        now.promise(following)
        choosing.append((time.process_time() - begun) * 1000)
        still = {programme.code for programme in now.open or ()}
        if undecided is not None and not decided and undecided - still:
            decided = number
        if likely is None:
            found = book.assess({"id": "bench", **draft.household}, today).values()
            likely = number if any(item.outcome == "likely" for item in found) else None
        undecided = still
        last = following
        if last is None:
            return Walk(number, decided or number, likely, tuple(choosing)), draft
        if last.question.kind == "members":
            for member in members:
                if (born_on := truth.facts_of(member["id"]).get("born_on")) is not None:
                    member["born_on"] = born_on
        answers[last.key] = {**truth.answer(now, last), "rev": 1, "by": {}, "at": f"{number:06}"}
    raise AssertionError(f"{citizen.slug}: the form does not end")


class Truth:
    """What the person would say."""

    def __init__(self, citizen: Citizen):
        self._people = {YOU: citizen.people[0]["facts"]}
        self._people |= {f"m{place}": person["facts"] for place, person in enumerate(citizen.people[1:], start=1)}
        self._home = citizen.home

    def facts_of(self, subject: str) -> dict[str, Any]:
        """The facts of the household or of somebody in it."""
        return self._home if subject == HOUSEHOLD else self._people[subject]

    def knows(self, slot: Slot, code: str) -> tuple[bool, Any]:
        """Whether the person knows a fact of the slot's subject, and its value."""
        level, name = code.split(".", 1)
        facts = self._home if level == HOUSEHOLD else self._people[slot.subject]
        return name in facts, facts.get(name)

    def answer(self, now: Steps, slot: Slot) -> dict[str, Any]:
        """The answer to a page."""
        question = slot.question
        if question.kind == "which":
            shown = [option.code for option in now.options(slot)]
            opened = {option.code: now.draft.form.option_facts(question, option) for option in question.options}
            chosen = []
            for code in shown:
                others = set().union(*(facts for other, facts in opened.items() if other != code))
                if any(self._holds(slot, fact) for fact in (opened[code] - others or opened[code])):
                    chosen.append(code)
            return {"values": {"shown": shown, "chosen": chosen}, "not_sure": False}
        if question.kind == "who":
            shown = [member.id for member in now.people(slot)]
            codes = now.draft.form.covers(question)
            chosen = [id_ for id_ in shown if any(self._holds(Slot(question, id_), code) for code in codes)]
            return {"values": {"shown": shown, "chosen": chosen}, "not_sure": False}
        if question.kind != "facts":
            return {"values": {"done": True}, "not_sure": False}
        known = {code: self.knows(slot, code) for code in question.facts}
        if not all(is_known for is_known, _value in known.values()):
            return {"values": {}, "not_sure": True}
        return {"values": {code: value for code, (_known, value) in known.items()}, "not_sure": False}

    def _holds(self, slot: Slot, code: str) -> bool:
        """Whether a box is ticked for this fact: it is true, or there is something to tell."""
        _known, value = self.knows(slot, code)
        return value not in (None, False, "none", "0", 0)
