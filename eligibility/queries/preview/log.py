"""What was asked by previews, for those who watch over data protection: who tried how many rules, and every question."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from consent.facts import catalogue
from eligibility.models import PreviewAsked, PreviewRelease, ProgrammeVersion
from eligibility.queries.preview.budget import MONTH, Use, use_of_programme


@dataclass(frozen=True)
class DayUse:
    """A programme whose previews were asked on a day. names: who asked. release: who let more be asked, None where nobody did."""

    programme: str
    use: Use
    names: list[str]
    release: PreviewRelease | None


@dataclass(frozen=True)
class Logged:
    """One row of the log, its group in words."""

    row: PreviewAsked
    group: str
    split: str


def names_of(agency_id: UUID, language: str) -> dict[str, str]:
    """{code: name} of the agency's programmes, as their newest version has it."""
    newest = (
        ProgrammeVersion.objects.filter(programme__agency_id=agency_id)
        .order_by("programme_id", "-number")
        .distinct("programme_id")
    )
    rows = newest.values_list("programme__code", "definition__programme__name", f"definition__translations__{language}__name")
    return {code: translated or name for code, name, translated in rows}


def uses_on(agency_id: UUID, day: dt.date) -> list[DayUse]:
    """The programmes of the agency that were asked about on a day, by code."""
    asked = PreviewAsked.objects.filter(agency_id=agency_id, day=day).order_by("programme", "user_name")
    names: dict[str, list[str]] = {}
    for programme, name in asked.values_list("programme", "user_name").distinct():
        names.setdefault(programme, []).append(name)
    released = {row.programme: row for row in PreviewRelease.objects.filter(agency_id=agency_id, day=day)}
    return [
        DayUse(programme, use_of_programme(agency_id, programme, day), who, released.get(programme))
        for programme, who in names.items()
    ]


def people_of(agency_id: UUID, day: dt.date, most: int = 20) -> list[dict[str, Any]]:
    """Who tried the most different rules on a programme in thirty days: [{"user_name", "user_role", "programme", "rules", "questions"}]."""
    asked = PreviewAsked.objects.filter(agency_id=agency_id, day__gt=day - dt.timedelta(days=MONTH), day__lte=day)
    rows = asked.values("user_id", "user_name", "user_role", "programme").annotate(
        rules=Count("mark", distinct=True, filter=Q(is_changed=True)), questions=Count("pk")
    )
    return [dict(row) for row in rows.order_by("-rules", "-questions", "user_name", "programme")[:most]]


def log_of(agency_id: UUID, *, before: tuple[dt.datetime, UUID] | None = None, limit: int = 100) -> list[Logged]:
    """What the agency's colleagues asked, the newest first. before: (at, id) of the last row that was shown."""
    rows = PreviewAsked.objects.filter(agency_id=agency_id)
    if before is not None:
        at, last = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, id__lt=last))
    return [
        Logged(row, "; ".join(_pair(code, option) for code, option in row.groups.items()), _dimension(row.split))
        for row in rows.order_by("-at", "-id")[:limit]
    ]


def _pair(code: str, option: str) -> str:
    kind = catalogue().get(code.replace("-", ".", 1))
    if kind is not None and option in kind.choices:
        option = kind.choice_words(option)
    return f"{_dimension(code)}: {option.replace('_', ' ')}"


def _dimension(code: str) -> str:
    """A dimension in words; codes as in `groups`."""
    if code.startswith("result-"):
        return _("Result of %(programme)s") % {"programme": code.removeprefix("result-").replace("_", " ")}
    kind = catalogue().get(code.replace("-", ".", 1))
    own = {"": "", "household": _("Who lives there"), "children": _("Children")}
    return kind.words() if kind is not None else own.get(code, code)
