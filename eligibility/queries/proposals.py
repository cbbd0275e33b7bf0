"""Proposed local rules: how one reads upon the common rule of now, what does not fit any more, and where each stands."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from eligibility.cases import read_cases
from eligibility.definition import Definition, Variant
from eligibility.drafting import overwritten_rows
from eligibility.drafting_proposed import CONTENT, is_as_proposed, place_in, variant_at, with_proposed
from eligibility.engine import check
from eligibility.language import RuleError
from eligibility.local import Part, parts_of
from eligibility.models import LocalProposal, Programme, ProgrammeVersion
from eligibility.models.programme import CLOSED, DRAFT, PUBLISHED
from eligibility.models.proposal import IN_FORCE, OPEN, SENT, TAKEN
from eligibility.queries.catalogue import definition_of
from eligibility.queries.editing import failure_words, last_published
from eligibility.queries.local import check_floor
from eligibility.rule_words import sentence
from eligibility.rules import catalogue, tried, whole
from eligibility.sections import amount_dict, criterion_dict, worked_dict
from portal.models import Office
from portal.places import place_words


def councils_of(agency_id: UUID | None) -> list[str]:
    """Codes of the councils that the agency's offices name. An office that serves everybody names none."""
    if agency_id is None:
        return []
    offices = Office.objects.filter(agency_id=agency_id).values_list("local_authorities", flat=True)
    return sorted({code for codes in offices for code in codes})


def common_of(programme: Programme) -> ProgrammeVersion | None:
    """The version a local rule is laid upon: the one published last that none follows; None while nothing is published."""
    return last_published(programme.versions.filter(state__in=[PUBLISHED, CLOSED]))


def proposal_of(proposal_id: UUID) -> LocalProposal:
    """One proposal. Raises LocalProposal.DoesNotExist, for one that the reader's agency may not see too."""
    related = ("programme__agency", "agency", "base", "version", "author", "answered_by")
    return LocalProposal.objects.select_related(*related).get(pk=proposal_id)


def read_upon(proposal: LocalProposal, version: ProgrammeVersion) -> tuple[ProgrammeVersion, str]:
    """(A version, unsaved, that reads as `version` with the proposed rule in it; the id that rule has there)."""
    data = with_proposed(version.definition, proposal.variant, proposal.cases)
    made = ProgrammeVersion(
        programme=proposal.programme,
        number=version.number,
        state=DRAFT,
        definition=data,
        shared=version.shared,
        based_on=version,
        lock_version=proposal.lock_version,
    )
    return made, place_in(version.definition, proposal.variant)


def here_now(proposal: LocalProposal, version: ProgrammeVersion) -> Definition:
    """The rule of `version` as it reads for the proposal's councils today: their present local rule, or the common one."""
    definition = definition_of(version)
    present = variant_at(version.definition, proposal.variant["local_authorities"])
    variant = next((item for item in definition.variants if present and item.id == present["id"]), None)
    return definition.with_variant(variant) if variant else replace(definition, variants=(), floor={})


def foreign_councils(proposal: LocalProposal, councils: Iterable[str] | None = None) -> list[str]:
    """Those of the councils (None: the proposal's) where its agency has no office."""
    wanted = proposal.variant["local_authorities"] if councils is None else councils
    return sorted(set(wanted) - set(councils_of(proposal.agency_id)))


def changes_anything(proposal: LocalProposal, version: ProgrammeVersion) -> bool:
    """Whether its councils would have another rule, other words or other examples than by `version`."""
    present = variant_at(version.definition, proposal.variant["local_authorities"])
    if present is None:
        return any(proposal.variant.get(name) for name in CONTENT) or bool(proposal.cases)
    was, now = (_told(item) for item in (present, proposal.variant))
    return was != now or bool(proposal.cases)


def _told(variant: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variant.items() if name not in ("id", "agency")}


# --- whether it fits ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Misfit:
    """A part of a proposed rule to look at again. where: as errors name it. stops: it cannot be sent or taken over like this.

    left_out: the id of a condition that is left out and is no more.
    """

    where: str
    says: str
    stops: bool = True
    left_out: str = ""


def errors_in(data: Mapping[str, Any], shared: Mapping[str, Any], place: str) -> list[RuleError]:
    """What does not work in the variant `place` of a stored form: names that are not there, money of another period."""
    found = check(whole(data, shared), {}, catalogue())
    return [error for error in found if error.where.startswith(f"variants.{place}")]


