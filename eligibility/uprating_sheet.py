"""The yearly sheet as a file: written for spreadsheet programs, read back whatever they made of it. Pure: no database, no clock."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from eligibility.language.errors import RuleError
from eligibility.language.limits import NO_LIMIT, NUMBER_UNITS, plain_value
from portal.kit.spreadsheets import as_written, harmless

COLUMNS = (
    "Programme",
    "Local variant",
    "Limit",
    "Applies to",
    "Unit",
    "Value now",
    "In force from",
    "Law now",
    "Already set for later",
    "New value",
    "New from",
    "New law",
    "Band from now",
    "New band from",
    "Programme code",
    "Variant code",
    "Limit code",
    "Line",
)
NEEDED = ("New value", "New from", "New law", "Programme code", "Limit code")
LARGEST = 1_000_000  # bytes of a sheet that is brought back
MOST_LINES = 5_000
_SEPARATORS = ",;\t"
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?\Z")
_GROUPED_ABROAD = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+\Z")
_PLAIN = re.compile(r"-?\d{1,12}([.,]\d{1,6})?\Z")


class UnreadableFile(ValueError):
    """The file is no sheet; the message says why."""


@dataclass(frozen=True)
class SheetLine:
    """A line of a sheet as it was brought back. number: its line in the file; cells: {column of COLUMNS: text}."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def written(lines: Iterable[Mapping[str, str]]) -> str:
    """The CSV text of a sheet with these lines, {column: text}; columns that are not named stay empty."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([harmless(line.get(name, "")) for name in COLUMNS] for line in lines)
    return out.getvalue()


def read(file: bytes) -> list[SheetLine]:
    """The lines of a sheet, empty ones left out: any common separator, quoting, order of columns and encoding. Raises UnreadableFile."""
    if len(file) > LARGEST:
        raise UnreadableFile(_("The file is larger than a sheet can be (1 MB)."))
    text = _text(file)
    head, _newline, rest = text.partition("\n")
    if head.strip().lower().startswith("sep="):
        text, head = rest, rest.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        rows = list(_numbered(text, separator))
    except csv.Error as problem:
        raise UnreadableFile(_("The file cannot be read as CSV: %(problem)s") % {"problem": problem}) from None
    if not rows:
        raise UnreadableFile(_("The file is empty."))
    places = _places(rows[0][1])
    found = []
    for number, row in rows[1:]:
        cells = {name: as_written(row[place].strip()).strip() for name, place in places.items() if place < len(row)}
        if any(cells.values()):
            found.append(SheetLine(number, cells))
    if len(found) > MOST_LINES:
        raise UnreadableFile(_("The file has more lines than a sheet can have."))
    return found


def _text(file: bytes) -> str:
    """Its text. Spreadsheet programs write UTF-8, UTF-16 ("Unicode text") or the old Western code page."""
    if b"\0" in file and not file.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(_("This is not a CSV file. In the spreadsheet, choose “Save as” and then “CSV UTF-8”."))
    if file.startswith(b"PK\x03\x04"):
        raise UnreadableFile(_("This is a workbook, not a CSV file. In the spreadsheet, choose “Save as” and then “CSV UTF-8”."))
    for encoding in ("utf-16",) if file.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            return file.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_("The text of the file cannot be read. In the spreadsheet, choose “Save as” and then “CSV UTF-8”."))


def _numbered(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number a spreadsheet shows for them: a cell over two lines counts once."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
    yield from ((number, row) for number, row in enumerate(rows, 1) if number == 1 or any(cell.strip() for cell in row))


def _places(heads: list[str]) -> dict[str, int]:
    known = {_plain_name(name): name for name in COLUMNS}
    places: dict[str, int] = {}
    for place, head in enumerate(heads):
        name = known.get(_plain_name(head))
        if name in places:
            raise UnreadableFile(_("The sheet has the column “%(name)s” twice.") % {"name": name})
        if name is not None:
            places[name] = place
    if missing := [name for name in NEEDED if name not in places]:
        raise UnreadableFile(_("The sheet has no column “%(name)s”. Begin with the sheet from this page.") % {"name": missing[0]})
    return places


def _plain_name(head: str) -> str:
    return re.sub(r"[^a-z]+", "_", head.lower()).strip("_")


def shown(unit: str, value: Any) -> str:
    """A stored value as the sheet and the page write it: "1260.50", "55%", "yes", "enhanced, standard"."""
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "share" and value != NO_LIMIT:
        return f"{(Decimal(value) * 100).normalize():f}%"
    if unit.startswith("GBP") and "." in str(value):
        pounds, pence = str(value).split(".")
        return f"{pounds}.{pence:0<2}"
    return str(value)


def read_value(unit: str, text: str) -> Any:
    """What somebody wrote as a value of this unit, as a limit stores it. Raises ValueError in words."""
    text = text.strip()
    if unit == "date":
        return read_day(text).isoformat()
    if unit == "yes/no":
        answer = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}.get(text.lower())
        if answer is None:
            raise ValueError(_("Write yes or no."))
        return answer
    if unit.startswith("GBP") or unit in NUMBER_UNITS:
        return NO_LIMIT if text.lower() == NO_LIMIT else _number(unit, text)
    value: Any = [part.strip() for part in re.split(r"[,;]", text) if part.strip()] if unit == "choices" else text
    try:
        return plain_value(unit, value)
    except RuleError:
        raise ValueError(_("“%(text)s” is not a code. Write codes as in the column “Value now”.") % {"text": text}) from None


def _number(unit: str, text: str) -> str:
    is_money, has_percent = unit.startswith("GBP"), text.endswith("%")
    plain = _SPACES.sub("", text.removesuffix("%"))
    if is_money:
        plain = re.sub(r"\A(£|GBP)|(£|GBP)\Z", "", plain, flags=re.IGNORECASE)
    if has_percent and unit != "share":
        raise ValueError(_("“%(text)s” is a percentage. Write the new value itself.") % {"text": text})
    if _GROUPED.match(plain):
        plain = plain.replace(",", "")
    elif _GROUPED_ABROAD.match(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _PLAIN.match(plain):
        plain = plain.replace(",", ".")
    else:
        words = _("“%(text)s” is not an amount. Write it like 1260.50.") if is_money else _("“%(text)s” is not a number.")
        raise ValueError(words % {"text": text})
    try:
        number = Decimal(plain)
    except InvalidOperation:
        raise ValueError(_("“%(text)s” is not a number.") % {"text": text}) from None
    if number < 0:
        raise ValueError(_("“%(text)s” is below zero.") % {"text": text})
    if is_money and number != number.quantize(Decimal("0.01")):
        raise ValueError(_("“%(text)s” has parts of a penny.") % {"text": text})
    if unit == "share" and has_percent:
        number /= 100
    elif unit == "share" and number > 1:
        raise ValueError(_("Write a share with its sign (55%) or as a part of one (0.55)."))
    return str(plain_value(unit, number))


def read_day(text: str) -> dt.date:
    """A day as people and spreadsheets write it: 2027-04-06, 06/04/2027 (the day first), 6.4.27, 6 April 2027. Raises ValueError in words."""
    parts = [part for part in re.split(r"[\s/.,-]+", re.sub(r"[T ]00:00(:00(\.0+)?)?\Z", "", text.strip())) if part]
    problem = ValueError(_("“%(text)s” is not a day. Write it like 06/04/2027 or 2027-04-06.") % {"text": text})
    if len(parts) != 3:
        raise problem
    if not parts[1].isdigit() and parts[1][:3].lower() in _MONTHS:
        parts[1] = str(_MONTHS.index(parts[1][:3].lower()) + 1)
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise problem
    year, month, day = parts if len(parts[0]) == 4 else reversed(parts)
    try:
        found = dt.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        raise problem from None
    if not 1900 <= found.year <= 2199:
        raise problem
    return found
