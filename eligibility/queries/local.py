"""Local variants for the editor: what each changes, whether that is narrower or wider, for whom, and what the floor says to it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from consent.facts import fact as fact_kind
from consent.models import TypedFacts
from eligibility.batch import Caseload, what_if
from eligibility.cases import read_cases
from eligibility.definition import Definition, Variant
from eligibility.engine import assess, compile_programme
from eligibility.household import Household
from eligibility.interchange import InterchangeError, read_household
from eligibility.language import RuleError, to_text
from eligibility.language.tree import digest
from eligibility.language.values import Flow
from eligibility.language.wording import day as day_words
from eligibility.language.wording import money as money_words
from eligibility.local import BOTH, NARROWER, SAME, WIDER, Breach, Effect, Part, Trial, parts_of
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import definition_of, in_force
from eligibility.queries.presentation import limit_table, plain
from eligibility.queries.preview.budget import Question
from eligibility.queries.preview.certain import mark_of
from eligibility.queries.preview.disclosure import Count, Shield, household_keys
from eligibility.rule_words import with_place
from eligibility.rules import catalogue, rulebook
from portal.kit.actor import Actor, acting_as
from portal.models import Office
from portal.places import place_words

MOST_DAYS = 4  # days on which a floor is looked at: today, and the next days on which a limit changes
MOST_CASES = 20_000
_MOST_KEPT = 100
_effects: dict[str, tuple[Effect, dict[Part, Effect]]] = {}


def direction_words(effect: Effect) -> str:
    """What a change does, in plain words."""
    if effect.direction == NARROWER:
        return _("Stricter here") if effect.is_sure else _("Stricter here for some households")
    if effect.direction == WIDER:
        return _("More generous here") if effect.is_sure else _("More generous here for some households")
    if effect.direction == BOTH:
        return _("Stricter for some, more generous for others")
    return _("Changes nobody’s result") if effect.is_sure else _("No difference found")


@dataclass(frozen=True)
class Words:
    """An effect as the page shows it. tone: of its tag. loses, gains: households that show it, in words."""

    direction: str
    words: str
    tone: str
    is_sure: bool
    loses: list[tuple[str, list[tuple[str, str]]]]
    gains: list[tuple[str, list[tuple[str, str]]]]
    tried: int


def _worded(effect: Effect, definition: Definition, on: dt.date, language: str) -> Words:
    tones = {NARROWER: "wait", WIDER: "good", BOTH: "info", SAME: "none"}
    return Words(
        effect.direction,
        direction_words(effect),
        tones[effect.direction],
        effect.is_sure,
        household_words(effect.loses, definition, on, language) if effect.loses else [],
        household_words(effect.gains, definition, on, language) if effect.gains else [],
        effect.tried,
    )


def known_councils() -> list[str]:
    """Codes of the councils the portal knows: those its offices serve, and those with a local variant in force or being written."""
    found = {code for codes in Office.objects.values_list("local_authorities", flat=True) for code in codes}
    for data in ProgrammeVersion.objects.exclude(definition__variants=None).values_list("definition__variants", flat=True):
        found |= {code for item in data or () for code in item.get("local_authorities", ())}
    return sorted(found)


def variants_of(version: ProgrammeVersion) -> list[dict[str, Any]]:
    """The local variants of a version as its page lists them."""
    definition = definition_of(version)
    return [
        {
            "id": item.id,
            "name": item.name,
            "councils": ", ".join(place_words(code) for code in item.local_authorities),
            "law": item.law,
            "changes": len(parts_of(definition, item)),
        }
        for item in definition.variants
    ]


def floor_of(version: ProgrammeVersion, language: str) -> dict[str, Any]:
    """What the version's floor holds, in words: {"result": whether, "criteria": [words], "limits": [words]}; empty for none."""
    definition = definition_of(version)
    floor = definition.floor
    return {
        name: value
        for name, value in (
            ("result", floor.get("result", False)),
            ("criteria", [_says(definition, id_, language) for id_ in floor.get("criteria", ())]),
            ("limits", [_label(definition, "limits", name, language) for name in floor.get("limits", ())]),
        )
        if value
    }


