"""What a "what if" page shows: every programme now and then, and support against pay as a chart, as steps down and as a table."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from eligibility.engine import Rulebook
from eligibility.forms.what_if import WhatIfForm
from eligibility.language.wording import day as day_words
from eligibility.queries import what_if as trying
from eligibility.queries.catalogue import concepts_of
from portal.kit.charts import Line, line_charts
from portal.templatetags.ui import money, money_per


def what_if_page(
    book: Rulebook,
    household: trying.Household,
    data: Any,
    today: dt.date,
    codes: Iterable[str] | None = None,
    seen: trying.Household | None = None,
) -> dict[str, Any]:
    """The context of the page for a household in the interchange form, and for the changes in `data` (a POST, or None).

    codes: the programmes whose results the reader may see; None for all. seen: the household as far as the reader may see it, where
    that is less: whose birthdays are offered. Raises InterchangeError for facts the engine cannot read.
    """
    form = WhatIfForm(data, days=_days(seen or household, today), initial={"on": today.isoformat()})
    context: dict[str, Any] = {"form": form}
    change, on = trying.Change(), today
    if form.is_bound and form.is_valid():
        change, on = form.change(), form.day
        context["is_tried"] = True
    shown = sorted(book.definitions) if codes is None else sorted(codes)
    context["hidden"] = len(book.definitions) - len(shown)
    changed = trying.with_change(household, change, concepts_of(book, today))
    return context | _effect(book, household, changed, today, on, shown)


def _days(household: trying.Household, today: dt.date) -> list[tuple[str, str]]:
    found = []
    for day, age in trying.moments(household, today):
        words = day_words(day, _language())
        if day == today:
            words = _("Today")
        elif age is not None:
            words = _("%(day)s, when a child turns %(age)s") % {"day": words, "age": age}
        found.append((day.isoformat(), words))
    return found


def _effect(
    book: Rulebook,
    household: trying.Household,
    changed: trying.Household,
    today: dt.date,
    on: dt.date,
    codes: list[str],
) -> dict[str, Any]:
    lines = trying.lines(book, household, changed, today, on, codes)
    points, cliffs = trying.curve(book, changed, on, codes)
    names = {code: book.definitions[code].text("name", _language()) for code in codes}
    before = trying.support({line.code: line.before for line in lines})
    after = trying.support({line.code: line.after for line in lines})
    named = [
        {"programme": names[cliff.code], "pay": cliff.pay, "loss": cliff.loss if cliff.loss > 0 else None} for cliff in cliffs
    ]
    drawing = _drawing(points, cliffs, named) if any(point.support > 0 for point in points) else {}
    return drawing | {
        "lines": [
            {
                "code": line.code,
                "name": names[line.code],
                "before": line.before.outcome,
                "after": line.after.outcome,
                "amount_before": line.before.amount_words(_language()) if line.before.outcome == "likely" else "",
                "amount_after": line.after.amount_words(_language()) if line.after.outcome == "likely" else "",
                "is_changed": line.is_changed,
            }
            for line in lines
        ],
        "changes": sum(line.is_changed for line in lines),
        "same": sum(not line.is_changed for line in lines),
        "has_ranges": any(line.after.outcome == "likely" and line.after.amount_range is not None for line in lines),
        "open": sum(line.after.outcome == "unknown" for line in lines),
        "support_before": before,
        "support_after": after,
        "difference": after - before,
        "on": on,
        "cliffs": named,
    }


def _drawing(points: list[trying.Point], cliffs: list[trying.Cliff], named: list[dict[str, Any]]) -> dict[str, Any]:
    """The curve as chart and as table."""
    return {
        "summary": _summary(named),
        "charts": line_charts(
            Line(
                points=[(float(point.pay), float(point.support if point.support > 0 else 0)) for point in points],
                cliffs=sorted({float(cliff.pay) for cliff in cliffs}),
                x_words=lambda value: money(round(value)),
                y_words=lambda value: money(round(value)),
            ),
            is_rtl=get_language_info(_language())["bidi"],
        ),
        "head": [_("Pay a month before tax"), _("Left after tax and insurance"), _("Support a month"), _("Together")],
        "rows": [[money(point.pay), money(point.left), money(point.support), money(point.together)] for point in points[::4]],
    }


def _summary(cliffs: list[dict[str, Any]]) -> str:
    """The finding of the chart in one sentence."""
    if not cliffs:
        return _("Support falls gently as your pay rises: there is no step at which it ends at once.")
    first = cliffs[0]
    return _("Support falls as your pay rises. The first step down is at %(pay)s: %(programme)s.") % {
        "pay": money_per(first["pay"], "month"),
        "programme": first["programme"],
    }


def _language() -> str:
    return (get_language() or "en").split("-")[0]
