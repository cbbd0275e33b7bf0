"""Checking and normalising the values of facts, so that every way in stores the same form."""

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from consent.facts import FactKind

PERIODS = ("week", "four_weeks", "month", "year", "once")
LARGEST = Decimal("100000000")


class InvalidFact(ValueError):
    """A value the catalogue refuses. `key` says which fact, the message how to mend it."""

    def __init__(self, key: str, message: str):
        super().__init__(message)
        self.key = key
        self.message = message


def parse_value(kind: FactKind, raw: Any) -> Any:
    """Return `raw` in the stored form of `kind`, or raise InvalidFact. None means "does not apply" and is kept.

    money -> {"amount": "950.00", "per": "month"}; amount -> "1200.00"; date -> "1990-04-02" (ISO 8601);
    integer -> int; decimal -> shortest decimal string; boolean -> bool; choice -> its code; text -> trimmed, 1 to 200 characters.
    """
    if raw is None:
        return None
    return _PARSERS[kind.type](kind, raw)


def _money(kind: FactKind, raw: Any) -> dict[str, str]:
    if not isinstance(raw, dict) or set(raw) != {"amount", "per"}:
        raise InvalidFact(kind.code, _("%(fact)s needs an amount and how often") % {"fact": kind.words()})
    if raw["per"] not in PERIODS:
        raise InvalidFact(kind.code, _("%(fact)s: say how often") % {"fact": kind.words()})
    return {"amount": _amount(kind, raw["amount"]), "per": raw["per"]}


def _amount(kind: FactKind, raw: Any) -> str:
    number = _number(kind, raw)
    if number < 0:
        raise InvalidFact(kind.code, _("%(fact)s must be 0 or more") % {"fact": kind.words()})
    if number > LARGEST or number != number.quantize(Decimal("0.01")):
        raise InvalidFact(kind.code, _("%(fact)s must be pounds and pence, like 950.00") % {"fact": kind.words()})
    return str(number.quantize(Decimal("0.01")))


def _integer(kind: FactKind, raw: Any) -> int:
    number = _number(kind, raw)
    if number != number.to_integral_value():
        raise InvalidFact(kind.code, _("%(fact)s must be a whole number") % {"fact": kind.words()})
    _bounds(kind, number)
    return int(number)


def _decimal(kind: FactKind, raw: Any) -> str:
    number = _number(kind, raw)
    _bounds(kind, number)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(kind: FactKind, raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        raise InvalidFact(kind.code, _("%(fact)s must be a number") % {"fact": kind.words()})
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        raise InvalidFact(kind.code, _("%(fact)s must be a number") % {"fact": kind.words()}) from None
    if not number.is_finite() or abs(number) > LARGEST * 10:
        raise InvalidFact(kind.code, _("%(fact)s must be a number") % {"fact": kind.words()})
    return number


def _bounds(kind: FactKind, number: Decimal) -> None:
    if kind.least is not None and number < Decimal(str(kind.least)):
        raise InvalidFact(kind.code, _("%(fact)s must be %(least)s or more") % {"fact": kind.words(), "least": kind.least})
    if kind.most is not None and number > Decimal(str(kind.most)):
        raise InvalidFact(kind.code, _("%(fact)s must be %(most)s or less") % {"fact": kind.words(), "most": kind.most})


def _boolean(kind: FactKind, raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise InvalidFact(kind.code, _("%(fact)s must be yes or no") % {"fact": kind.words()})
    return raw


def _date(kind: FactKind, raw: Any) -> str:
    try:
        day = raw if type(raw) is dt.date else dt.date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise InvalidFact(kind.code, _("%(fact)s must be a real date") % {"fact": kind.words()}) from None
    if day.year < 1900:
        raise InvalidFact(kind.code, _("%(fact)s must be after 1900") % {"fact": kind.words()})
    return day.isoformat()


def _choice(kind: FactKind, raw: Any) -> str:
    if raw not in kind.choices:
        choices = ", ".join(kind.choice_words(choice) for choice in kind.choices)
        raise InvalidFact(kind.code, _("%(fact)s must be one of: %(choices)s") % {"fact": kind.words(), "choices": choices})
    return raw


def _text(kind: FactKind, raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip() or len(raw) > 200 or "\x00" in raw:
        raise InvalidFact(kind.code, _("%(fact)s must have 1 to 200 characters") % {"fact": kind.words()})
    return raw.strip()


def _identity(kind: FactKind, raw: Any) -> str:
    raise InvalidFact(kind.code, _("%(fact)s is kept with the person, not as an answer") % {"fact": kind.words()})


_PARSERS = {
    "money": _money,
    "amount": _amount,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "choice": _choice,
    "text": _text,
    "identity": _identity,
}
