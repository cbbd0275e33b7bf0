"""New values put into the stored form of a rule: a dated row for each limit, beside what a draft holds already. Pure, like `drafting`."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from eligibility.drafting import with_limit_row
from eligibility.drafting_local import in_place
from eligibility.language import RuleError
from eligibility.language.limits import NO_LIMIT
from eligibility.queries.uprating import Entry, NewValue
from eligibility.uprating_sheet import shown

Keys = Callable[[Entry], Mapping[str, Any] | None]
KEEP, REPLACE = "draft", "new"


@dataclass(frozen=True)
class Meeting:
    """A draft holds another value for the same limit, line and day. held, law: its value in words, and its law."""

    new: NewValue
    held: str
    law: str

    @property
    def key(self) -> str:
        """Names it within its draft, with the values that meet: an answer is to these two and no others."""
        both = sha256(repr((self.held, self.law, self.wanted, self.new.law)).encode()).hexdigest()[:8]
        return f"{self.new.entry.key}.{self.new.starts_on.isoformat()}.{both}"

    @property
    def wanted(self) -> str:
        """The new value in words."""
        entry, new = self.new.entry, self.new
        parts = [_said(entry.unit, new.value)] if new.value is not None else []
        if new.band is not None:
            parts.append(_("band from %(value)s") % {"value": _said(entry.band_unit, new.band)})
        return "; ".join(parts)


def _said(unit: str, value: Any) -> str:
    """A stored value as the sheet writes it, with its sign where it is money."""
    text = shown(unit, value)
    return f"£{text}" if unit.startswith("GBP") and value != NO_LIMIT else text


def cells_at(data: Mapping[str, Any], entry: Entry, today: dt.date) -> dict[str, Any] | None:
    """The keys of an entry's line in a stored form, as the sheet was drawn from it; empty for a limit that is no table."""
    section: Mapping[str, Any] = data
    if entry.variant:
        section = next((item for item in data.get("variants", ()) if item["id"] == entry.variant), {})
    limit = section.get("limits", {}).get(entry.limit)
    if limit is None:
        return None
    held = [row for row in limit["rows"] if row["from"] <= today.isoformat()] or limit["rows"][:1]
    lines = held[-1].get("table", [{}])
    return _cells(lines[entry.line - 1]) if entry.line <= len(lines) else None


def with_values(
    data: Mapping[str, Any], values: list[NewValue], *, keys: Keys | None = None, answers: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], list[Meeting]]:
    """A copy with the new values, and where it holds another one for the same day already and `answers` do not say which counts.

    keys: finds a line by its keys, for a form that may read otherwise than the sheet (a draft); without it lines are counted, and a row
    of the same day is an error. answers: {`Meeting.key`: KEEP | REPLACE}. Raises RuleError for a limit or line that is not there.
    """
    changed, meetings = dict(data), list[Meeting]()

    def place(line: NewValue) -> tuple[str, str, dt.date]:
        return line.entry.variant, line.entry.limit, line.starts_on

    for (variant, name, starts_on), group in groupby(sorted(values, key=place), key=place):
        lines = list(group)

        def with_row(
            section: dict[str, Any], name: str = name, starts_on: dt.date = starts_on, lines: list[NewValue] = lines
        ) -> dict[str, Any]:
            limit = section.get("limits", {}).get(name)
            if limit is None:
                raise RuleError(_("There is no such limit in this programme."), where=f"limits.{name}")
            own = next((row for row in limit["rows"] if row["from"] == starts_on.isoformat()), None)
            if own is not None and keys is not None:
                row, met = _met(name, limit, own, lines, keys, answers or {})
                meetings.extend(met)
                rows = [row if other is own else other for other in limit["rows"]]
                return {**section, "limits": {**section["limits"], name: {**limit, "rows": rows}}}
            before = [row for row in limit["rows"] if row["from"] <= starts_on.isoformat()] or limit["rows"][:1]
            return with_limit_row(section, name, _row(name, limit, before[-1], starts_on, lines, keys))

        changed = in_place(changed, variant, with_row)
    return changed, meetings


