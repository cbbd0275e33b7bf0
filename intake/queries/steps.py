"""What to ask next: only what some programme still needs, what settles most first, and how far the person is."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from consent import needs
from intake.definition import HOUSEHOLD, Option, Section
from intake.draft import Draft, Slot

NOT_STARTED, STARTED, DONE = "not_started", "started", "done"


@dataclass(frozen=True)
class SectionState:
    """A section on the task list. state: not_started | started | done. pending: pages still to answer."""

    section: Section
    state: str
    pending: int


@dataclass(frozen=True)
class Steps:
    """The walk through one draft at one moment.

    open_facts: None when nobody says what matters: then all is asked. programmes: codes the person cares about, or all.
    """

    draft: Draft
    open_facts: dict[str, needs.OpenFact] | None
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
    def _pending(self) -> tuple[Slot, ...]:
        wanted = [slot for slot in self.draft.slots if self._is_wanted(slot)]
        covered = {slot.fact_key(fact) for slot in wanted for fact in slot.question.facts}
        asked = {slot.key for slot in wanted}
        return tuple(slot for slot in wanted if not self._waits(slot, covered, asked))

    def _is_wanted(self, slot: Slot) -> bool:
        if self.draft.answer(slot) is not None or self.draft.applies(slot) is False:
            return False
        question = slot.question
        if question.kind == "known":
            return any(entry["fresh"] for entry in self.draft.known.values())
        if question.kind in {"members", "name", "contact", "needs"}:
            return True
        if question.always and any(slot.fact_key(fact) not in self.draft.values for fact in question.facts):
            return True
        return any(self.is_open(slot.fact_key(fact)) for fact in self.draft.form.covers(question))

    def is_open(self, key: str) -> bool:
        """Whether a missing fact still matters to some programme."""
        if self.open_facts is None:
            return key not in self.draft.values
        return key in self.open_facts

    def _waits(self, slot: Slot, covered: set[str], asked: set[str]) -> bool:
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

    def settles(self, slot: Slot) -> int:
        """How many programmes this page could decide by itself."""
        facts = self.open_facts or {}
        keys = {slot.fact_key(fact) for fact in self.draft.form.covers(slot.question)}
        return max((facts[key].settles for key in keys if key in facts), default=0)

    @cached_property
    def pending(self) -> tuple[Slot, ...]:
        """The pages still to answer, in the order in which they are asked (optional sections left out)."""
        return tuple(slot for section in self.sections if not section.optional for slot in self.pending_in(section))

    def pending_in(self, section: Section) -> list[Slot]:
        """The pages of one section still to answer: those of fixed order first, then the most settling."""
        people = {HOUSEHOLD: -1} | {member.id: place for place, member in enumerate(self.draft.people)}
        mine = [slot for slot in self._pending if slot.question.section == section.code]
        return sorted(
            mine,
            key=lambda slot: (
                not (slot.question.always or (slot.question.kind != "facts" and slot.question.kind != "which")),
                -self.settles(slot),
                people[slot.subject],
                slot.question.position,
            ),
        )

    def after(self, slot: Slot | None) -> Slot | None:
        """The page to show when `slot` is answered: the rest of its section, then the other sections; None when done."""
        if slot is not None:
            rest = self.pending_in(self.draft.form.section(slot.question.section))
            if rest:
                return rest[0]
        return next(iter(self.pending), None)

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
        """Codes of the programmes that the pending pages would help to decide."""
        asked = {slot.fact_key(code) for slot in self.pending for code in self.draft.form.covers(slot.question)}
        return {code for key, fact in (self.open_facts or {}).items() if key in asked for code in fact.programmes}

    def options(self, slot: Slot) -> list[Option]:
        """The boxes to show: those that may apply and that some programme reads."""
        if not slot.question.options:
            return []
        needed = set() if self.open_facts is None else needs.needed_concepts(set(self.programmes) if self.programmes else None)
        return [
            option
            for option in slot.question.options
            if self.draft.offers(slot, option) and (not needed or self.draft.form.option_facts(slot.question, option) & needed)
        ]


def steps(draft: Draft, on: dt.date, programmes: Collection[str] = ()) -> Steps:
    """The walk through `draft` on the day `on`. programmes: codes the person cares about; empty means all."""
    wanted = frozenset(programmes) or None
    if not needs.has_provider():
        return Steps(draft, None, wanted)
    facts = needs.open_questions(draft.household, on, set(wanted) if wanted else None)
    return Steps(draft, {fact.key: fact for fact in facts}, wanted)
