"""Forms of dated limits: a new limit, single or a table, and a new dated row of one. A table is written line by line."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from eligibility.forms.shared import DayField, DraftForm
from eligibility.language import RuleError
from eligibility.language.entries import typed_cell, typed_value
from eligibility.rule_words import sentence
from portal.rendering import present

MOST_LINES = 60
EMPTY_LINES = 3
MOST_COLUMNS = 3
UNITS = [
    ("GBP", gettext_lazy("Money: a sum")),
    ("GBP/week", gettext_lazy("Money a week")),
    ("GBP/four_weeks", gettext_lazy("Money every four weeks")),
    ("GBP/month", gettext_lazy("Money a month")),
    ("GBP/year", gettext_lazy("Money a year")),
    ("number", gettext_lazy("A number")),
    ("share", gettext_lazy("A share (0.55 is 55%)")),
    ("years", gettext_lazy("Years")),
    ("months", gettext_lazy("Months")),
    ("weeks", gettext_lazy("Weeks")),
    ("days", gettext_lazy("Days")),
    ("hours", gettext_lazy("Hours")),
    ("date", gettext_lazy("A date")),
    ("yes/no", gettext_lazy("Yes or no")),
    ("choice", gettext_lazy("One answer of a question")),
    ("choices", gettext_lazy("Several answers of a question")),
]
_KEYS = [unit for unit in UNITS if unit[0] not in ("share", "choices")]
_YES_NO = [("", gettext_lazy("any")), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]


def cell_text(cell: Any) -> str:
    """A stored cell as it is typed."""
    if cell is None:
        return ""
    if isinstance(cell, dict):
        return f"from {cell['from']}"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return ", ".join(map(str, cell)) if isinstance(cell, list) else str(cell)


def value_text(value: Any) -> str:
    """A stored value as it is typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


class LimitRowForm(DraftForm):
    """One dated row of a limit. Of a table, each line has its key cells and a value; lines left empty are left out.

    by: ((column, unit), ...), empty for no table. lines: [{"cells": [as stored], "value": as stored, "now": in words}] to begin with.
    """

    starts_on = DayField(
        label=gettext_lazy("In force from"),
        error_messages={
            "required": gettext_lazy("Enter the first day"),
            "invalid": gettext_lazy("The first day must be a real date"),
        },
    )
    law = forms.CharField(
        label=gettext_lazy("Law"),
        max_length=300,
        error_messages={"required": gettext_lazy("Enter the law that sets the new value")},
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)

    def __init__(self, data=None, *args, lines: Iterable[Mapping[str, Any]], unit: str, by=(), **kwargs):
        self.unit, self.by = unit, tuple(by)
        lines = list(lines)
        count = len(lines)
        if self.by:
            sent = sum(f"value_{number}" in data for number in range(MOST_LINES)) if data is not None else 0
            more = EMPTY_LINES if data is None or data.get("do") == "more" else 0
            count = min((max(len(lines), sent) + more) or EMPTY_LINES, MOST_LINES)
        lines += [{}] * (count - len(lines))
        if data is not None:
            data = data.copy()
            for number, line in enumerate(lines):
                for place, _column in enumerate(self.by):
                    if f"cell_{number}_{place}" not in data:
                        data[f"cell_{number}_{place}"] = cell_text(line["cells"][place]) if line else ""
        super().__init__(data, *args, **kwargs)
        self.line_names = [
            [*(f"cell_{number}_{place}" for place, _column in enumerate(self.by)), f"value_{number}"] for number in range(count)
        ]
        made = {name: field for number, line in enumerate(lines) for name, field in self._fields(number, line)}
        rest = {name: field for name, field in self.fields.items() if name not in ("starts_on", "law", "note")}
        ends = {name: self.fields[name] for name in ("law", "note")}
        self.fields = {**rest, "starts_on": self.fields["starts_on"], **made, **ends}

    def _fields(self, number: int, line: Mapping[str, Any]):
        for place, (column, unit) in enumerate(self.by):
            label = column.replace("_", " ").capitalize()
            shown = cell_text(line["cells"][place]) if line else ""
            if unit == "yes/no":
                field: forms.Field = forms.ChoiceField(label=label, choices=_YES_NO, required=False, initial=shown)
            else:
                field = present(forms.CharField(label=label, max_length=200, required=False, initial=shown), width=10)
            yield f"cell_{number}_{place}", present(field, show_optional=False, width=10)
        value = forms.CharField(
            label=_("Value") if self.by else _("New value"),
            max_length=200,
            required=not self.by,
            initial=value_text(line["value"]) if line else "",
            help_text=_("Now %(value)s") % {"value": line["now"]} if line.get("now") else "",
            error_messages={"required": _("Enter the new value")},
        )
        prefix = "£" if self.unit.startswith("GBP") else ""
        yield f"value_{number}", present(value, width=10, prefix=prefix, spellcheck="false", show_optional=False)

    @property
    def bound_lines(self) -> list[list[Any]]:
        """The controls of each line of the table, for the page."""
        return [[self[name] for name in names] for names in self.line_names]

    @property
    def other_fields(self) -> list[Any]:
        """The controls that stand after the lines."""
        return [self["law"], self["note"]]

    @property
    def first_fields(self) -> list[Any]:
        """The controls that stand before the lines."""
        named = {name for names in self.line_names for name in names} | {"law", "note", "lock_version"}
        return [self[name] for name in self.fields if name not in named]

    def clean(self) -> dict[str, Any]:
        """Every value can be read; a line of a table has a value, and there is one line at least."""
        values = self.cleaned_data
        is_empty = not any(values.get(names[-1]) for names in self.line_names)
        self._lines = []
        for number, names in enumerate(self.line_names, 1):
            *cells, last = names
            if values.get(last):
                self._lines.append(self._line(names))
            elif any(values.get(name) for name in cells):
                self.add_error(last, _("Line %(number)s has no value") % {"number": number})
        if self.by and is_empty:
            self.add_error("value_0", _("Write at least one line with a value"))
        return values

    def _line(self, names: list[str]) -> dict[str, Any]:
        """One line as a table stores it; what cannot be read is said at its field."""
        line: dict[str, Any] = {}
        *cells, last = names
        reading = [*zip(cells, self.by, strict=True), (last, ("value", self.unit))]
        for name, (column, unit) in reading:
            read = typed_value if name == last else typed_cell
            try:
                line[column] = read(unit, self.cleaned_data.get(name) or "")
            except RuleError as problem:
                self.add_error(name, sentence(problem))
        return {column: cell for column, cell in line.items() if cell is not None}

    def row(self) -> dict[str, Any]:
        """The row as a limit stores it."""
        values = self.cleaned_data
        row: dict[str, Any] = {"from": values["starts_on"].isoformat(), "law": values["law"]}
        if values["note"]:
            row["note"] = values["note"]
        return row | ({"table": self._lines} if self.by else self._lines[0])


