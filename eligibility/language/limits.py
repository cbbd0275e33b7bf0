"""Limits: values with dates. A row holds from its date until the next row's; a table limit keeps a small table in each row.

Values inside are exact: money in pence and numbers as int or Fraction, dates as `date`, codes as str, lists of codes as frozenset.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from eligibility.language.errors import RuleError
from eligibility.language.mends import with_meant
from eligibility.language.messages import message as _
from eligibility.language.messages import together
from eligibility.language.parser import CODE, plain
from eligibility.language.shapes import items, section, texts, texts_in
from eligibility.language.types import DATE, NUMBER, PERIODS, YES_NO, Type

NUMBER_UNITS = ("number", "share", "years", "months", "weeks", "days", "hours")
_MONEY_UNITS = {"GBP": "once", **{f"GBP/{per}": per for per in PERIODS}}
UNITS = (*_MONEY_UNITS, *NUMBER_UNITS, "date", "yes/no", "choice", "choices")
NO_LIMIT = "none"
MOST_DIGITS = 30  # before or after the point: a number written with an exponent could fill the memory


def exact(number):
    """An int where the number is whole, else a Fraction."""
    number = Fraction(number)
    return number.numerator if number.denominator == 1 else number


def toml_number(text):
    """A number of a TOML file, exact. Raises RuleError for one beyond all bounds."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        raise RuleError(_("%(text)s is not a number a rule can hold.", text=text[:40]))
    return number


def unit_type(unit):
    """The `Type` of a unit written in a limit. Raises RuleError for an unknown unit."""
    if unit in _MONEY_UNITS:
        return Type("money", _MONEY_UNITS[unit])
    if unit in NUMBER_UNITS:
        return NUMBER
    known = {"date": DATE, "yes/no": YES_NO, "choice": Type("choice"), "choices": Type("choices")}
    if unit not in known:
        raise RuleError(
            with_meant(_("“%(unit)s” is not a unit. Use one of: %(units)s.", unit=unit, units=UNITS), str(unit), UNITS)
        )
    return known[unit]


def plain_value(unit, value):
    """A value as written, in its one JSON form: numbers as text, dates as ISO text, lists of codes sorted. Raises RuleError."""
    kind = unit_type(unit).kind
    if value == NO_LIMIT and kind in ("money", "number"):
        return NO_LIMIT
    if kind in ("money", "number") and isinstance(value, (int, str, Decimal)) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite() and abs(number.adjusted()) <= MOST_DIGITS and len(number.as_tuple().digits) <= MOST_DIGITS:
            return plain(number)
    elif kind == "yes_no" and isinstance(value, bool):
        return value
    elif kind == "date" and isinstance(value, (date, str)):
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            pass
    elif kind == "choice" and isinstance(value, str) and CODE.match(value):
        return value
    elif kind == "choices" and isinstance(value, list) and all(isinstance(item, str) and CODE.match(item) for item in value):
        return sorted(value)
    said = _("%(value)s is not a value with the unit %(unit)s.", value=str(value)[:80], unit=unit)
    raise RuleError(together(said, _LIKE["share" if unit == "share" else kind]))


_LIKE = {
    "money": _("Write pounds, with a point before the pence, like 16000 or 20.40."),
    "number": _("Write a number, with a point before parts of one, like 16 or 7.5."),
    "share": _("Write a share as a part of one, like 0.55."),
    "yes_no": _("Write true or false."),
    "date": _("Write a day as year-month-day, like 2026-04-06."),
    "choice": _("Write one code: the letters a to z, digits and _, like higher_rate."),
    "choices": _('Write a list of codes, like ["standard", "enhanced"].'),
}


def inner_value(unit, value):
    """A plain value as the engine uses it; None for "none" (there is no limit)."""
    kind = unit_type(unit).kind
    if kind in ("money", "number"):
        return None if value == NO_LIMIT else exact(Fraction(value) * (100 if kind == "money" else 1))
    if kind == "date":
        return date.fromisoformat(value)
    return frozenset(value) if kind == "choices" else value


