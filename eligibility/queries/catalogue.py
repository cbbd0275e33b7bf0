"""Which programmes there are and which version of each holds on a day."""

import datetime as dt
import logging
from collections.abc import Iterable
from hashlib import sha256

from django.db.models import Q
from django.utils import timezone

from eligibility.definition import Definition
from eligibility.engine import Rulebook, compile_programme
from eligibility.models import Programme, ProgrammeVersion
from eligibility.models.programme import CLOSED, PUBLISHED
from eligibility.rules import catalogue, rulebook, whole
from portal.models import Agency, Office

logger = logging.getLogger(__name__)

FAR_DAY = dt.date(2100, 1, 1)  # which facts a rule names does not hang on the day; any day does

_MOST_KEPT = 500
_kept: dict[str, Definition] = {}
_needs: dict[str, frozenset[str]] = {}
_MOST_RULEBOOKS = 8
_WORDS = ("definition", "shared", "examples")  # of a version: most of its size
_rulebooks: dict[str, Rulebook] = {}


def in_force(on: dt.date, codes: Iterable[str] | None = None) -> list[ProgrammeVersion]:
    """The versions whose rule holds on `on`, one for each programme (of `codes`, or all), in order of code."""
    versions = ProgrammeVersion.objects.in_force(on).select_related("programme__agency").order_by("programme__code")
    return list(versions if codes is None else versions.filter(programme__code__in=list(codes)))


def bare_in_force(on: dt.date) -> list[ProgrammeVersion]:
    """As `in_force`, without what a version says: a screening of many records does not read the same rules for each."""
    versions = ProgrammeVersion.objects.in_force(on).defer(*_WORDS).select_related("programme__agency")
    return list(versions.order_by("programme__code"))


def version_in_force(code: str, on: dt.date) -> ProgrammeVersion | None:
    """The version of the programme `code` that holds on `on`."""
    return next(iter(in_force(on, [code])), None)


def current_or_coming() -> list[ProgrammeVersion]:
    """Published versions that no other replaces: what holds from its first day on, without asking the clock."""
    return list(ProgrammeVersion.objects.filter(state=PUBLISHED).select_related("programme__agency"))


def needed_by_published(codes: Iterable[str] | None = None) -> set[str]:
    """The catalogue codes that the published rules of the programmes `codes` (None: all) may see.

    Their definitions are only read when that is not known yet in this process.
    """
    wanted = None if codes is None else set(codes)
    still_holds = Q(state=CLOSED, effective_to__gte=timezone.localdate())  # its successor waits
    published = ProgrammeVersion.objects.filter(Q(state=PUBLISHED) | still_holds)
    ids = [str(pk) for pk, code in published.values_list("pk", "programme__code") if wanted is None or code in wanted]
    known = {pk: _needs[pk] for pk in ids if pk in _needs}
    if left := [pk for pk in ids if pk not in known]:
        known |= {
            str(version.pk): needs_of_version(version) for version in published.filter(pk__in=left).select_related("programme")
        }
    return set().union(*known.values())


def definition_of(version: ProgrammeVersion) -> Definition:
    """The whole definition of a version, shared limits built in; a final one is read once in this process and kept."""
    if not version.is_final:
        return whole(version.definition, version.shared)
    key = str(version.pk)
    if key not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[key] = whole(version.definition, version.shared)
    return _kept[key]


def rulebook_of(versions: Iterable[ProgrammeVersion]) -> Rulebook:
    """Final versions together as one rulebook, made ready once in this process and kept.

    A programme that rests on another one's result while that one has no version in force is left out and logged: the
    others must go on. Raises RuleError for results that go round in a circle.
    """
    versions = list(versions)
    key = rules_digest(versions)
    if key not in _rulebooks:
        if any(set(_WORDS) & version.get_deferred_fields() for version in versions):
            versions = list(
                ProgrammeVersion.objects.filter(pk__in=[version.pk for version in versions]).select_related("programme")
            )
        if len(_rulebooks) >= _MOST_RULEBOOKS:
            _rulebooks.clear()
        _rulebooks[key] = rulebook(standing_together(versions))
    return _rulebooks[key]


def rulebook_in_force(on: dt.date) -> Rulebook:
    """The rulebook of the versions that hold on `on`. Their definitions are only read when it is not ready in this process."""
    key = _digest(ProgrammeVersion.objects.in_force(on).values_list("pk", flat=True))
    return _rulebooks[key] if key in _rulebooks else rulebook_of(in_force(on))


def standing_together(versions: Iterable[ProgrammeVersion]) -> dict[str, Definition]:
    """{code: definition} of the versions but for those that rest on a result nobody gives (logged)."""
    return _standing({version.programme.code: definition_of(version) for version in versions})


def _standing(definitions: dict[str, Definition]) -> dict[str, Definition]:
    gone = {code: item.programmes_used() - set(definitions) for code, item in definitions.items()}
    lost = {code: used for code, used in gone.items() if used}
    if not lost:
        return definitions
    for code, used in lost.items():
        logger.error("%s is left out: it rests on %s, which has no version in force", code, ", ".join(sorted(used)))
    return _standing({code: item for code, item in definitions.items() if code not in lost})


def needs_of(code: str, on: dt.date) -> frozenset[str]:
    """The catalogue codes that the programme's rule in force on `on` may see; empty where it has none."""
    ready = rulebook_of(in_force(on)).on(on)
    return ready[code].needs if code in ready else frozenset()


def concepts_of(book: Rulebook, on: dt.date) -> frozenset[str]:
    """The catalogue codes that the rules of a rulebook on `on` may see, all together."""
    return frozenset[str]().union(*(programme.needs for programme in book.on(on).values()))


def needs_of_version(version: ProgrammeVersion) -> frozenset[str]:
    """The catalogue codes that a version's rule may see. Raises RuleError for a draft that does not work."""
    key = str(version.pk)
    if version.is_final and key in _needs:
        return _needs[key]
    needs = compile_programme(definition_of(version), version.effective_from or FAR_DAY, {}, catalogue()).needs
    if version.is_final:
        if len(_needs) >= _MOST_KEPT:
            _needs.clear()
        _needs[key] = needs
    return needs


def rules_digest(versions: Iterable[ProgrammeVersion]) -> str:
    """sha-256 (hex) over the ids of the versions: tells whether a screening used the rules of today."""
    return _digest(version.pk for version in versions)


def _digest(ids: Iterable[object]) -> str:
    return sha256(",".join(sorted(map(str, ids))).encode()).hexdigest()


def programme_by_code(code: str) -> Programme:
    """The programme. Raises Programme.DoesNotExist."""
    return Programme.objects.select_related("agency").get(code=code)


def offices_of(programme: Programme, local_authority: str = "") -> list[Office]:
    """Where to go about a programme: its agency's offices that serve the area, all of them when no area is named."""
    offices = Office.objects.filter(agency=programme.agency).select_related("agency")
    if local_authority:
        offices = offices.filter(Q(local_authorities=[]) | Q(local_authorities__contains=[local_authority]))
    return list(offices)


def agency_names(slugs: Iterable[str]) -> dict[str, str]:
    """{slug: name} of agencies."""
    wanted = {slug for slug in slugs if slug}
    return dict(Agency.objects.filter(slug__in=wanted).values_list("slug", "name")) if wanted else {}


def public_history(programme: Programme) -> list[ProgrammeVersion]:
    """Every version that was ever published, the newest first."""
    versions = programme.versions.filter(published_at__isnull=False).select_related("author", "approver")
    return list(versions.order_by("-number"))
