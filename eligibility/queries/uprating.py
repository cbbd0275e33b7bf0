"""All limits of an agency in one sheet: what is in force, what was filled in, and what of that cannot be."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from eligibility.definition import Definition, SharedFile
from eligibility.language.limits import NO_LIMIT, Limit
from eligibility.models import ProgrammeVersion
from eligibility.models.programme import DRAFT
from eligibility.queries.catalogue import current_or_coming, definition_of, in_force
from eligibility.queries.comparison import Change, limit_changes
from eligibility.queries.presentation import cells_of, lines_of
from eligibility.queries.shared import newest
from eligibility.uprating_sheet import SheetLine, read_day, read_value, shown, written
from portal.templatetags.ui import short_day

SHARED = "shared-"  # before the name of a shared file, where a programme's code would stand
INTO = "into."  # before a programme's code, in the key of a problem with where its values go


class UnreadableSheet(ValueError):
    """The values cannot be used. `problems` says what to mend, each with its place."""

    def __init__(self, problems: Sequence["Problem"]):
        super().__init__("; ".join(problem.words for problem in problems))
        self.problems = list(problems)


@dataclass(frozen=True)
class Entry:
    """One value of a limit, or of one line of its table.

    owner: the programme's code, or SHARED and the file's name; variant: id of the local variant, "" for the rule everywhere; line: from 1.
    value, band: as stored ("" before the first row). band_column: the key column whose lower edge the line has. later: rows that are
    published and still to come: [(day, value as shown)].
    """

    owner: str
    variant: str
    limit: str
    line: int
    used_by: str
    place: str
    label: str
    cells: str
    unit: str
    value: Any
    words: str
    since: str
    law: str
    band_column: str = ""
    band_unit: str = ""
    band: Any = ""
    later: tuple[tuple[dt.date, str], ...] = ()

    @property
    def key(self) -> str:
        """Names the value in a form."""
        return ".".join((self.owner, self.variant, self.limit, str(self.line)))

    @property
    def is_shared(self) -> bool:
        """Whether it is a limit of a shared file, used by several programmes."""
        return self.owner.startswith(SHARED)

    @property
    def shown(self) -> str:
        """The value as the sheet writes it."""
        return shown(self.unit, self.value) if self.since else ""

    @property
    def band_shown(self) -> str:
        """The lower edge of the line's band as the sheet writes it."""
        return shown(self.band_unit, self.band) if self.band_column else ""

    @property
    def since_day(self) -> dt.date | None:
        """The day from which the value holds."""
        return dt.date.fromisoformat(self.since) if self.since else None

    @property
    def full_label(self) -> str:
        """The limit with the keys of its line."""
        return f"{self.label} ({self.cells})" if self.cells else self.label


@dataclass(frozen=True)
class Filled:
    """What was written for one entry, as text. number: its line in the sheet, 0 on the page."""

    value: str = ""
    starts_on: str = ""
    law: str = ""
    band: str = ""
    number: int = 0

    @property
    def is_empty(self) -> bool:
        """Nothing changes; a day or a law alone does not either."""
        return not (self.value or self.band)


@dataclass(frozen=True)
class NewValue:
    """One new value. value, band: as stored, None where it stays."""

    entry: Entry
    value: Any
    band: Any
    starts_on: dt.date
    law: str
    number: int = 0


@dataclass(frozen=True)
class Problem:
    """What to mend: at which entry and column (value, starts_on, law, band; "" for none), in which line of the sheet (0: none).

    key: of an entry, or INTO and the code of the programme whose draft it is about.
    """

    text: str
    key: str = ""
    column: str = ""
    number: int = 0

    @property
    def words(self) -> str:
        """The problem with its place in the sheet."""
        if not self.number:
            return self.text
        if not self.column:
            return _("Line %(number)s: %(problem)s") % {"number": self.number, "problem": self.text}
        place = {"number": self.number, "column": _COLUMN_NAMES[self.column], "problem": self.text}
        return _("Line %(number)s, column “%(column)s”: %(problem)s") % place


