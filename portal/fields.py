"""Form fields people meet on OneDoor: dates in three parts, money with its period, phone, e-mail, yes or no.

Each field carries its own clear messages; ``name`` is the thing as it reads at the start of a sentence
("Date of birth"), so that a message can say how to mend it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portal.rendering import Presentation

PERIODS: tuple[tuple[str, Any], ...] = (
    ("week", _("a week")),
    ("four_weeks", _("every 4 weeks")),
    ("month", _("a month")),
    ("year", _("a year")),
    ("once", _("one time")),
)
LARGEST_AMOUNT = Decimal("9999999.99")
EARLIEST_YEAR = 1900
LATEST_YEAR = 2200


@dataclass(frozen=True, slots=True)
class PeriodAmount:
    """An amount of money in pounds and the period it is for (a key of :data:`PERIODS`)."""

    amount: Decimal
    per: str

    def as_fact(self) -> dict[str, str]:
        """Return the form in which the case record keeps money."""
        return {"amount": str(self.amount), "per": self.per}


class PartsWidget(forms.MultiWidget):
    """Base of inputs made of several small ones inside one fieldset, each with its own label."""

    template_name = "forms/widgets/parts.html"
    use_fieldset = True
    broken_parts: tuple[int, ...] = ()
    labels: Sequence[Any] = ()
    classes: Sequence[str] = ()
    prefixes: Sequence[str] = ()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give each part its label, width and, when it is the one in error, its error look."""
        context = super().get_context(name, value, attrs)
        is_invalid = bool((attrs or {}).get("aria-invalid"))
        for position, part in enumerate(context["widget"]["subwidgets"]):
            css_class = self.classes[position]
            is_broken = is_invalid and (not self.broken_parts or position in self.broken_parts)
            if is_broken:
                css_class += " od-select--error" if "od-select" in css_class else " od-input--error"
            else:
                part["attrs"].pop("aria-invalid", None)
            part["attrs"]["class"] = css_class
            part["label"] = self.labels[position]
            part["prefix"] = self.prefixes[position] if self.prefixes else ""
        return context


class DatePartsWidget(PartsWidget):
    """Day, month and year as three short number inputs."""

    labels = (_("Day"), _("Month"), _("Year"))
    classes = ("od-input od-input--width-2", "od-input od-input--width-2", "od-input od-input--width-4")

    def __init__(self, attrs: dict[str, Any] | None = None, autocomplete: str = "") -> None:
        parts = []
        for part in ("day", "month", "year"):
            part_attrs = {"inputmode": "numeric"}
            if autocomplete:
                part_attrs["autocomplete"] = f"{autocomplete}-{part}"
            parts.append(forms.TextInput(attrs=part_attrs))
        super().__init__({"day": parts[0], "month": parts[1], "year": parts[2]}, attrs)

    def decompress(self, value: date | None) -> list[int | None]:
        """Split a date into its parts."""
        return [value.day, value.month, value.year] if value else [None, None, None]