def _row(
    name: str, limit: Mapping[str, Any], before: Mapping[str, Any], starts_on: dt.date, values: list[NewValue], keys: Keys | None
) -> dict[str, Any]:
    """A new row: the one before it with the new values."""
    row: dict[str, Any] = {"from": starts_on.isoformat(), "law": _laws(values)}
    news = {_number(name, limit, before, value, keys): value for value in values}
    if "table" not in before:
        return row | {"value": news[1].value}
    table = [_line(line, news[number]) if number in news else dict(line) for number, line in enumerate(before["table"], 1)]
    return row | {"table": _checked(name, table)}


def _met(
    name: str, limit: Mapping[str, Any], own: Mapping[str, Any], values: list[NewValue], keys: Keys, answers: Mapping[str, str]
) -> tuple[dict[str, Any], list[Meeting]]:
    """A row that a draft has for the day, with those of the new values that are to replace its own; and those that nobody decided yet."""
    row, meetings, taken = dict(own), [], []
    table = [dict(line) for line in own.get("table", [own])]
    for value in values:
        number = _number(name, limit, own, value, keys)
        wanted = _line(table[number - 1], value)
        if wanted == table[number - 1]:
            continue
        entry = value.entry
        held = [_said(entry.unit, table[number - 1]["value"])] if value.value is not None else []
        if value.band is not None:
            band = table[number - 1][entry.band_column]["from"]
            held.append(_("band from %(value)s") % {"value": _said(entry.band_unit, band)})
        meeting = Meeting(value, "; ".join(held), str(own.get("law", "")))
        answer = answers.get(meeting.key)
        if answer == REPLACE:
            table[number - 1] = wanted
            taken.append(value)
        elif answer != KEEP:
            meetings.append(meeting)
    if taken and "table" in own:
        laws = dict.fromkeys([str(own["law"]), *(value.law for value in taken)])
        row |= {"table": _checked(name, table), "law": "; ".join(laws)}
    elif taken:
        row |= {"value": table[0]["value"], "law": _laws(taken)}
    return row, meetings


def _number(name: str, limit: Mapping[str, Any], row: Mapping[str, Any], value: NewValue, keys: Keys | None) -> int:
    """The line of a row that a new value is for, from 1. Raises RuleError where it has none."""
    entry, lines = value.entry, row.get("table", [row])
    if keys is None:
        if not 1 <= entry.line <= len(lines):
            raise RuleError(_("The limit has no line %(number)s.") % {"number": entry.line}, where=f"limits.{name}")
        return entry.line
    cells = keys(entry)
    is_table = "table" in row
    if cells is None or limit.get("unit") != entry.unit or is_table != bool(cells):
        raise RuleError(
            _("The draft reads this limit in another way. Put the new values into a new draft."), where=f"limits.{name}"
        )
    if not is_table:
        return 1
    ways = [cells] if value.band is None else [{**cells, entry.band_column: {"from": value.band}}, cells]
    for way in ways:
        for number, line in enumerate(lines, 1):
            if _cells(line) == way:
                return number
    raise RuleError(_("The draft has no such line in its table. Put the new values into a new draft."), where=f"limits.{name}")


def _cells(line: Mapping[str, Any]) -> dict[str, Any]:
    return {column: cell for column, cell in line.items() if column != "value"}


def _laws(values: list[NewValue]) -> str:
    return "; ".join(dict.fromkeys(value.law for value in values))


def _line(line: Mapping[str, Any], new: NewValue) -> dict[str, Any]:
    changed = dict(line)
    if new.value is not None:
        changed["value"] = new.value
    if new.band is not None:
        changed[new.entry.band_column] = {"from": new.band}
    return changed


def _checked(name: str, table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = [repr(sorted((column, cell) for column, cell in line.items() if column != "value")) for line in table]
    if len(set(keys)) < len(keys):
        raise RuleError(_("Two lines of the table would hold for the same. Look at the new bands."), where=f"limits.{name}")
    return table