@dataclass(frozen=True)
class Cell:
    """A condition on one key column. kind: one_of | from | any. values: the allowed values, or the one lower edge."""

    kind: str
    values: tuple = ()

    def fits(self, key):
        """Whether a known key (None: does not apply) fits."""
        if self.kind == "any":
            return True
        if key is None:
            return False
        return key in self.values if self.kind == "one_of" else key >= self.values[0]

    @property
    def rank(self):
        """Exact before band before any; of bands the highest edge."""
        return {"one_of": 2, "from": 1, "any": 0}[self.kind]


@dataclass(frozen=True)
class Limit:
    """One limit of a programme or of a shared file. `rows` are plain dicts in order of date, as stored (see `from_dict`).

    words: {code: {language: text}} of codes that are no answers of a fact.
    """

    name: str
    unit: str
    rows: tuple
    by: tuple = ()
    label: str = ""
    words: Mapping = field(default_factory=dict)

    @classmethod
    def from_dict(cls, name, data):
        """Reads one `[limits.<name>]` section or its stored form. Raises RuleError that names the row."""
        where = f"limits.{name}"
        if not isinstance(data, dict):
            raise RuleError(_("A limit is a section with unit and rows."), where=where)
        if extra := set(data) - {"label", "unit", "by", "rows", "words"}:
            raise RuleError(_("A limit has no “%(name)s”. It has label, unit, by, rows and words.", name=min(extra)), where=where)
        by = _columns(data.get("by", {}), f"{where}.by")
        texts_in(data, ("unit", "label"), where)
        try:
            for unit in (data.get("unit"), *(unit for _column, unit in by)):
                unit_type(unit)
            if not items(data.get("rows", ()), where):
                raise RuleError(_('A limit needs at least one row: { from = 2026-04-01, value = ..., law = "..." }.'))
            rows = sorted((_plain_row(row, data["unit"], by) for row in data["rows"]), key=lambda row: row["from"])
        except RuleError as error:
            raise error.at(where) from None
        dates = [row["from"] for row in rows]
        if len(set(dates)) < len(dates):
            raise RuleError(_("Two rows begin on the same day. Give each a day of its own."), where=where)
        words = _words_of(data.get("words", {}), where)
        limit = cls(name, data["unit"], tuple(rows), by, data.get("label", ""), words)
        if strange := set(words) - limit.codes() - limit.keys():
            raise RuleError(_("The limit has no code “%(name)s” to put into words.", name=min(strange)), where=f"{where}.words")
        return limit

    def to_dict(self):
        """The stored JSON form."""
        out: dict[str, Any] = {"unit": self.unit, "rows": [dict(row) for row in self.rows]}
        if self.by:
            out["by"] = [list(pair) for pair in self.by]
        if self.label:
            out["label"] = self.label
        if self.words:
            out["words"] = {code: dict(texts) for code, texts in self.words.items()}
        return out

    @property
    def type(self):
        """The type of the value (of a cell, for a table)."""
        return unit_type(self.unit)

    def row_on(self, day):
        """The row in force on `day`, or None before the first."""
        found = None
        for row in self.rows:
            if date.fromisoformat(row["from"]) <= day:
                found = row
        return found

    def next_change(self, day):
        """The first date after `day` on which another row begins, or None."""
        later = [row["from"] for row in self.rows if date.fromisoformat(row["from"]) > day]
        return date.fromisoformat(min(later)) if later else None

    def value_on(self, day):
        """The value on `day` for a limit that is no table. Raises LookupError before the first row."""
        row = self.row_on(day)
        if row is None:
            raise LookupError(f"limits.{self.name} has no value on {day.isoformat()}")
        return inner_value(self.unit, row["value"])

    def table_on(self, day):
        """The table on `day` as a list of (cells, value), or None before the first row."""
        row = self.row_on(day)
        if row is None:
            return None
        return [
            (tuple(_cell(unit, line.get(column)) for column, unit in self.by), inner_value(self.unit, line["value"]))
            for line in row["table"]
        ]

    def codes(self):
        """All codes used as values, for checking them against a fact's choices."""
        if self.type.kind not in ("choice", "choices"):
            return set()
        values = [line["value"] for row in self.rows for line in row.get("table", [row])]
        return {code for value in values for code in (value if isinstance(value, list) else [value])}

    def keys(self):
        """All codes that the key columns of a table name."""
        columns = [column for column, unit in self.by if unit in ("choice", "choices")]
        cells = [line[column] for row in self.rows for line in row.get("table", ()) for column in columns if column in line]
        return {code for cell in cells for code in (cell if isinstance(cell, list) else [cell])}