class DatePartsField(forms.MultiValueField):
    """A date typed as day, month, year. Messages name the missing or impossible part.

    ``name``: the thing, as it begins a sentence. ``earliest``/``latest``: inclusive bounds or None.
    ``is_birth``: lets the browser fill in the person's own date of birth.
    """

    def __init__(
        self,
        *,
        name: Any,
        earliest: date | None = None,
        latest: date | None = None,
        is_birth: bool = False,
        **options: Any,
    ) -> None:
        self.name, self.earliest, self.latest = name, earliest, latest
        options.setdefault("widget", DatePartsWidget(autocomplete="bday" if is_birth else ""))
        messages = {"required": _("Enter the date")} | (options.pop("error_messages", None) or {})
        parts = [forms.CharField(required=False) for _part in range(3)]
        super().__init__(parts, require_all_fields=False, error_messages=messages, **options)

    def compress(self, values: list[str]) -> date | None:
        """Return the date, or None when all parts are empty.

        Raises ValidationError with ``broken_parts`` (positions) when a part is missing or wrong.
        """
        values = [value.strip() for value in values or ["", "", ""]]
        if not any(values):
            return None
        missing = tuple(position for position, value in enumerate(values) if not value)
        if missing:
            raise self._error(MISSING_PARTS[missing], missing, code="incomplete")
        wrong = tuple(i for i, value in enumerate(values) if not re.fullmatch(r"\d{1,6}", value))
        if wrong:
            raise self._error(_("%(name)s must be numbers, for example 27 3 1988"), wrong)
        day, month, year = (int(value) for value in values)
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise self._error(_("%(name)s must include a year with 4 numbers, for example 1988"), (2,))
        try:
            answer = date(year, month, day)
        except ValueError:
            wrong = (1,) if not 1 <= month <= 12 else (0,)
            raise self._error(_("%(name)s must be a real date"), wrong) from None
        if self.latest and answer > self.latest:
            raise self._error(_("%(name)s must be on or before %(bound)s"), (), bound=self.latest)
        if self.earliest and answer < self.earliest:
            raise self._error(_("%(name)s must be on or after %(bound)s"), (), bound=self.earliest)
        return answer

    def _error(self, message: Any, broken: tuple[int, ...], code: str = "invalid", bound: date | None = None) -> ValidationError:
        params: dict[str, Any] = {"name": self.name, "broken_parts": broken}
        if bound:
            params["bound"] = date_format(bound, "j F Y")
        return ValidationError(message, code=code, params=params)


MISSING_PARTS: dict[tuple[int, ...], Any] = {
    (0,): _("%(name)s must include a day"),
    (1,): _("%(name)s must include a month"),
    (2,): _("%(name)s must include a year"),
    (0, 1): _("%(name)s must include a day and a month"),
    (0, 2): _("%(name)s must include a day and a year"),
    (1, 2): _("%(name)s must include a month and a year"),
}


def read_amount(text: str) -> Decimal:
    """Return what a person typed as pounds: sign, spaces and thousands commas are fine.

    Raises InvalidOperation when it is not an amount with at most two decimals.
    """
    cleaned = re.sub(r"[\s£,\u066c\u2066-\u2069]", "", text).replace("\u066b", ".")
    if not re.fullmatch(r"-?\d+(\.\d{1,2})?", cleaned):
        raise InvalidOperation(text)
    return Decimal(cleaned).quantize(Decimal("0.01"))


def _checked_amount(text: str, name: Any, part: tuple[int, ...] = ()) -> Decimal:
    params = {"name": name, "broken_parts": part}
    try:
        amount = read_amount(text)
    except InvalidOperation:
        raise ValidationError(_("%(name)s must be an amount of money, like 1250 or 1250.50"), "invalid", params) from None
    if amount < 0:
        raise ValidationError(_("%(name)s must be 0 or more"), "min_value", params)
    if amount > LARGEST_AMOUNT:
        raise ValidationError(_("%(name)s must be less than 10 million"), "max_value", params)
    return amount


class MoneyField(forms.CharField):
    """An amount in pounds; cleans to Decimal with two places, or None when empty.

    ``name``: the thing, as it begins a sentence.
    """

    presentation = Presentation(width=10, prefix="£", inputmode="decimal", spellcheck="false")

    def __init__(self, *, name: Any, **options: Any) -> None:
        self.name = name
        messages = {"required": _("Enter an amount, or 0 if there is none")}
        options["error_messages"] = messages | (options.pop("error_messages", None) or {})
        super().__init__(empty_value="", **options)

    def clean(self, value: Any) -> Decimal | None:
        """Return the amount in pounds. Raises ValidationError that says how to mend it."""
        text = super().clean(value)
        return _checked_amount(text, self.name) if text else None


class PeriodAmountWidget(PartsWidget):
    """An amount and the period it is for."""

    labels = (_("Amount in pounds"), _("How often"))
    classes = ("od-input od-input--width-10", "od-select")
    prefixes = ("£", "")

    def __init__(self, attrs: dict[str, Any] | None = None, periods: Sequence[tuple[str, Any]] = PERIODS) -> None:
        amount = forms.TextInput(attrs={"inputmode": "decimal", "spellcheck": "false", "autocomplete": "off"})
        super().__init__({"amount": amount, "per": forms.Select(choices=periods)}, attrs)

    def decompress(self, value: PeriodAmount | dict[str, Any] | None) -> list[Any]:
        """Split a period amount, or the record's ``{"amount", "per"}``, into its parts."""
        if value is None:
            return [None, None]
        if isinstance(value, dict):
            return [value.get("amount"), value.get("per")]
        return [value.amount, value.per]


