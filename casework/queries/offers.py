"""What is applied for: the version of a programme that holds on a day, whether it takes applications, and what a case needs of it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from eligibility.models import Determination, ProgrammeVersion
from eligibility.queries.catalogue import current_or_coming, definition_of, in_force, needs_of_version
from eligibility.queries.openings import Opening, away, nearest_version, openings
from eligibility.queries.presentation import CHANNELS, proofs_of
from portal.models import Agency, Office, Team
from portal.templatetags.ui import list_sentence

# Where a programme promises no time: the 20 working days in which a public body answers in writing
# (Freedom of Information Act 2000 s.10(1), taken over by most councils' customer standards).
STANDARD_DAYS = 20


@dataclass(frozen=True)
class Offer:
    """A programme in force, as far as applying needs it. standard_days: its service standard in working days.

    standard: that promise in the agency's own words; next_steps: what it says happens next; "" for none. proofs: what it may
    ask for, [{"id", "label", "any_of": [words], "always"}], one of `any_of` being enough. contacts: phone, email, address, url, channels.
    """

    code: str
    name: str
    agency: Agency
    version_id: UUID
    standard_days: int
    standard: str
    next_steps: str
    proofs: list[dict[str, Any]]
    contacts: dict[str, Any]


def _offer(version: ProgrammeVersion, language: str) -> Offer:
    definition = definition_of(version)
    return Offer(
        code=version.programme.code,
        name=definition.text("name", language),
        agency=version.programme.agency,
        version_id=version.pk,
        standard_days=definition.service_standard.get("working_days", STANDARD_DAYS),
        standard=definition.text("service_standard.says", language),
        next_steps=definition.text("next_steps", language),
        proofs=proofs_of(definition, language),
        contacts=definition.contacts,
    )


def _language(language: str | None) -> str:
    return (language or get_language() or "en").split("-")[0]


@dataclass(frozen=True)
class Door:
    """What stands in the way of applying for a programme here; a door without `sentence` is open.

    sentence: why not, in full. ways: how to apply instead, where the programme is open but not here. may_wait: whether a day is
    to come on which it opens.
    """

    code: str
    name: str
    opening: Opening
    sentence: str = ""
    ways: tuple[str, ...] = ()
    contacts: dict[str, Any] = field(default_factory=dict)
    agency: Agency | None = None

    @property
    def is_shut(self) -> bool:
        """Whether nobody can apply here now."""
        return bool(self.sentence)


def doors(codes: Iterable[str], on: dt.date, *, is_counter: bool, language: str | None = None) -> list[Door]:
    """One door for each programme of `codes` that was ever published, in the order asked for.

    is_counter: whether an officer applies for the person in front of them.
    """
    wanted, language = list(dict.fromkeys(codes)), _language(language)
    versions = in_force(on, wanted) if wanted else []
    found = {version.programme.code: version for version in versions}
    states = openings(versions, on, language)
    for code in wanted:
        if code not in found and (version := nearest_version(code, on)) is not None:
            found[code], states[code] = version, away(version, on, language)
    return [_door(found[code], states[code], is_counter, language) for code in wanted if code in found]


def _door(version: ProgrammeVersion, opening: Opening, is_counter: bool, language: str) -> Door:
    definition = definition_of(version)
    name, agency = definition.text("name", language), version.programme.agency
    if not opening.is_open:
        words = _("You cannot apply for %(programme)s now. %(why)s") % {"programme": name, "why": opening.sentence}
        return Door(version.programme.code, name, opening, words, (), definition.contacts, agency)
    if opening.is_online or (is_counter and opening.is_at_counter):
        return Door(version.programme.code, name, opening)
    ways = tuple(str(CHANNELS[channel]) for channel in opening.channels)
    words = _("You cannot apply for %(programme)s on this site. %(agency)s takes applications %(ways)s.") % {
        "programme": name, "agency": agency.name, "ways": list_sentence(ways),
    }  # fmt: skip
    return Door(version.programme.code, name, opening, words, ways, definition.contacts, agency)


def proofs_asked(offer: Offer, asked: Iterable[str] | None) -> list[dict[str, Any]]:
    """The proofs that a result named by their ids; all of the programme's where there is no result (None)."""
    if asked is None:
        return offer.proofs
    chosen = set(asked)
    return [proof for proof in offer.proofs if proof["id"] in chosen]


def offers(codes: Iterable[str], on: dt.date, language: str | None = None) -> list[Offer]:
    """The programmes of `codes` that hold on `on`, in the order asked for; a code that does not is left out."""
    wanted = list(dict.fromkeys(codes))
    rows = ProgrammeVersion.objects.in_force(on).filter(programme__code__in=wanted).select_related("programme__agency")
    found = {version.programme.code: _offer(version, _language(language)) for version in rows}
    return [found[code] for code in wanted if code in found]


def offer_of(version: ProgrammeVersion, language: str | None = None) -> Offer:
    """The version a case is pinned to, as it was offered."""
    return _offer(version, _language(language))


def programme_names(*, on: dt.date, agency_id: UUID | None = None, language: str | None = None) -> dict[str, str]:
    """{code: name} of the programmes in force, of one agency or all, read without the rest of their definitions."""
    rows = ProgrammeVersion.objects.in_force(on)
    if agency_id is not None:
        rows = rows.filter(programme__agency_id=agency_id)
    names = rows.values_list(
        "programme__code", "definition__programme__name", f"definition__translations__{_language(language)}__name"
    )
    return {code: translated or english for code, english, translated in names.order_by("programme__code")}


def version_names(version_ids: Iterable[UUID], language: str | None = None) -> dict[UUID, str]:
    """{version id: name} of the versions that cases are pinned to."""
    names = ProgrammeVersion.objects.filter(pk__in=set(version_ids)).values_list(
        "pk", "definition__programme__name", f"definition__translations__{_language(language)}__name"
    )
    return {pk: translated or english for pk, english, translated in names.order_by("pk")}


def needs_of(codes: Iterable[str]) -> dict[str, frozenset[str]]:
    """{code: the facts that the programme's published rules read}. One statement, none without codes."""
    found = dict.fromkeys(codes, frozenset[str]())
    for version in current_or_coming() if found else ():
        if version.programme.code in found:
            found[version.programme.code] |= needs_of_version(version)
    return found


def latest_determination(record_id: UUID, version_id: UUID) -> Determination | None:
    """What the version last said about the record, as far as the actor may see it, with that version."""
    return (
        Determination.objects.filter(record_id=record_id, programme_version_id=version_id)
        .select_related("programme_version")
        .defer("programme_version__definition", "programme_version__shared")
        .newest_last()
        .last()
    )


def team_for(agency_id: UUID, programme: str) -> Team | None:
    """The agency's team for a programme: one that names it, else one that takes everything."""
    teams = list(Team.objects.filter(agency_id=agency_id).select_related("office"))
    named = [team for team in teams if programme in team.programmes]
    return next(iter(named or [team for team in teams if not team.programmes]), None)


def office_for(agency_id: UUID, team: Team | None) -> Office | None:
    """The office that answers for a case: its team's, else the agency's first."""
    if team is not None and team.office is not None:
        return team.office
    return Office.objects.filter(agency_id=agency_id).order_by("name").first()
