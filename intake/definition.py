"""A form as it was published: sections, questions, options and conditions, read from one document and checked.

Pure: no Django, no clock. The same document is stored as a `FormRevision` and hashed; see `intake/forms/main.toml`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from portal.life_events import LIFE_EVENTS, LifeEvent

ROLES = ("applicant", "partner", "child", "other_adult")
HOUSEHOLD = "household"
YOU = "you"  # how a draft calls the applicant until a record gives them an id
KINDS = {"facts", "which", "who", "members", "known", "name", "contact", "needs"}
CHANCE = 70  # of a hundred: how many answer a question so that it stands in nobody's way, where the form says nothing else
DOES_NOT_APPLY = "does_not_apply"  # written in TOML, which has no null


class FormError(ValueError):
    """The form's document is wrong; the message says where."""


@dataclass(frozen=True)
class Test:
    """One test of a condition.

    fact + one_of/above: about a fact of the household or of the person asked about. chosen + option: whether a
    "which of these" question has one of the options ticked; chosen alone: whether a "who" question has the person ticked. age_from, age_below: years on the day of asking.
    has: whether the household has a person in that role.
    """

    fact: str = ""
    one_of: tuple[Any, ...] = ()
    above: str = ""
    chosen: str = ""
    option: tuple[str, ...] = ()
    age_from: int | None = None
    age_below: int | None = None
    has: str = ""


@dataclass(frozen=True)
class Option:
    """One box of a "which of these" question. fact: a yes/no fact that the box answers (empty: it opens questions)."""

    code: str
    text: Mapping[str, str]
    hint: Mapping[str, str]
    fact: str
    when: tuple[Test, ...]


@dataclass(frozen=True)
class Question:
    """One page.

    facts: catalogue codes it answers. about: "household", or the roles of the people it is asked about. kind "who": one page for all of
    them, with a box for each, in place of one for each; who lives alone is not asked it.
    otherwise: fact code -> value that holds when the condition is false (None: does not apply). others: fact code -> value
    for people of the roles it is not asked about. usually: fact code -> the answer most people give; it only tells what to ask
    first. hopefully: fact code -> an answer with which programmes tend to fit, chance: how many of a hundred give such an
    answer; both only tell what to ask first.
    always: asked even when no programme needs it. optional: may be left empty. shared_with: role of a second person for
    whom the same answer counts. reference: name of a list of suggestions.
    """

    code: str
    section: str
    kind: str
    facts: tuple[str, ...]
    about: tuple[str, ...]
    text: Mapping[str, str]
    text_other: Mapping[str, str]
    short: Mapping[str, str]
    hint: Mapping[str, str]
    why: Mapping[str, str]
    when: tuple[Test, ...]
    otherwise: Mapping[str, Any]
    others: Mapping[str, Any]
    usually: Mapping[str, Any]
    hopefully: Mapping[str, Any]
    chance: int
    options: tuple[Option, ...]
    not_sure: bool
    always: bool
    optional: bool
    shared_with: str
    position: int

    @property
    def is_about_household(self) -> bool:
        return self.about == (HOUSEHOLD,) or self.kind == "who"

    @property
    def asks(self) -> tuple[str, ...]:
        """Fact codes that an answer itself settles, those of its boxes too."""
        return (*self.facts, *(option.fact for option in self.options if option.fact))

    @property
    def controls(self) -> set[str]:
        """Codes of the questions and facts that its conditions look at."""
        return {test.chosen or test.fact for test in self.when} - {""}


@dataclass(frozen=True)
class Section:
    """A part of the form. optional: the walk through the questions does not lead into it by itself."""

    code: str
    title: Mapping[str, str]
    hint: Mapping[str, str]
    questions: tuple[Question, ...]
    optional: bool


@dataclass(frozen=True)
class Event:
    """Something that happened in a life: a door into the same form.

    first: sections asked first. opens_with: code of the question about what happened, asked before others if anything hangs on it.
    """

    life_event: LifeEvent
    first: tuple[str, ...]
    opens_with: str = ""

    @property
    def code(self) -> str:
        """The code of the life event."""
        return self.life_event.code

    @property
    def text(self) -> Mapping[str, str]:
        """What a person would say, in each language."""
        return self.life_event.text


