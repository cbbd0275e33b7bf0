"""What somebody types into a field of a rule: a number, a sum of money, a day. Read as it is meant, or refused with how to write it.

A comma is only taken between groups of three digits. "0,55" is 0.55 in other countries and nothing here: it is never read as 55.
"""

import re
from datetime import date
from decimal import Decimal

from eligibility.language.errors import RuleError
from eligibility.language.limits import NO_LIMIT, unit_type
from eligibility.language.messages import message as _
from eligibility.language.parser import CODE, plain
from eligibility.language.signs import plain_signs

MOST_DIGITS = 15
_NUMBER = re.compile(r"([0-9]+)(\.[0-9]+)?\Z")
_GROUPS = re.compile(r"[0-9]{1,3}(?:([, ])[0-9]{3})(?:\1[0-9]{3})*(\.[0-9]+)?\Z")
_COMMA = re.compile(r"[0-9]+,[0-9]+\Z")
_SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *%\Z")
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\Z")
_FROM = re.compile(r"(?:from|over)\s+(.+)\Z", re.IGNORECASE)
_YES_NO = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}
_OTHER_DAY = re.compile(r"([0-9]{1,2})[/. -]([0-9]{1,2})[/. -]([0-9]{4})\Z")


def plain_entry(text):
    """What was typed into a field in plain signs, without blanks around it."""
    return plain_signs(text)[0].strip()


def typed_number(text, where="value"):
    """The number somebody typed, 0 or more, as a Decimal: "£1,200.50", "16 000", "٣". Raises RuleError at `where` in words."""
    entry = plain_entry(text)
    bare = entry.removeprefix("£").strip()
    if _GROUPS.match(bare):
        bare = re.sub("[, ]", "", bare)
    if (found := _NUMBER.match(bare)) and len(bare) <= MOST_DIGITS:
        return Decimal(found[0])
    raise RuleError(_wrong_number(entry, bare), where=where)


def _wrong_number(entry, bare):
    if not entry:
        return _("Enter a value.")
    shown = entry[:40]
    if _COMMA.match(bare):
        return _("Write “%(text)s” with a point: %(mended)s.", text=shown, mended=bare.replace(",", "."))
    if found := _SHARE.match(bare):
        return _("Write “%(text)s” as a part of one: %(mended)s.", text=shown, mended=plain(Decimal(found[1]) / 100))
    if bare.startswith("-") and _NUMBER.match(bare[1:]):
        return _("“%(text)s” is below zero. Enter 0 or more.", text=shown)
    if _NUMBER.match(bare):
        return _("“%(text)s” has too many digits.", text=shown)
    return _("“%(text)s” is not a number. Enter one like 16000 or 0.55.", text=shown)


def typed_day(text, where="value"):
    """The day somebody typed. Raises RuleError at `where` in words."""
    entry = plain_entry(text)
    if not entry:
        raise RuleError(_("Enter the day."), where=where)
    found, other = _DAY.match(entry), _OTHER_DAY.match(entry)
    parts = [int(part) for part in found.groups()] if found else [int(part) for part in reversed(other.groups())] if other else []
    try:
        return date(*parts)
    except (TypeError, ValueError):
        pass
    if parts:
        raise RuleError(_("“%(text)s” is not a day of the calendar.", text=entry[:40]), where=where)
    raise RuleError(_("“%(text)s” is not a day. Enter it as year-month-day, like 2026-04-06.", text=entry[:40]), where=where)


def typed_value(unit, text, where="value"):
    """What somebody typed as a value of this unit, as a limit stores it: "£1,200" is "1200", "yes" is true, "a, b" a list.

    Raises RuleError at `where` in words.
    """
    kind, entry = unit_type(unit).kind, plain_entry(text)
    if kind == "yes_no":
        if entry.lower() not in _YES_NO:
            raise RuleError(_("Enter yes or no."), where=where)
        return _YES_NO[entry.lower()]
    if kind in ("money", "number"):
        return NO_LIMIT if entry.lower() == NO_LIMIT else plain(_of_unit(unit, entry, where))
    if kind == "date":
        return typed_day(entry, where).isoformat()
    codes = [part.strip() for part in re.split(r"[,;]", entry) if part.strip()] if kind == "choices" else [entry]
    for code in codes:
        _refuse_no_code(code, where)
    return codes if kind == "choices" else entry


def _of_unit(unit, entry, where):
    if unit != "share":
        return typed_number(entry, where)
    if found := _SHARE.match(entry):
        return Decimal(found[1]) / 100
    share = typed_number(entry, where)
    if share > 1:
        raise RuleError(_("Write a share with its sign (55%) or as a part of one (0.55)."), where=where)
    return share


def _refuse_no_code(code, where):
    if not code:
        raise RuleError(_("Enter a value."), where=where)
    if not CODE.match(code):
        said = _("“%(text)s” is not a code. A code has the letters a to z, digits and _, like higher_rate.", text=code[:40])
        raise RuleError(said, where=where)


def typed_cell(unit, text, where="value"):
    """What was typed into a cell of a key column, as a table stores it: "from 18" is a band, "1, 2" both, empty any value (None).

    Raises RuleError at `where` in words.
    """
    entry, kind = plain_entry(text), unit_type(unit).kind
    if not entry:
        return None
    if kind in ("money", "number", "date") and (band := _FROM.match(entry)):
        return {"from": typed_value(unit, band[1], where)}
    parts = [part.strip() for part in re.split(r"," if kind in ("choice", "date") else r",\s+|;", entry) if part.strip()]
    found = [typed_value("choice" if unit == "choices" else unit, part, where) for part in parts]
    return found[0] if len(found) == 1 else found
