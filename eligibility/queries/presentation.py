"""Programmes in words for anybody: the catalogue, and one programme's sheet. No person's facts come in here."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from consent.facts import fact
from eligibility.definition import Criterion, Definition
from eligibility.language.codes import words_for
from eligibility.language.limits import Limit
from eligibility.language.printer import to_text
from eligibility.language.tables import cells_words, columns_of, facts_named, limit_words
from eligibility.language.wording import show
from eligibility.models import ProgrammeVersion
from eligibility.models.programme import AREAS
from eligibility.queries.catalogue import agency_names, definition_of, needs_of_version
from eligibility.queries.openings import Opening, openings, window_words
from eligibility.rules import catalogue
from portal.life_events import LIFE_EVENTS
from portal.templatetags.ui import list_sentence

MOST_AMOUNTS = 8
_PLACE = re.compile(r"\{([^{}]*)\}")
_OWN_PHRASE = re.compile(r"\s+(?:of|on|at)\s+\{(?!limits\.)[^{}]*\}")


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue."""

    code: str
    name: str
    summary: str
    agency: str
    area: str
    life_events: tuple[str, ...]
    opening: Opening

    @property
    def window(self) -> str:
        """open, closed or paused."""
        return self.opening.state


@dataclass(frozen=True)
class Sheet:
    """Everything the page of one programme says. limits: rows in force and to come, for the rule in full."""

    code: str
    name: str
    summary: str
    area: object
    agency: str
    number: int
    effective_from: dt.date | None
    effective_to: dt.date | None
    groups: list[dict[str, Any]]
    has_amount: bool
    amounts: list[dict[str, str]]
    evidence: list[dict[str, Any]]
    standard: str
    working_days: int | None
    next_steps: str
    contacts: dict[str, Any]
    channels: list[object]
    leaves_out: list[str]
    law: list[dict[str, str]]
    purpose: str
    facts: list[str]
    opening: Opening
    windows: list[str]
    variants: list[dict[str, Any]]
    limits: list[dict[str, Any]]
    formulas: list[dict[str, str]]


def listed(
    versions: Iterable[ProgrammeVersion], *, on: dt.date, language: str, text: str = "", area: str = "", life_event: str = ""
) -> list[tuple[object, list[Entry]]]:
    """The programmes by area in the order of AREAS, narrowed by words, area and life event."""
    found: dict[str, list[Entry]] = {code: [] for code in AREAS}
    versions = list(versions)
    states = openings(versions, on, language)
    for version in versions:
        entry, definition = _entry(version, language, states[version.programme.code]), definition_of(version)
        if (area and entry.area != area) or (life_event and life_event not in entry.life_events):
            continue
        if text and not _mentions(definition, entry, text, language):
            continue
        found[entry.area].append(entry)
    return [(AREAS[code], sorted(entries, key=lambda entry: entry.name)) for code, entries in found.items() if entries]


def life_events_in(versions: Iterable[ProgrammeVersion], language: str) -> list[tuple[str, str]]:
    """(code, words) of the situations that some programme is for."""
    used = {code for version in versions for code in definition_of(version).life_events}
    return [(code, event.words(language)) for code, event in LIFE_EVENTS.items() if code in used]


def _entry(version: ProgrammeVersion, language: str, opening: Opening) -> Entry:
    definition = definition_of(version)
    return Entry(
        code=version.programme.code,
        name=definition.text("name", language),
        summary=definition.text("summary", language),
        agency=version.programme.agency.name,
        area=version.programme.area,
        life_events=definition.life_events,
        opening=opening,
    )


def _mentions(definition: Definition, entry: Entry, text: str, language: str) -> bool:
    """Whether every word of `text` is in the programme's own words, in English or in the reader's language."""
    words = [
        entry.name,
        entry.summary,
        entry.agency,
        *definition.english().values(),
        *definition.translations.get(language, {}).values(),
    ]
    everything = " ".join(words).casefold()
    return all(part in everything for part in text.casefold().split())


