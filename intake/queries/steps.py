"""What to ask next: only what some programme still needs, what settles most first, and how far the person is."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from consent import needs
from intake.definition import HOUSEHOLD, YOU, Option, Section
from intake.draft import Draft, Member, Slot
from intake.queries.hopes import hopes, towards
from intake.queries.routes import PRIVATE, Routes, decisive, is_private, worth

NOT_STARTED, STARTED, DONE = "not_started", "started", "done"
STAY = 1.9  # how much more a page counts that goes on with the part of the form the person is in
OF_THE_EVENT = 2.0  # how much more a page counts of a part that what happened brings forward


@dataclass(frozen=True)
class SectionState:
    """A section on the task list. state: not_started | started | done. pending: pages still to answer."""

    section: Section
    state: str
    pending: int


@dataclass(frozen=True)
class Promise:
    """What is certain: when these pages are answered, whatever the answers, these programmes (codes) are decided.

    A page falls away where an answer makes it needless. Without programmes: nobody can say, or only amounts are open.
    """

    pages: frozenset[str]
    programmes: frozenset[str]


@dataclass(frozen=True)
class Steps:
    """The walk through one draft at one moment.

    open: None when nobody says what matters: then all is asked. programmes: codes the person cares about, or all.
    """

    draft: Draft
    open: Sequence[needs.OpenProgramme] | None
    programmes: frozenset[str] | None = None

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Sections in the order of this draft: what happened in the person's life brings its sections forward."""
        event = self.draft.form.event(self.draft.event)
        first = event.first if event else ()
        all_sections = self.draft.form.sections
        start = [section for section in all_sections if any(question.always for question in section.questions)]
        chosen = [section for code in first for section in all_sections if section.code == code and section not in start]
        return (*start, *chosen, *(section for section in all_sections if section not in start and section not in chosen))

    @cached_property
    def _missing(self) -> frozenset[str]:
        return frozenset().union(*(programme.missing for programme in self.open or ()))

    @cached_property
    def _asked_again(self) -> frozenset[str]:
        """Answered pages of boxes that have a box now which they did not show then."""
        boxes = (slot for slot in self.draft.slots if slot.question.kind in {"which", "who"})
        return frozenset(slot.key for slot in boxes if self._has_new_boxes(slot))

    def _has_new_boxes(self, slot: Slot) -> bool:
        answer = self.draft.answer(slot)
        if self.open is None or answer is None or answer["not_sure"]:
            return False
        if slot.question.kind == "who":
            return any(member.id not in answer["values"]["shown"] for member in self.people(slot))
        return any(
            bool(self._opens(slot, option) & self._missing)
            and option.code not in answer["values"]["shown"]
            and self.draft.offers(slot, option)
            for option in slot.question.options
        )

    @cached_property
    def _pending(self) -> tuple[Slot, ...]:
        wanted = [slot for slot in self.draft.slots if self._is_wanted(slot)]
        covered = {slot.fact_key(fact) for slot in wanted for fact in slot.question.facts}
        return tuple(slot for slot in wanted if not self._waits(slot, covered))

    def _is_wanted(self, slot: Slot) -> bool:
        if self.draft.answer(slot) is not None and slot.key not in self._asked_again:
            return False
        if self.draft.applies(slot) is False or self.draft.is_refused(slot):
            return False
        question = slot.question
        if question.kind == "known":
            return any(entry["fresh"] for entry in self.draft.known.values())
        if question.kind in {"members", "name", "contact", "needs"}:
            return True
        if question.always and any(slot.fact_key(fact) not in self.draft.values for fact in question.facts):
            return True
        if any(slot.fact_key(fact) in self.draft.to_change for fact in question.asks):
            return True
        return any(self.is_open(key) for key in self.draft.keys_of(slot))

    def is_open(self, key: str) -> bool:
        """Whether a missing fact still matters to some programme."""
        return key not in self.draft.values if self.open is None else key in self._missing

    def _waits(self, slot: Slot, covered: set[str]) -> bool:
        """A condition is still unknown: an earlier question will tell, or nobody can."""
        if self.draft.applies(slot) is not None:
            return False
        for test in slot.question.when:
            if test.chosen:
                return True
            if test.fact and slot.fact_key(test.fact) in covered:
                return True
            if (test.age_from or test.age_below) and slot.fact_key("person.born_on") in covered:
                return True
        return False

    @cached_property
    def routes(self) -> Routes:
        """The ways to what is not known yet."""
        return Routes(self.draft, self._asked_again)

    @cached_property
    def _worth(self) -> dict[str, float]:
        found = worth(self.routes, self.open or (), self.draft.event)
        for slot in self._pending:
            if self._is_of_the_event(slot):
                found[slot.key] = found.get(slot.key, 0.0) * OF_THE_EVENT
            elif is_private(self.draft.form, slot.question):
                found[slot.key] = found.get(slot.key, 0.0) * PRIVATE
        return found

    @cached_property
    def _opening(self) -> str:
        """Key of the applicant's page about what happened, by whose door they came; "" without one."""
        event = self.draft.form.event(self.draft.event)
        return f"{YOU}/{event.opens_with}" if event and event.opens_with else ""

    @cached_property
    def _towards(self) -> dict[str, float]:
        """{slot key: worth} of the pages that lead to the first programme that fits; empty when one does, or none can."""
        chances = {slot.key: slot.question.chance / 100 for slot in self.draft.slots}
        private = [
            slot.key for slot in self._pending if not self._is_of_the_event(slot) and is_private(self.draft.form, slot.question)
        ]
        found = towards(self.routes, self.open or (), chances, private, self.draft.event)
        for slot in self._pending:
            if slot.key in found and self._is_of_the_event(slot):
                found[slot.key] *= OF_THE_EVENT
        return found

    def _is_of_the_event(self, slot: Slot) -> bool:
        """Whether what happened brings the page's part of the form forward."""
        event = self.draft.form.event(self.draft.event)
        return event is not None and slot.question.section in event.first

    @cached_property
    def pending(self) -> tuple[Slot, ...]:
        """The pages still to answer, part by part (optional parts left out)."""
        return tuple(slot for section in self.sections if not section.optional for slot in self.pending_in(section))

    def pending_in(self, section: Section) -> list[Slot]:
        """The pages of one section still to answer, in the order in which they are asked."""
        return sorted((slot for slot in self._pending if slot.question.section == section.code), key=self._order)

    def _order(self, slot: Slot) -> tuple[Any, ...]:
        """Pages of fixed order first, then the most settling, those about one person together."""
        return not _is_fixed(slot), -round(self._worth.get(slot.key, 0.0), 9), self._places[slot.subject], slot.question.position

    @cached_property
    def _places(self) -> dict[str, int]:
        return {HOUSEHOLD: -1} | {member.id: place for place, member in enumerate(self.draft.people)}

    def after(self, slot: Slot | None) -> Slot | None:
        """The page to show when `slot` is answered; None when done.

        First the page about what happened. While nothing fits yet, a page on the way to the first programme that may; else the one that settles most. To go on with
        the part of the form one is in counts more. Where nobody says what matters: the rest of the part, then the other parts.
        """
        now = slot.question.section if slot is not None else ""
        if now and (self.open is None or self.draft.form.section(now).optional):
            rest = self.pending_in(self.draft.form.section(now))
            if rest:
                return rest[0]
        if self.open is None:
            return next(iter(self.pending), None)
        sections = {section.code: number for number, section in enumerate(self.sections)}

        def rank(one: Slot) -> tuple[Any, ...]:
            section = one.question.section
            stay = STAY if section == now else 1.0
            first, then = (round(worth.get(one.key, 0.0) * stay, 9) for worth in (self._towards, self._worth))
            return (
                not _is_fixed(one),
                one.key != self._opening,
                -first,
                -then,
                section != now,
                sections[section],
                *self._order(one)[2:],
            )

        return min(self.pending, key=rank, default=None)

    @cached_property
    def decisive(self) -> dict[str, frozenset[str]]:
        """{code of an undecided programme: the pages after which it is decided for certain}."""
        return decisive(self.routes, self.open or ())

    def promise(self, slot: Slot | None = None) -> Promise:
        """The fewest pages, `slot` among them where it helps, that are certain to decide something; and all they decide."""
        goals = self.decisive
        with_this = [pages for pages in goals.values() if slot is None or slot.key in pages]
        best: frozenset[str] = frozenset()
        decided: frozenset[str] = frozenset()
        for pages in with_this or goals.values():
            within = frozenset(code for code, other in goals.items() if other <= pages)
            if not best or (len(pages), -len(within)) < (len(best), -len(decided)):
                best, decided = pages, within
        return Promise(best, decided)

    def left_open(self, key: str) -> Slot | None:
        """The page on which the person left a missing fact open: not sure, or would rather not say."""
        for slot in self._left:
            if key in self.draft.keys_of(slot):
                return slot
        return None

    @cached_property
    def _left(self) -> tuple[Slot, ...]:
        return tuple(slot for slot in self.answered if self.draft.answers[slot.key]["not_sure"])

    def waits_for(self, slot: Slot) -> list[needs.OpenProgramme]:
        """The undecided programmes that hang on this page among others: what may stay open when it is left out."""
        keys = self.draft.keys_of(slot)
        return [programme for programme in self.open or () if programme.is_undecided and programme.missing & keys]

    def before(self, slot: Slot) -> Slot | None:
        """The page answered before this one: where "Back" leads."""
        walked = sorted(
            (other for other in self.answered if other.key != slot.key),
            key=lambda other: self.draft.answers[other.key]["at"],
        )
        answer = self.draft.answer(slot)
        if answer is not None:
            walked = [other for other in walked if self.draft.answers[other.key]["at"] < answer["at"]]
        return walked[-1] if walked else None

    @cached_property
    def answered(self) -> tuple[Slot, ...]:
        """The pages that have an answer and still apply, in the order of the form."""
        return tuple(
            slot for slot in self.draft.slots if self.draft.answer(slot) is not None and self.draft.applies(slot) is not False
        )

    @cached_property
    def section_states(self) -> tuple[SectionState, ...]:
        """The task list. A section nobody needs anything from, and that has no answers, is left out."""
        states = []
        for section in self.sections:
            pending = len(self.pending_in(section))
            answered = any(slot.question.section == section.code for slot in self.answered)
            if not pending and not answered:
                continue
            states.append(SectionState(section, DONE if not pending else STARTED if answered else NOT_STARTED, pending))
        return tuple(states)

    @property
    def undecided(self) -> set[str]:
        """Codes of the programmes that the pending pages would help to decide, or to work out."""
        asked = frozenset().union(*(self.draft.keys_of(slot) for slot in self.pending))
        return {programme.code for programme in self.open or () if programme.missing & asked}

    def people(self, slot: Slot) -> list[Member]:
        """Those a "who" page has a box for: of whom something is open, and those it showed when it was answered."""
        before = (self.draft.answer(slot) or {"values": {}})["values"].get("shown", ())
        return [
            member
            for member in self.draft.candidates(slot.question)
            if member.id in before or any(self.is_open(key) for key in self.draft.keys_of(slot, member.id))
        ]

    def options(self, slot: Slot) -> list[Option]:
        """The boxes to show: those that may apply and that some programme reads, and those shown when it was answered."""
        if not slot.question.options:
            return []
        before = (self.draft.answer(slot) or {"values": {}})["values"].get("shown", ())
        needed = set() if self.open is None else needs.needed_concepts(set(self.programmes) if self.programmes else None)
        return [
            option
            for option in slot.question.options
            if self.draft.offers(slot, option)
            and (not needed or option.code in before or self._opens(slot, option) & (needed | self._missing))
        ]

    def _opens(self, slot: Slot, option: Option) -> frozenset[str]:
        """What a box answers or opens, as catalogue codes and as keys of the slot's subject."""
        facts = self.draft.form.option_facts(slot.question, option)
        return facts | {slot.fact_key(code) for code in facts}


def _is_fixed(slot: Slot) -> bool:
    """Whether the page has its place in the order of the form, whatever it settles."""
    return slot.question.always or slot.question.kind not in {"facts", "which", "who"}


def steps(draft: Draft, on: dt.date, programmes: Collection[str] = ()) -> Steps:
    """The walk through `draft` on the day `on`. programmes: codes the person cares about; empty means all."""
    wanted = frozenset(programmes) or None
    if not needs.has_provider():
        return Steps(draft, None, wanted)
    found = needs.open_programmes(
        draft.household, on, set(wanted) if wanted else None, draft.usual_household, hopes(draft, draft.answers)
    )
    return Steps(draft, found, wanted)