def floor_choices(definition: Definition, language: str) -> dict[str, list[tuple[str, str]]]:
    """The criteria and limits that can be made a floor, in words."""
    return {
        "criteria": [(item.id, _says(definition, item.id, language)) for item in definition.criteria],
        "limits": [(name, _label(definition, "limits", name, language)) for name in definition.limits],
    }


def _says(definition: Definition, id_: str, language: str) -> str:
    return plain(definition.text(f"criteria.{id_}.says", language), definition, dt.date.max, language)


def _label(definition: Definition, section: str, name: str, language: str) -> str:
    return definition.text(f"{section}.{name}.label", language) or name.replace("_", " ").capitalize()


# --- one variant --------------------------------------------------------------------------------------------------------


def variant_page(version: ProgrammeVersion, variant: Variant, on: dt.date, language: str) -> dict[str, Any]:
    """Everything the page of one variant shows: each part of the rule with what is local about it, and the whole effect."""
    common = definition_of(version)
    local = common.with_variant(variant)
    problem = ""
    try:
        whole, parts = _effects_of(common, variant, on)
    except RuleError as error:  # the draft does not work together with the other programmes of the day
        whole, parts, problem = Effect(SAME), {}, with_place(error)

    def effect(kind: str, name: str) -> Words | None:
        found = next((value for part, value in parts.items() if (part.kind, part.name) == (kind, name)), None)
        return _worded(found, local, on, language) if found is not None else None

    own = {item.id for item in variant.criteria}
    known = {item.id for item in common.criteria}
    everywhere = [item for item in common.criteria if item.id not in own]
    everything = {**{item.id: item for item in common.criteria}, **{item.id: item for item in variant.criteria}}
    conditions = [
        {
            "id": id_,
            "state": "left_out"
            if id_ in variant.leaves_out
            else "new"
            if id_ not in known
            else "own"
            if id_ in own
            else "common",
            "says": plain(
                (common if item in everywhere else local).text(f"criteria.{id_}.says", language) or item.says, local, on, language
            ),
            "formula": to_text(item.when),
            "law": item.law,
            "group": item.group,
            "effect": effect("left_out", id_) or effect("criterion", id_),
        }
        for id_, item in everything.items()
    ]
    limits = [
        {
            **limit_table(local, limit, on, language),
            "state": _state(name in variant.limits, name in common.limits),
            "common": limit_table(common, common.limits[name], on, language) if name in common.limits else None,
            "effect": effect("limit", name),
        }
        for name, limit in local.limits.items()
    ]
    worked_out = [
        {
            "name": name,
            "label": _label(local, "worked_out", name, language),
            "formula": to_text(item.tree),
            "state": _state(name in variant.worked_out, name in common.worked_out),
            "effect": effect("worked_out", name),
        }
        for name, item in local.worked_out.items()
    ]
    return {
        "problem": problem,
        "councils": [place_words(code) for code in variant.local_authorities],
        "conditions": conditions,
        "limits": sorted(limits, key=lambda item: item["state"] == "common"),
        "own_worked_out": [item for item in worked_out if item["state"] != "common"],
        "worked_out": [item for item in worked_out if item["state"] == "common"],
        "amount": {
            "formula": to_text(local.amount.tree) if local.amount else "",
            "state": _state(variant.amount is not None, common.amount is not None),
            "effect": effect("amount", "amount"),
        },
        "whole": _worded(whole, local, on, language),
        "is_empty": variant.is_empty,
        "examples": _examples(common, variant),
    }


def _state(is_own: bool, is_common: bool) -> str:
    return "common" if not is_own else "own" if is_common else "new"