def sheet(version: ProgrammeVersion, *, on: dt.date, language: str, opening: Opening | None = None) -> Sheet:
    """The page of one programme in `language`, with the limits in force on `on`. opening: where it is known already."""
    definition = definition_of(version)
    opening = opening or openings([version], on, language)[version.programme.code]
    return Sheet(
        code=version.programme.code,
        name=definition.text("name", language),
        summary=definition.text("summary", language),
        area=AREAS[version.programme.area],
        agency=version.programme.agency.name,
        number=version.number,
        effective_from=version.effective_from,
        effective_to=version.effective_to,
        groups=criteria_groups(definition, on, language),
        has_amount=definition.amount is not None,
        amounts=amounts(definition, on, language),
        evidence=proofs_of(definition, language),
        standard=definition.text("service_standard.says", language),
        working_days=definition.service_standard.get("working_days"),
        next_steps=definition.text("next_steps", language),
        contacts=definition.contacts,
        channels=[CHANNELS[channel] for channel in definition.contacts.get("channels", ())],
        leaves_out=[definition.text(f"leaves_out.{key}", language) for key in definition.leaves_out],
        law=list(definition.law),
        purpose=definition.text("purpose", language),
        facts=sorted({fact(code).words(language) for code in needs_of_version(version)}),
        opening=opening,
        windows=[
            window_words(item, definition.text(f"windows.{number}.says", language), language)
            for number, item in enumerate(definition.windows)
        ],
        variants=_variants(definition, version.programme.agency.name),
        limits=[limit_table(definition, limit, on, language) for limit in definition.limits.values()],
        formulas=formulas(definition),
    )


def _variants(definition: Definition, agency: str) -> list[dict[str, Any]]:
    """The local variants with who set each: [{"name", "law", "agency"}]. agency: the programme's own, which set those that name none."""
    names = agency_names(item.agency for item in definition.variants)
    return [{"name": item.name, "law": item.law, "agency": names.get(item.agency, agency)} for item in definition.variants]


