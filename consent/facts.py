"""The fact catalogue, read once from `facts.toml`: what a case record can know, in whose words, how sensitive, how long fresh."""

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

CATEGORIES: dict[str, object] = {
    "identity": _("Your name"),
    "contact": _("How to reach you"),
    "household": _("Who lives with you"),
    "income": _("Your money"),
    "housing": _("Your home"),
    "health": _("Your health and care"),
    "education": _("School and training"),
    "justice": _("Prison and probation"),
}
TYPES = {"money", "amount", "integer", "decimal", "boolean", "date", "choice", "text", "identity"}


@dataclass(frozen=True)
class FactKind:
    """One entry of the catalogue (CCCEV 2.1 InformationConcept).

    code: "household.rent", "person.born_on", "identity.name". level: household | person. least, most: bounds of numbers.
    fresh_days: how long an answer may be used without asking again. if_so, if_not: a condition on it as a sentence, {language: text}.
    """

    code: str
    level: str
    type: str
    category: str
    label: Mapping[str, str]
    term: str
    fresh_days: int
    sensitivity: str = "normal"
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    choice_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    if_so: Mapping[str, str] = field(default_factory=dict)
    if_not: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The part after the level: "rent", "born_on"."""
        return self.code.split(".", 1)[1]

    def is_fresh(self, told_at: dt.datetime, now: dt.datetime) -> bool:
        """Whether an answer told at `told_at` may still be used at `now` without asking again."""
        return now - told_at <= dt.timedelta(days=self.fresh_days)

    def words(self, language: str | None = None) -> str:
        """The label in `language` (default: the active one), else in English."""
        return in_language(self.label, language)

    def choice_words(self, choice: str, language: str | None = None) -> str:
        """The label of one of the choices; the code itself, spaced, where no label is written."""
        words = self.choice_labels.get(choice)
        return in_language(words, language) if words else choice.replace("_", " ")


def in_language(words: Mapping[str, str], language: str | None = None) -> str:
    """The text of a {language: text} table in `language` (default: the active one), else in English."""
    wanted = (language or get_language() or "en").split("-")[0]
    return words.get(wanted) or words["en"]


@cache
def catalogue() -> Mapping[str, FactKind]:
    """All fact kinds by code. Raises ValueError for an entry with an unknown type or category."""
    raw = tomllib.loads((Path(__file__).parent / "facts.toml").read_text(encoding="utf-8"))
    kinds: dict[str, FactKind] = {}
    for group, entries in raw.items():
        for name, entry in entries.items():
            code = f"{group}.{name}"
            if entry["type"] not in TYPES or entry["category"] not in CATEGORIES:
                raise ValueError(f"facts.toml: {code} has an unknown type or category")
            entry["choices"] = tuple(entry.get("choices", ()))
            kinds[code] = FactKind(code=code, **entry)
    return kinds


def fact(code: str) -> FactKind:
    """The fact kind of `code`. Raises KeyError with the code when the catalogue has none."""
    return catalogue()[code]


def categories_of(codes) -> set[str]:
    """The categories that the given fact codes fall into."""
    return {fact(code).category for code in codes}
