"""One line of JSON read strictly: nothing twice, no endless numbers, no numbers that are none."""

import json
from decimal import Decimal

from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _


def load(text):
    """The value of a JSON text, its parts of numbers exact. Raises RuleError, json.JSONDecodeError, or RecursionError for too deep brackets."""
    return json.loads(text, parse_float=Decimal, parse_int=_digits, parse_constant=_constant, object_pairs_hook=_once)


def shown(value):
    """A wrong value as it was written, cut short."""
    text = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 40 else f"{text[:39]}…"


def _digits(text):
    if len(text) > 20:
        raise RuleError(_("the number %(text)s… has more than 20 digits", text=text[:8]))
    return int(text)


def _constant(name):
    raise RuleError(_("%(name)s is no number in JSON; leave out what is not known", name=name))


def _once(pairs):
    found = {}
    for name, value in pairs:
        if name in found:
            raise RuleError(_("%(name)s is there twice", name=shown(name)))
        found[name] = value
    return found
