"""Whose fact it is, as the applicant would be told: "your partner", "your second child", or a first name; and a change of it as a condition."""

from eligibility.household import eldest_first
from eligibility.language.wording import show, word

_ORDINALS = {
    "en": ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
    "ar": ("الأول", "الثاني", "الثالث", "الرابع", "الخامس", "السادس", "السابع", "الثامن"),
}
_CY = ("eich plentyn cyntaf", "eich ail blentyn", "eich trydydd plentyn", "eich pedwerydd plentyn", "eich pumed plentyn")
_WHO = {
    "en": {"applicant": "you", "partner": "your partner", "child": "your child", "other_adult": "the other adult in your home"},
    "cy": {
        "applicant": "chi",
        "partner": "eich partner",
        "child": "eich plentyn",
        "other_adult": "yr oedolyn arall yn eich cartref",
    },
    "ar": {"applicant": "أنت", "partner": "شريكك", "child": "طفلك", "other_adult": "البالغ الآخر في بيتك"},
}
_NUMBERED = {
    "en": {"child": "your {} child", "other_adult": "the {} other adult in your home", "many": "your child number {}"},
    "cy": {"child": "{}", "other_adult": "oedolyn arall {} yn eich cartref", "many": "eich plentyn rhif {}"},
    "ar": {"child": "طفلك {}", "other_adult": "البالغ الآخر {} في بيتك", "many": "طفلك رقم {}"},
}


def who(household, id_, language="en", names=None):
    """The person with an id in words. names: {id: first name} of those who may be named; "" for nobody of this home."""
    if names and names.get(id_):
        return names[id_]
    person = next((one for one in household.people if one.id == id_), None)
    if person is None:
        return ""
    language = language if language in _WHO else "en"
    alike = [one for one in eldest_first(household.people) if one.role == person.role]
    if len(alike) == 1:
        return _WHO[language][person.role]
    return _numbered(person.role, alike.index(person), language)


def _numbered(role, place, language):
    patterns = _NUMBERED[language]
    ordinals = _CY if language == "cy" and role == "child" else _ORDINALS.get(language, ())
    if role == "child" and place >= len(ordinals):
        return patterns["many"].format(place + 1)
    return patterns[role].format(ordinals[place] if place < len(ordinals) else place + 1)


def _holder(household, key, language, names):
    """(is the applicant's or the home's, who in words) of a fact key."""
    level, *rest = key.split(".")
    if level != "people" or rest[0] == household.applicant.id:
        return True, ""
    return False, who(household, rest[0], language, names)


def in_sentence(label, language="en"):
    """A label as it stands within a sentence: "Region of England" becomes "region of England", "State Pension" and "PIP" stay."""
    first, second = [*label.split(" ", 2), "", ""][:2]
    is_name = any(letter.isupper() for letter in first[1:] + second[:1])
    return label if language == "ar" or is_name else label[:1].lower() + label[1:]


def fact_words(household, fact, key, language="en", names=None):
    """A fact with whose it is, to stand alone: "Date of birth (your child)"."""
    is_own, holder = _holder(household, key, language, names)
    return fact.words(language) if is_own or not holder else f"{fact.words(language)} ({holder})"


def condition(household, fact, key, test, value, language="en", names=None, codes=None):
    """A change of a fact as a condition: "if your partner were paid £820 a month or less before tax". test: at_most | at_least | is.

    In the fact's own words where it has them in `language`, else around its label.
    """
    is_own, holder = _holder(household, key, language, names)
    pattern = (fact.if_not if value is False else fact.if_so).get(language)
    if pattern:
        who_ = _WHO[language]["applicant"] if is_own else holder
        return pattern.replace("{who}", who_).replace("{value}", _range(fact, test, value, language, codes))
    label = in_sentence(fact.words(language), language)
    if isinstance(value, bool):
        so = f"{label} ({holder})" if not is_own else label
        return word("is_so" if value else "is_not_so", language).format(fact=so)
    if language in ("cy", "ar"):
        whose = label if is_own else f"{label} ({holder})"
    else:
        whose = f"your {label}" if is_own else f"{holder}’s {label}"
    pattern = word("is" if test == "is" else "were", language)
    return pattern.format(fact=whose, value=_range(fact, test, value, language, codes))


def _range(fact, test, value, language, codes):
    """The values that would do: "£820 a month or less", "16 or more", "London"; nothing is less than nothing."""
    shown = show(value, fact.value_type, language, codes=codes)
    if test == "is" or (test == "at_most" and getattr(value, "amount", value) == 0):
        return shown
    return word(test, language).format(shown)
