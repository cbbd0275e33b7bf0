"""What is most likely wrong with a text that is no formula, and how to mend it."""

import difflib
import re

from eligibility.language.messages import message as _

_GROUPED = re.compile(r"(?<![\w.])[0-9]+,[0-9]+(?:[,.][0-9]+)*")
_SPACED = re.compile(r"(?<![\w.])[0-9]{1,3}(?: +[0-9]{3})+(?![\w])")
_ZEROS = re.compile(r"(?<![\w.])0+[1-9][0-9]*")
_SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?) *%")
_CURRENCY = re.compile(r"[£€$] *([0-9][0-9.,]*)?")
_LOUD = re.compile(r"\b(AND|OR|NOT|IF|ELSE|IN|FOR|And|Or|Not|If|Else)\b")
_REVERSED = re.compile(r"=<|=>|<>")
_ONE_EQUALS = re.compile(r"(?<![=<>!])=(?!=)")
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
MOST_LISTED = 12


def without_texts(source):
    """The source with blanks where codes in quotes stand, so that what is in them is not taken for a sign of the language."""
    return _TEXT.sub(lambda found: " " * len(found[0]), source)


def numbers_with_commas(source):
    """(start, length, Message) of a number written with a comma; None where there is none."""
    found = _GROUPED.search(without_texts(source))
    if found is None:
        return None
    number = found[0]
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?", number):
        said = _(
            "Write %(number)s without a comma: %(mended)s. If these are two numbers, put a space after the comma.",
            number=number,
            mended=number.replace(",", ""),
        )
    else:
        said = _(
            "Write %(number)s with a point: %(mended)s. If these are two numbers, put a space after the comma.",
            number=number,
            mended=number.replace(",", "."),
        )
    return found.start(), len(number), said


def of_signs(source):
    """(start, length, Message) of the first sign that is not part of the language; None where it must be something else."""
    bare = without_texts(source)
    if found := _CURRENCY.search(bare):
        said = _(
            "Write money without “%(sign)s”: %(number)s.",
            sign=found[0][0],
            number=(found[1] or "16000").replace(",", "").rstrip("."),
        )
        return found.start(), len(found[0]), said
    if found := _SHARE.search(bare):
        return (
            found.start(),
            len(found[0]),
            _("Write %(share)s as a part of one: %(number)s.", share=found[0], number=_part(found[1])),
        )
    for place, sign in enumerate(bare):
        if not sign.isprintable():
            code = f"U+{ord(sign):04X}"
            return place, 1, _("There is a sign here that nobody sees (%(code)s). Take it out.", code=code)
        if sign in "!?$`\\;@~" and bare[place : place + 2] != "!=":
            return place, 1, _("“%(sign)s” cannot stand in a formula. Take it out.", sign=sign)
        if not sign.isascii() and not sign.isalnum():
            return place, 1, _("“%(sign)s” cannot stand in a formula. Take it out.", sign=sign)
        if not sign.isascii() and sign.isnumeric():
            return place, 1, _("“%(sign)s” is not read as a number. Write it with digits, like 0.5.", sign=sign)
    return None


def _part(share):
    """ "0.5" for "50": a hundredth, without floats."""
    whole, _point, rest = share.partition(".")
    digits = whole.rjust(3, "0") + rest
    at = len(digits) - len(rest) - 2
    return f"{digits[:at].lstrip('0') or '0'}.{digits[at:]}".rstrip("0").rstrip(".")


def unreadable(source):
    """(start or None, length, Message) for a text Python's grammar refuses."""
    bare = without_texts(source)
    if found := of_signs(source):
        return found
    if found := _SPACED.search(bare):
        mended = found[0].replace(" ", "")
        return found.start(), len(found[0]), _("Write %(number)s without a space: %(mended)s.", number=found[0], mended=mended)
    if found := _ZEROS.search(bare):
        number = found[0]
        return (
            found.start(),
            len(number),
            _("Write %(number)s without 0 before it: %(mended)s.", number=number, mended=number.lstrip("0")),
        )
    if found := _LOUD.search(bare):
        said = _("Write “%(word)s” in small letters.", word=found[0].lower())
        return found.start(), len(found[0]), said
    if bare.count("'") + bare.count('"'):
        start = min(place for place in (bare.find("'"), bare.find('"')) if place >= 0)
        return start, 1, _("A quotation mark is opened and not closed. Codes stand between two of them: 'child'.")
    if any(bare.count(one) != bare.count(two) for one, two in ("()", "[]")):
        return None, 1, _("This cannot be read. A bracket is opened and not closed, or the other way round.")
    if found := _REVERSED.search(bare):
        mended = {"=<": "<=", "=>": ">=", "<>": "!="}[found[0]]
        return found.start(), 2, _("Write %(mended)s instead of %(sign)s.", mended=mended, sign=found[0])
    if found := _ONE_EQUALS.search(bare):
        return found.start(), 1, _("To compare, write == with two equals signs.")
    if "&" in bare or "|" in bare:
        return None, 1, _("This cannot be read. Write “and” and “or” in words.")
    return None, 1, _("This cannot be read. Look at the place shown: a name, a value or a sign is missing.")


def meant(name, known):
    """The name of `known` that somebody may have meant who wrote `name`; "" for none."""
    plain = name.lower()
    if plain in known:
        return plain
    return next(iter(difflib.get_close_matches(plain, list(known), 1)), "")


def listed(codes):
    """Codes to choose from as a value of a message, cut where there are many."""
    codes = list(codes)
    return codes if len(codes) <= MOST_LISTED else [*codes[:MOST_LISTED], "…"]
