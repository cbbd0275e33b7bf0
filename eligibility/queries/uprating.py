"""The yearly sheet: all limits of an agency's programmes with the values in force, to fill in and bring back."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from eligibility.definition import Definition
from eligibility.language.limits import Limit
from eligibility.queries.catalogue import in_force
from eligibility.queries.presentation import lines_of

COLUMNS = ("programme", "limit", "line", "what", "unit", "value_now", "in_force_from", "new_value", "new_from", "law")
LARGEST = 500_000  # characters of a sheet that is brought back


class UnreadableSheet(ValueError):
    """The sheet cannot be used. `problems` says what to mend, each with its line."""

    def __init__(self, problems: list[str]):
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class NewValue:
    """One filled-in line. number: its line in the sheet; line: which line of the limit's table, from 1."""

    number: int
    programme: str
    limit: str
    line: int
    value: str
    starts_on: dt.date
    law: str


def sheet_of(agency_id: UUID, on: dt.date) -> str:
    """The CSV text: a line for each value in force on `on`; new_value, new_from and law are empty."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for version in in_force(on):
        if version.programme.agency_id != agency_id:
            continue
        for limit in Definition.from_dict(version.definition).limits.values():
            writer.writerows(_lines(version.programme.code, limit, on))
    return out.getvalue()


def _lines(code: str, limit: Limit, on: dt.date) -> list[list[str]]:
    row = limit.row_on(on)
    if row is None:
        return []
    stored = row.get("table", [row])
    lines = []
    for number, (line, words) in enumerate(zip(stored, lines_of(limit, row, "en"), strict=True), 1):
        value = line["value"]
        shown = ", ".join(value) if isinstance(value, list) else {True: "yes", False: "no"}.get(value, str(value))
        what = " · ".join([limit.label or limit.name.replace("_", " "), *(str(cell) for cell in words["cells"])])
        lines.append([code, limit.name, str(number), _harmless(what), limit.unit, shown, row["from"], "", "", ""])
    return lines


def _harmless(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def read_sheet(text: str) -> list[NewValue]:
    """The filled-in lines of a sheet. Raises UnreadableSheet with every problem; lines without a new value are left out."""
    if len(text) > LARGEST:
        raise UnreadableSheet([_("The sheet is too long.")])
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        raise UnreadableSheet(
            [_("The sheet has no column “%(name)s”. Begin with the sheet from this page.") % {"name": missing[0]}]
        )
    found, problems = [], []
    for number, row in enumerate(reader, 2):
        if not (row["new_value"] or "").strip():
            continue
        try:
            found.append(_new_value(number, row))
        except ValueError as problem:
            problems.append(_("Line %(number)s: %(problem)s") % {"number": number, "problem": problem})
    if problems:
        raise UnreadableSheet(problems)
    if not found:
        raise UnreadableSheet([_("No line has a new value.")])
    return found


def _new_value(number: int, row: dict[str, str]) -> NewValue:
    try:
        starts_on = dt.date.fromisoformat((row["new_from"] or "").strip())
    except ValueError:
        raise ValueError(_("new_from must be a date like 2027-04-06")) from None
    law = (row["law"] or "").strip()
    if not law:
        raise ValueError(_("law must name the law that sets the new value"))
    line = (row["line"] or "").strip()
    if not line.isascii() or not line.isdigit():
        raise ValueError(_("line must be the number from the sheet"))
    return NewValue(number, row["programme"].strip(), row["limit"].strip(), int(line), row["new_value"].strip(), starts_on, law)