def misfits(proposal: LocalProposal, version: ProgrammeVersion, on: dt.date) -> list[Misfit]:
    """Why a proposed rule does not fit upon `version`, and which parts of it the common rule has changed below since it was written."""
    made, place = read_upon(proposal, version)
    found = [_misfit(error, made, place) for error in errors_in(made.definition, made.shared, place)]
    for name, day in overwritten_rows(version.definition, made.definition):
        words = _("The row from %(day)s was published and stays as it is. Add a row with a new date.") % {"day": day}
        found.append(Misfit(f"variants.{place}.limits.{name}", words))
    if found or proposal.base_id == version.pk:
        return found
    definition = definition_of(made)
    mine = next(item for item in definition.variants if item.id == place)
    try:
        check_floor(replace(definition, variants=(mine,)), on)
    except RuleError as error:
        found.append(Misfit(error.where, sentence(error)))
    before = definition_of(proposal.base)
    for part in parts_of(before, _variant(before, proposal)):
        if says := _moved(part, before, definition):
            found.append(Misfit(f"variants.{place}.{_SECTIONS[part.kind]}.{part.name}", says, stops=False))
    was, now = (variant_at(item.definition, proposal.variant["local_authorities"]) for item in (proposal.base, version))
    if now is not None and (was is None or not is_as_proposed(now, was)):
        words = _("The local rule in force here changed after this was written. This one takes its place.")
        found.append(Misfit(f"variants.{place}", words, stops=False))
    return found


_SECTIONS = {
    "limit": "limits", "worked_out": "worked_out", "criterion": "criteria", "left_out": "criteria", "amount": "amount",
}  # fmt: skip


def _misfit(error: RuleError, made: ProgrammeVersion, place: str) -> Misfit:
    known = {item["id"] for item in made.definition["criteria"]}
    mine = next(item for item in made.definition["variants"] if item["id"] == place)
    gone = [id_ for id_ in mine.get("leaves_out", ()) if id_ not in known]
    return Misfit(error.where, sentence(error), left_out=gone[0] if gone and error.where == f"variants.{place}" else "")


def _variant(definition: Definition, proposal: LocalProposal) -> Variant:
    """The proposed variant as the definition of its base has it."""
    made, place = read_upon(proposal, proposal.base)
    return next(item for item in definition_of(made).variants if item.id == place)


def _moved(part: Part, before: Definition, after: Definition) -> str:
    """What the common rule did with the part that a local one replaces; "" for nothing."""
    was, now = _common(part, before), _common(part, after)
    if was == now:
        return ""
    if was is None:
        return _("The common rule has a part of this name now. Here the local one takes its place.")
    if now is None:
        return _("The common rule has it no more. It would hold here alone.")
    return _("The common rule changed it. Look whether the local one is still right.")


def _common(part: Part, definition: Definition) -> Any:
    if part.kind in ("criterion", "left_out"):
        found = next((item for item in definition.criteria if item.id == part.name), None)
        return found and criterion_dict(found)
    if part.kind == "limit":
        return definition.limits[part.name].to_dict() if part.name in definition.limits else None
    if part.kind == "worked_out":
        return worked_dict(definition.worked_out[part.name]) if part.name in definition.worked_out else None
    return amount_dict(definition.amount) if definition.amount else None


# --- its examples -------------------------------------------------------------------------------------------------------


def examples_here(definition: Definition, councils: Iterable[str]) -> dict[str, Any]:
    """The worked examples that live in these councils, whole: {id: Case}. Raises RuleError for examples that cannot be read."""
    wanted = set(councils)
    return {case.id: case for case in read_cases(definition, catalogue()) if _lives_in(case, wanted)}


def examples_apart(definition: Definition, councils: Iterable[str]) -> dict[str, Any]:
    """The worked examples that live anywhere else, or nobody knows where: {id: Case}. Raises RuleError."""
    wanted = set(councils)
    return {case.id: case for case in read_cases(definition, catalogue()) if not _lives_in(case, wanted)}


def _lives_in(case: Any, councils: set[str]) -> bool:
    return case.facts["household"].get("local_authority") in councils


