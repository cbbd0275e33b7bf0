"""Protected numbers of a preview in words. Load with ``{% load preview %}``."""

from django import template
from django.utils.translation import gettext as _

from eligibility.queries.preview.disclosure import Count, Sum
from eligibility.queries.preview.summary import Cost
from eligibility.queries.preview.words import cost_sentence, money_words
from portal.roles import ROLES

register = template.Library()


@register.filter
def count_words(count: Count) -> str:
    """A number of households; hidden ones as words."""
    return _("under %(n)s") % {"n": f"{count.under:,}"} if count.number is None else f"{count.number:,}"


@register.filter
def result_words(outcome: str) -> str:
    """A result in a colleague's words."""
    return {"likely": _("May get it"), "unknown": _("Not known yet"), "not_likely": _("Does not fit")}[outcome]


@register.filter
def role_words(code: str) -> str:
    """A role as people read it; the code of one that is gone."""
    return str(ROLES[code].label) if code in ROLES else code


@register.filter
def sum_words(value: Sum) -> str:
    """A sum with its sign."""
    if value.pounds is None:
        return _("hidden")
    return f"{_sign(value.pounds)}{money_words(value.pounds)}"


@register.filter
def change_words(value: Sum, is_once: bool = False) -> str:
    """A change for one household, in words."""
    if value.pounds is None:
        return _("hidden")
    amount = {"amount": money_words(value.pounds)}
    if value.pounds >= 0:
        return (_("about %(amount)s more, once") if is_once else _("about %(amount)s a year more")) % amount
    return (_("about %(amount)s less, once") if is_once else _("about %(amount)s a year less")) % amount


@register.filter
def cost_words(cost: Cost) -> str:
    """What it would cost, as a sentence."""
    if cost.is_hidden:
        return _("The cost is hidden, because it would tell about single households.")
    return cost_sentence(cost)


@register.filter
def cost_short(cost: Cost | None) -> str:
    """What it would cost, for a cell of a table."""
    if cost is None:
        return "–"
    if cost.is_hidden:
        return _("hidden")
    low, high = sum_words(cost.low), sum_words(cost.high)
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _sign(pounds: int) -> str:
    return "−" if pounds < 0 else "+" if pounds > 0 else ""
