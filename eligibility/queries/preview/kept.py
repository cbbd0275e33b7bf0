"""The last preview of a version over the whole caseload, kept for a while: who publishes sees on the version's page what its author saw."""

import datetime as dt
from dataclasses import dataclass, replace

from django.core.cache import cache

from eligibility.models import ProgrammeVersion
from eligibility.queries.preview.summary import EMPTY, Report
from eligibility.queries.preview.words import headline

DAYS = 14


@dataclass(frozen=True)
class Kept:
    """What was found and when. Only protected numbers are kept, and only for the version as it read then."""

    report: Report
    at: dt.datetime

    @property
    def sentences(self) -> list[str]:
        """The finding in the reader's language."""
        return headline(self.report)


def remember(version: ProgrammeVersion, report: Report, at: dt.datetime) -> None:
    """Keep a preview without a group."""
    if report.state != EMPTY:
        own = report.own and replace(report.own, deciders=[], bands=[], outcomes=[])
        cache.set(_key(version), Kept(replace(report, own=own, table=[]), at), DAYS * 24 * 3600)


def remembered(version: ProgrammeVersion) -> Kept | None:
    """The last preview of the version as it reads now; None where nobody looked, or somebody changed it since."""
    return cache.get(_key(version))


def _key(version: ProgrammeVersion) -> str:
    return f"impact:{version.pk}:{version.sha256}"