class PeriodAmountField(forms.MultiValueField):
    """Money with its period; cleans to :class:`PeriodAmount`, or None when the amount is empty.

    ``name``: the thing, as it begins a sentence. ``periods``: keys of :data:`PERIODS` to offer.
    """

    def __init__(self, *, name: Any, periods: Sequence[str] = ("week", "four_weeks", "month", "year"), **options: Any) -> None:
        self.name = name
        choices = [choice for choice in PERIODS if choice[0] in periods]
        options.setdefault("widget", PeriodAmountWidget(periods=choices))
        messages = {"required": _("Enter an amount, or 0 if there is none")}
        options["error_messages"] = messages | (options.pop("error_messages", None) or {})
        parts = [
            forms.CharField(required=False),
            forms.ChoiceField(
                required=False, choices=choices, error_messages={"invalid_choice": _("Select how often from the list")}
            ),
        ]
        super().__init__(parts, require_all_fields=False, **options)

    def compress(self, data_list: list[Any]) -> PeriodAmount | None:
        """Join the parts; a chosen period beside an empty amount counts as empty.

        Raises ValidationError with ``broken_parts`` (positions) for the part to mend.
        """
        amount, per = ((data_list or []) + ["", ""])[:2]
        if not amount:
            if self.required:
                raise ValidationError(self.error_messages["required"], "required", {"broken_parts": (0,)})
            return None
        if not per:
            raise ValidationError(
                _("Select how often for: %(name)s"), "period_required", {"name": self.name, "broken_parts": (1,)}
            )
        return PeriodAmount(_checked_amount(amount, self.name, (0,)), per)


class PhoneField(forms.CharField):
    """A telephone number as people write it; cleans to digits with an optional leading plus."""

    presentation = Presentation(width=20, inputmode="tel", autocomplete="tel", spellcheck="false")
    widget = forms.TextInput(attrs={"type": "tel", "dir": "ltr"})

    def __init__(self, **options: Any) -> None:
        messages = {"required": _("Enter a phone number")}
        options["error_messages"] = messages | (options.pop("error_messages", None) or {})
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        """Return the number. Raises ValidationError for fewer than 7 or more than 15 digits (ITU-T E.164)."""
        text = super().clean(value)
        if not text:
            return ""
        text = re.sub(r"^(\+\d{1,3})\s*\(0\)", r"\1", text)  # the 0 in "+44 (0)" is not dialled
        number = re.sub(r"[\s().\-\u2010-\u2015\u2066-\u2069]", "", text)
        if not re.fullmatch(r"\+?[0-9]{7,15}", number):
            raise ValidationError(_("Enter a phone number, like 0113 496 0000 or +44 7700 900 982"), "invalid")
        return number


class EmailAddressField(forms.EmailField):
    """An e-mail address."""

    presentation = Presentation(width=20, autocomplete="email", spellcheck="false")
    widget = forms.EmailInput(attrs={"dir": "ltr"})
    default_error_messages = {
        "required": _("Enter an email address"),
        "invalid": _("Enter an email address in this form: name@example.com"),
    }


class YesNoField(forms.TypedChoiceField):
    """Yes, no and, when ``not_sure`` is given, "I am not sure"; cleans to True, False or None."""

    presentation = Presentation(inline=True)

    def __init__(self, *, not_sure: bool = False, **options: Any) -> None:
        choices = [("yes", _("Yes")), ("no", _("No"))] + ([("not_sure", _("I am not sure"))] if not_sure else [])
        options.setdefault("widget", forms.RadioSelect)
        super().__init__(choices=choices, coerce={"yes": True, "no": False}.get, empty_value=None, **options)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored True or False as the matching choice."""
        return {True: "yes", False: "no"}.get(value, value) if not isinstance(value, str) else value