def _effects_of(common: Definition, variant: Variant, on: dt.date) -> tuple[Effect, dict[Part, Effect]]:
    """The effects, kept in this process while neither the rule nor the rules it uses change."""
    others = _others(common, on)
    key = digest(
        {
            "rule": common.sha256,
            "others": {code: item.sha256 for code, item in others.items()},
            "on": on.isoformat(),
            "id": variant.id,
        }
    )
    if key not in _effects:
        if len(_effects) >= _MOST_KEPT:
            _effects.clear()
        _effects[key] = Trial(common, others, on, catalogue()).effects(variant)
    return _effects[key]


def _others(definition: Definition, on: dt.date) -> dict[str, Definition]:
    if not definition.programmes_used():
        return {}
    return {item.programme.code: definition_of(item) for item in in_force(on) if item.programme.code != definition.code}


def _examples(common: Definition, variant: Variant) -> list[dict[str, Any]]:
    """The worked examples that live where the variant holds: their result there, and by the common rule."""
    found = []
    alone = replace(common, variants=(), floor={})
    ready: dict[dt.date, tuple[Any, Any]] = {}
    try:
        cases = read_cases(common, catalogue())
    except RuleError:
        return []
    for case in cases:
        if case.facts["household"].get("local_authority") not in variant.local_authorities:
            continue
        try:
            if case.on not in ready:
                ready[case.on] = tuple(compile_programme(item, case.on, {}, catalogue()) for item in (common, alone))
            here, there = (assess(case.facts, {common.code: item}, case.on, case.given)[common.code] for item in ready[case.on])
        except (RuleError, InterchangeError):
            continue
        found.append(
            {
                "id": case.id,
                "says": case.says or case.id.replace("_", " "),
                "on": case.on,
                "here": here.outcome,
                "here_amount": here.amount,
                "there": there.outcome,
                "there_amount": there.amount,
                "differs": (here.outcome, here.amount) != (there.outcome, there.amount),
            }
        )
    return found


# --- the caseload -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LocalCount:
    """The households of the caseload that live where a variant holds, by what it does to them: protected numbers only."""

    size: Count
    gains: Count
    loses: Count
    more: Count
    less: Count


def count_question(version: ProgrammeVersion, variant: Variant, on: dt.date, before_it: Definition | None = None) -> Question:
    """What `caseload_count` asks, as previews are written down and limited."""
    common = definition_of(version)
    marks = [mark_of(common.with_variant(variant)).hex(), mark_of(before_it or replace(common, variants=(), floor={})).hex()]
    councils = ", ".join(sorted(variant.local_authorities))
    text = digest({"councils": councils, "on": on.isoformat(), "before": marks[1]})
    return Question(marks[0], text, marks[0] != marks[1], on, {"household-local_authority": councils}, "")


def caseload_count(version: ProgrammeVersion, variant: Variant, on: dt.date, before_it: Definition | None = None) -> LocalCount:
    """The households in the variant's councils under the local rule, against `before_it` (None: the common rule). Raises RuleError."""
    common = definition_of(version)
    before_it = before_it or replace(common, variants=(), floor={})
    with acting_as(Actor.machine("preview", caseload=True)), transaction.atomic():
        rows = TypedFacts.objects.filter(version__gt=0, local_authority__in=variant.local_authorities).order_by("record_id")
        found = list(rows.values_list("record_id", "household", "people")[:MOST_CASES])
    households, ids = [], []
    for record_id, home, people in found:
        try:
            households.append(read_household({"id": str(record_id), "household": home, "people": people}, catalogue(), on))
        except InterchangeError:
            continue
        ids.append(record_id.bytes)
    others = _others(common, on)
    before = rulebook({**others, common.code: before_it}).on(on)
    after = rulebook({**others, common.code: replace(common.with_variant(variant))}).on(on)
    impact = what_if(Caseload.from_households(households, catalogue()), before, after, on)[common.code]
    likely = (impact.before.outcome == 1) & (impact.after.outcome == 1)
    change = impact.change if impact.change is not None else np.zeros(len(households), dtype=np.int64)

    keys = household_keys(np.frombuffer(b"".join(ids), dtype=np.uint8))
    shield = Shield(keys, mark=mark_of(common.with_variant(variant)))
    size = shield.count(np.ones(len(households), dtype=bool), is_lasting=True)
    masks = (impact.gains, impact.loses, likely & (change > 0), likely & (change < 0))
    return LocalCount(size, *(shield.count(mask) for mask in masks))


