"""What the intake still has to ask: registered with `consent.needs`, so that asking and entitling never meet."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language

from consent.needs import Hope, Offer, OpenProgramme, Prospect
from eligibility.engine import Assessment, Hoped, Rulebook, open_sides
from eligibility.interchange import InterchangeError
from eligibility.models.programme import AREAS
from eligibility.queries.catalogue import definition_of, in_force, needed_by_published, rulebook_in_force


class Asking:
    """The provider of `consent.needs`."""

    def open_programmes(
        self,
        household: dict,
        on: dt.date,
        programmes: set[str] | None,
        usual: dict | None = None,
        hopes: Sequence[Hope] = (),
    ) -> list[OpenProgramme]:
        """What is open on `on` of `programmes` (None: all), in order of code.

        Draft answers that cannot be (a birth in the future) settle nothing: they are told to the person where they are
        typed, and the facts they stand for count as missing here.
        """
        language = _language()
        book = rulebook_in_force(on)
        codes = [code for code in book.definitions if programmes is None or code in programmes]
        found = _assessed(book, household, on, codes)
        answers = {code: answer for code, answer in sorted(found.items()) if answer.missing}
        undecided = [code for code, answer in answers.items() if answer.outcome == "unknown"]
        usually = _assessed(book, usual, on, undecided) if usual and undecided else {}
        fits = any(answer.outcome == "likely" for answer in found.values())
        prospects = {} if fits else _prospects(household, hopes, [answers[code] for code in undecided], on)
        return [
            OpenProgramme(
                code,
                missing=_named(answer.missing),
                sides=_sides(answer),
                life_events=book.definitions[code].life_events,
                name=book.definitions[code].text("name", language),
                is_rare=code in usually and usually[code].outcome == "not_likely",
                usual_sides=_sides(usually[code]) if code in usually else (),
                prospects=prospects.get(code, ()),
            )
            for code, answer in answers.items()
        ]

    def needed_concepts(self, programmes: set[str] | None) -> set[str]:
        """The catalogue codes that the published rules of `programmes` (None: all) read."""
        return needed_by_published(programmes)

    def offers(self, on: dt.date) -> list[Offer]:
        """The programmes whose rules hold on `on`, in the order of the areas, with names in the active language."""
        language = _language()
        order = list(AREAS)
        found = [(version.programme.area, definition_of(version)) for version in in_force(on)]
        return [
            Offer(item.code, item.text("name", language), str(AREAS[area]), item.life_events)
            for area, item in sorted(found, key=lambda pair: (order.index(pair[0]), pair[1].code))
        ]


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _sides(answer: Assessment) -> tuple[tuple[frozenset[str], ...], ...]:
    return tuple(tuple(_named(way) for way in side) for side in open_sides(answer))


def _named(keys) -> frozenset[str]:
    """Keys of the engine as the port writes them."""
    return frozenset(key.removeprefix("people.") for key in keys)


def _prospects(
    household: dict, hopes: Sequence[Hope], answers: Sequence[Assessment], on: dt.date
) -> dict[str, tuple[tuple[Prospect, ...], ...]]:
    if not hopes or not answers:
        return {}
    keys = {hope.name: [key if key.startswith("household.") else f"people.{key}" for key in hope.facts] for hope in hopes}
    values = {key: value for hope in hopes for key, value in hope.facts.items()}
    known = {"id": "draft", **household}
    try:
        hoped = Hoped(known, _with(known, values), list(keys.items()), answers[0].programme.catalogue, on)
    except InterchangeError:  # a draft answer that cannot be: nothing to hope for until it is mended
        return {}
    return {answer.code: tuple(tuple(Prospect(*way) for way in side) for side in hoped.prospects(answer)) for answer in answers}


def _with(household: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The household with more values, by keys as the port writes them."""
    more: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        subject, name = key.split(".", 1)
        more.setdefault(subject, {})[name] = value
    return {
        **household,
        "household": {**household["household"], **more.get("household", {})},
        "people": [{**person, **more.get(person["id"], {})} for person in household["people"]],
    }


def _assessed(book: Rulebook, household: dict, on: dt.date, codes: list[str]) -> dict[str, Assessment]:
    try:
        return book.assess({"id": "draft", **household}, on, codes)
    except InterchangeError as error:
        return book.assess({"id": "draft", **_without(household, error.problems)}, on, codes)


def _without(household: dict, problems: list[str]) -> dict:
    """The household without the facts that the problems speak of (each begins with the fact's key and a colon)."""
    impossible = {problem.split(":", 1)[0] for problem in problems}
    return {
        **household,
        "household": {
            name: value for name, value in household.get("household", {}).items() if f"household.{name}" not in impossible
        },
        "people": [
            {name: value for name, value in person.items() if f"people.{person['id']}.{name}" not in impossible}
            for person in household.get("people", [])
        ],
    }
