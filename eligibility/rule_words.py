"""What is wrong with a rule, put into the reader's language: the one place where messages of the rule language meet the translations."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from eligibility.interchange import InterchangeError
from eligibility.language import RuleError
from eligibility.language.messages import Message

_PARTS = {
    "criteria": gettext_lazy("Condition “%(name)s”"),
    "limits": gettext_lazy("Limit “%(name)s”"),
    "worked_out": gettext_lazy("Worked-out fact “%(name)s”"),
    "evidence": gettext_lazy("Proof “%(name)s”"),
    "variants": gettext_lazy("Local variant “%(name)s”"),
    "case": gettext_lazy("Worked example “%(name)s”"),
}
_WHOLE = {
    "amount": gettext_lazy("Amount"),
    "contacts": gettext_lazy("Contacts"),
    "floor": gettext_lazy("What local variants may not narrow"),
    "leaves_out": gettext_lazy("What the rule leaves out"),
    "service_standard": gettext_lazy("How long it takes"),
    "translations": gettext_lazy("Translations"),
    "windows": gettext_lazy("When claims are taken"),
}
_FIELDS = {
    "says": gettext_lazy("the sentence when it is met"),
    "says_not": gettext_lazy("the sentence when it is not met"),
    "says_unknown": gettext_lazy("the sentence when it is not known"),
}


def told(said: Message) -> str:
    """A message in the language of the reader."""
    return said.told(_, ngettext)


def sentence(problem: Exception) -> str:
    """What is wrong, without its place, in the language of the reader. Errors that are no rule's are told as they are."""
    return told(problem.said) if isinstance(problem, RuleError | InterchangeError) else str(problem)


def with_place(problem: Exception, formula: str = "") -> str:
    """What is wrong and where, for a page on which the place is not to be seen; with the formula, where it or the error is known."""
    if not isinstance(problem, RuleError):
        return sentence(problem)
    place, said = place_said(problem.where), at_line(problem)
    whole = f"{place}: {said}" if place else said
    source = problem.source(formula)
    return _("%(problem)s The formula: %(formula)s") % {"problem": whole, "formula": "".join(source).strip()} if source else whole


def at_line(problem: RuleError) -> str:
    """What is wrong, after its line and character in the formula where it has one."""
    if not problem.line:
        return sentence(problem)
    values = {"line": problem.line, "column": problem.column, "message": sentence(problem)}
    return _("Line %(line)s, character %(column)s: %(message)s") % values


def place_said(where: str) -> str:
    """A part of a programme that an error names, in words: "variants.newham.limits.cap" is two of them."""
    programme, colon, inner = where.partition(": ")
    if colon and programme not in _WHOLE:
        return f"{programme.replace('_', ' ')}: {place_said(inner)}" if inner else programme
    section, _mark, rest = (
        where.replace("case ", "case.", 1).partition(".") if where.startswith("case ") else where.partition(".")
    )
    section = section.partition(":")[0]
    if section in _WHOLE:
        return str(_WHOLE[section])
    if section not in _PARTS:
        return where
    name, _dot, inner = rest.partition(".")
    said = str(_PARTS[section]) % {"name": name.replace("_", " ") or "?"}
    if inner in _FIELDS:
        return f"{said}, {_FIELDS[inner]}"
    return f"{said}, {place_said(inner)}" if section == "variants" and inner.partition(".")[0] in (*_PARTS, *_WHOLE) else said
