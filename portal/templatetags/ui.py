"""Leaves of the design system: icons, clocks, tags, money, dates, fact values. Load with ``{% load ui %}``."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import forms, template
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from portal.rendering import ErrorSummary

register = template.Library()

ICON_NAME = re.compile(r"[a-z0-9-]+")
RING_LENGTH = 82  # circumference of the clock's ring, radius 13, in SVG units

OUTCOMES = {
    "likely": ("good", "circle-check-filled"),
    "unknown": ("wait", "help-circle-filled"),
    "not_likely": ("none", "circle-minus"),
}
SOURCES = {
    "verified": (" od-src--ok", "shield-check"),
    "checked": (" od-src--ok", "circle-check"),
    "disputed": (" od-src--warn", "alert-triangle"),
    "asked": (" od-src--warn", "help-circle"),
}
WHEN_FORMATS = {"day": "j F Y", "short_day": "j M Y", "moment": "j F Y, H:i", "time": "H:i"}
TONES = frozenset({"good", "wait", "bad", "none", "info"})


@cache
def _svg(name: str) -> SafeString:
    if not ICON_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not an icon name")
    path = Path(settings.BASE_DIR) / "assets" / "icons" / f"{name}.svg"
    return mark_safe(path.read_text(encoding="utf-8").strip())  # noqa: S308 - a committed file, never input


@register.simple_tag
def icon(name: str, label: str = "", css_class: str = "") -> SafeString:
    """Draw an icon of ``assets/icons``. Decorative unless ``label`` is given: put words beside it."""
    if not label and not css_class:
        return _plain_icon(name)
    classes = f"od-icon od-icon--{name} {css_class}".strip()
    if label:
        return format_html('<span class="{}" role="img" aria-label="{}">{}</span>', classes, label, _svg(name))
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, _svg(name))


@cache
def _plain_icon(name: str) -> SafeString:
    return format_html('<span class="od-icon od-icon--{}" aria-hidden="true">{}</span>', name, _svg(name))


@register.simple_tag
def od_class(base: str, *modifiers: Any, **conditions: Any) -> str:
    """Return a class list: ``{% od_class "od-tag" tone is_big=True %}`` gives ``od-tag od-tag--good od-tag--is-big``."""
    names = [str(modifier) for modifier in modifiers if modifier]
    names += [name.replace("_", "-") for name, holds in conditions.items() if holds]
    return " ".join([base, *(f"{base}--{name}" for name in names)])


@register.simple_tag
def tag(text: Any, tone: str = "none", icon_name: str = "") -> SafeString:
    """Draw a status tag. ``tone``: good, wait, bad, none or info; the words must carry the meaning."""
    if tone not in TONES:
        raise ValueError(f"{tone!r} is not one of {sorted(TONES)}")
    drawn = icon(icon_name) if icon_name else ""
    return format_html('<strong class="od-tag od-tag--{}">{}{}</strong>', tone, drawn, text)


@register.simple_tag
def outcome_flag(outcome: str) -> SafeString:
    """Draw the words of a *guide* (never of a decision): likely, unknown or not_likely."""
    tone, icon_name = OUTCOMES[outcome]
    return format_html('<strong class="od-tag od-tag--{}">{}{}</strong>', tone, icon(icon_name), outcome_words(outcome))


@register.filter
def outcome_words(outcome: str) -> str:
    """The citizen's words for a guide's outcome."""
    return {
        "likely": _("You may get this"),
        "unknown": _("We need one more answer"),
        "not_likely": _("Does not fit now"),
    }[outcome]


@register.filter
def outcome_tone(outcome: str) -> str:
    """The tone of a guide's outcome: good, wait or none."""
    return OUTCOMES[outcome][0]


@register.inclusion_tag("components/clock.html")
def clock(days_left: int | None, limit: int | None = None, stopped_on_day: int | None = None) -> dict[str, Any]:
    """A service clock as ring and words.

    ``days_left``: working days to the due date, negative when late, None for no clock. ``limit``: days in the
    promise, for the ring. ``stopped_on_day``: the day on which the clock stopped, when it waits for someone.
    """
    if stopped_on_day is not None:
        words = _("Stopped, day %(day)s of %(limit)s") if limit else _("Stopped, day %(day)s")
        return {"state": "hold", "text": words % {"day": stopped_on_day, "limit": limit}}
    if days_left is None:
        return {"state": "none", "text": _("No due date")}
    if days_left < 0:
        text = ngettext("%(days)s day late", "%(days)s days late", -days_left) % {"days": -days_left}
        return {"state": "late", "text": text}
    if days_left == 0:
        text = _("Due today")
    elif days_left == 1:
        text = _("Due tomorrow")
    else:
        text = ngettext("%(days)s day left", "%(days)s days left", days_left) % {"days": days_left}
    share = min(days_left / limit, 1) if limit else 1
    return {"state": "soon" if days_left <= 2 else "run", "text": text, "dash": round(RING_LENGTH * share)}


@register.filter
def money(value: Any) -> str:
    """Pounds as banks and letters here print them, in every language: £1,460 or £12.50.

    ``value``: Decimal, integer or numeric text, in pounds.
    """
    if value in (None, ""):
        return ""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return ""
    places = 0 if amount == amount.to_integral_value() else 2
    return f"{'−' if amount < 0 else ''}£{abs(amount):,.{places}f}"


