"""What the intake still has to ask: registered with `consent.needs`, so that asking and entitling never meet."""

import datetime as dt

from consent.needs import OpenFact
from eligibility.engine import Assessment, Rulebook, blocking_facts
from eligibility.interchange import InterchangeError
from eligibility.queries.catalogue import current_or_coming, in_force, needs_of_version, rulebook_of


class Asking:
    """The provider of `consent.needs`."""

    def open_questions(self, household: dict, on: dt.date, programmes: set[str] | None) -> list[OpenFact]:
        """The missing facts that still matter on `on` for `programmes` (None: all), the most settling first.

        Draft answers that cannot be (a birth in the future) settle nothing: they are told to the person where they are
        typed, and the facts they stand for count as missing here.
        """
        book = rulebook_of(in_force(on))
        codes = [code for code in book.definitions if programmes is None or code in programmes]
        answers = _assessed(book, household, on, codes)
        return [
            OpenFact(
                key=fact.key.removeprefix("people."),
                concept=fact.key if fact.key.startswith("household.") else f"person.{fact.key.rsplit('.', 1)[1]}",
                programmes=fact.advances,
                settles=len(fact.settles),
            )
            for fact in blocking_facts(answers)
            if fact.key != "household.people"
        ]

    def needed_concepts(self, programmes: set[str] | None) -> set[str]:
        """The catalogue codes that the published rules of `programmes` (None: all) read."""
        found: set[str] = set()
        for version in current_or_coming():
            if programmes is None or version.programme.code in programmes:
                found |= needs_of_version(version)
        return found


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
