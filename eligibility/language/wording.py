"""Values in a reader's words: money, dates, numbers and codes, in English, Welsh and Arabic. Other languages read English forms.

Also the sentences the engine itself has to say. Sentences of a programme are its own texts.
"""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import ClassVar

from eligibility.language.codes import spaced
from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _
from eligibility.language.types import Type
from eligibility.language.values import Flow, Unknown

MOST_TOLD = 2000
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "cy": [
        "Ionawr",
        "Chwefror",
        "Mawrth",
        "Ebrill",
        "Mai",
        "Mehefin",
        "Gorffennaf",
        "Awst",
        "Medi",
        "Hydref",
        "Tachwedd",
        "Rhagfyr",
    ],
    "ar": ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"],
}
_PER = {
    "en": {"once": "{}", "week": "{} a week", "four_weeks": "{} every four weeks", "month": "{} a month", "year": "{} a year"},
    "cy": {
        "once": "{}",
        "week": "{} yr wythnos",
        "four_weeks": "{} bob pedair wythnos",
        "month": "{} y mis",
        "year": "{} y flwyddyn",
    },
    "ar": {  # the amount stands in an isolate (U+2066 to U+2069): after Arabic words the pound sign would change sides
        "once": "\u2066{}\u2069",
        "week": "\u2066{}\u2069 في الأسبوع",
        "four_weeks": "\u2066{}\u2069 كل أربعة أسابيع",
        "month": "\u2066{}\u2069 في الشهر",
        "year": "\u2066{}\u2069 في السنة",
    },
}
_LENGTHS = {  # (one, many); Welsh and Arabic say it in a form that is the same for every number
    "en": {name: (f"{{}} {name.removesuffix('s')}", f"{{}} {name}") for name in ("years", "months", "weeks", "days", "hours")},
    "cy": {
        "years": ("{} flwyddyn", "{} o flynyddoedd"),
        "months": ("{} mis", "{} o fisoedd"),
        "weeks": ("{} wythnos", "{} o wythnosau"),
        "days": ("{} diwrnod", "{} o ddiwrnodau"),
        "hours": ("{} awr", "{} o oriau"),
    },
    "ar": {
        "years": ("السنوات: {}",) * 2,
        "months": ("الأشهر: {}",) * 2,
        "weeks": ("الأسابيع: {}",) * 2,
        "days": ("الأيام: {}",) * 2,
        "hours": ("الساعات: {}",) * 2,
    },
}
_WORDS = {
    "en": {
        "yes": "yes",
        "no": "no",
        "unknown": "not known",
        "who_lives": "who lives with you",
        "not_applicable": "does not apply",
        "need": "We cannot tell yet. We need: {}.",
        "need_limit": "We cannot tell: a value for this date is missing ({}).",
        "were": "if {fact} were {value}",
        "at_most": "{} or less",
        "at_least": "{} or more",
        "is": "if {fact} were: {value}",
        "is_so": "if this were so: {fact}",
        "is_not_so": "if this were not so: {fact}",
        "range": "between {} and {}",
        "up": "{} or more",
        "or": "{} or {}",
        "and": "{} and {}",
        "from": "from {}",
        "anyone_else": "anyone else",
        "everyone": "everyone",
        "no_limit": "no limit",
    },
    "cy": {
        "yes": "ie",
        "no": "na",
        "unknown": "ddim yn hysbys",
        "who_lives": "pwy sy’n byw gyda chi",
        "not_applicable": "ddim yn berthnasol",
        "need": "Ni allwn ddweud eto. Mae angen: {}.",
        "need_limit": "Ni allwn ddweud: mae gwerth ar gyfer y dyddiad hwn ar goll ({}).",
        "were": "pe bai {fact} yn {value}",
        "at_most": "{} neu lai",
        "at_least": "{} neu fwy",
        "is": "pe bai {fact}: {value}",
        "is_so": "pe bai hyn yn wir: {fact}",
        "is_not_so": "pe na bai hyn yn wir: {fact}",
        "range": "rhwng {} a {}",
        "up": "{} neu fwy",
        "or": "{} neu {}",
        "and": "{}, {}",
        "from": "o {}",
        "anyone_else": "unrhyw un arall",
        "everyone": "pawb",
        "no_limit": "dim terfyn",
    },
    "ar": {
        "yes": "نعم",
        "no": "لا",
        "unknown": "غير معروف",
        "who_lives": "من يسكن معك",
        "not_applicable": "لا ينطبق",
        "need": "لا يمكننا معرفة ذلك بعد. نحتاج إلى: {}.",
        "need_limit": "لا يمكننا معرفة ذلك: لا توجد قيمة لهذا التاريخ ({}).",
        "were": "إذا كان {fact} {value}",
        "at_most": "{} أو أقل",
        "at_least": "{} أو أكثر",
        "is": "إذا كان {fact}: {value}",
        "is_so": "إذا كان هذا صحيحا: {fact}",
        "is_not_so": "إذا لم يكن هذا صحيحا: {fact}",
        "range": "بين {} و {}",
        "up": "{} أو أكثر",
        "or": "{} أو {}",
        "and": "{}، {}",
        "from": "من {}",
        "anyone_else": "أي شخص آخر",
        "everyone": "الجميع",
        "no_limit": "بدون حد",
    },
}


