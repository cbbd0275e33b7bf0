"""Worked examples from real households, with names removed: only the facts the rule may see, ages instead of days of birth, whole pounds.

Reads the pseudonymous typed facts as a machine for the whole caseload, and only when the caseload is so large that nobody stands out.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent.facts import fact
from consent.models import TypedFacts
from eligibility.cases import MISSING, NOT_APPLICABLE, read_cases
from eligibility.definition import Definition
from eligibility.engine import Assessment, Rulebook, assess, compile_programme
from eligibility.interchange import InterchangeError, read_household
from eligibility.language.types import PERIODS
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import definition_of, in_force, needs_of_version, rulebook_of
from eligibility.queries.preview import FEWEST
from eligibility.rules import catalogue
from portal.kit.actor import Actor, acting_as

MOST_SHOWN = 4  # households of each outcome
MOST_TRIED = 120
SAYS = "From a real case without names. Confirm the expected result"
_ROLES = {
    "applicant": gettext_lazy("Applicant"),
    "partner": gettext_lazy("Partner"),
    "child": gettext_lazy("Child"),
    "other_adult": gettext_lazy("Other adult"),
}
_LISTS = {"child": "children", "other_adult": "other_adults"}
Case = dict[str, Any]


@dataclass(frozen=True)
class Candidate:
    """One household one may choose. token: tells it apart on this page only. case: as it would be kept, its result expected."""

    token: str
    case: Case
    outcome: str
    amount: str
    people: list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True)
class Candidates:
    """What there is to choose from. is_enough: whether the caseload is large enough to show any of it."""

    is_enough: bool
    found: list[Candidate]


def candidates(version: ProgrammeVersion, *, on: dt.date, language: str) -> Candidates:
    """Some households of the caseload as examples of this version, a few of each outcome. Raises RuleError for a rule that does not work."""
    maker = _Maker(version, on)
    with acting_as(Actor.machine("examples", caseload=True)), transaction.atomic():
        tokens = maker.tokens()
        if len(tokens) < FEWEST:
            return Candidates(False, [])
        rows = _rows([tokens[token] for token in sorted(tokens)[:MOST_TRIED]])
    found: dict[str, list[Candidate]] = {"likely": [], "not_likely": [], "unknown": []}
    for token in sorted(tokens)[:MOST_TRIED]:
        made = maker.case_of(rows[tokens[token]]) if tokens[token] in rows else None
        if made is None or len(found[made[1].outcome]) == MOST_SHOWN:
            continue
        case, answer = made
        found[answer.outcome].append(
            Candidate(token, case, answer.outcome, answer.amount_words(language), _in_words(case, language))
        )
    return Candidates(True, [item for items in found.values() for item in items])


def chosen(version: ProgrammeVersion, token: str, *, on: dt.date) -> Case | None:
    """The household of a token as a worked example with its present result expected; None where there is none any more."""
    maker = _Maker(version, on)
    with acting_as(Actor.machine("examples", caseload=True)), transaction.atomic():
        tokens = maker.tokens()
        if len(tokens) < FEWEST or token not in tokens:
            return None
        row = _rows([tokens[token]])[tokens[token]]
    made = maker.case_of(row)
    return made[0] if made is not None else None


def _rows(ids: Iterable[UUID]) -> dict[UUID, tuple[dict[str, Any], list[dict[str, Any]]]]:
    found = TypedFacts.objects.filter(record_id__in=list(ids)).values_list("record_id", "household", "people")
    return {record_id: (home, people) for record_id, home, people in found}


class _Maker:
    """Turns households into examples of one version on one day."""

    def __init__(self, version: ProgrammeVersion, on: dt.date):
        self.version, self.on = version, on
        self.definition: Definition = definition_of(version)
        self.needs = needs_of_version(version)
        self.compiled = compile_programme(self.definition, on, {}, catalogue())
        self.others = self._others()
        used = {case.get("id") for case in self.definition.cases.get("case", ())}
        self.id = next(name for name in (f"real_{number}" for number in range(1, 10_000)) if name not in used)

    def _others(self) -> Rulebook | None:
        used = self.definition.programmes_used()
        if not used:
            return None
        return rulebook_of(version for version in in_force(self.on) if version.programme.code != self.definition.code)

    def tokens(self) -> dict[str, UUID]:
        """The records with facts, each under a token that says nothing about it and changes with the version."""
        ids = TypedFacts.objects.filter(version__gt=0).order_by("record_id").values_list("record_id", flat=True)
        return {salted_hmac("real case", f"{self.version.pk}{id_}", algorithm="sha256").hexdigest()[:24]: id_ for id_ in ids}

    def case_of(self, row: tuple[dict[str, Any], list[dict[str, Any]]]) -> tuple[Case, Assessment] | None:
        """The example with its result; None for a household whose facts cannot be read."""
        home, people = row
        case: Case = {"id": self.id, "says": SAYS, "on": self.on.isoformat()}
        case["household"] = self._facts(home, "household", "household")
        for person in people:
            facts = self._facts(person, "person", person["role"])
            if person["role"] in _LISTS:
                case.setdefault(_LISTS[person["role"]], []).append(facts)
            else:
                case[person["role"]] = facts
        try:
            if programmes := self._results(home, people):
                case["programmes"] = programmes
            answer = self._answer(case)
        except InterchangeError:
            return None
        case["expect"] = {"outcome": answer.outcome}
        if answer.outcome == "likely" and answer.amount is not None:
            case["expect"]["amount"] = f"{answer.amount:.2f}"
        if answer.outcome == "unknown":
            case["expect"]["missing"] = list(answer.missing)
        return case, answer

    def _facts(self, facts: Mapping[str, Any], level: str, given: str) -> dict[str, Any]:
        """What the rule may see of one subject, as cases.toml writes it; what is not known stays so against what every case is given."""
        out: dict[str, Any] = {}
        for name, value in facts.items():
            if name in ("id", "role") or f"{level}.{name}" not in self.needs:
                continue
            if name == "born_on":
                out["age"] = _age(dt.date.fromisoformat(value), self.on)
            else:
                out[name] = _written(value, fact(f"{level}.{name}").type)
        for name in self.definition.cases.get("given", {}).get(given, {}):
            other = "born_on" if name == "age" else name
            if name not in out and not (other == "born_on" and "age" in out):
                out[other] = MISSING
        return out

    def _results(self, home: Mapping[str, Any], people: list[dict[str, Any]]) -> dict[str, Any]:
        """What the other programmes give for this household, as a case states it."""
        if self.others is None:
            return {}
        household = read_household({"id": "case", "household": home, "people": people}, catalogue(), self.on)
        answers = self.others.assess(household, self.on)
        stated: dict[str, Any] = {}
        for code in sorted(self.definition.programmes_used() & set(answers)):
            answer = answers[code]
            if answer.outcome == "unknown":
                continue
            stated[code] = {"outcome": answer.outcome}
            if answer.outcome == "likely" and answer.amount is not None and answer.per in PERIODS:
                stated[code]["amount"] = f"{answer.amount:.2f} per {answer.per}"
        return stated

    def _answer(self, case: Case) -> Assessment:
        given = {"given": self.definition.cases.get("given", {}), "case": [{**case, "expect": {"outcome": "unknown"}}]}
        read = read_cases(replace(self.definition, cases=given), catalogue())[0]
        return assess(read.facts, {self.definition.code: self.compiled}, self.on, read.given)[self.definition.code]


def _age(born: dt.date, on: dt.date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _written(value: Any, kind: str) -> Any:
    """A fact as cases.toml writes it, money in whole pounds."""
    if value is None:
        return NOT_APPLICABLE
    if kind == "money":
        return f"{_pounds(value['amount'])} per {value['per']}"
    return _pounds(value) if kind == "amount" else value


def _pounds(amount: str) -> str:
    return f"{Decimal(amount).quantize(Decimal(1), ROUND_HALF_UP)}.00"


def _in_words(case: Case, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The facts of an example for people: (who, [(fact, value)]) for the household, then for each person."""
    subjects: list[tuple[str, str, dict[str, Any]]] = [(_("Household"), "household", case["household"])]
    subjects += [(str(_ROLES[role]), "person", case[role]) for role in ("applicant", "partner") if role in case]
    subjects += [(str(_ROLES[role]), "person", facts) for role, name in _LISTS.items() for facts in case.get(name, ())]
    return [
        (who, [(_label(level, name, language), _said(level, name, value, language)) for name, value in facts.items()])
        for who, level, facts in subjects
        if level == "person" or facts
    ]


def _label(level: str, name: str, language: str) -> str:
    return _("Age") if name == "age" else fact(f"{level}.{name}").words(language)


def _said(level: str, name: str, value: Any, language: str) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (MISSING, NOT_APPLICABLE):
        return _("not known") if value == MISSING else _("does not apply")
    kind = None if name == "age" else fact(f"{level}.{name}")
    return kind.choice_words(value, language) if kind is not None and value in kind.choices else str(value).replace("_", " ")