class NewLimitForm(LimitRowForm):
    """A new limit with its first row. `by` are the columns already chosen."""

    label = forms.CharField(
        label=gettext_lazy("What people call it"),
        max_length=120,
        help_text=gettext_lazy("For example: Savings limit"),
        error_messages={"required": gettext_lazy("Enter what the limit is called")},
    )
    unit_of = forms.ChoiceField(label=gettext_lazy("What kind of value"), choices=UNITS)

    def __init__(self, data=None, *args, **kwargs):
        unit = (data or {}).get("unit_of", "GBP")
        by = []
        for number in range(MOST_COLUMNS):
            column, key = ((data or {}).get(f"{name}_{number}", "").strip() for name in ("column", "key"))
            if column and key in dict(_KEYS):
                by.append((_column_name(column), key))
        by = list(dict(by).items())
        unit = unit if unit in dict(UNITS) else "GBP"
        super().__init__(data, *args, lines=[] if by else [{}], unit=unit, by=by, **kwargs)
        columns: dict[str, forms.Field] = {}
        for number in range(MOST_COLUMNS):
            name = forms.CharField(label=_("Column %(number)s") % {"number": number + 1}, max_length=40, required=False)
            kind = forms.ChoiceField(label=_("What stands in it"), choices=[("", "…"), *_KEYS], required=False)
            columns[f"column_{number}"] = present(name, show_optional=False, width=20)
            columns[f"key_{number}"] = present(kind, show_optional=False)
        self.column_names = [[f"column_{number}", f"key_{number}"] for number in range(MOST_COLUMNS)]
        head = {name: self.fields.pop(name) for name in ("lock_version", "label", "unit_of")}
        self.fields = {**head, **columns, **self.fields}

    @property
    def bound_columns(self) -> list[list[Any]]:
        """The controls of the columns, for the page."""
        return [[self[name] for name in names] for names in self.column_names]

    @property
    def head_fields(self) -> list[Any]:
        """The name and the kind of value."""
        return [self["label"], self["unit_of"]]

    @property
    def first_fields(self) -> list[Any]:
        """The day; name, kind and columns are drawn apart."""
        return [self["starts_on"]]

    def clean(self) -> dict[str, Any]:
        """A column has a name and a kind."""
        values = super().clean()
        for column, key in self.column_names:
            if values.get(column) and not values.get(key):
                self.add_error(key, _("Select what stands in this column"))
            if values.get(key) and not values.get(column):
                self.add_error(column, _("Enter what the column is called"))
        return values

    def limit(self) -> dict[str, Any]:
        """The limit as it is stored."""
        values = self.cleaned_data
        made: dict[str, Any] = {"unit": self.unit, "label": values["label"], "rows": [self.row()]}
        return made | {"by": [list(pair) for pair in self.by]} if self.by else made


def _column_name(text: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return plain if plain[:1].isalpha() and plain != "value" else f"column_{plain}"