def word(name, language="en"):
    """One of the engine's own words or sentences."""
    return _WORDS.get(language, _WORDS["en"])[name]


def pence(value):
    """Whole pence of an exact value in pence, half up."""
    if type(value) is int:
        return value
    return int((Fraction(value) * 2 + 1) // 2)


def pounds_text(value):
    """ "1200.00" for an exact value in pence."""
    whole = pence(value)
    sign = "-" if whole < 0 else ""
    return f"{sign}{abs(whole) // 100}.{abs(whole) % 100:02d}"


def money(value, per="once", language="en"):
    """£16,000 or £203.50 a week, for an exact value in pence."""
    whole = pence(value)
    pounds, rest = divmod(abs(whole), 100)
    shown = f"{'-' if whole < 0 else ''}£{pounds:,}.{rest:02d}" if rest else f"{'-' if whole < 0 else ''}£{pounds:,}"
    pattern = _PER.get(language, _PER["en"])[per]
    return shown if pattern == "{}" else pattern.format(shown)


def number(value, unit="number"):
    """A number without needless digits, with at most two after the point; a share as per cent."""
    if type(value) is int and unit != "share":
        return f"{value:,}"
    value = Fraction(value) * (100 if unit == "share" else 1)
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if exact == exact.to_integral_value():
        shown = f"{int(exact):,}"
    else:
        shown = f"{exact.quantize(Decimal('0.01'), ROUND_HALF_UP):,}".rstrip("0").rstrip(".")
    return shown + ("%" if unit == "share" else "")


def length(value, unit, language="en"):
    """A number with its unit of time: "16 hours"; from two years on, months as "66 years and 1 month"."""
    one, many = _LENGTHS.get(language, _LENGTHS["en"])[unit]
    if unit == "months" and value >= 24 and value == int(value):
        years, months = divmod(int(value), 12)
        told = length(years, "years", language)
        return word("and", language).format(told, length(months, "months", language)) if months else told
    return (one if value == 1 else many).format(number(value))


def day(value, language="en"):
    """6 April 2026."""
    return f"{value.day} {_MONTHS.get(language, _MONTHS['en'])[value.month - 1]} {value.year}"


def show(value, type_, language="en", unit="number", codes=None):
    """Any value of a `Type` in the reader's words; None does not apply. codes: a function (code, language) that puts codes into words."""
    if type(value) is int and type_.kind == "money":
        return money(value, type_.per, language)
    if isinstance(value, Flow):
        return show(value.amount, Type("money", value.per), language)
    if type(value) is Unknown:
        return word("unknown", language)
    if value is None:
        return word("not_applicable", language)
    if isinstance(value, bool):
        return word("yes" if value else "no", language)
    if type_.kind == "money":
        return money(value, type_.per, language)
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, str):
        return codes(value, language) if codes else spaced(value)
    if isinstance(value, frozenset):
        items = [codes(item, language) if codes else spaced(item) for item in sorted(value)]
        return either(items, language) if type_.choices is None else ", ".join(items)
    return number(value, unit)


class Teller:
    """`show` for one type and language that keeps what it has told: the same sums stand in many sentences.

    kept: {value: words}, for money and numbers shared by all tellers of a kind. What is not there is told by calling the Teller.
    """

    _shared: ClassVar[dict[tuple, dict]] = {}

    def __init__(self, type_, language="en", unit="number", codes=None):
        self.type, self.language, self.unit, self.codes = type_, language, unit, codes
        few = type_.kind in ("choice", "choices")
        self.kept = {} if few else self._shared.setdefault((type_.kind, type_.per, unit, language), {})

    def __call__(self, value):
        told = show(value, self.type, self.language, self.unit, self.codes)
        if type(value) in (int, bool) or (type(value) is str and value in (self.type.choices or ())):
            if len(self.kept) >= MOST_TOLD:
                self.kept.clear()
            self.kept[value] = told
        return told


def either(items, language="en"):
    """ "A, B or C"."""
    return items[0] if len(items) == 1 else word("or", language).format(", ".join(items[:-1]), items[-1]) if items else ""


def placeholders(sentence, where=""):
    """The names in braces of a sentence, in order. Raises RuleError for a brace without its partner."""
    names = PLACEHOLDER.findall(sentence)
    rest = PLACEHOLDER.sub("", sentence)
    if "{" in rest or "}" in rest:
        raise RuleError(_("A brace has no partner. Values are written {limits.savings_limit}."), where=where)
    return [name.strip() for name in names]
