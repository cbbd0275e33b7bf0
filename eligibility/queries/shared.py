"""Shared limits: what the shared files hold as the programmes read them now, and which programmes a change reaches."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from eligibility.definition import Definition, SharedFile
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import current_or_coming, definition_of, in_force
from eligibility.queries.presentation import limit_table
from eligibility.rules import shared_of_names


@dataclass(frozen=True)
class Use:
    """One programme that uses a shared file. is_own: of the reader's agency. reads: names of the file's limits its rule really reads."""

    code: str
    name: str
    agency: str
    is_own: bool
    reads: frozenset[str]


@dataclass(frozen=True)
class SharedPage:
    """One shared file: its limits with their rows, and who uses it."""

    name: str
    title: str
    limits: list[dict[str, Any]]
    uses: list[Use]


def newest(name: str) -> dict[str, Any]:
    """A shared file in stored form as the programmes read it now: from the version published last that uses it, else as installed.

    Raises RuleError for one that is not there.
    """
    found = (
        ProgrammeVersion.objects.filter(published_at__isnull=False, shared__has_key=name)
        .order_by("-published_at", "-number")
        .first()
    )
    return found.shared[name] if found is not None else shared_of_names([name])[name]


def newest_shared(names: Iterable[str]) -> dict[str, Any]:
    """Shared files as `newest`, by name. Raises RuleError for one that is not there."""
    return {name: newest(name) for name in names}


def using(name: str, on: dt.date) -> list[ProgrammeVersion]:
    """The versions in force or still to come that use the shared file, by code; of each programme the newest."""
    found = {version.programme.code: version for version in (*in_force(on), *current_or_coming()) if name in version.shared}
    return [found[code] for code in sorted(found)]


def shared_pages(names: list[str], on: dt.date, language: str, agency_id: UUID | None) -> list[SharedPage]:
    """The shared files with their limits and uses."""
    return [_page(name, on, language, agency_id) for name in names]


def _page(name: str, on: dt.date, language: str, agency_id: UUID | None) -> SharedPage:
    versions = using(name, on)
    part = SharedFile.from_dict(name, newest(name))
    definitions = {version.programme.code: definition_of(version) for version in versions}
    uses = [
        Use(
            version.programme.code,
            definitions[version.programme.code].text("name", language),
            version.programme.agency.name,
            version.programme.agency_id == agency_id,
            _reads(definitions[version.programme.code], frozenset(part.limits)),
        )
        for version in versions
    ]
    # for a file that nobody uses
    alone = Definition(name, "", "income", {}, (), (), part.limits, part.worked_out, translations=part.translations)
    example = next(iter(definitions.values()), alone)
    limits = [limit_table(example, limit, on, language) for limit in part.limits.values()]
    for table in limits:
        table["used_by"] = [use.name for use in uses if table["name"] in use.reads]
    return SharedPage(name, name.replace("_", " ").capitalize(), limits, uses)


def _reads(definition: Definition, names: frozenset[str]) -> frozenset[str]:
    """Which of the limits a rule reads, through its worked-out facts and its local variants too."""
    found: set[str] = set()
    for plan in (definition, *(definition.with_variant(item) for item in definition.variants)):
        waiting = [tree for path, tree in plan.expressions() if not path.startswith("worked_out.")]
        seen: set[str] = set()
        while waiting:
            for part in waiting.pop().walk():
                if part.op == "limit":
                    found.add(part["name"])
                name = part["name"] if part.op in ("worked_out", "get") else ""
                if name in plan.worked_out and name not in seen:
                    seen.add(name)
                    waiting.append(plan.worked_out[name].tree)
    return frozenset(found) & names
