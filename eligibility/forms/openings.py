"""Forms for when a programme takes applications: its windows in a draft, and a pause by hand."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from eligibility.forms.shared import DayField, DraftForm
from eligibility.language import RuleError
from eligibility.queries.openings import window_day_words, window_words
from eligibility.windows import CLOSED, OPEN, PAUSED, Window, check, shared_day
from portal.rendering import present

_PARTS = re.compile(r"(\d{1,2})[\s./-]+(\d{1,2}|[^\W\d_]+)\.?(?:[\s./-]+(\d{4}))?\Z")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


class WindowDayField(forms.CharField):
    """A day of each year ("15 September") or one day ("15 September 2026"), cleaned to "09-15" or "2026-09-15"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        present(self, width=20, spellcheck="false")

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "").strip()
        if not text or _ISO.match(text):
            return text
        found = _PARTS.match(text)
        month = _month(found[2]) if found else 0
        if found is None or not 1 <= month <= 12:
            raise forms.ValidationError(
                _("Write a day and a month, for example 15 September, or with the year for one time only")
            )
        day = f"{month:02d}-{int(found[1]):02d}"
        return f"{found[3]}-{day}" if found[3] else day


def _month(text: str) -> int:
    """The number of a month written as a number or a name, in English or in the reader's language, whole or from three letters on."""
    if text.isdigit():
        return int(text)
    wanted, begun = text.casefold(), set()
    for language in ("en", (get_language() or "en").split("-")[0]):
        for number in range(1, 13):
            name = window_day_words(f"{number:02d}-01", language).split()[1].casefold()
            if name == wanted:
                return number
            if len(wanted) > 2 and name.startswith(wanted):
                begun.add(number)
    return begun.pop() if len(begun) == 1 else 0


class WindowForm(DraftForm):
    """One window: its days, what holds in it and what people read about it."""

    state = forms.ChoiceField(
        label=gettext_lazy("On these days the programme is"),
        widget=forms.RadioSelect,
        initial=OPEN,
        choices=[(OPEN, gettext_lazy("Open")), (CLOSED, gettext_lazy("Closed")), (PAUSED, gettext_lazy("Paused"))],
        error_messages={"required": gettext_lazy("Select what holds on these days")},
    )
    opens = WindowDayField(
        label=gettext_lazy("First day"),
        help_text=gettext_lazy("Without a year it comes each year: 15 September. With a year it comes once: 15 September 2026"),
        error_messages={"required": gettext_lazy("Enter the first day")},
    )
    closes = WindowDayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("This day still counts. It may lie in the next year: 31 March"),
        error_messages={"required": gettext_lazy("Enter the last day")},
    )
    says = forms.CharField(
        label=gettext_lazy("What people read about it"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The days are said by themselves. Say why, or what to do meanwhile"),
    )

    def __init__(self, *args: Any, others: Sequence[Window], language: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.others, self.language = others, language

    def place_of(self, where: str) -> str | None:
        """Errors about windows stand at the first day."""
        return "opens" if where.startswith("windows") else super().place_of(where)

    def window(self) -> Window:
        """What was entered."""
        values = self.cleaned_data
        return Window(values["opens"], values["closes"], values["state"], values["says"].strip())

    def clean(self) -> dict[str, Any]:
        """Days that are in the calendar, the last not before the first, and no other window of the same kind on them."""
        values = super().clean() or {}
        if not {"opens", "closes", "state"} <= set(values):
            return values
        made = Window(values["opens"], values["closes"], values["state"])
        if len(made.opens) != len(made.closes):
            self.add_error("closes", _("Write the year on both days, or on neither"))
            return values
        for name in ("opens", "closes"):
            try:
                check([Window(values[name], values[name])])
            except RuleError:
                self.add_error(name, _("There is no such day in the calendar"))
        if self.errors:
            return values
        if not made.is_yearly and made.opens > made.closes:
            self.add_error("closes", _("The last day must not lie before the first day"))
        for other in () if self.errors else self.others:
            if day := shared_day(other, made):
                self.add_error("opens", _meets(other, day, self.language))
        return values


def _meets(other: Window, day: str, language: str) -> str:
    return _(
        "This meets another window on %(day)s: “%(other)s”. Change the days so that they do not meet, or change the other one "
        "first. A window with full dates may lie inside a yearly one."
    ) % {"day": window_day_words(day, language), "other": window_words(other, "", language).rstrip(".")}


def window_initial(window: Window, language: str) -> dict[str, str]:
    """The form's values for a window that is there."""
    return {
        "state": window.state,
        "opens": window_day_words(window.opens, language),
        "closes": window_day_words(window.closes, language),
        "says": window.says,
    }


class _ReasonForm(forms.Form):
    """A sentence to everybody, in English and where written in other languages."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code, name in _other_languages():
            self.fields[f"reason_{code}"] = forms.CharField(
                label=_("The same in %(language)s") % {"language": name},
                max_length=300,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2, "lang": code, "dir": "auto"}),
            )

    def translations(self) -> dict[str, str]:
        """{language: reason}."""
        return {code: self.cleaned_data.get(f"reason_{code}", "").strip() for code, _name in _other_languages()}


class EndForm(_ReasonForm):
    """The last day of a programme, and why it ends."""

    last_day = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy("On this day people can still apply"),
        error_messages={"required": gettext_lazy("Enter the last day"), "invalid": gettext_lazy("It must be a real date")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it ends, and what people can do instead"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Everybody reads this, in English where you write no other language"),
        error_messages={"required": gettext_lazy("Enter why it ends")},
    )


class PauseForm(_ReasonForm):
    """Why a programme takes no applications from now on."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is paused"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy(
            "Everybody reads this, in English where you write no other language. Say also what people can do now"
        ),
        error_messages={"required": gettext_lazy("Enter why it is paused")},
    )
    expected_on = DayField(
        label=gettext_lazy("When it should go on"),
        required=False,
        help_text=gettext_lazy("It is told to people. The pause itself ends when you end it"),
        error_messages={"invalid": gettext_lazy("It must be a real date")},
    )


def _other_languages() -> Iterable[tuple[str, str]]:
    return [(code, str(name)) for code, name in settings.LANGUAGES if code != "en"]


class ExpectForm(forms.Form):
    """Another day on which a paused programme should go on."""

    expected_on = DayField(
        label=gettext_lazy("When it should go on"),
        required=False,
        error_messages={"invalid": gettext_lazy("It must be a real date")},
    )