def proofs_of(definition: Definition, language: str, asked: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """What the agency may ask a person to show: [{"id", "label", "any_of": [words], "always"}]; one of `any_of` is enough.

    asked: ids of the evidence that a result named; None for all. always: it hangs on nothing.
    """
    chosen = None if asked is None else set(asked)
    return [
        {
            "id": item.id,
            "label": definition.text(f"evidence.{item.id}.label", language),
            "any_of": [definition.text(f"evidence.{item.id}.any_of.{key}", language) for key in item.any_of],
            "always": item.when is None,
        }
        for item in definition.evidence
        if chosen is None or item.id in chosen
    ]


def ways_to_apply(channels: Iterable[str]) -> str:
    """ "You can apply: online, by phone and in person." with the codes of the ways."""
    return _now("You can apply: %(ways)s.") % {"ways": list_sentence(CHANNELS[channel] for channel in channels)}


CHANNELS: dict[str, object] = {
    "online": _("online"),
    "phone": _("by phone"),
    "post": _("by post"),
    "in_person": _("in person"),
}


def criteria_groups(definition: Definition, on: dt.date, language: str) -> list[dict[str, Any]]:
    """Who a programme is for, in plain sentences: alternatives stand together ({"any": True, "items": [...]})."""
    groups: dict[str, dict[str, Any]] = {}
    for item in definition.criteria:
        key = item.group or f"={item.id}"
        group = groups.setdefault(key, {"any": bool(item.group), "items": []})
        group["items"].append({"id": item.id, "says": _says(item, definition, on, language), "law": item.law})
    for group in groups.values():
        group["any"] = group["any"] and len(group["items"]) > 1
    return list(groups.values())


def _says(item: Criterion, definition: Definition, on: dt.date, language: str) -> str:
    return plain(definition.text(f"criteria.{item.id}.says", language), definition, on, language)


def plain(sentence: str, definition: Definition, on: dt.date, language: str) -> str:
    """A sentence without a person: limits get their value on `on`; what speaks of the person's own value is left out.

    "Your income of {x} is not above {limits.y}" loses "of {x}"; "Your income is low enough: {x} is left" ends at the colon.
    """

    def fill(found: re.Match) -> str:
        kind, _dot, name = found[1].strip().partition(".")
        limit = definition.limits.get(name) if kind == "limits" else None
        if limit is None or limit.by or limit.row_on(on) is None:
            return found[0]
        codes = words_for(catalogue(), limit.codes(), facts_named(definition), limit.words)
        return show(limit.value_on(on), limit.type, language, limit.unit, codes)

    filled = _OWN_PHRASE.sub("", _PLACE.sub(fill, sentence))
    if own := _PLACE.search(filled):
        sentences, stop, _rest = filled[: own.start()].rpartition(". ")
        head = re.split(r"[:;,]", filled[: own.start()])
        filled = sentences if stop else ",".join(head[:-1]) if len(head) > 1 else _PLACE.sub("…", filled)
    return filled.strip()


def amounts(definition: Definition, on: dt.date, language: str) -> list[dict[str, str]]:
    """[{"label", "words"}] of the sums the amount is made of, in force on `on`; none where they are too many to help."""
    if definition.amount is None:
        return []
    trees: list[Any] = [definition.amount.tree]
    names: list[str] = []
    seen: set[str] = set()
    while trees:
        for part in trees.pop().walk():
            if part.op == "limit" and part["name"] not in names:
                names.append(part["name"])
            elif part.op == "worked_out" and part["name"] not in seen:
                seen.add(part["name"])
                trees.append(definition.worked_out[part["name"]].tree)
    found = []
    for name in names:
        limit = definition.limits[name]
        if limit.unit.startswith("GBP") and not limit.by and limit.row_on(on) is not None and limit.value_on(on) is not None:
            words = limit_words(catalogue(), limit, limit.value_on(on), language)
            found.append({"label": _label(definition, limit, language), "words": words})
    return found if len(found) <= MOST_AMOUNTS else []


def _label(definition: Definition, limit: Limit, language: str) -> str:
    return definition.text(f"limits.{limit.name}.label", language) or limit.label or limit.name.replace("_", " ")


def limit_table(definition: Definition, limit: Limit, on: dt.date, language: str) -> dict[str, Any]:
    """A limit with its dated rows in words: {"name", "label", "columns", "rows": [{"from", "is_now", "is_past", "law", "note", "lines"}]}."""
    now = limit.row_on(on)
    columns = [column.label for column in columns_of(catalogue(), limit, definition, language)]

    def lines(row: dict[str, Any]) -> list[dict[str, Any]]:
        found = lines_of(limit, row, language, definition)
        return [{**line, "named": list(zip(columns, line["cells"], strict=True))} for line in found]

    return {
        "name": limit.name,
        "label": _label(definition, limit, language),
        "unit": limit.unit,
        "columns": columns,
        "span": len(columns) + 1,
        "rows": [
            {
                "from": dt.date.fromisoformat(row["from"]),
                "is_now": row is now,
                "is_past": now is not None and row["from"] < now["from"],
                "law": row["law"],
                "note": row.get("note", ""),
                "lines": lines(row),
            }
            for row in reversed(limit.rows)
        ],
    }


def lines_of(limit: Limit, row: dict[str, Any], language: str, definition: Definition | None = None) -> list[dict[str, Any]]:
    """The value of a dated row, or the lines of its table: [{"cells": [words of each key column], "value": words}].

    definition: the rule that reads the limit, for the words of its codes.
    """
    day, read = dt.date.fromisoformat(row["from"]), facts_named(definition) if definition else ()
    if not limit.by:
        return [{"cells": [], "value": limit_words(catalogue(), limit, limit.value_on(day), language, read)}]
    columns = columns_of(catalogue(), limit, definition, language)
    return [
        {
            "cells": cells_words(columns, line, row["table"], language),
            "value": limit_words(catalogue(), limit, value, language, read),
        }
        for line, (_cells, value) in zip(row["table"], limit.table_on(day), strict=True)
    ]


def cells_of(limit: Limit, cells: Iterable[object], definition: Definition, language: str) -> str:
    """The key cells of a line in one piece: "Greater London, has a partner: no". Only yes and no need the name of their column."""
    columns = columns_of(catalogue(), limit, definition, language)
    return ", ".join(
        f"{column.label}: {cell}" if column.unit == "yes/no" else str(cell) for column, cell in zip(columns, cells, strict=False)
    )


def formulas(definition: Definition) -> list[dict[str, str]]:
    """The rule as it is computed: every expression with its path and label, for those who want to check it."""
    named = {f"worked_out.{name}": item.label or name for name, item in definition.worked_out.items()}
    return [
        {"path": path, "label": named.get(path, path.split(".")[1] if path != "amount.is" else "amount"), "text": to_text(tree)}
        for path, tree in definition.expressions()
    ]