_COLUMN_NAMES = {"value": "New value", "starts_on": "New from", "law": "New law", "band": "New band from", "now": "Value now"}


@dataclass
class Checked:
    """What came of the filled-in values."""

    values: list[NewValue] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def newest_of(agency_id: UUID | None, on: dt.date) -> dict[str, ProgrammeVersion]:
    """{code: the version that drafts of the agency's programmes begin from}: in force, or published and still to come."""
    versions = sorted((*in_force(on), *current_or_coming()), key=lambda version: version.first_day)
    return {version.programme.code: version for version in versions if version.programme.agency_id == agency_id}


def entries_of(agency_id: UUID | None, on: dt.date, language: str = "en") -> list[Entry]:
    """Every value of the limits of an agency's programmes, of their local variants, and once each of the shared limits they use."""
    versions = newest_of(agency_id, on)
    entries: list[Entry] = []
    for code, version in sorted(versions.items(), key=lambda item: item[1].definition["programme"]["name"]):
        own, whole = Definition.from_dict(version.definition), definition_of(version)
        name = own.text("name", language)
        for limit in _by_label(own.limits.values(), whole, language):
            entries += _entries(code, "", limit, on, language, whole, name, "")
        for variant in own.variants:
            local = whole.with_variant(variant)
            for limit in _by_label(variant.limits.values(), local, language):
                entries += _entries(code, variant.id, limit, on, language, local, name, variant.name)
    for file in sorted({file for version in versions.values() for file in version.shared}):
        users = [version for version in versions.values() if file in version.shared]
        names = ", ".join(definition_of(version).text("name", language) for version in users)
        whole = definition_of(users[0])
        for limit in _by_label(SharedFile.from_dict(file, newest(file)).limits.values(), whole, language):
            entries += _entries(f"{SHARED}{file}", "", limit, on, language, whole, names, "")
    return entries


def _label(limit: Limit, definition: Definition, language: str) -> str:
    said = definition.text(f"limits.{limit.name}.label", language) or limit.label
    return said or limit.name.replace("_", " ").capitalize()


def _by_label(limits: Iterable[Limit], definition: Definition, language: str) -> list[Limit]:
    return sorted(limits, key=lambda limit: (_label(limit, definition, language).lower(), limit.name))


def _entries(
    owner: str, variant: str, limit: Limit, on: dt.date, language: str, definition: Definition, used_by: str, place: str
) -> list[Entry]:
    row = limit.row_on(on)
    stored = row or limit.rows[0]
    lines = stored.get("table", [stored])
    found = []
    for number, (line, words) in enumerate(zip(lines, lines_of(limit, stored, language, definition), strict=True), 1):
        band = next((column for column, _unit in limit.by if isinstance(line.get(column), dict)), "")
        later = [other for other in limit.rows if dt.date.fromisoformat(other["from"]) > on]
        found.append(
            Entry(
                owner=owner,
                variant=variant,
                limit=limit.name,
                line=number,
                used_by=used_by,
                place=place,
                label=_label(limit, definition, language),
                cells=cells_of(limit, words["cells"], definition, language),
                unit=limit.unit,
                value=line["value"],
                words=str(words["value"]),
                since=row["from"] if row is not None else "",
                law=row["law"] if row is not None else "",
                band_column=band,
                band_unit=dict(limit.by).get(band, ""),
                band=line[band]["from"] if band else "",
                later=tuple((dt.date.fromisoformat(other["from"]), _later(limit, other, number)) for other in later),
            )
        )
    return found


def _later(limit: Limit, row: Mapping[str, Any], number: int) -> str:
    lines = row.get("table", [row])
    return shown(limit.unit, lines[number - 1]["value"]) if number <= len(lines) else "…"