@register.filter
def pence(value: int | None) -> str:
    """As :func:`money`, for an integer number of pence."""
    return "" if value is None else money(Decimal(value) / 100)


@register.filter
def money_per(value: Any, per: str) -> str:
    """An amount in pounds with its period (week, four_weeks, month, year, once) as one phrase."""
    phrase = {
        "day": _("%(amount)s a day"),
        "week": _("%(amount)s a week"),
        "four_weeks": _("%(amount)s every 4 weeks"),
        "month": _("%(amount)s a month"),
        "year": _("%(amount)s a year"),
        "once": _("%(amount)s, one time"),
    }[per]
    return phrase % {"amount": money(value)}


@register.filter
def day(value: date | datetime | None) -> str:
    """A date in full words: 14 June 2026."""
    return _date_words(_local(value), "day") if value else ""


@register.filter
def short_day(value: date | datetime | None) -> str:
    """A date for tables: 14 Jun 2026."""
    return _date_words(_local(value), "short_day") if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """A date and time: 14 June 2026, 10:42."""
    return _date_words(_local(value), "moment") if value else ""


@register.simple_tag
def when(value: date | datetime | None, style: str = "day") -> SafeString | str:
    """A ``<time>`` element with the date in words. ``style``: day, short_day, moment or time."""
    if not value:
        return ""
    value = _local(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _date_words(value, style))


def _date_words(value: date | datetime, style: str) -> str:
    if style not in ("day", "short_day"):
        return date_format(value, WHEN_FORMATS[style])
    return _day_words(value.date() if isinstance(value, datetime) else value, style, get_language())


@lru_cache(maxsize=4096)
def _day_words(value: date, style: str, language: str | None) -> str:
    return date_format(value, WHEN_FORMATS[style])


def _local(value: date | datetime) -> date | datetime:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


@register.simple_tag
def fact_source(source: Any, verification: str = "") -> SafeString | str:
    """Where a fact comes from: words, coloured and with an icon by ``verification``: verified (a register says so), checked (a person saw proof), said, disputed (sources differ), asked."""
    if not source:
        return ""
    tone, icon_name = SOURCES.get(verification, ("", "user"))
    return format_html('<span class="od-src{}">{}<span>{}</span></span>', tone, icon(icon_name), source)


@register.simple_tag
def fact_value(value: Any, kind: str = "", choices: Mapping[str, Any] | None = None) -> SafeString | str:
    """Show a fact's value in words, whatever its type; names, amounts and codes are isolated for mixed scripts.

    ``kind``: money, date, code, or empty to tell by the value. ``choices``: value -> words.
    """
    return _fact_words(value, kind, choices or {})


def _fact_words(value: Any, kind: str, choices: Mapping[str, Any]) -> SafeString | str:
    if value is None or value == "":
        return _("Not known")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Mapping) and "amount" in value:
        return format_html("<bdi>{}</bdi>", money_per(value["amount"], value.get("per") or "once"))
    if isinstance(value, date):
        return when(value)
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        parts = [(_fact_words(part, kind, choices),) for part in value]
        return (
            format_html('<ul class="od-values" role="list">{}</ul>', format_html_join("", "<li>{}</li>", parts))
            if parts
            else _("None")
        )
    if str(value) in choices:
        return str(choices[str(value)])
    if kind == "money":
        return format_html("<bdi>{}</bdi>", money(value))
    if kind == "date" and (found := _iso_date(str(value))):
        return when(found)
    if kind == "code":
        return format_html('<bdi class="od-ltr">{}</bdi>', value)
    if isinstance(value, int | float | Decimal):
        return number_format(value, use_l10n=True, force_grouping=True)
    return format_html("<bdi>{}</bdi>", value)


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


@register.filter
def error_lines(source: forms.BaseForm | forms.BaseFormSet | ErrorSummary | Iterable[Any] | None) -> ErrorSummary | tuple[()]:
    """The error summary of a form, a formset, several of them, or one already made."""
    if not source:
        return ()
    if isinstance(source, ErrorSummary):
        return source
    if isinstance(source, forms.BaseForm | forms.BaseFormSet):
        return ErrorSummary(source)
    return ErrorSummary(*source)


@register.filter
def look_up(table: Mapping[str, Any] | None, key: Any) -> Any:
    """The entry of a mapping under ``key`` as text, or an empty string."""
    return (table or {}).get(str(key), "")


@register.simple_tag(takes_context=True)
def current_if(context: template.Context, url: str, exact: bool = False) -> SafeString | str:
    """``aria-current="page"`` when the request is at ``url`` (or, unless ``exact``, below it)."""
    request = context.get("request")
    path = getattr(request, "path", "")
    is_here = path == url or (not exact and url != "/" and path.startswith(url))
    return mark_safe(' aria-current="page"') if url and is_here else ""


@register.filter
def list_sentence(parts: Iterable[Any]) -> str:
    """Join words as a sentence does: a, b and c."""
    words = [str(part) for part in parts]
    if len(words) < 2:
        return "".join(words)
    return pgettext("list of things", "%(first)s and %(last)s") % {
        "first": pgettext("between the things of a list", ", ").join(words[:-1]),
        "last": words[-1],
    }


@register.filter
def at(parts: Any, position: int) -> Any:
    """The element of a list at ``position`` (from 0), or None."""
    return parts[position] if parts and position < len(parts) else None
