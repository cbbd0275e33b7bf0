"""The yearly uprating: the new values of an agency's limits become a draft for each programme they touch."""

import datetime as dt
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.actions.programmes import begin_draft, save_draft
from eligibility.drafting import with_limit_row
from eligibility.drafting_local import in_place
from eligibility.language import RuleError
from eligibility.models import ProgrammeVersion
from eligibility.queries.shared import newest
from eligibility.queries.uprating import SHARED, NewValue, Problem, UnreadableSheet, newest_of
from eligibility.rule_words import sentence, with_place
from portal.kit.access import Refused
from portal.kit.actor import Actor


@transaction.atomic
def uprate(*, by: Actor, values: Iterable[NewValue], note: str, at: dt.datetime, today: dt.date) -> list[ProgrammeVersion]:
    """Make a draft of each programme with new values, a new dated row for each limit; a shared limit reaches all that use it.

    Lines of a table without a new value keep theirs. All or nothing: raises UnreadableSheet with every problem, Refused for
    another agency's programme.
    """
    versions = newest_of(by.agency_id, today)
    of_owner: dict[str, list[NewValue]] = {}
    for value in values:
        of_owner.setdefault(value.entry.owner, []).append(value)
    files, problems = _changed_files({name: lines for name, lines in of_owner.items() if name.startswith(SHARED)})
    codes = {name for name in of_owner if not name.startswith(SHARED)}
    if codes - set(versions):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    codes |= {code for code, version in versions.items() if set(version.shared) & set(files)}
    drafts = []
    for code in sorted(codes):
        draft = begin_draft(by=by, version=versions[code], at=at, note=note)
        shared = {**draft.shared, **{name: files[name] for name in draft.shared if name in files}}
        lines = of_owner.get(code, [])
        try:
            data = _changed(draft.definition, lines)
            drafts.append(
                save_draft(
                    by=by,
                    version_id=draft.pk,
                    data=data,
                    lock_version=draft.lock_version,
                    at=at,
                    shared=shared if shared != draft.shared else None,
                )
            )
        except RuleError as problem:
            problems.append(_problem(code, lines, problem))
    if problems:
        raise UnreadableSheet(problems)
    return drafts


def _changed_files(of_owner: Mapping[str, list[NewValue]]) -> tuple[dict[str, Any], list[Problem]]:
    """The shared files with their new rows, by name."""
    files, problems = {}, []
    for owner, lines in of_owner.items():
        name = owner.removeprefix(SHARED)
        try:
            files[name] = _changed(newest(name), lines)
        except RuleError as problem:
            problems.append(_problem(name, lines, problem))
    return files, problems


def _problem(owner: str, lines: list[NewValue], problem: RuleError) -> Problem:
    """The error at the value that it speaks of, where it names a limit of the sheet."""
    limit = problem.where.rpartition("limits.")[2].split(".")[0] if "limits." in problem.where else ""
    line = next((line for line in lines if line.entry.limit == limit), None)
    if line is not None:
        return Problem(sentence(problem), line.entry.key, "value", line.number)
    return Problem(f"{lines[0].entry.used_by if lines else owner}: {with_place(problem)}")


def _changed(data: Mapping[str, Any], lines: list[NewValue]) -> dict[str, Any]:
    changed = dict(data)

    def place(line: NewValue) -> tuple[str, str, dt.date]:
        return line.entry.variant, line.entry.limit, line.starts_on

    for (variant, name, starts_on), group in groupby(sorted(lines, key=place), key=place):
        news = {line.entry.line: line for line in group}

        def with_row(
            section: dict[str, Any], name: str = name, starts_on: dt.date = starts_on, news: dict[int, NewValue] = news
        ) -> dict[str, Any]:
            limit = section.get("limits", {}).get(name)
            if limit is None:
                raise RuleError(_("There is no such limit in this programme."), where=f"limits.{name}")
            before = [row for row in limit["rows"] if row["from"] <= starts_on.isoformat()] or limit["rows"][:1]
            return with_limit_row(section, name, _row(name, limit, before[-1], starts_on, news))

        changed = in_place(changed, variant, with_row)
    return changed


def _row(
    name: str, limit: Mapping[str, Any], before: Mapping[str, Any], starts_on: dt.date, news: Mapping[int, NewValue]
) -> dict[str, Any]:
    laws = "; ".join(dict.fromkeys(line.law for line in news.values()))
    row: dict[str, Any] = {"from": starts_on.isoformat(), "law": laws}
    lines = before.get("table", [before])
    if wrong := [number for number in news if not 1 <= number <= len(lines)]:
        raise RuleError(_("The limit has no line %(number)s.") % {"number": wrong[0]}, where=f"limits.{name}")
    if "table" not in before:
        return row | {"value": news[1].value}
    table = [_line(line, news[number]) if number in news else dict(line) for number, line in enumerate(lines, 1)]
    keys = [repr(sorted((column, cell) for column, cell in line.items() if column != "value")) for line in table]
    if len(set(keys)) < len(keys):
        raise RuleError(_("Two lines of the table would hold for the same. Look at the new bands."), where=f"limits.{name}")
    return row | {"table": table}


def _line(line: Mapping[str, Any], new: NewValue) -> dict[str, Any]:
    changed = dict(line)
    if new.value is not None:
        changed["value"] = new.value
    if new.band is not None:
        changed[new.entry.band_column] = {"from": new.band}
    return changed
