"""A record's results in the reader's words: one card for each programme, likely ones first.

The words are made anew from what each determination kept (its inputs, its version of the rule, its day), so that a page
in any language says exactly what was found, and no fact is read again.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from consent.models import CaseRecord
from consent.queries.own import source_words
from eligibility.definition import Definition
from eligibility.engine import Assessment, CriterionResult, Rulebook, assess, way_words
from eligibility.interchange import read_value
from eligibility.language.wording import day as day_words
from eligibility.language.wording import money as money_words
from eligibility.models import Determination, ProgrammeVersion, Screening
from eligibility.queries.catalogue import in_force, rulebook_of, rules_digest
from eligibility.queries.openings import Opening, openings
from eligibility.queries.overlaps import Paid, overlaps, together
from eligibility.queries.presentation import proofs_of, ways_to_apply
from eligibility.queries.screening import is_fresh
from eligibility.queries.what_if import monthly
from eligibility.rules import catalogue

WORKING, READY, REFUSED = "working", "ready", "refused"
GROUPS = ("likely", "unknown", "not_likely")
_MOST_WAYS = 3
MOST_ANSWERS = 6  # of one reason, until those that say "none of this" are only counted
# Facts a person can change, and may be told about. "It would fit if you had no home" helps nobody.
_CAN_CHANGE = {
    "household.savings",
    "household.rent",
    "person.earnings",
    "person.take_home_pay",
    "person.self_employment",
    "person.savings_interest",
    "person.childcare_costs",
    "person.hours_worked_weekly",
    "person.caring_hours_weekly",
}


@dataclass(frozen=True)
class Card:
    """One programme's guide, in words. question: key of the fact to ask for next, "" for none. facts: what it was worked out from.

    monthly, once: pounds that it pays regularly, and one time; takes_off: codes of what counts in full as income here, counts: of what is
    in the amount already; notes: what that means beside the other cards. opening: whether it takes applications on the day of the page.
    evidence: as `presentation.proofs_of`. contacts: the programme's own; phone: the agency's.
    """

    code: str
    slug: str
    outcome: str
    programme: str
    agency: str
    summary: str
    amount: str
    reasons: list[dict[str, Any]]
    others: list[dict[str, Any]]
    ways_out: list[str]
    changes: list[str]
    missing: list[str]
    question: str
    question_label: str
    steps: list[str]
    evidence: list[dict[str, Any]]
    opening: Opening
    contacts: Mapping[str, Any]
    phone: str
    version_number: int
    on: dt.date
    facts: Mapping[str, Any]
    monthly: Decimal
    once: Decimal
    takes_off: tuple[str, ...]
    counts: tuple[str, ...]
    local_rule: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Results:
    """A record's results. state: working (a job will bring them) | ready | refused (the gate let nothing out: `reason`)."""

    state: str
    on: dt.date
    cards: Mapping[str, list[Card]] = field(default_factory=lambda: {group: [] for group in GROUPS})
    reason: str = ""

    @property
    def monthly(self) -> Decimal:
        """Pounds a month that the programmes which fit pay regularly, charges taken off."""
        return together({card.code: card.monthly for card in self.likely}, {card.code: card.takes_off for card in self.likely})

    @property
    def once(self) -> Decimal:
        """Pounds that the programmes which fit pay one time."""
        return sum((card.once for card in self.likely), Decimal(0))

    @property
    def likely(self) -> list[Card]:
        return self.cards["likely"]

    @property
    def unknown(self) -> list[Card]:
        return self.cards["unknown"]

    @property
    def not_likely(self) -> list[Card]:
        return self.cards["not_likely"]

    @property
    def everything(self) -> list[Card]:
        return [card for group in GROUPS for card in self.cards[group]]

    @property
    def can_apply(self) -> bool:
        """Whether the person can apply here by themselves for something that is likely."""
        return any(card.opening.is_open and card.opening.is_online for card in self.likely)

    @property
    def can_apply_at_counter(self) -> bool:
        """Whether an officer can apply with them for something that is likely."""
        return any(card.opening.is_open and card.opening.is_at_counter for card in self.likely)


