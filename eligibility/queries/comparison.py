"""What differs between two versions, field by field, in words an administrator and a citizen can read."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eligibility.definition import Definition
from eligibility.drafting import differences
from eligibility.language.limits import NO_LIMIT, Limit
from eligibility.language.printer import to_text
from eligibility.language.tree import from_json
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import definition_of
from eligibility.queries.presentation import cells_of, lines_of, plain
from portal.templatetags.ui import short_day

_SECTIONS = {
    "programme": gettext_lazy("Texts"),
    "law": gettext_lazy("Law"),
    "limits": gettext_lazy("Limits"),
    "worked_out": gettext_lazy("Worked-out facts"),
    "criteria": gettext_lazy("Conditions"),
    "amount": gettext_lazy("Amount"),
    "evidence": gettext_lazy("Proof"),
    "service_standard": gettext_lazy("How long it takes"),
    "contacts": gettext_lazy("Contacts"),
    "leaves_out": gettext_lazy("What the rule leaves out"),
    "windows": gettext_lazy("When claims are taken"),
    "variants": gettext_lazy("Local variants"),
    "floor": gettext_lazy("What local variants may not narrow"),
    "translations": gettext_lazy("Translations"),
    "cases": gettext_lazy("Worked examples"),
    "shared": gettext_lazy("Shared limits"),
}
_FIELDS = {
    "name": gettext_lazy("Name"),
    "summary": gettext_lazy("Summary"),
    "purpose": gettext_lazy("Why we need the facts"),
    "next_steps": gettext_lazy("What happens next"),
    "area": gettext_lazy("Area"),
    "life_events": gettext_lazy("Life events"),
    "shares": gettext_lazy("Shared limits"),
    "takes_off": gettext_lazy("Programmes that count in full as income here"),
    "counts": gettext_lazy("Programmes counted in the amount already"),
    "says": gettext_lazy("Sentence when it is met"),
    "says_not": gettext_lazy("Sentence when it is not met"),
    "says_unknown": gettext_lazy("Sentence when it is not known yet"),
    "law": gettext_lazy("Law"),
    "group": gettext_lazy("Group of alternatives"),
    "when": gettext_lazy("Condition"),
    "is": gettext_lazy("Formula"),
    "per": gettext_lazy("Paid each"),
    "round": gettext_lazy("Rounding"),
    "label": gettext_lazy("Name"),
    "unit": gettext_lazy("Unit"),
    "by": gettext_lazy("Columns of the table"),
    "words": gettext_lazy("What its codes are called"),
    "any_of": gettext_lazy("Any one of"),
    "working_days": gettext_lazy("Working days"),
    "phone": gettext_lazy("Phone"),
    "url": gettext_lazy("Web address"),
    "channels": gettext_lazy("Ways to apply"),
    "opens": gettext_lazy("First day"),
    "closes": gettext_lazy("Last day"),
    "state": gettext_lazy("State"),
    "local_authorities": gettext_lazy("Councils"),
    "leaves_out": gettext_lazy("Conditions that do not count here"),
    "expect": gettext_lazy("Expected result"),
    "given": gettext_lazy("Facts every example begins with"),
    "on": gettext_lazy("Day"),
    "based_on": gettext_lazy("Begins from example"),
}
_SENTENCES = {"worked_out": "label", "evidence": "label"}


@dataclass(frozen=True)
class Change:
    """One field that differs. kind: added | removed | changed.

    before, after: in words; before_formula, after_formula: where it is a formula; before_note, after_note: since when and by which law;
    rise: how much more in per cent ("+3.8%"), where both are numbers.
    """

    section: str
    path: str
    before: str
    after: str
    kind: str
    before_formula: str = ""
    after_formula: str = ""
    before_note: str = ""
    after_note: str = ""
    rise: str = ""


def compared(before: ProgrammeVersion, after: ProgrammeVersion, language: str) -> list[Change]:
    """Every field that differs: limits by their dates, formulas with their sentence, texts by language, examples by their parts."""
    one, two = ({**_by_name(version.definition), "shared": version.shared} for version in (before, after))
    words = _Words(definition_of(before), definition_of(after), language)
    changes: list[Change] = []
    seen: set[tuple[str, ...]] = set()
    for path, old, new in differences(one, two):
        for part, was, now in _split(path, old, new):
            place = _limit_place(part)
            if place is None:
                changes.append(words.field(part, was, now))
                continue
            name = part.split(".")[len(place) + 1]
            if (*place, name) not in seen:
                seen.add((*place, name))
                changes += words.limit(place, name, _at(one, place), _at(two, place))
    order = list(_SECTIONS)
    rank = {str(words): number for number, words in reversed(list(enumerate(_SECTIONS.values())))}
    return sorted(changes, key=lambda change: rank.get(change.section, len(order)))


def limit_changes(before: ProgrammeVersion, after: ProgrammeVersion, language: str) -> list[Change]:
    """The limits alone, local and shared ones too."""
    sections = {str(_SECTIONS["limits"]), str(_SECTIONS["shared"])}
    return [
        change
        for change in compared(before, after, language)
        if change.section in sections or (change.section == str(_SECTIONS["variants"]) and change.after_note)
    ]


def _limit_place(path: str) -> tuple[str, ...] | None:
    """Where the limits stand that a path speaks of: (), ("variants", id), ("shared", file); None for anything else."""
    parts = path.split(".")
    if parts[0] == "limits" and len(parts) > 1:
        return ()
    if parts[0] in ("variants", "shared") and len(parts) > 3 and parts[2] == "limits":
        return (parts[0], parts[1])
    return None


def _at(data: Mapping[str, Any], place: tuple[str, ...]) -> Mapping[str, Any]:
    """The section of a stored form that a place names; empty where it has none."""
    if not place:
        return data
    if place[0] == "shared":
        return data["shared"].get(place[1], {})
    return data["variants"].get(place[1], {})


def _by_name(data: Mapping[str, Any]) -> dict[str, Any]:
    """A stored form with every container there, and lists of things with an id as {id: thing}: so each thing is compared by itself."""
    named = {**data, "limits": data.get("limits", {}), "worked_out": data.get("worked_out", {})}
    for section in ("criteria", "evidence", "variants"):
        named[section] = {item["id"]: item for item in data.get(section, ())}
    named["variants"] = {id_: _by_name(item) for id_, item in named["variants"].items()}
    if data.get("cases"):
        named["cases"] = {**data["cases"], "case": {item["id"]: item for item in data["cases"].get("case", ())}}
    return named


def _split(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """A whole part that was added or taken out, as its fields; a formula and a list stay whole."""
    value = new if old is None else old if new is None else None
    parts = path.split(".")
    is_whole = parts[0] == "cases" or parts[-1] in ("round", "any_of", "by") or (parts[0] == "shared" and len(parts) == 2)
    if not isinstance(value, dict) or "op" in value or is_whole:
        yield path, old, new
        return
    for name, item in value.items():
        if name != "id":
            yield from _split(f"{path}.{name}", None if old is None else item, None if new is None else item)


class _Words:
    """Puts paths and values of two definitions into words."""

    def __init__(self, before: Definition, after: Definition, language: str):
        self.before, self.after, self.language = before, after, language

    def field(self, path: str, old: Any, new: Any) -> Change:
        """A field that differs."""
        kind = "added" if old is None else "removed" if new is None else "changed"
        if path.startswith("shared.") and path.count(".") == 1:
            old, new = ([_readable(name) for name in item.get("limits", {})] if item else item for item in (old, new))
        formulas = [to_text(from_json(value)) if _is_tree(value) else "" for value in (old, new)]
        said = [
            self._sentence(path, definition) if _is_tree(value) else self._value(value)
            for value, definition in ((old, self.before), (new, self.after))
        ]
        return Change(self._section(path), self._path(path), said[0], said[1], kind, formulas[0], formulas[1])

    def limit(self, place: tuple[str, ...], name: str, one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[Change]:
        """Each dated value of a limit that differs, with the value that held until then beside it."""
        old, new = (
            Limit.from_dict(name, section["limits"][name]) if name in section.get("limits", {}) else None
            for section in (one, two)
        )
        section = str(_SECTIONS[place[0] if place else "limits"])
        own = new or old
        label = (own.label if own is not None and place else "") or self._limit_label(name, own)
        if place:
            label = f"{self._named('variants', place[1]) if place[0] == 'variants' else _readable(place[1])} › {label}"
        if old is not None and new is not None:
            for field in ("label", "unit", "by", "words"):
                if getattr(old, field) != getattr(new, field):
                    before, after = (self._value(_plain_field(getattr(item, field))) for item in (old, new))
                    yield Change(section, f"{label} › {_FIELDS[field]}", before, after, "changed")
        days = {row["from"]: row for limit in (old, new) if limit is not None for row in limit.rows}
        for day in sorted(days):
            rows = [next((row for row in limit.rows if row["from"] == day), None) if limit else None for limit in (old, new)]
            if rows[0] != rows[1]:
                yield from self._row(section, label, dt.date.fromisoformat(day), (old, new), rows)

    def _row(
        self,
        section: str,
        label: str,
        day: dt.date,
        limits: tuple[Limit | None, Limit | None],
        rows: list[dict[str, Any] | None],
    ) -> Iterator[Change]:
        held = [limit.row_on(day) if limit is not None else None for limit in limits]
        sides = [self._lines(limit, row, definition) for limit, row, definition in zip(limits, held, self._both, strict=True)]
        kind = "added" if held[0] is None else "removed" if held[1] is None else "changed"
        notes = [_row_note(row, day) for row in held]
        where = _("%(limit)s, from %(day)s") % {"limit": label, "day": short_day(day)}
        changed = [key for key in {**sides[0], **sides[1]} if sides[0].get(key) != sides[1].get(key)]
        for key in changed or [next(iter({**sides[0], **sides[1]}), "")]:
            (before, old), (after, new) = (side.get(key, ("", None)) for side in sides)
            path = f"{where} ({key})" if key else where
            yield Change(section, path, before, after, kind, before_note=notes[0], after_note=notes[1], rise=_rise(old, new))

    @property
    def _both(self) -> tuple[Definition, Definition]:
        return self.before, self.after

    def _lines(self, limit: Limit | None, row: dict[str, Any] | None, definition: Definition) -> dict[str, tuple[str, Any]]:
        """{keys of a line in words: (value in words, as stored)}."""
        if limit is None or row is None:
            return {}
        told = lines_of(limit, row, self.language, definition)
        stored = row.get("table", [row])
        return {
            cells_of(limit, words["cells"], definition, self.language): (str(words["value"]), line["value"])
            for words, line in zip(told, stored, strict=True)
        }

    def _limit_label(self, name: str, limit: Limit | None) -> str:
        said = self.after.text(f"limits.{name}.label", self.language) or self.before.text(f"limits.{name}.label", self.language)
        return said or (limit.label if limit else "") or _readable(name)

    def _section(self, path: str) -> str:
        return str(_SECTIONS.get(path.split(".")[0], _readable(path.split(".")[0])))

    def _path(self, path: str) -> str:
        section, *rest = path.split(".")
        if section == "translations" and rest:
            language = dict(settings.LANGUAGES).get(rest[0], rest[0])
            inner = ".".join(rest[1:])
            return f"{language} › {self._path(inner)}" if "." in inner else f"{language} › {self._word(inner)}"
        if not rest:
            return str(_SECTIONS.get(section, _readable(section)))
        if section == "cases":
            rest = rest[1:] if rest[0] == "case" and len(rest) > 1 else rest
        if section in ("shared", "variants") and len(rest) > 1:
            inner = ".".join(rest[1:])
            head = self._named(section, rest[0])
            return (
                f"{head} › {self._path(inner)}" if rest[1] in _SECTIONS and len(rest) > 2 else f"{head} › {self._word(rest[-1])}"
            )
        names = [self._named(section, rest[0]), *(self._word(part) for part in rest[1:])]
        return " › ".join(names)

    def _named(self, section: str, name: str) -> str:
        """A part by what people read of it."""
        if section == "criteria":
            return self._sentence(f"criteria.{name}", self.after) or self._sentence(f"criteria.{name}", self.before) or name
        if section in _SENTENCES:
            path = f"{section}.{name}.{_SENTENCES[section]}"
            return self.after.text(path, self.language) or self.before.text(path, self.language) or _readable(name)
        if section == "limits":
            return self._limit_label(name, self.after.limits.get(name) or self.before.limits.get(name))
        if section == "variants":
            found = [item.name for side in (self.after, self.before) for item in side.variants if item.id == name]
            return found[0] if found else _readable(name)
        if section in ("programme", "amount", "service_standard", "contacts"):
            return self._word(name)
        return _readable(name)

    def _sentence(self, path: str, definition: Definition) -> str:
        """What people read of the condition or calculation that a formula is of."""
        section, *rest = path.split(".")
        if section == "variants" or not rest:
            return ""
        key = f"criteria.{rest[0]}.says" if section == "criteria" else ""
        key = key or (f"{section}.{rest[0]}.{_SENTENCES[section]}" if section in _SENTENCES else "")
        words = definition.text(key, self.language) if key else ""
        return plain(words, definition, dt.date.max, self.language) if section == "criteria" else words

    def _word(self, part: str) -> str:
        return str(_FIELDS.get(part) or _readable(part))

    def _value(self, value: Any) -> str:
        if value is None:
            return ""
        if _is_tree(value):
            return to_text(from_json(value))
        if isinstance(value, dict):
            return "; ".join(f"{self._word(name)}: {self._value(item)}" for name, item in value.items())
        if isinstance(value, list):
            return ", ".join(self._value(item) for item in value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        return str(value)


def _row_note(row: Mapping[str, Any] | None, day: dt.date) -> str:
    """The law of a dated value; since when, where that is not the day on which the two are compared."""
    if row is None:
        return ""
    began, law = dt.date.fromisoformat(row["from"]), row["law"]
    since = law if began == day else _("since %(day)s, %(law)s") % {"day": short_day(began), "law": law}
    return f"{since} ({row['note']})" if row.get("note") else since


def _rise(old: Any, new: Any) -> str:
    """By how much a number rose, in per cent with one place."""
    try:
        before, after = (Decimal(value) for value in (old, new) if isinstance(value, str) and value != NO_LIMIT)
    except (ArithmeticError, ValueError):
        return ""
    if not before or before == after:
        return ""
    return f"{(after - before) * 100 / before:+.1f}%"


def _plain_field(value: Any) -> Any:
    return dict(value) if isinstance(value, tuple) else value


def _is_tree(value: Any) -> bool:
    return isinstance(value, dict) and "op" in value


def text_words(path: str) -> str:
    """Which text of a programme `path` is: "Conditions › nation › Sentence when it is met"."""
    first, *rest = path.split(".")
    if not rest:
        return str(_FIELDS.get(first, _readable(first)))
    names = [str(_SECTIONS.get(first, _readable(first))), *(_readable(name) for name in rest[:-1])]
    return " › ".join([*names, str(_FIELDS.get(rest[-1], _readable(rest[-1])))])


def _readable(name: str) -> str:
    try:
        return short_day(dt.date.fromisoformat(name)) if len(name) == 10 else name.replace("_", " ")
    except ValueError:
        return name.replace("_", " ")
