"""A draft, read: who is in the household, what has been answered, what follows from it. Pure: the day is an argument.

A slot is one question about one subject; its key is "<subject>/<question>". The subject is "household", "you" (the
applicant) or a member's id. An answer is kept as {"values", "not_sure", "rev", "by", "at"}: `rev` counts the changes of
that one answer, so that two tabs can be told apart.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from intake.definition import HOUSEHOLD, YOU, Form, Option, Question, Test

KNOWN = f"{HOUSEHOLD}/known"  # the page on which what the record knows is confirmed


LEFT_OUT = "left_out"  # in the values of an answer: the person would rather not say


@dataclass(frozen=True)
class Member:
    """Somebody of the household as the draft knows them. id: "you" for the applicant. name: may be empty."""

    id: str
    role: str
    name: str = ""


@dataclass(frozen=True)
class Slot:
    """One question about one subject."""

    question: Question
    subject: str

    @cached_property
    def key(self) -> str:
        return f"{self.subject}/{self.question.code}"

    def fact_key(self, code: str) -> str:
        """The record's key of a fact code for this subject; "you" stands for the applicant."""
        return fact_key(code, self.subject)


def fact_key(code: str, subject: str) -> str:
    """ "household.rent" stays; "person.born_on" becomes "<subject>.born_on"."""
    level, name = code.split(".", 1)
    return code if level == HOUSEHOLD else f"{subject}.{name}"