# --- the floor ----------------------------------------------------------------------------------------------------------


def check_floor(definition: Definition, on: dt.date, language: str = "en") -> None:
    """Refuse local variants that go below what the programme marks as a floor. Raises RuleError that shows a household.

    Looked at on `on` and on the next days on which a limit changes.
    """
    if not definition.floor or not definition.variants:
        return
    for day in _days(definition, on):
        for breach in Trial(definition, _others(definition, day), day, catalogue()).breaches():
            raise RuleError(_breach_words(breach, definition, day, language), where=f"variants.{breach.variant.id}")


def _days(definition: Definition, on: dt.date) -> list[dt.date]:
    limits = [*definition.limits.values(), *(item for variant in definition.variants for item in variant.limits.values())]
    later = {dt.date.fromisoformat(row["from"]) for limit in limits for row in limit.rows}
    return [on, *sorted(day for day in later if day > on)][:MOST_DAYS]


def _breach_words(breach: Breach, definition: Definition, on: dt.date, language: str) -> str:
    who = "; ".join(
        f"{name}: {', '.join(f'{label} {value}' for label, value in facts)}"
        for name, facts in household_words(breach.household, definition, on, language)
        if facts
    )
    values = {"who": who, "day": day_words(on, language)}
    if breach.floor == "criteria":
        values["name"] = _says(definition, breach.name, language)
        return (
            _(
                "This goes below the floor. On %(day)s this household meets “%(name)s” by the common rule, and not by the local one: %(who)s."
            )
            % values
        )
    if breach.floor == "limits":
        values["name"] = _label(definition, "limits", breach.name, language)
        return (
            _(
                "This goes below the floor. On %(day)s this household is within “%(name)s” by the common rule, and not by the local one, "
                "or gets less there: %(who)s."
            )
            % values
        )
    return (
        _(
            "This goes below the floor. On %(day)s this household gets it by the common rule, and not or less by the local one: %(who)s."
        )
        % values
    )


# --- households in words ------------------------------------------------------------------------------------------------


def household_words(
    household: Household, definition: Definition, on: dt.date, language: str
) -> list[tuple[str, list[tuple[str, str]]]]:
    """A made-up household for people: (who, [(fact, value)]), only with what the rule itself reads."""
    needs = compile_programme(replace(definition, variants=(), floor={}), on, {}, catalogue()).needs
    roles = {"applicant": _("Applicant"), "partner": _("Partner"), "child": _("Child"), "other_adult": _("Other adult")}
    subjects: list[tuple[str, str, Mapping[str, Any]]] = [(_("Household"), "household", household.facts)]
    subjects += [(roles[person.role], "person", person.facts) for person in household.people]
    found = []
    for who, level, facts in subjects:
        said = [
            (fact_kind(f"{level}.{name}").words(language), _value_words(f"{level}.{name}", value, language))
            for name, value in facts.items()
            if f"{level}.{name}" in needs
        ]
        if said or level == "person":
            found.append((who, said))
    return found


def _value_words(code: str, value: Any, language: str) -> str:
    kind = fact_kind(code)
    if value is None:
        return _("does not apply")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Flow):
        return money_words(value.amount, value.per, language)
    if isinstance(value, dt.date):
        return day_words(value, language)
    if isinstance(value, frozenset):
        return ", ".join(kind.choice_words(item, language) for item in sorted(value)) or _("none")
    if kind.type == "amount":
        return money_words(value, "once", language)
    return kind.choice_words(value, language) if value in kind.choices else str(value).replace("_", " ")