def sheet_of(entries: Iterable[Entry]) -> str:
    """The CSV text: a line for each entry; new value, day and law are empty."""
    return written(
        {
            "Programme": entry.used_by,
            "Local variant": entry.place,
            "Limit": entry.label,
            "Applies to": entry.cells,
            "Unit": entry.unit,
            "Value now": entry.shown,
            "In force from": entry.since,
            "Law now": entry.law,
            "Already set for later": "; ".join(f"{day.isoformat()}: {value}" for day, value in entry.later),
            "Band from now": entry.band_shown,
            "Programme code": entry.owner,
            "Variant code": entry.variant,
            "Limit code": entry.limit,
            "Line": str(entry.line),
        }
        for entry in entries
    )


def digest_of(entries: Iterable[Entry]) -> str:
    """Tells whether the limits still are what a page was drawn from."""
    return sha256(repr([(entry.key, entry.shown, entry.since, entry.later) for entry in entries]).encode()).hexdigest()[:16]


def filled_from(lines: Iterable[SheetLine], entries: Iterable[Entry]) -> tuple[dict[str, Filled], list[Problem]]:
    """What a sheet says, by the key of the entry; and the lines that speak of no entry, twice of one, or of a value that changed since."""
    known = {entry.key: entry for entry in entries}
    filled: dict[str, Filled] = {}
    problems = []
    for line in lines:
        text = Filled(line["New value"], line["New from"], line["New law"], line["New band from"], line.number)
        if text.is_empty:
            continue
        number = line["Line"].removesuffix(".0") or "1"
        key = ".".join((line["Programme code"], line["Variant code"], line["Limit code"], number))
        entry = known.get(key)
        if entry is None:
            said = _(
                "Your agency has no such limit now. Take the four codes from a new sheet, or empty “New value” in this line."
            )
            problems.append(Problem(said, number=line.number))
        elif key in filled:
            said = _("Line %(other)s has a new value for the same limit. Empty one of the two.") % {"other": filled[key].number}
            problems.append(Problem(said, key, "value", line.number))
        else:
            filled[key] = text
            if _is_outdated(entry, line):
                said = _("The value now is %(value)s. The sheet is older; look whether your new value still fits.")
                problems.append(Problem(said % {"value": entry.shown or _("none")}, key, "now", line.number))
    return filled, problems


def _is_outdated(entry: Entry, line: SheetLine) -> bool:
    """Whether the sheet names another present value; what a spreadsheet made unreadable is not held against it."""
    if not line["Value now"]:
        return False
    try:
        return bool(read_value(entry.unit, line["Value now"]) != entry.value)
    except ValueError:
        return False


def checked(entries: Iterable[Entry], filled: Mapping[str, Filled], *, starts_on: str = "", law: str = "") -> Checked:
    """The new values, or all that is wrong with them. starts_on, law: for lines that do not say their own."""
    result = Checked()
    for entry in entries:
        text = filled.get(entry.key)
        if text is None or text.is_empty:
            continue
        found, wrong = _read(entry, text, starts_on, law)
        result.problems += [Problem(words, entry.key, column, text.number) for column, words in wrong]
        if found is not None:
            result.values.append(found)
    if not result.values and not result.problems:
        result.problems.append(Problem(_("There is no new value. Fill in at least one.")))
    return result


def _read(entry: Entry, text: Filled, starts_on: str, law: str) -> tuple[NewValue | None, list[tuple[str, str]]]:
    wrong: list[tuple[str, str]] = []
    read: dict[str, Any] = {"value": None, "band": None}
    for column, unit, words in (("value", entry.unit, text.value), ("band", entry.band_unit, text.band)):
        if not words:
            continue
        if not unit:
            wrong.append((column, _("This line has no band.")))
            continue
        try:
            read[column] = read_value(unit, words)
        except ValueError as problem:
            wrong.append((column, str(problem)))
    day = None
    if not (text.starts_on or starts_on):
        wrong.append(("starts_on", _("The first day is missing. Write it like 06/04/2027.")))
    else:
        try:
            day = read_day(text.starts_on or starts_on)
        except ValueError as problem:
            wrong.append(("starts_on", str(problem)))
    if day is not None and (problem_of_day := _wrong_day(entry, day)):
        wrong.append(("starts_on", problem_of_day))
    if not (text.law or law).strip():
        wrong.append(("law", _("The law that sets the new value is missing.")))
    elif len(text.law or law) > 300:
        wrong.append(("law", _("The law is longer than 300 characters.")))
    if wrong or day is None:
        return None, wrong
    return NewValue(entry, read["value"], read["band"], day, (text.law or law).strip(), text.number), []