def _words_of(data, where):
    """The words of codes, {code: {language: text}}, with English for each. Raises RuleError."""
    if not isinstance(data, dict):
        raise RuleError(_('Words are written { code = { en = "Name" } }.'), where=f"{where}.words")
    for code, said in data.items():
        if not isinstance(said, dict) or not said.get("en") or not all(isinstance(text, str) for text in said.values()):
            raise RuleError(_('Words are written { code = { en = "Name" } }.'), where=f"{where}.words.{code}")
    return {code: dict(said) for code, said in data.items()}


def find(table, keys):
    """The (cells, value) line of a table that fits the known keys best, or None.

    Column by column an exact cell goes before a band, the higher band before the lower, a band before a cell left out.
    """
    best, best_rank = None, []
    for line in table:
        cells = line[0]
        if all(cell.fits(key) for cell, key in zip(cells, keys, strict=True)):
            rank = [(cell.rank, _edge(cell)) for cell in cells]
            if best is None or rank > best_rank:
                best, best_rank = line, rank
    return best


def _edge(cell):
    if cell.kind != "from":
        return 0
    edge = cell.values[0]
    return edge.toordinal() if isinstance(edge, date) else edge


def _cell(unit, cell):
    if cell is None:
        return Cell("any")
    if isinstance(cell, dict):
        return Cell("from", (inner_value(unit, cell["from"]),))
    return Cell("one_of", tuple(inner_value(unit, value) for value in (cell if isinstance(cell, list) else [cell])))


def _columns(by, where):
    """((column, unit), ...) of a table, from {column: unit} or its stored form."""
    found = tuple(tuple(texts(item, where)) for item in (by.items() if isinstance(by, dict) else items(by, where)))
    if not all(len(item) == 2 for item in found):
        raise RuleError(_('Write the columns as by = { income = "GBP/week" }: the name and its unit.'), where=where)
    return found


def _plain_row(row, unit, by):
    if not isinstance(row, dict) or not isinstance(row.get("from"), (date, str)):
        raise RuleError(_("A row needs the date it holds from: from = 2026-04-01."))
    start = str(row["from"])
    try:
        date.fromisoformat(start)
    except ValueError:
        raise RuleError(_("%(text)s is not a date. Write a day as year-month-day, like 2026-04-06.", text=start)) from None
    known = {"from", "law", "note", "table" if by else "value"}
    if extra := set(row) - known:
        raise RuleError(
            _("The row from %(day)s has no “%(name)s”. It has %(names)s.", day=start, name=min(extra), names=sorted(known))
        )
    if not isinstance(row.get("law"), str) or not row["law"]:
        raise RuleError(_("The row from %(day)s names no law.", day=start))
    out = {"from": start, "law": row["law"]}
    if row.get("note"):
        out["note"] = str(row["note"])
    try:
        if not by:
            if "value" not in row:
                raise RuleError(_("The value is missing."))
            out["value"] = plain_value(unit, row["value"])
        else:
            out["table"] = [_plain_line(section(line, ""), unit, by) for line in items(row.get("table") or [], "")]
            if not out["table"]:
                raise RuleError(_("The table is missing."))
    except RuleError as error:
        raise RuleError(_("In the row from %(day)s: %(problem)s", day=start, problem=error.said)) from None
    return out


def _plain_line(line, unit, by):
    columns = dict(by)
    if extra := set(line) - set(columns) - {"value"}:
        raise RuleError(_("The table has no column “%(name)s”. Its columns are %(names)s.", name=min(extra), names=list(columns)))
    if "value" not in line:
        raise RuleError(_("A line of the table has no value."))
    out = {"value": plain_value(unit, line["value"])}
    for column, cell in line.items():
        if column == "value":
            continue
        if isinstance(cell, dict):
            if set(cell) != {"from"} or unit_type(columns[column]).kind not in ("money", "number", "date"):
                raise RuleError(
                    _("A band in the column %(column)s is written { from = ... }, in money, numbers or dates.", column=column)
                )
            out[column] = {"from": plain_value(columns[column], cell["from"])}
        elif isinstance(cell, list):
            out[column] = [plain_value(columns[column], value) for value in cell]
        else:
            out[column] = plain_value(columns[column], cell)
    return out