def years(born_on: dt.date, on: dt.date) -> int:
    """Completed years of age. Born on 29 February: a year older on 1 March in common years (Family Law Reform Act 1969 s.9)."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


@dataclass(frozen=True)
class Draft:
    """What has been said so far.

    answers: {slot key: answer}. members: the others, as stored. known: {key: {"value", "at", "source", "by", "fresh"}},
    what the record held when the draft began, the applicant's keys under "you". on: the day of asking.
    """

    form: Form
    answers: Mapping[str, Mapping[str, Any]]
    members: Sequence[Mapping[str, Any]]
    known: Mapping[str, Mapping[str, Any]]
    on: dt.date
    event: str = ""

    @cached_property
    def people(self) -> tuple[Member, ...]:
        """The applicant first, then the others in the order of entry."""
        name = (self.answers.get(f"{YOU}/name") or {}).get("values", {}).get("full", "")
        others = (Member(member["id"], member["role"], member.get("name", "")) for member in self.members)
        return (Member(YOU, "applicant", name), *others)

    def person(self, subject: str) -> Member:
        """Raises KeyError."""
        return self._by_id[subject]

    @cached_property
    def _by_id(self) -> dict[str, Member]:
        return {member.id: member for member in self.people}

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """Every question about everybody it is about, in the order of the form."""
        found = []
        for question in self.form.questions.values():
            if question.is_about_household:
                found.append(Slot(question, HOUSEHOLD))
            else:
                found += [Slot(question, member.id) for member in self.people if member.role in question.about]
        return tuple(found)

    def slot(self, key: str) -> Slot:
        """Raises KeyError."""
        return {slot.key: slot for slot in self.slots}[key]

    def slot_of_fact(self, key: str) -> Slot | None:
        """The question that binds a fact, or else one that opens the way to it; `key` as the record writes it, the applicant's under "you"."""
        asked = [slot for slot in self.slots if self.applies(slot) is not False]
        for slot in asked:
            if self.applies(slot) and key in {slot.fact_key(code) for code in slot.question.facts}:
                return slot
        return next((slot for slot in asked if key in self.keys_of(slot)), None)

    def keys_of(self, slot: Slot, only: str = "") -> frozenset[str]:
        """Keys of the facts that an answer to a slot settles or opens the way to. only: of one person, where it is a page about several."""
        if slot.question.kind != "who":
            return frozenset(slot.fact_key(code) for code in self.form.covers(slot.question))
        people = [member.id for member in self.candidates(slot.question) if only in ("", member.id)]
        return frozenset(fact_key(code, id_) for code in self.form.covers(slot.question) for id_ in people)

    def candidates(self, question: Question) -> list[Member]:
        """Whom a question is about."""
        return [member for member in self.people if member.role in question.about]

    def answer(self, slot: Slot) -> Mapping[str, Any] | None:
        """The answer of a slot, or None."""
        return self.answers.get(slot.key)

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Everything known now, by the record's keys: fresh facts of the record, answers over them, and what follows.

        What follows: a question whose condition is false has its `otherwise` values; unticked boxes are "no".
        """
        return self._worked_out[0]

    @cached_property
    def to_change(self) -> frozenset[str]:
        """Keys of what the record knows and the person said is not right any more: asked again."""
        return frozenset(self.said(KNOWN).get("changed", ()))

    @cached_property
    def confirmed(self) -> frozenset[str]:
        """Keys of what the record knows and the person found right."""
        return frozenset(self.said(KNOWN).get("confirmed", ()))

    @cached_property
    def _worked_out(self) -> tuple[dict[str, Any], dict[str, Mapping[str, Any]]]:
        values = {key: entry["value"] for key, entry in self.known.items() if entry["fresh"] and key not in self.to_change}
        typists: dict[str, Mapping[str, Any]] = {}
        for entry in self.members:
            if entry.get("born_on"):
                key = fact_key("person.born_on", entry["id"])
                values[key], typists[key] = entry["born_on"], entry.get("by", {})
        for slot in self.slots:
            for key, value in self._settled_by(slot, values):
                values[key], typists[key] = value, (self.answer(slot) or {}).get("by", {})
        for question in self.form.questions.values():
            for member in self.people:
                if member.role not in question.about:
                    for code, value in question.others.items():
                        values.setdefault(fact_key(code, member.id), value)
        return values, typists

    def typist(self, key: str) -> Mapping[str, Any]:
        """Who typed the answer behind a value: {"source", "by", "user", "agency"}; empty where it follows from others."""
        return self._worked_out[1].get(key, {})

    def said(self, key: str) -> Mapping[str, Any]:
        """The values of the answer of a slot key; empty when there is none or the person was not sure."""
        answer = self.answers.get(key)
        return answer["values"] if answer and not answer["not_sure"] else {}

    def _settled_by(self, slot: Slot, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        question = slot.question
        if self._holds(question.when, slot.subject, values) is False:
            for code, value in question.otherwise.items():
                yield slot.fact_key(code), value
            for option in question.options:
                if option.fact:
                    yield slot.fact_key(option.fact), False
            return
        answer = self.answer(slot)
        if answer is None or answer["not_sure"]:
            return
        if question.kind == "which":
            yield from self._ticked(slot, answer["values"], values)
        elif question.kind == "facts":
            for code, value in answer["values"].items():
                yield slot.fact_key(code), value
                if question.shared_with:
                    for member in self.people:
                        if member.role == question.shared_with:
                            yield fact_key(code, member.id), value

    def _ticked(self, slot: Slot, given: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for option in slot.question.options:
            if not option.fact:
                continue
            if option.code in given["shown"]:
                yield slot.fact_key(option.fact), option.code in given["chosen"]
            elif self._holds(option.when, slot.subject, values) is False:
                yield slot.fact_key(option.fact), False

    def applies(self, slot: Slot) -> bool | None:
        """Whether the slot's condition holds; None while an earlier answer is missing."""
        if slot.key not in self._applying:
            alone = slot.question.kind == "who" and len(self.candidates(slot.question)) < 2
            self._applying[slot.key] = False if alone else self._holds(slot.question.when, slot.subject, self.values)
        return self._applying[slot.key]

    @cached_property
    def _applying(self) -> dict[str, bool | None]:
        return {}

    def is_refused(self, slot: Slot) -> bool:
        """Whether the slot's condition hangs on a fact the person would rather not say: then it is not asked either."""
        looked_at = {slot.fact_key(test.fact) for test in slot.question.when if test.fact} - self.values.keys()
        return not looked_at.isdisjoint(self._left_out)

    @cached_property
    def _left_out(self) -> frozenset[str]:
        """Keys of the facts on pages the person left out."""
        slots = [slot for slot in self.slots if (self.answer(slot) or {"values": {}})["values"].get(LEFT_OUT)]
        return frozenset(slot.fact_key(code) for slot in slots for code in slot.question.asks)

    def offers(self, slot: Slot, option: Option) -> bool:
        """Whether a box may be shown to this subject (an unknown condition shows it)."""
        return self._holds(option.when, slot.subject, self.values) is not False

    def holds(self, tests: Sequence[Test], subject: str) -> bool | None:
        """Whether all tests hold for a subject; None while an earlier answer is missing."""
        return self._holds(tests, subject, self.values)

    def _holds(self, tests: Sequence[Test], subject: str, values: Mapping[str, Any]) -> bool | None:
        results = [self._test(test, subject, values) for test in tests]
        if False in results:
            return False
        return None if None in results else True

    def _test(self, test: Test, subject: str, values: Mapping[str, Any]) -> bool | None:
        if test.has:
            return any(member.role == test.has for member in self.people)
        if test.chosen:
            return self._chosen(test, subject, values)
        if test.age_from is not None or test.age_below is not None:
            age = self.age(subject, values)
            if age is None:
                return None
            return (test.age_from is None or age >= test.age_from) and (test.age_below is None or age < test.age_below)
        key = fact_key(test.fact, subject)
        if key not in values:
            return None
        value = values[key]
        if value is None:
            return False
        return value in test.one_of if test.one_of else Decimal(str(value)) > Decimal(test.above)

    def _chosen(self, test: Test, subject: str, values: Mapping[str, Any]) -> bool | None:
        question = self.form.questions[test.chosen]
        asked = Slot(question, HOUSEHOLD if question.is_about_household else subject)
        if asked.subject != HOUSEHOLD and self.person(asked.subject).role not in question.about:
            return False
        if self._holds(question.when, asked.subject, values) is False:
            return False
        if question.kind == "who" and len(self.candidates(question)) < 2:
            return self.person(subject).role in question.about
        answer = self.answer(asked)
        if answer is None or answer["not_sure"]:
            return None
        if question.kind == "who":
            is_asked = subject in answer["values"]["shown"]
            return subject in answer["values"]["chosen"] if is_asked else None
        if set(test.option) & set(answer["values"]["chosen"]):
            return True
        hidden = [
            option for option in question.options if option.code in test.option and option.code not in answer["values"]["shown"]
        ]
        return None if any(self._holds(option.when, asked.subject, values) is not False for option in hidden) else False

    def age(self, subject: str, values: Mapping[str, Any] | None = None) -> int | None:
        """Completed years on the day of asking; None when the date of birth is not known."""
        born_on = (self.values if values is None else values).get(fact_key("person.born_on", subject))
        return years(dt.date.fromisoformat(born_on), self.on) if born_on else None

    @cached_property
    def household(self) -> dict[str, Any]:
        """The interchange form: what `consent.needs` is asked with."""
        return self._household(self.values)

    @cached_property
    def usual_household(self) -> dict[str, Any]:
        """The same household where the answers most people give stand for those that are missing."""
        usual: dict[str, Any] = {}
        for slot in self.slots:
            if slot.question.usually and self.applies(slot) is not False:
                usual |= {slot.fact_key(code): value for code, value in slot.question.usually.items()}
        return self._household({**usual, **self.values})

    def _household(self, values: Mapping[str, Any]) -> dict[str, Any]:
        shared = {}
        of_person: dict[str, dict[str, Any]] = {member.id: {} for member in self.people}
        for key, value in values.items():
            subject, name = key.split(".", 1)
            if subject == HOUSEHOLD:
                shared[name] = value
            elif subject in of_person:
                of_person[subject][name] = value
        people = [{"id": member.id, "role": member.role, **of_person[member.id]} for member in self.people]
        return {"household": shared, "people": people}

    @property
    def is_untouched(self) -> bool:
        """Nothing has been said yet."""
        return not self.answers and not any(not member.get("known") for member in self.members)
