"""What to do about names that stand for nothing and values that do not go together, as sentences."""

from eligibility.language.messages import message as _
from eligibility.language.messages import together
from eligibility.language.mistakes import listed, meant
from eligibility.language.printer import to_text
from eligibility.language.types import FLOW


def with_meant(said, name, known):
    """The sentence, and what somebody may have meant who wrote `name`."""
    near = meant(name, known)
    return together(said, _("Did you mean “%(name)s”?", name=near)) if near and near != name else said


def elsewhere(scope, name):
    """Where a name stands that was looked for in another place, as a sentence; None where it stands nowhere."""
    if name in scope.worked_out:
        if scope.worked_out[name].for_person:
            return _("It is worked out for each person: write applicant.%(name)s.", name=name)
        return _("It is a worked-out fact: write %(name)s alone.", name=name)
    if name in scope.limits:
        return _("It is a limit: write limits.%(name)s.", name=name)
    if scope.catalogue.household(name) is not None:
        return _("It is a fact of the household: write household.%(name)s.", name=name)
    if name in ("age", "role") or scope.catalogue.person(name) is not None:
        return _("It is a fact about a person: write applicant.%(name)s.", name=name)
    return None


def unknown(scope, said, name, known):
    """The sentence that a name is not known, with what was meant: the same name elsewhere, else one like it."""
    found = elsewhere(scope, name)
    return together(said, found) if found is not None else with_meant(said, name, known)


def by_period(tree):
    """That money needs a period, with the formula that would do."""
    return _(
        "This money comes by the week, month or year: say which you want, for example per_month(%(fact)s).", fact=to_text(tree)
    )


def unlike(said, left, right):
    """The sentence that two values are not of one kind, with what to do where there is a plain answer."""
    mend = _brought_together(left, right)
    return together(said, mend) if mend is not None else said


def _brought_together(left, right):
    money = next((side.type for side in (left, right) if side.type.kind == "money"), None)
    other = right if money is left.type else left
    if FLOW in (left.type, right.type) or money is None:
        kinds = {left.type.kind, right.type.kind}
        if "date" in kinds and kinds & {"number", "zero"}:
            return _("Write a day as date('2026-04-06'), or use the age: applicant.age.")
        if "choice" in kinds and kinds & {"yes_no", "number", "zero"}:
            return _("An answer from a list is written as its code in quotes, like 'renting'.")
        return None
    if other.type.kind == "money":
        if "once" in (money.per, other.type.per):
            return None
        return _("Bring both to one period, for example with %(function)s(...).", function=f"per_{money.per}")
    if other.type.kind == "number":
        number = to_text(other.node) if other.node.op == "number" else "100"
        example = f"pounds({number})" if money.per == "once" else f"pounds({number}, '{money.per}')"
        return _("Write money as %(example)s, or use a limit.", example=example)
    return None


def choices(said, code, known):
    """The sentence that a code is no answer, with the answers there are."""
    return together(with_meant(said, code, known), _("Possible are: %(codes)s.", codes=listed(known)))
