"""What the forms of this package share: a day as a field, choices made on the spot, a form that carries its draft's state."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms


def offer(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Give a field of a form the choices that only the page knows."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)


class DayField(forms.DateField):
    """A day in a staff form: the browser's own date field, ISO in and out."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**kwargs)


class DraftForm(forms.Form):
    """Base of all forms that change a draft: carries the count of saves the page was opened with."""

    lock_version = forms.IntegerField(widget=forms.HiddenInput)
    rule_error: dict[str, str] | None = None

    def place_of(self, where: str) -> str | None:
        """The field that a rule error's place speaks of; None for the form as a whole."""
        name = where.rsplit(".", 1)[-1]
        return name if name in self.fields else None
