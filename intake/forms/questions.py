"""Question definitions become plain Django forms, and what people typed becomes values of the catalogue, both ways."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from consent.facts import FactKind, fact, in_language
from consent.values import InvalidFact, parse_value
from intake.definition import Option
from intake.draft import Slot
from portal.fields import PERIODS, DatePartsField, MoneyField, PeriodAmount, PeriodAmountField, PeriodAmountWidget, YesNoField
from portal.places import place_code, place_words
from portal.rendering import Presentation, present, presented

NOT_SURE = "not_sure"
NONE_OF_THESE = "none"
CHOSEN = "chosen"
PER = tuple(choice for choice in PERIODS if choice[0] != "once")  # nothing preselected: a wrong period is wrong money


class NumberField(forms.CharField):
    """A number as people type it; cleans to int or Decimal, or None when empty. places: decimals allowed."""

    def __init__(self, *, kind: FactKind, places: int, **options: Any) -> None:
        self.kind, self.places = kind, places
        super().__init__(**options)

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        cleaned = re.sub(r"[\s,\u066c\u2066-\u2069]", "", text).replace("\u066b", ".")
        try:
            number = Decimal(cleaned)
        except InvalidOperation:
            number = Decimal("NaN")
        name = {"name": self.kind.words()}
        if not number.is_finite() or not re.fullmatch(r"-?\d{1,9}(\.\d+)?", cleaned):
            raise ValidationError(_("%(name)s must be a number, like 12"), "invalid", name)
        if number != round(number, self.places):
            words = (
                _("%(name)s must be a whole number, like 12") if not self.places else _("%(name)s can have two decimals at most")
            )
            raise ValidationError(words, "invalid", name)
        if self.kind.least is not None and number < Decimal(str(self.kind.least)):
            raise ValidationError(_("%(name)s must be %(least)s or more"), "min_value", name | {"least": self.kind.least})
        if self.kind.most is not None and number > Decimal(str(self.kind.most)):
            raise ValidationError(_("%(name)s must be %(most)s or less"), "max_value", name | {"most": self.kind.most})
        return number


class PlaceField(forms.CharField):
    """A place's name as people write it; cleans to its code: "London Borough of Newham" and "newham" are both "newham"."""

    def clean(self, value: Any) -> str:
        code = place_code(super().clean(value))
        if not code:
            raise ValidationError(self.error_messages["required"], "required")
        return code

    def prepare_value(self, value: Any) -> Any:
        """Show a stored code as a name, and what was typed as it was typed."""
        return place_words(value) if re.fullmatch(r"[a-z0-9_]+", str(value or "")) else value


class QuestionForm(forms.Form):
    """Base of the forms made here. `slot` says what they are about; `values()` is what is saved."""

    slot: Slot

    def values(self) -> dict[str, Any]:
        """The cleaned answer in the record's form: {fact code: value}, or {"chosen", "shown"} for boxes."""
        return {code: to_value(fact(code), self.cleaned_data[field_name(code)]) for code in self.slot.question.facts}

    @property
    def is_not_sure(self) -> bool:
        """Whether "I am not sure" was chosen among the answers."""
        return any(self.cleaned_data.get(field_name(code)) == NOT_SURE for code in self.slot.question.facts) or any(
            isinstance(field, YesNoField) and self.cleaned_data.get(name) is None for name, field in self.fields.items()
        )

    def clean(self) -> dict[str, Any]:
        """Let the catalogue have the last word on each value."""
        cleaned = super().clean() or {}
        for code in self.slot.question.facts:
            name = field_name(code)
            if name in cleaned and cleaned[name] not in (NOT_SURE, None):
                try:
                    parse_value(fact(code), to_value(fact(code), cleaned[name]))
                except InvalidFact as error:
                    self.add_error(name, error.message)
        return cleaned


class BoxesForm(QuestionForm):
    """ "Which of these": at least one box, or "none of these", which stands alone."""

    shown: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = forms.Form.clean(self) or {}
        chosen = cleaned.get(CHOSEN, [])
        if len(chosen) > 1 and {NONE_OF_THESE, NOT_SURE} & set(chosen):
            raise ValidationError({CHOSEN: _("Select the boxes that apply, or one of the last two, not both")})
        return cleaned

    @property
    def is_not_sure(self) -> bool:
        return NOT_SURE in self.cleaned_data[CHOSEN]

    def values(self) -> dict[str, Any]:
        chosen = [code for code in self.cleaned_data[CHOSEN] if code not in (NONE_OF_THESE, NOT_SURE)]
        return {CHOSEN: chosen, "shown": list(self.shown)}


def field_name(code: str) -> str:
    """The form field of a fact code: its last part."""
    return code.split(".", 1)[1]


