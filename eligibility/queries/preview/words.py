"""The finding of a preview in sentences, whole ones, so that each language says them its own way."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eligibility.queries.preview.disclosure import Count
from eligibility.queries.preview.groups import Dimension
from eligibility.queries.preview.summary import SHOWN, Cost, Preview, Report
from eligibility.queries.preview.together import Together


def headline(report: Report) -> list[str]:
    """What would happen, in at most four sentences; none where nothing can be said."""
    if report.state != SHOWN or report.own is None:
        return []
    own = report.own
    cost = report.together or own.cost
    if own.changes_nothing and not report.others:
        return [_("Nobody’s result would change.")]
    if report.is_first:
        return [_first(own.gains), *_cost(cost)]
    return [_gains(own), _loses(own), *_amounts(own), *_cost(cost)]


def headline_together(report: Together) -> list[str]:
    """What several drafts would do at once, in at most five sentences; none where nothing can be said."""
    if report.state != SHOWN or report.totals is None:
        return []
    if not report.is_moved:
        return [_("Nobody’s result would change.")]
    totals = report.totals
    found = [_gains_any(totals.gains), _loses_any(totals.loses)]
    if totals.better.number:
        words = ngettext(
            "Taken together, about %(n)s household would have more money.",
            "Taken together, about %(n)s households would have more money.",
            totals.better.number,
        )
        found.append(words % _n(totals.better))
    if totals.worse.number:
        words = ngettext(
            "Taken together, about %(n)s household would have less money.",
            "Taken together, about %(n)s households would have less money.",
            totals.worse.number,
        )
        found.append(words % _n(totals.worse))
    return [*found, *_cost(totals.cost)]


def chosen_words(chosen: Mapping[Dimension, str]) -> list[tuple[str, str]]:
    """The group as (what, which) pairs."""
    return [(str(item.words), str(item.options[option])) for item, option in chosen.items()]


def money_words(pounds: int) -> str:
    """A protected sum: £1.2 million from a million on, £850,000 below; without its sign."""
    size = abs(pounds)
    if size >= 1_000_000:
        return _("£%(millions)s million") % {"millions": f"{size / 1_000_000:,.2f}".rstrip("0").rstrip(".")}
    return f"£{size:,}"


def _first(count: Count) -> str:
    if count.number is None:
        return _("Fewer than %(n)s households may get it.") % {"n": f"{count.under:,}"}
    if count.number == 0:
        return _("Nobody may get it yet.")
    return ngettext("About %(n)s household may get it.", "About %(n)s households may get it.", count.number) % _n(count)


def _gains(own: Preview) -> str:
    if own.gains.number is None:
        return _("Fewer than %(n)s households would gain.") % {"n": f"{own.gains.under:,}"}
    if own.gains.number == 0:
        return _("Nobody would gain.")
    return ngettext("About %(n)s household would gain.", "About %(n)s households would gain.", own.gains.number) % _n(own.gains)


def _loses(own: Preview) -> str:
    if own.loses.number is None:
        return _("Fewer than %(n)s households would lose.") % {"n": f"{own.loses.under:,}"}
    if own.loses.number == 0:
        return _("Nobody would lose.")
    return ngettext("About %(n)s household would lose.", "About %(n)s households would lose.", own.loses.number) % _n(own.loses)


def _gains_any(count: Count) -> str:
    if count.number is None:
        return _("Fewer than %(n)s households would gain a programme.") % {"n": f"{count.under:,}"}
    if count.number == 0:
        return _("Nobody would gain a programme.")
    words = ngettext(
        "About %(n)s household would gain at least one programme.",
        "About %(n)s households would gain at least one programme.",
        count.number,
    )
    return words % _n(count)


def _loses_any(count: Count) -> str:
    if count.number is None:
        return _("Fewer than %(n)s households would lose a programme.") % {"n": f"{count.under:,}"}
    if count.number == 0:
        return _("Nobody would lose a programme.")
    words = ngettext(
        "About %(n)s household would lose at least one programme.",
        "About %(n)s households would lose at least one programme.",
        count.number,
    )
    return words % _n(count)


def _amounts(own: Preview) -> list[str]:
    """Those who keep it with another amount, where there are any to speak of."""
    found = []
    if own.more.number:
        words = ngettext("About %(n)s household would get more.", "About %(n)s households would get more.", own.more.number)
        found.append(words % _n(own.more))
    if own.less.number:
        words = ngettext("About %(n)s household would get less.", "About %(n)s households would get less.", own.less.number)
        found.append(words % _n(own.less))
    return found


def _n(count: Count) -> dict[str, str]:
    return {"n": f"{count.number:,}"}


def _cost(cost: Cost | None) -> list[str]:
    return [] if cost is None or cost.is_hidden else [cost_sentence(cost)]


def cost_sentence(cost: Cost) -> str:
    """What it would cost, once where it is paid once."""
    low, high = cost.low.pounds or 0, cost.high.pounds or 0
    values = {"low": money_words(low), "high": money_words(high)}
    if low == high == 0:
        return _("It would cost about the same as now.")
    if low == high:
        return _equal(low, cost.is_once) % values
    if low >= 0:
        words = (
            _("It would cost between %(low)s and %(high)s more, paid once to each.")
            if cost.is_once
            else _("It would cost between %(low)s and %(high)s a year more.")
        )
    elif high <= 0:
        words = (
            _("It would cost between %(high)s and %(low)s less, paid once to each.")
            if cost.is_once
            else _("It would cost between %(high)s and %(low)s a year less.")
        )
    else:
        words = (
            _("It would cost between %(low)s less and %(high)s more, paid once to each.")
            if cost.is_once
            else _("It would cost between %(low)s less and %(high)s more a year.")
        )
    return words % values


def _equal(pounds: int, is_once: bool) -> str:
    if pounds > 0:
        return (
            _("It would cost about %(low)s more, paid once to each.")
            if is_once
            else _("It would cost about %(low)s a year more.")
        )
    return _("It would cost about %(low)s less, paid once to each.") if is_once else _("It would cost about %(low)s a year less.")
