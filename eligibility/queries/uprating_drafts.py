"""Drafts that are under way when an uprating comes: whose they are, since when, and whether new values can go into them."""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from eligibility.models import ProgrammeVersion
from eligibility.models.programme import CHECKED, DRAFT
from eligibility.queries.catalogue import definition_of
from eligibility.queries.uprating import newest_of


@dataclass(frozen=True)
class UnderWay:
    """A draft, or a version that waits for a second person, of a programme that has a published version too.

    blocked: why new values cannot go into it, "" where they can.
    """

    version: ProgrammeVersion
    blocked: str

    @property
    def choice(self) -> str:
        """How a form names it: its number, and the count of saves the page was drawn from."""
        return f"{self.version.number}.{self.version.lock_version}"

    @property
    def who(self) -> str:
        """Who began it."""
        return self.version.author.name if self.version.author is not None else ""


@dataclass(frozen=True)
class Busy:
    """A programme with drafts under way, the newest first."""

    code: str
    name: str
    drafts: list[UnderWay]

    @property
    def open(self) -> list[UnderWay]:
        """Those that new values can go into."""
        return [draft for draft in self.drafts if not draft.blocked]

    @property
    def numbers(self) -> str:
        """The numbers of all of them, as a form remembers what a page showed."""
        return " ".join(str(draft.version.number) for draft in self.drafts)


def under_way(agency_id: UUID | None, on: dt.date, language: str = "en") -> list[Busy]:
    """The agency's programmes with drafts under way, by name."""
    newest = newest_of(agency_id, on)
    found: dict[str, list[ProgrammeVersion]] = {}
    waiting = ProgrammeVersion.objects.filter(programme__code__in=newest, state__in=[DRAFT, CHECKED]).order_by("-number")
    for version in waiting.select_related("programme__agency", "author", "based_on__based_on"):
        found.setdefault(version.programme.code, []).append(version)
    busy = [
        Busy(
            code,
            definition_of(newest[code]).text("name", language),
            [UnderWay(version, why_blocked(version, newest[code])) for version in versions],
        )
        for code, versions in found.items()
    ]
    return sorted(busy, key=lambda item: item.name)


def why_blocked(version: ProgrammeVersion, newest: ProgrammeVersion) -> str:
    """Why the new values cannot go into a version that was begun; "" where they can."""
    if version.state != DRAFT:
        return _("It waits for a second person. Send it back first if the new values shall go into it.")
    base = version.based_on
    while base is not None and not base.is_final:
        base = base.based_on
    if base is None or base.pk != newest.pk:
        return _("It was begun before version %(number)s was published, and does not hold what that one changed.") % {
            "number": newest.number
        }
    return ""