def question_form(
    slot: Slot,
    *,
    heading: str,
    hint: str,
    options: Sequence[Option],
    today: dt.date,
    data: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> QuestionForm:
    """The form of one page of kind "facts", "which" or "who".

    heading: the question in the person's language. options: the boxes to show. values: what is known or was answered
    before ({fact code: value} or {"chosen", "shown"}). today: the latest date of birth.
    """
    if slot.question.kind in {"which", "who"}:
        return _boxes_form(slot, heading, hint, options, data, values or {})
    is_single = len(slot.question.facts) == 1
    fields = {}
    initial = {}
    for code in slot.question.facts:
        kind = fact(code)
        field = _field(kind, slot, today, not_sure=slot.question.not_sure and is_single)
        field.label = heading if is_single else kind.words()
        field.help_text = hint if is_single else ""
        look = getattr(field, "presentation", Presentation())
        presented(field, replace(look, heading=is_single, show_optional=False))
        fields[field_name(code)] = field
        if values and code in values:
            initial[field_name(code)] = to_initial(kind, values[code])
    form_class = type("AnswerForm", (QuestionForm,), {**fields, "slot": slot})
    return form_class(data, initial=initial, auto_id="id_%s")


def has_own_not_sure(slot: Slot) -> bool:
    """Whether "I am not sure" is one of the choices, so that the page needs no button for it."""
    if slot.question.kind in {"which", "who"}:
        return True
    facts = slot.question.facts
    return len(facts) == 1 and fact(facts[0]).type in {"boolean", "choice"}


def _boxes_form(
    slot: Slot, heading: str, hint: str, options: Sequence[Option], data: Mapping[str, Any] | None, values: Mapping[str, Any]
) -> QuestionForm:
    choices: list[tuple[str, Any]] = [(option.code, in_language(option.text)) for option in options]
    is_who = slot.question.kind == "who"
    choices.append((NONE_OF_THESE, _("None of us") if is_who else _("None of these")))
    if slot.question.not_sure:
        choices.append((NOT_SURE, _("I am not sure")))
    field = forms.MultipleChoiceField(
        label=heading,
        help_text=hint,
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Select who it is, or “None of us”") if is_who else _("Select the boxes that apply, or “None of these”")
        },
    )
    hints = tuple((option.code, in_language(option.hint)) for option in options if option.hint)
    presented(field, Presentation(heading=True, choice_hints=hints))
    shown = tuple(option.code for option in options)
    initial = {}
    if CHOSEN in values:
        initial[CHOSEN] = values[CHOSEN] or [NONE_OF_THESE]
    form_class = type("AnswerForm", (BoxesForm,), {CHOSEN: field, "slot": slot, "shown": shown})
    return form_class(data, initial=initial, auto_id="id_%s")


def _field(kind: FactKind, slot: Slot, today: dt.date, *, not_sure: bool) -> forms.Field:
    name = kind.words()
    sentence = {"name": name}
    if kind.type == "money":
        return PeriodAmountField(name=name, widget=PeriodAmountWidget(periods=[("", _("Choose")), *PER]))
    if kind.type == "amount":
        return MoneyField(name=name)
    if kind.type == "date":
        is_birth = kind.code == "person.born_on"
        missing = _("Enter your date of birth") if is_birth and slot.subject == "you" else _("Enter the date")
        return DatePartsField(
            name=name,
            latest=today if is_birth else None,
            is_birth=is_birth and slot.subject == "you",
            error_messages={"required": missing},
        )
    if kind.type == "boolean":
        yes_no = YesNoField(not_sure=not_sure, error_messages={"required": _("Select yes or no")})
        return present(yes_no, inline=not not_sure)
    if kind.type == "choice":
        choices: list[tuple[str, Any]] = [(choice, kind.choice_words(choice)) for choice in kind.choices]
        if not_sure:
            choices.append((NOT_SURE, _("I am not sure")))
        return forms.ChoiceField(
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={
                "required": pgettext_lazy("%(name)s is a fact, like Council Tax band", "Select one for “%(name)s”") % sentence,
                "invalid_choice": _("Select one from the list"),
            },
        )
    if kind.type in {"integer", "decimal"}:
        words = pgettext_lazy("%(name)s is a fact, like Bedrooms", "Enter a number for “%(name)s”") % sentence
        number = NumberField(kind=kind, places=0 if kind.type == "integer" else 2, error_messages={"required": words})
        return present(number, width=5, inputmode="numeric" if kind.type == "integer" else "decimal")
    place = PlaceField(max_length=100, error_messages={"required": _("Enter the name of the council")})
    return present(place, width=20, spellcheck="false")


def to_value(kind: FactKind, cleaned: Any) -> Any:
    """A cleaned field's value in the form of the record (before `parse_value`)."""
    if isinstance(cleaned, PeriodAmount):
        return cleaned.as_fact()
    if isinstance(cleaned, dt.date):
        return cleaned.isoformat()
    if isinstance(cleaned, Decimal):
        return parse_value(kind, cleaned)
    return cleaned


def to_initial(kind: FactKind, value: Any) -> Any:
    """A value of the record as the form field shows it."""
    if value is None:
        return None
    if kind.type == "date":
        return dt.date.fromisoformat(value)
    if kind.type == "boolean":
        return "yes" if value else "no"
    return value