def results_for(record: CaseRecord, on: dt.date) -> Results:
    """The results that hold on `on`; `state` is "working" while they do not yet."""
    versions = in_force(on)
    screening = Screening.objects.filter(record=record).first()
    if screening is None or not is_fresh(screening, record_version=record.version, rules=rules_digest(versions), on=on):
        return Results(WORKING, on)
    if screening.refused:
        return Results(REFUSED, screening.on, reason=screening.refused)
    book, language = rulebook_of(versions), (get_language() or "en").split("-")[0]
    cards: dict[str, list[Card]] = {group: [] for group in GROUPS}
    states = openings(versions, on, language)
    for determination in latest(record, versions):
        card = card_of(determination, book, language, states[determination.programme_version.programme.code])
        cards[card.outcome].append(card)
    for group in cards.values():
        group.sort(key=lambda card: card.programme)
    return Results(READY, screening.on, beside_each_other(cards))


def beside_each_other(cards: Mapping[str, list[Card]]) -> dict[str, list[Card]]:
    """The cards by group with what one payment does to another, as far as the cards tell what is paid."""
    shown = [card for group in ("likely", "unknown") for card in cards[group]]
    notes = overlaps({card.code: Paid(card.programme, card.monthly, card.takes_off, card.counts) for card in shown})
    return {group: [replace(card, notes=tuple(notes.get(card.code, ()))) for card in cards[group]] for group in cards}


def latest(record: CaseRecord, versions: Iterable[ProgrammeVersion]) -> list[Determination]:
    """What each of the versions last said about the record as it is now."""
    rows = Determination.objects.filter(
        record=record, record_version=record.version, programme_version__in=list(versions)
    ).select_related("programme_version__programme__agency")
    return list({row.programme_version_id: row for row in rows.newest_last()}.values())


def assessment_of(determination: Determination, book: Rulebook) -> Assessment:
    """The engine's answer again, from what the determination kept. The version must be in the rulebook."""
    code = determination.programme_version.programme.code
    compiled = book.on(determination.on)[code]
    inputs = determination.inputs
    return assess(inputs["facts"], {code: compiled}, determination.on, inputs.get("programmes"))[code]


def card_of(determination: Determination, book: Rulebook, language: str, opening: Opening) -> Card:
    """A determination as a card in `language`. opening: of its programme, on the day of the page."""
    answer = assessment_of(determination, book)
    definition = answer.programme.definition
    programme = determination.programme_version.programme
    deciding, others = _reasons(answer, determination.explanation.get("sources", {}), language)
    questions = [key for key in determination.missing if _concept(key)]
    return Card(
        code=programme.code,
        slug=programme.code.replace("_", "-"),
        outcome=determination.outcome,
        programme=definition.text("name", language),
        agency=programme.agency.name,
        summary=definition.text("summary", language),
        amount=_amount(answer, language),
        reasons=deciding,
        others=others,
        ways_out=_ways_out(determination, answer, language),
        changes=_changes(determination, answer, language),
        missing=[answer.label(_engine_key(key), language) for key in questions],
        question=questions[0] if questions else "",
        question_label=answer.label(_engine_key(questions[0]), language) if questions else "",
        steps=_steps(definition, language, opening),
        evidence=proofs_of(definition, language, answer.evidence()),
        opening=opening,
        contacts=definition.contacts,
        phone=programme.agency.phone,
        version_number=determination.programme_version.number,
        on=determination.on,
        facts=determination.inputs["facts"],
        monthly=monthly(answer),
        takes_off=definition.takes_off,
        counts=definition.counts,
        once=answer.amount if answer.outcome == "likely" and answer.amount and answer.per == "once" else Decimal(0),
        local_rule=_local_rule(answer),
    )


def _local_rule(answer: Assessment) -> str:
    """The local variant that decided, with the law it rests on; "" for the common rule."""
    found = next((item for item in answer.programme.definition.variants if item.id == answer.variant), None)
    return _("The local rules of %(name)s were used: %(law)s") % {"name": found.name, "law": found.law} if found else ""


def _amount(answer: Assessment, language: str) -> str:
    words = answer.amount_words(language)
    if answer.outcome == "not_likely" or not words:
        return ""
    if answer.amount is None:
        return _("If it fits: %(amount)s") % {"amount": words}
    return _("About %(amount)s") % {"amount": words}


