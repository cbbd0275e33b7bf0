"""What if: a person tries out changes. Nothing is stored; answers go in the body of the request, not in its address."""

import datetime as dt
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consent.actions.release import release
from consent.queries.records import own_record
from eligibility.forms import WhatIfForm
from eligibility.interchange import InterchangeError
from eligibility.language.wording import day as day_words
from eligibility.queries import what_if as trying
from eligibility.queries.catalogue import in_force, rulebook_of
from eligibility.views.catalogue import reader_language
from portal.kit.access import OWN_RECORD, needs
from portal.kit.charts import Line, line_charts
from portal.kit.http import PortalRequest
from portal.templatetags.ui import money, money_per


@require_http_methods(["GET", "HEAD", "POST"])
@needs(OWN_RECORD)
def what_if(request: PortalRequest) -> HttpResponse:
    """The form, all programmes before and after, and the curve of support against pay."""
    record = own_record(request.actor)
    if record is None or record.version == 0:
        return redirect("eligibility:results")
    today = timezone.localdate()
    book = rulebook_of(in_force(today))
    concepts = frozenset().union(*(programme.needs for programme in book.on(today).values()))
    released = release(
        by=request.actor,
        record=record,
        purpose="own",
        concepts=concepts,
        at=timezone.now(),
    )
    household = {"id": str(record.pk), **released.as_household()}
    form = WhatIfForm(request.POST or None, days=_days(household, today), initial={"on": today.isoformat()})
    context: dict[str, Any] = {"form": form}
    change, on = trying.Change(), today
    if request.method == "POST" and form.is_valid():
        change, on = form.change(), dt.date.fromisoformat(form.cleaned_data["on"])
        context["is_tried"] = True
    changed = trying.with_change(household, change, concepts)
    try:
        context |= _effect(book, household, changed, today, on)
    except InterchangeError:
        return redirect("eligibility:results")
    return render(request, "eligibility/results/what_if.html", context)


def _days(household: dict[str, Any], today: dt.date) -> list[tuple[str, str]]:
    language = reader_language()
    found = []
    for day, age in trying.moments(household, today):
        words = day_words(day, language)
        if day == today:
            words = _("Today")
        elif age is not None:
            words = _("%(day)s, when a child turns %(age)s") % {"day": words, "age": age}
        found.append((day.isoformat(), words))
    return found


def _effect(book, household: dict[str, Any], changed: dict[str, Any], today: dt.date, on: dt.date) -> dict[str, Any]:
    lines = trying.lines(book, household, changed, today, on)
    points, cliffs = trying.curve(book, changed, on)
    names = {code: definition.text("name", reader_language()) for code, definition in book.definitions.items()}
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
                "amount_before": line.before.amount_words(reader_language()) if line.before.outcome == "likely" else "",
                "amount_after": line.after.amount_words(reader_language()) if line.after.outcome == "likely" else "",
                "is_changed": line.is_changed,
            }
            for line in lines
        ],
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
                points=[(float(point.pay), float(max(point.support, 0))) for point in points],
                cliffs=sorted({float(cliff.pay) for cliff in cliffs}),
                x_words=lambda value: money(round(value)),
                y_words=lambda value: money(round(value)),
            ),
            is_rtl=get_language_info(reader_language())["bidi"],
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
