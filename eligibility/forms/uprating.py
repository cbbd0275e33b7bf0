"""Forms of the yearly uprating: the sheet that is brought back, and the same values on a page."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eligibility.actions.uprating import Choice, Clash
from eligibility.forms.shared import DayField, offer
from eligibility.queries.uprating import INTO, Entry, Filled, Problem
from eligibility.queries.uprating_drafts import Busy, UnderWay
from eligibility.uprating_sheet import LARGEST
from portal.rendering import ErrorLine, ErrorSummary, present
from portal.templatetags.ui import short_day

MOST_ON_PAGE = 230  # four controls each, and a browser may send a thousand
COLUMNS = ("value", "starts_on", "law", "band")
CLASH = "clash."  # before the key of two values that meet
_OPEN = "?"  # the value of no radio: nothing is chosen
STEPS = (("0.01", "1p"), ("0.05", "5p"), ("0.10", "10p"), ("1", "£1"), ("5", "£5"))


class CommonForm(forms.Form):
    """What holds for all new values that do not say otherwise."""

    note = forms.CharField(
        label=_("What it is for"),
        max_length=500,
        help_text=_("For example: Uprating 2027"),
        error_messages={"required": _("Enter what it is for, for example Uprating 2027")},
    )
    starts_on = DayField(
        label=_("First day of the new values"),
        required=False,
        help_text=_("Used where a line does not say its own"),
        error_messages={"invalid": _("The first day must be a real date")},
    )
    law = forms.CharField(
        label=_("Law that sets them"), max_length=300, required=False, help_text=_("Used where a line does not say its own")
    )

    def defaults(self) -> dict[str, str]:
        """The day and the law for lines without their own, as text."""
        day = self.cleaned_data.get("starts_on")
        return {"starts_on": day.isoformat() if day else "", "law": self.cleaned_data.get("law", "").strip()}


class SheetForm(CommonForm):
    """The filled-in sheet."""

    sheet = forms.FileField(
        label=_("The filled-in sheet"), help_text=_("A CSV file"), error_messages={"required": _("Choose the file")}
    )
    field_order = ("sheet", "note", "starts_on", "law")

    def clean_sheet(self) -> bytes:
        """The file's bytes; one byte too many shows that it is too large."""
        return bytes(self.cleaned_data["sheet"].read(LARGEST + 1))