def failing(version: ProgrammeVersion, councils: Iterable[str], language: str) -> tuple[dict[str, list[Any]], list[str]]:
    """({id of an example here: how it fails, in words}, [what the failing examples of elsewhere show]); empty for a rule that does not work."""
    definition = definition_of(version)
    try:
        here, failures = examples_here(definition, councils), tried(definition).failures
    except RuleError:
        return {}, []
    inside: dict[str, list[Any]] = {}
    says = {case.id: case.says or case.id.replace("_", " ") for case in read_cases(definition, catalogue())}
    outside: dict[str, str] = {}
    for failure in failures:
        if failure.what == "reasons":
            continue
        if failure.case in here:
            inside.setdefault(failure.case, []).append(failure_words(failure, definition, language))
        else:
            outside[failure.case] = says[failure.case]
    return inside, list(outside.values())


# --- lists --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """A programme of another agency that takes local rules. places: the reader's councils and what holds there now.

    is_free: for one of the councils nothing is proposed yet.
    """

    code: str
    name: str
    agency: str
    places: list[tuple[str, str]]
    is_free: bool


def offers_for(agency_id: UUID, on: dt.date, language: str) -> list[Offer]:
    """What programmes of others an agency may write local rules for, by name; none without a council of its own."""
    councils = councils_of(agency_id)
    if not councils:
        return []
    programmes = Programme.objects.filter(takes_local_rules=True).exclude(agency_id=agency_id).select_related("agency")
    found = []
    open_now = LocalProposal.objects.filter(agency_id=agency_id, state__in=OPEN).values_list("programme_id", "variant")
    versions = list(ProgrammeVersion.objects.filter(programme__in=programmes, state__in=[PUBLISHED, CLOSED]))
    for programme in programmes:
        version = last_published(item for item in versions if item.programme_id == programme.pk)
        if version is None or (version.effective_to is not None and version.effective_to < on):
            continue
        present = [(place_words(code), variant_at(version.definition, [code])) for code in councils]
        places = [(words, variant["law"] if variant else "") for words, variant in present]
        begun = {council for key, variant in open_now if key == programme.pk for council in variant["local_authorities"]}
        name = definition_of(version).text("name", language)
        found.append(Offer(programme.code, name, programme.agency.name, places, is_free=not set(councils) <= begun))
    return sorted(found, key=lambda offer: offer.name)


def own_of(agency_id: UUID) -> list[LocalProposal]:
    """What the agency proposes or has proposed, the newest first."""
    return list(_listed().filter(agency_id=agency_id))


def received_by(agency_id: UUID) -> list[LocalProposal]:
    """What other agencies have sent for the agency's programmes and it has not sent back, what waits first."""
    found = _listed().filter(programme__agency_id=agency_id, state__in=[SENT, TAKEN, IN_FORCE])
    return sorted(found, key=lambda proposal: proposal.state != SENT)


def waiting_for(agency_id: UUID) -> int:
    """How many proposed local rules wait for an answer of the agency."""
    return LocalProposal.objects.filter(programme__agency_id=agency_id, state=SENT).count()


def open_beside(programme: Programme, agency_id: UUID, councils: Iterable[str], but: UUID | None) -> LocalProposal | None:
    """Another proposal of the same agency for one of the councils that is not over yet."""
    wanted = set(councils)
    rows = LocalProposal.objects.filter(~Q(pk=but), programme=programme, agency_id=agency_id, state__in=OPEN)
    return next((item for item in rows if wanted & set(item.variant["local_authorities"])), None)


def drafts_to_take_into(programme: Programme) -> list[ProgrammeVersion]:
    """The drafts of the programme that a proposed rule can go into, the newest first."""
    return list(programme.versions.filter(state=DRAFT).order_by("-number"))


def _listed():
    return LocalProposal.objects.select_related("programme__agency", "agency", "base", "version")


def offices_there(proposal: LocalProposal) -> list[str]:
    """The offices of the proposing agency that name one of the councils: why it may speak for them."""
    wanted = set(proposal.variant["local_authorities"])
    return [item.name for item in Office.objects.filter(agency_id=proposal.agency_id) if wanted & set(item.local_authorities)]


def is_in(version: ProgrammeVersion, proposal: LocalProposal) -> bool:
    """Whether a version has the local rule as it was proposed."""
    mine = next((item for item in version.definition.get("variants", ()) if item["id"] == proposal.place), None)
    return mine is not None and is_as_proposed(mine, proposal.variant)