@dataclass(frozen=True)
class Form:
    """A whole form."""

    code: str
    title: Mapping[str, str]
    sections: tuple[Section, ...]
    events: tuple[Event, ...]

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """All questions by code, in order."""
        return {question.code: question for section in self.sections for question in section.questions}

    def section(self, code: str) -> Section:
        """Raises KeyError."""
        return {section.code: section for section in self.sections}[code]

    def event(self, code: str) -> Event | None:
        """The life event of that code, or None."""
        return next((event for event in self.events if event.code == code), None)

    def covers(self, question: Question) -> frozenset[str]:
        """Fact codes that an answer to `question` settles or opens the way to."""
        return self._covered[question.code]

    @cached_property
    def _covered(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for question in reversed(list(self.questions.values())):  # conditions look at earlier questions only
            facts = set(question.facts) | {option.fact for option in question.options if option.fact}
            for other in self.questions.values():
                if any(test.chosen == question.code for test in other.when):
                    facts |= found[other.code]
            found[question.code] = frozenset(facts)
        return found

    def option_facts(self, question: Question, option: Option) -> frozenset[str]:
        """Fact codes that one option answers or opens."""
        return self._opened[question.code, option.code]

    @cached_property
    def _opened(self) -> Mapping[tuple[str, str], frozenset[str]]:
        found = {}
        for question in self.questions.values():
            for option in question.options:
                facts = {option.fact} - {""}
                for other in self.questions.values():
                    if any(test.chosen == question.code and option.code in test.option for test in other.when):
                        facts |= set(other.facts)
                found[question.code, option.code] = frozenset(facts)
        return found

    def words(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Every text of the form with its place, for the translators' report."""
        yield "title", self.title
        for event in self.events:
            yield f"event {event.code}", event.text
        for section in self.sections:
            yield f"section {section.code}: title", section.title
            if section.hint:
                yield f"section {section.code}: hint", section.hint
            for question in section.questions:
                for name in ("text", "text_other", "short", "hint", "why"):
                    if words := getattr(question, name):
                        yield f"question {question.code}: {name}", words
                for option in question.options:
                    yield f"question {question.code}: option {option.code}", option.text
                    if option.hint:
                        yield f"question {question.code}: hint of {option.code}", option.hint


def canonical(document: Mapping[str, Any]) -> str:
    """The document as canonical JSON: what is hashed."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def read_form(document: Mapping[str, Any], known_facts: Mapping[str, Any]) -> Form:
    """The form that `document` describes, checked against the codes of the fact catalogue.

    known_facts: code -> FactKind (only `choices` and `type` are looked at). Raises FormError that names the place.
    """
    position = iter(range(1_000_000))
    sections = tuple(_section(entry, known_facts, position) for entry in document.get("sections", ()))
    form = Form(
        code=_need(document, "code", "form"),
        title=_words(document, "title", "form"),
        sections=sections,
        events=tuple(
            Event(_life_event(entry), tuple(entry.get("first", ())), entry.get("opens_with", ""))
            for entry in document.get("events", ())
        ),
    )
    _check_whole(form)
    return form


def _life_event(entry: Mapping[str, Any]) -> LifeEvent:
    code = _need(entry, "code", "event")
    if code not in LIFE_EVENTS:
        raise FormError(f"event {code}: there is no such life event. There are {', '.join(LIFE_EVENTS)}")
    return LIFE_EVENTS[code]


def _section(entry: Mapping[str, Any], known_facts: Mapping[str, Any], position: Iterator[int]) -> Section:
    code = _need(entry, "code", "a section")
    where = f"section {code}"
    return Section(
        code=code,
        title=_words(entry, "title", where),
        hint=_words(entry, "hint", where, optional=True),
        questions=tuple(_question(item, code, known_facts, next(position)) for item in entry.get("questions", ())),
        optional=bool(entry.get("optional", False)),
    )


def _question(entry: Mapping[str, Any], section: str, known_facts: Mapping[str, Any], position: int) -> Question:
    code = _need(entry, "code", f"a question of section {section}")
    where = f"question {code}"
    kind = entry.get("kind", "facts")
    if kind not in KINDS:
        raise FormError(f"{where}: kind {kind!r} is not one of {sorted(KINDS)}")
    facts = tuple(entry.get("facts", ()))
    about = tuple(entry.get("about", (HOUSEHOLD,)))
    if about != (HOUSEHOLD,) and (unknown := set(about) - set(ROLES)):
        raise FormError(f"{where}: nobody has the role {sorted(unknown)}")
    if kind == "facts" and not facts:
        raise FormError(f"{where}: name at least one fact")
    if kind == "who" and (facts or entry.get("options") or about == (HOUSEHOLD,)):
        raise FormError(f"{where}: its boxes are people: name their roles, and no facts or options")
    for fact in facts:
        _check_fact(fact, known_facts, where)
        if fact.startswith("person.") and about == (HOUSEHOLD,):
            raise FormError(f"{where}: {fact} is about a person, say about whom")
    otherwise = {fact: _value(value) for fact, value in entry.get("otherwise", {}).items()}
    others = {fact: _value(value) for fact, value in entry.get("others", {}).items()}
    usually = {fact: _value(value) for fact, value in entry.get("usually", {}).items()}
    hopefully = usually | {fact: _value(value) for fact, value in entry.get("hopefully", {}).items()}
    chance = entry.get("chance", CHANCE)
    if type(chance) is not int or not 0 < chance <= 100:
        raise FormError(f"{where}: chance is a whole number of a hundred, not {chance!r}")
    options = tuple(_option(item, known_facts, where) for item in entry.get("options", ()))
    if unknown := set(hopefully) - set(facts) - {option.fact for option in options}:
        raise FormError(f"{where}: usually or hopefully speaks of {sorted(unknown)}, which it does not ask")
    if unknown := (set(otherwise) | set(others)) - set(facts):
        raise FormError(f"{where}: otherwise or others speak of {sorted(unknown)}, which it does not ask")
    return Question(
        code=code,
        section=section,
        kind=kind,
        facts=facts,
        about=about,
        text=_words(entry, "text", where),
        text_other=_words(entry, "text_other", where, optional=kind == "who" or not _asks_others(about)),
        short=_words(entry, "short", where, optional=True),
        hint=_words(entry, "hint", where, optional=True),
        why=_words(entry, "why", where, optional=True),
        when=_tests(entry.get("when", ()), known_facts, where),
        otherwise={fact: otherwise.get(fact) for fact in facts} if entry.get("when") else {},
        others=others,
        usually=usually,
        hopefully=hopefully,
        chance=chance,
        options=options,
        not_sure=bool(entry.get("not_sure", kind in {"facts", "which", "who"})),
        always=bool(entry.get("always", False)),
        optional=bool(entry.get("optional", False)),
        shared_with=entry.get("shared_with", ""),
        position=position,
    )


def _asks_others(about: tuple[str, ...]) -> bool:
    return bool(set(about) - {HOUSEHOLD, "applicant"})


def _option(entry: Mapping[str, Any], known_facts: Mapping[str, Any], where: str) -> Option:
    code = _need(entry, "code", f"an option of {where}")
    fact = entry.get("fact", "")
    if fact:
        _check_fact(fact, known_facts, where)
        if known_facts[fact].type != "boolean":
            raise FormError(f"{where}: option {code} can only answer a yes/no fact, not {fact}")
    return Option(
        code=code,
        text=_words(entry, "text", f"{where}, option {code}"),
        hint=_words(entry, "hint", f"{where}, option {code}", optional=True),
        fact=fact,
        when=_tests(entry.get("when", ()), known_facts, where),
    )


def _tests(entries: Any, known_facts: Mapping[str, Any], where: str) -> tuple[Test, ...]:
    tests = []
    for entry in entries:
        if unknown := set(entry) - set(Test.__dataclass_fields__):
            raise FormError(f"{where}: a condition has no {sorted(unknown)}")
        fields = dict(entry)
        for name in ("one_of", "option"):
            fields[name] = tuple(fields.get(name, ()))
        if fact := fields.get("fact"):
            _check_fact(fact, known_facts, where)
            choices = set(known_facts[fact].choices)
            if choices and (unknown := set(fields["one_of"]) - choices):
                raise FormError(f"{where}: {fact} has no choice {sorted(unknown)}")
        if fields.get("has") and fields["has"] not in ROLES:
            raise FormError(f"{where}: nobody has the role {fields['has']}")
        tests.append(Test(**fields))
    return tuple(tests)


def _check_whole(form: Form) -> None:
    count = sum(len(section.questions) for section in form.sections)
    if count != len(form.questions):
        raise FormError("two questions have the same code")
    for event in form.events:
        asked = form.questions.get(event.opens_with)
        if event.opens_with and (asked is None or "applicant" not in asked.about):
            raise FormError(f"event {event.code}: {event.opens_with} is no question to the person themself")
    bound: dict[str, set[str]] = {}
    for question in form.questions.values():
        for test in question.when:
            if test.chosen:
                asked = form.questions.get(test.chosen)
                if asked is None or asked.position > question.position:
                    raise FormError(f"question {question.code}: its condition looks at {test.chosen}, which is not asked before")
                if bool(test.option) is (asked.kind == "who"):
                    raise FormError(f"question {question.code}: name options of {test.chosen} where it has some, and else none")
                if unknown := set(test.option) - {option.code for option in asked.options}:
                    raise FormError(f"question {question.code}: {test.chosen} has no option {sorted(unknown)}")
        for fact in question.facts:
            roles = bound.setdefault(fact, set())
            if twice := roles & set(question.about):
                raise FormError(f"question {question.code}: {fact} is already asked about {sorted(twice)}")
            roles |= set(question.about)
    for event in form.events:
        if unknown := set(event.first) - {section.code for section in form.sections}:
            raise FormError(f"event {event.code}: there is no section {sorted(unknown)}")


def _check_fact(code: str, known_facts: Mapping[str, Any], where: str) -> None:
    if code not in known_facts:
        raise FormError(f"{where}: the catalogue has no fact {code}")


def _need(entry: Mapping[str, Any], name: str, where: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise FormError(f"{where}: {name} is missing")
    return value


def _words(entry: Mapping[str, Any], name: str, where: str, optional: bool = False) -> Mapping[str, str]:
    words = entry.get(name)
    if words is None and optional:
        return {}
    if not isinstance(words, Mapping) or not words.get("en"):
        raise FormError(f"{where}: {name} needs at least an English text")
    return words


def _value(value: Any) -> Any:
    return None if value == DOES_NOT_APPLY else value
