"""What one programme's payment does to another's, in sentences beside the amounts, so that nobody adds up what is paid once.

A rule says it in its head: `takes_off` names programmes whose payment still comes off this one's amount, `counts` those that are in it already.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.templatetags.ui import list_sentence, money_per


@dataclass(frozen=True)
class Paid:
    """A programme that fits or may fit. name: in the reader's language; monthly: pounds a month that it pays regularly, 0 while it is not
    known whether it fits or how much it pays; takes_off, counts: codes of other programmes."""

    name: str
    monthly: Decimal
    takes_off: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()


def together(months: Mapping[str, Decimal], takes_off: Mapping[str, Iterable[str]]) -> Decimal:
    """The sum of what programmes pay a month; what counts in full as income of another one (`takes_off`) is taken off it."""
    total = sum(months.values(), Decimal(0))
    for code, others in takes_off.items():
        counted = sum((months.get(other, Decimal(0)) for other in others), Decimal(0))
        total -= min(max(months.get(code, Decimal(0)), Decimal(0)), counted)
    return total


def overlaps(paid: Mapping[str, Paid]) -> dict[str, list[str]]:
    """{code: sentences} for programmes by code: what comes off when another one is paid, and what is counted already."""
    found: dict[str, list[str]] = {code: [] for code in paid}
    for code, one in paid.items():
        left = one.monthly
        for other in one.takes_off:
            if other in paid and paid[other].monthly > 0:
                before, left = left, max(Decimal(0), left - paid[other].monthly)
                found[code].append(_comes_off(paid[other], before, left))
                found[other].append(_goes_with(one, paid[other].monthly + left))
        names = [paid[other].name for other in one.counts if other in paid and paid[other].monthly > 0]
        if names and one.monthly > 0:
            found[code].append(
                _("Already counted in this amount: %(names)s. You can have them together.")
                % {"names": list_sentence(sorted(names))}
            )
    return found


def _comes_off(other: Paid, before: Decimal, left: Decimal) -> str:
    """What is said where `other` still comes off an amount. before, left: pounds a month, both 0 while the amount is not known."""
    if before == 0:
        return _("%(name)s counts in full as income here. Once it is paid, it is taken off this amount.") % {"name": other.name}
    if left == 0:
        return _("%(name)s counts in full as income here. Once it is paid, nothing of this amount is left.") % {
            "name": other.name
        }
    values = {"name": other.name, "off": money_per(other.monthly, "month"), "left": money_per(left, "month")}
    return _("%(name)s counts in full as income here. Once it is paid, %(off)s is taken off and about %(left)s is left.") % values


def _goes_with(one: Paid, both: Decimal) -> str:
    """What is said of a payment that comes off `one`. both: what they come to, pounds a month."""
    if one.monthly == 0:
        return _("Once this is paid, it is taken off %(name)s.") % {"name": one.name}
    values = {"name": one.name, "both": money_per(both, "month")}
    return _("Once this is paid, it is taken off %(name)s. Both together come to about %(both)s.") % values