class RaiseForm(forms.Form):
    """By how much to raise sums of money, as a proposal."""

    percent = present(
        forms.DecimalField(
            label=_("Raise by"),
            required=False,
            min_value=Decimal(-100),
            max_value=Decimal(1000),
            max_digits=7,
            decimal_places=3,
            error_messages={"invalid": _("The percentage must be a number, like 3.8")},
            widget=forms.TextInput(),
        ),
        width=5,
        suffix="%",
        inputmode="decimal",
        show_optional=False,
    )
    step = present(forms.ChoiceField(label=_("Round to"), choices=STEPS, required=False, initial="0.05"), show_optional=False)
    kind = present(
        forms.ChoiceField(
            label=_("Which sums"),
            choices=[("all", _("All sums of money")), ("rates", _("By the week, month or year only"))],
            required=False,
        ),
        show_optional=False,
    )
    owner = present(forms.ChoiceField(label=_("Of"), required=False), show_optional=False)

    def __init__(self, *args: Any, owners: Iterable[tuple[str, str]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "owner", [("", _("Everything in the table")), *owners])

    def clean(self) -> dict[str, Any]:
        """The percentage is there when somebody asks for proposals."""
        if not self.errors.get("percent") and self.cleaned_data.get("percent") is None:
            self.add_error("percent", _("Enter by how many per cent, like 3.8"))
        return self.cleaned_data

    def options(self) -> dict[str, Any]:
        """What `queries.uprating.proposed` asks for."""
        values = self.cleaned_data
        return {
            "percent": values["percent"],
            "step": Decimal(values["step"] or "0.01"),
            "rates_only": values["kind"] == "rates",
            "owner": values["owner"],
        }


class IntoForm(forms.Form):
    """For each programme with drafts under way: whether its new values go into a new draft or into one of them.

    It only shows; what was chosen is read by `choices_from`, also where the page is older than the drafts. chosen: {code: `UnderWay.choice`
    or "" for a new draft; None where nothing is chosen}.
    """

    def __init__(self, *args: Any, busy: Iterable[Busy], chosen: Mapping[str, str | None] | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.busy = list(busy)
        for item in self.busy:
            picked = (chosen or {}).get(item.code, "")
            hints: dict[str, object] = {
                "": _("Leaves the other draft as it is. If both are published, the later one counts: bring over what it lacks.")
            }
            hints |= {draft.choice: _hint(draft) for draft in item.open}
            names = [(draft.choice, _version_words(draft)) for draft in item.open]
            self.fields[f"{INTO}{item.code}"] = present(
                forms.ChoiceField(
                    label=item.name,
                    required=False,
                    widget=forms.RadioSelect,
                    choices=[("", _("A new draft")), *names],
                    initial=_OPEN if picked is None else picked,
                ),
                show_optional=False,
                choice_hints=hints,
            )

    def rows(self) -> list[tuple[Busy, forms.BoundField]]:
        """Each programme with its field."""
        return [(item, self[f"{INTO}{item.code}"]) for item in self.busy]


def _version_words(draft: UnderWay) -> str:
    return gettext("Into version %(number)s, which %(name)s began on %(day)s") % {
        "number": draft.version.number,
        "name": f"\u2068{draft.who or '–'}\u2069",
        "day": short_day(timezone.localdate(draft.version.created_at)),
    }


def _hint(draft: UnderWay) -> str:
    """What the draft is for, when it was saved last, and what comes of choosing it."""
    saved = gettext("Saved last on %(day)s.") % {"day": short_day(timezone.localdate(draft.version.changed_at))}
    note = f"“\u2068{draft.version.note}\u2069” " if draft.version.note else ""  # isolates: it may run the other way
    kept = gettext("All that is in it stays. You become one of its writers, so somebody else must publish it.")
    return f"{note}{saved} {kept}"


def choices_from(data: Mapping[str, str]) -> dict[str, Choice]:
    """Where the values go, as somebody chose on a page: {programme: Choice}. What cannot be read is an open choice."""
    found = {}
    for name, text in data.items():
        code = name.removeprefix("drafts.")
        if code == name:
            continue
        seen = frozenset(int(part) for part in text.split()[:200] if part.isascii() and part.isdigit() and len(part) < 7)
        into = data.get(f"{INTO}{code}")
        number, _dot, saves = (into or "").partition(".")
        if into == "":
            found[code] = Choice(seen=seen)
        elif all(part.isascii() and part.isdigit() and len(part) < 7 for part in (number, saves)):
            found[code] = Choice(int(number), int(saves), seen)
        else:
            found[code] = Choice(seen=seen, is_open=True)
    return found


def answers_from(data: Mapping[str, str]) -> dict[str, str]:
    """{`Clash.key`: which of the two values counts}."""
    return {name.removeprefix(CLASH): text for name, text in data.items() if name.startswith(CLASH)}


def filled_on_page(data: Mapping[str, str], entries: Iterable[Entry]) -> dict[str, Filled]:
    """What was typed on the page, by the key of the entry."""
    found = {}
    for entry in entries:
        value, starts_on, law, band = (data.get(f"{column}.{entry.key}", "").strip()[:500] for column in COLUMNS)
        text = Filled(value, starts_on, law, band)
        if text != Filled():
            found[entry.key] = text
    return found


class Problems(ErrorSummary):
    """The errors of the forms, then those of single values, each with the control to mend."""

    def __init__(
        self,
        *sources: forms.BaseForm,
        problems: Iterable[Problem] = (),
        on_page: Iterable[Entry] = (),
        names: Mapping[str, str] | None = None,
        clashes: Iterable[Clash] = (),
    ):
        super().__init__(*sources)
        known = {entry.key: entry for entry in on_page}
        self.lines += tuple(
            _line_about_a_draft(problem, names or {})
            if problem.key.startswith(INTO)
            else ErrorLine(_words(problem, known.get(problem.key)), control_of(problem) if problem.key in known else "")
            for problem in problems
        )
        self.lines += tuple(
            ErrorLine(
                gettext("Choose which value counts: %(limit)s from %(day)s")
                % {"limit": clash.meeting.new.entry.full_label, "day": short_day(clash.meeting.new.starts_on)},
                f"{CLASH}{clash.key}",
            )
            for clash in clashes
        )


def _line_about_a_draft(problem: Problem, names: Mapping[str, str]) -> ErrorLine:
    code = problem.key.removeprefix(INTO)
    return ErrorLine(f"{names.get(code, code)}: {problem.text}", f"id_{INTO}{code}_0")


def _words(problem: Problem, entry: Entry | None) -> str:
    return problem.words if entry is None or problem.number else f"{entry.full_label}: {problem.text}"


MOST_ALIKE = 3  # lines that lack the same; more are said once, at the field that mends them all


def gathered(common: CommonForm, problems: Iterable[Problem], filled: Mapping[str, Filled]) -> list[Problem]:
    """The problems, but for days and laws that many lines lack: these become one error of the common field."""
    left = list(problems)
    for column, words in (
        ("starts_on", _("Enter the first day: %(count)s lines have none of their own")),
        ("law", _("Enter the law: %(count)s lines have none of their own")),
    ):
        lacking = [
            problem
            for problem in left
            if problem.column == column and problem.key in filled and not getattr(filled[problem.key], column)
        ]
        if len(lacking) > MOST_ALIKE and not str(common.data.get(column, "")).strip():
            common.is_valid()
            common.add_error(column, words % {"count": len(lacking)})
            left = [problem for problem in left if problem not in lacking]
    return left


def control_of(problem: Problem) -> str:
    """The id of the control where a problem is mended; "" where it has none."""
    column = problem.column if problem.column in COLUMNS else "value"
    return f"{column}.{problem.key}" if problem.key else ""


def rows_of(entries: Iterable[Entry], filled: Mapping[str, Filled], problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """The page's tables, one for each programme or shared file: [{"owner", "name", "is_shared", "lines": [{"entry", "cells", "errors"}]}]."""
    errors: dict[tuple[str, str], str] = {}
    for problem in problems:
        column = problem.column if problem.column in COLUMNS else "value"
        errors.setdefault((problem.key, column), problem.text)
    groups: dict[str, dict[str, Any]] = {}
    for entry in entries:
        group = groups.setdefault(
            entry.owner, {"owner": entry.owner, "name": entry.used_by, "is_shared": entry.is_shared, "lines": [], "filled": 0}
        )
        text = filled.get(entry.key, Filled())
        cells = [
            {
                "column": column,
                "id": f"{column}.{entry.key}",
                "text": getattr(text, column),
                "error": errors.get((entry.key, column), ""),
            }
            for column in COLUMNS
        ]
        group["lines"].append({"entry": entry, "cells": {cell["column"]: cell for cell in cells}})
        group["filled"] += not text.is_empty
    return list(groups.values())
