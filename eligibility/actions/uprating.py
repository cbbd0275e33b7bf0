"""The yearly uprating: one sheet becomes a draft for each programme it touches."""

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.actions.programmes import begin_draft, save_draft
from eligibility.drafting import typed_value, with_limit_row
from eligibility.language import RuleError
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import in_force
from eligibility.queries.uprating import NewValue, UnreadableSheet
from portal.kit.actor import Actor


@transaction.atomic
def uprate(*, by: Actor, values: Iterable[NewValue], note: str, at: dt.datetime, today: dt.date) -> list[ProgrammeVersion]:
    """Make a draft of each programme in the sheet, with a new dated row for each limit that has a new value.

    Lines of a table without a new value keep theirs. All or nothing: raises UnreadableSheet with every problem, Refused for
    another agency's programme.
    """
    versions = {version.programme.code: version for version in in_force(today)}
    drafts, problems = [], []
    for code, group in groupby(sorted(values, key=lambda value: value.programme), key=lambda value: value.programme):
        lines = list(group)
        if code not in versions:
            problems.append(_("Line %(number)s: there is no programme “%(code)s”") % {"number": lines[0].number, "code": code})
            continue
        draft = begin_draft(by=by, version=versions[code], at=at, note=note)
        try:
            data = _changed(draft.definition, lines)
            drafts.append(save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=at))
        except RuleError as problem:
            problems.append(f"{code}: {problem}")
    if problems:
        raise UnreadableSheet(problems)
    return drafts


def _changed(data: Mapping[str, Any], lines: list[NewValue]) -> dict[str, Any]:
    changed = dict(data)
    by_row = sorted(lines, key=lambda line: (line.limit, line.starts_on))
    for (name, starts_on), group in groupby(by_row, key=lambda line: (line.limit, line.starts_on)):
        news = {line.line: line for line in group}
        limit = changed.get("limits", {}).get(name)
        if limit is None:
            raise RuleError("There is no such limit in this programme.", where=f"limits.{name}")
        before = [row for row in limit["rows"] if row["from"] <= starts_on.isoformat()] or limit["rows"][:1]
        changed = with_limit_row(changed, name, _row(limit, before[-1], starts_on, news))
    return changed


def _row(limit: Mapping[str, Any], before: Mapping[str, Any], starts_on: dt.date, news: Mapping[int, NewValue]) -> dict[str, Any]:
    laws = "; ".join(dict.fromkeys(line.law for line in news.values()))
    row: dict[str, Any] = {"from": starts_on.isoformat(), "law": laws}
    count = len(before.get("table", [before]))
    if wrong := [number for number in news if not 1 <= number <= count]:
        raise RuleError(f"The limit has no line {wrong[0]}.", where=f"limits.{limit.get('label', '')}")
    if "table" not in before:
        return row | {"value": typed_value(limit["unit"], news[1].value)}
    table = [
        {**line, "value": typed_value(limit["unit"], news[number].value)} if number in news else dict(line)
        for number, line in enumerate(before["table"], 1)
    ]
    return row | {"table": table}