def _wrong_day(entry: Entry, day: dt.date) -> str:
    if any(day == other for other, _value in entry.later):
        return _("A value from %(day)s is published already. Choose another day.") % {"day": short_day(day)}
    if entry.since_day is not None and day <= entry.since_day:
        return _("The value now holds from %(day)s. The new one must begin later.") % {"day": short_day(entry.since_day)}
    return ""


def proposed(
    entries: Iterable[Entry], filled: Mapping[str, Filled], *, percent: Decimal, step: Decimal, rates_only: bool, owner: str = ""
) -> dict[str, Filled]:
    """`filled` with a raised value for each sum of money that has none yet. step: pounds to round to; owner: of these limits only."""
    found = dict(filled)
    for entry in entries:
        text = filled.get(entry.key, Filled())
        is_chosen = entry.unit.startswith("GBP/" if rates_only else "GBP") and owner in ("", entry.owner)
        if not is_chosen or text.value or not entry.since or entry.value == NO_LIMIT:
            continue
        raised = raised_by(Decimal(entry.value), percent, step)
        if raised != Decimal(entry.value):
            found[entry.key] = Filled(shown("GBP", f"{raised:f}"), text.starts_on, text.law, text.band, text.number)
    return found


def raised_by(value: Decimal, percent: Decimal, step: Decimal) -> Decimal:
    """A sum raised by per cent and rounded to the nearest step, half up."""
    return (value * (100 + percent) / 100 / step).quantize(Decimal(1), ROUND_HALF_UP) * step


@dataclass(frozen=True)
class Made:
    """A draft of the uprating: what it changes, and how its worked examples ended. failed: the examples that fail, in words."""

    version: ProgrammeVersion
    name: str
    changes: list[Change]
    passed: int
    failed: list[str]

    @property
    def may_be_sent(self) -> bool:
        """Whether it can go to a second person."""
        return self.version.state == DRAFT and bool(self.passed) and not self.failed


def named_versions(agency_id: UUID, named: Iterable[tuple[str, int]]) -> list[ProgrammeVersion]:
    """The agency's versions of these (code, number); others are left out."""
    wanted = set(named)
    found = ProgrammeVersion.objects.filter(
        programme__agency_id=agency_id,
        programme__code__in={code for code, _number in wanted},
        number__in={number for _code, number in wanted},
    ).select_related("programme__agency", "based_on", "author", "approver")
    return [version for version in found if (version.programme.code, version.number) in wanted]


def made_of(agency_id: UUID, named: Iterable[tuple[str, int]], language: str) -> list[Made]:
    """The agency's versions of these (code, number) as an uprating shows them, in the order of the names; others are left out."""
    return sorted((_made(version, language) for version in named_versions(agency_id, named)), key=lambda item: item.name)


def _made(version: ProgrammeVersion, language: str) -> Made:
    cases = {case["id"]: case for case in version.definition.get("cases", {}).get("case", ())}
    failed = dict.fromkeys(failure["case"] for failure in version.examples.get("failed", ()))
    return Made(
        version=version,
        name=definition_of(version).text("name", language),
        changes=limit_changes(version.based_on, version, language) if version.based_on else [],
        passed=version.examples.get("passed", 0),
        failed=[cases.get(id_, {}).get("says") or id_.replace("_", " ") for id_ in failed],
    )
