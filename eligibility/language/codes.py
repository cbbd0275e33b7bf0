"""Codes of choices in a reader's words: those of the fact catalogue, of the fact that the code is a choice of.

A code by itself ("none", "higher") may be a choice of many facts; a limit that holds codes is told in the words of the facts that its rule reads,
and its codes that are no answers of a fact in its own words.
"""

from eligibility.household import LOCAL
from eligibility.language.types import ROLES

_SMALL = ("and", "of", "on", "the", "upon", "under", "with", "in", "le", "by")
_ROLE_WORDS = {
    "en": ("you", "your partner", "a child", "another adult"),
    "cy": ("chi", "eich partner", "plentyn", "oedolyn arall"),
    "ar": ("أنت", "شريكك", "طفل", "بالغ آخر"),
}


def spaced(code):
    """A code without labels."""
    return code.replace("_", " ")


def place_name(code):
    """The name of a place from its code: "Kingston upon Thames"."""
    words = spaced(code).split()
    return " ".join(word if word in _SMALL and place else word.capitalize() for place, word in enumerate(words))


def role_words(role, language="en"):
    """A role as the applicant would say it."""
    return dict(zip(ROLES, _ROLE_WORDS.get(language, _ROLE_WORDS["en"]), strict=True)).get(role, spaced(role))


def choice_words(fact, code, language="en"):
    """The label of a choice of a fact, in `language`, else in English."""
    labels = fact.choice_labels.get(code, {})
    if words := labels.get(language) or labels.get("en"):
        return words
    return place_name(code) if fact.name == LOCAL else spaced(code)


def fact_of(catalogue, codes, read=()):
    """The fact of the catalogue that all `codes` are choices of, one in `read` (fact codes) before others; None when there is none."""
    fitting = [fact for fact in catalogue.values() if fact.choices and set(codes) <= set(fact.choices)]
    return min(fitting, key=lambda fact: (fact.code not in read, fact.code), default=None)


def words_for(catalogue, codes, read=(), own=None):
    """A function (code, language) that puts `codes` that stand together into words.

    read: codes of the facts that their rule reads. own: {code: {language: text}} that goes before them.
    """
    own = own or {}
    codes = set(codes) - set(own)
    together = fact_of(catalogue, codes, read)
    are_places = together is None and f"household.{LOCAL}" in read

    def words(code, language="en"):
        if code in own:
            return own[code].get(language) or own[code]["en"]
        fact = together if together is not None and code in together.choices else fact_of(catalogue, [code], read)
        if fact is None:
            return place_name(code) if are_places else spaced(code)
        return choice_words(fact, code, language)

    return words