def _reasons(answer: Assessment, sources: Mapping[str, Any], language: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The criteria that decide, and the others. Of alternatives that are met only those that are met count."""
    met_groups = {item.group for item in answer.criteria if item.group and item.result == "met"}
    deciding_result = {"likely": "met", "unknown": "unknown", "not_likely": "not_met"}[answer.outcome]
    deciding: list[dict[str, Any]] = []
    others: list[dict[str, Any]] = []
    for item in answer.criteria:
        if item.group in met_groups and item.result != "met":
            continue
        (deciding if item.result == deciding_result else others).append(_reason(item, sources, language))
    return deciding, others


def _reason(item: CriterionResult, sources: Mapping[str, Any], language: str) -> dict[str, Any]:
    """One reason and what stands behind it: answers with their source, limits with their date, the law.

    What the person said and the rule stand beside the sentence where both are short and the answer is there.
    """
    explained = item.explanation(language)
    told = [value for value in explained["values"] if value["value"] is not None]
    limits = [limit for limit in explained["limits"] if "words" in limit]
    rules = [f"{limit['label']} {limit['words']}" for limit in limits if not isinstance(limit["value"], list)]
    is_short = item.result != "unknown" and len(told) == 1 and len(rules) <= 1
    shown = told if len(told) <= MOST_ANSWERS else [value for value in told if not _is_nothing(value["value"])]
    return {
        "state": {"met": "met", "not_met": "not_met", "unknown": "missing"}[item.result],
        "text": explained["sentence"],
        "said": told[0]["words"] if is_short else "",
        "rule": rules[0] if is_short and rules else "",
        "law": explained["law"],
        "facts": [
            {"label": value["label"], "words": value["words"], **_source(sources.get(value["key"].removeprefix("people.")))}
            for value in shown
        ],
        "left_out": len(told) - len(shown),
        "is_long": len(shown) + len(limits) > MOST_ANSWERS,
        "limits": [
            {"label": limit["label"], "words": limit["words"], "since": dt.date.fromisoformat(limit["from"]), "law": limit["law"]}
            for limit in limits
        ],
    }


def _is_nothing(value: Any) -> bool:
    """Whether an answer says "none of this": no, none, 0 or no money."""
    amount = value["amount"] if isinstance(value, dict) else value
    return amount in (False, "none", [], "0.00", "0", 0)


def _source(provenance: Mapping[str, Any] | None) -> dict[str, Any]:
    """Who said an answer and when, in words; empty where that was not kept."""
    if not provenance:
        return {"source": "", "at": None}
    at = provenance.get("at")
    return {"source": source_words(provenance), "at": dt.datetime.fromisoformat(at) if at else None}


def _ways_out(determination: Determination, answer: Assessment, language: str) -> list[str]:
    found = []
    for way in determination.explanation["outlook"]["ways_out"]:
        concept = _concept(way["key"].removeprefix("people."))
        if concept not in _CAN_CHANGE:
            continue
        kind = catalogue()[concept]
        value = read_value(kind, way["value"])
        condition = way_words(answer.result.env.household, kind, way["key"], way["test"], value, language)
        found.append(_("It would fit %(condition)s.") % {"condition": condition})
    return found[:_MOST_WAYS]


def _changes(determination: Determination, answer: Assessment, language: str) -> list[str]:
    found = []
    for change in determination.explanation["outlook"]["changes"][:2]:
        values = {"day": day_words(dt.date.fromisoformat(change["on"]), language)}
        if change["after"] == "likely" and change["before"] != "likely":
            found.append(_("From %(day)s it may fit, if nothing else changes.") % values)
        elif change["after"] == "likely" and change["amount_after"] is not None:
            values["amount"] = money_words(_pence(change["amount_after"]), answer.per, language)
            found.append(_("From %(day)s it may be about %(amount)s.") % values)
        elif change["after"] == "not_likely":
            found.append(_("From %(day)s it may not fit any more.") % values)
    return found


def _pence(pounds: str) -> int:
    whole, _dot, part = pounds.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def _steps(definition: Definition, language: str, opening: Opening) -> list[str]:
    here = _("Apply here. The agency gets only the answers it needs.")
    steps = [here if opening.is_online else ways_to_apply(opening.channels)]
    for path in ("next_steps", "service_standard.says"):
        if text := definition.text(path, language):
            steps.append(text)
    return steps


def _concept(key: str) -> str | None:
    """The catalogue code of a fact key; None where the key is no fact (a missing limit, another programme)."""
    subject, _dot, name = key.partition(".")
    if subject in ("limits", "programmes") or key == "household.people":
        return None
    return key if subject == "household" else f"person.{name}"


def _engine_key(key: str) -> str:
    return key if key.startswith("household.") else f"people.{key}"
