"""Writing programmes: drafts are edited, tried on their examples, and published by a second person from a date on."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from consent.actions.activities import follow_needs
from eligibility import drafting
from eligibility.actions.proposal_news import after_publication, before_discard
from eligibility.announcements import ProgrammePublished
from eligibility.definition import Definition
from eligibility.drafting_proposed import signed
from eligibility.engine.rulebook import in_order
from eligibility.language import RuleError
from eligibility.models import Programme, ProgrammeVersion
from eligibility.models.programme import CHECKED, CLOSED, DRAFT, PUBLISHED, VERSION_FLOW
from eligibility.permissions import may_edit, may_publish
from eligibility.queries.catalogue import definition_of, in_force, needs_of_version, standing_together
from eligibility.queries.local import check_floor
from eligibility.queries.shared import newest_shared
from eligibility.rule_words import with_place
from eligibility.rules import report, rulebook, shared_of, with_shared
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce
from portal.kit.locks import hold
from portal.models import Agency
from portal.roles import powers_of


class DraftConflict(Exception):
    """Somebody else saved the draft in the meantime. The message is fit for the person."""

    def __init__(self):
        super().__init__(
            _("Somebody else saved this draft after you opened it. Your change is below: look at theirs, then save yours again.")
        )


class NotReady(Exception):
    """The version cannot take this step yet; the message says what is missing."""


class AlreadyPublished(Exception):
    """A folder says something else under a version number that is published already."""


@transaction.atomic
def load_definition(*, by: Actor, definition: Definition, effective_from: dt.date, at: dt.datetime) -> ProgrammeVersion | None:
    """Store a folder's definition as version 1 of its programme, published from `effective_from`; None when it is there already.

    by: a machine at installation. Raises Refused, RuleError (the rule or an example does not work), Agency.DoesNotExist,
    AlreadyPublished when version 1 is there and reads otherwise.
    """
    if not by.is_machine:
        raise Refused(_("Programme folders are loaded at installation only."))
    agency = Agency.objects.get(slug=definition.agency)
    data, shared = definition.to_dict(), shared_of(definition)
    programme, _created = Programme.objects.get_or_create(
        code=definition.code, defaults={"agency": agency, "area": definition.area, "created_at": at}
    )
    first = ProgrammeVersion.objects.filter(programme=programme, number=1).first()
    if first is not None:
        if first.definition == data and first.shared == shared:
            return None
        raise AlreadyPublished(
            f"{definition.code}: the folder differs from version 1, which is published and never changes. Put the change into a "
            "new version in the programme editor, or import the folder as a draft: manage.py programme import."
        )
    complete = with_shared(definition, shared)
    examples = report(complete)
    if examples["failed"]:
        first_failure = "{case}: {what}: expected {expected}, but it is {found}".format(**examples["failed"][0])
        raise RuleError(_("A worked example fails. %(failure)s") % {"failure": first_failure}, where=definition.code)
    version = ProgrammeVersion.objects.create(
        programme=programme,
        number=1,
        state=PUBLISHED,
        definition=data,
        shared=shared,
        sha256=complete.sha256,
        examples=examples,
        origin="folder",
        effective_from=effective_from,
        created_at=at,
        changed_at=at,
        published_at=at,
    )
    _register_needs(version, by=by)
    announce(ProgrammePublished(programme.code, version.pk))
    return version


@transaction.atomic
def begin_draft(*, by: Actor, version: ProgrammeVersion, at: dt.datetime, note: str = "") -> ProgrammeVersion:
    """A new draft that reads as `version`; from an old version this is the way back. Raises Refused.

    Who wrote a draft that this one goes on from wrote a part of this one too, and cannot publish it.
    """
    if not may_edit(by, version.programme):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    Programme.objects.select_for_update().get(code=version.programme.code)
    return ProgrammeVersion.objects.create(
        programme_id=version.programme_id,
        number=_next_number(version.programme),
        definition=version.definition,
        shared=version.shared,
        sha256=version.sha256,
        examples=version.examples,
        origin="portal",
        based_on=version,
        author_id=by.user_id,
        writers=list(dict.fromkeys([*([] if version.is_final else version.writers), str(by.user_id)])),
        created_at=at,
        changed_at=at,
        note=note,
    )


@transaction.atomic
def begin_programme(*, by: Actor, definition: Definition, at: dt.datetime, note: str = "") -> ProgrammeVersion:
    """A new programme of the actor's agency with a first draft. Raises Refused, RuleError, NotReady when the code is taken."""
    if by.agency_id is None or not (by.is_staff and "edit_programmes" in powers_of(by.role)):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    agency = Agency.objects.get(pk=by.agency_id)
    if definition.agency != agency.slug:
        raise Refused(_("You can write programmes of your own agency only."))
    if Programme.objects.filter(code=definition.code).exists():
        raise NotReady(_("There is a programme with this code already. Choose another code."))
    definition = _signed(definition, ())
    programme = Programme.objects.create(code=definition.code, agency=agency, area=definition.area, created_at=at)
    shared = newest_shared(definition.shares)
    complete = with_shared(definition, shared)
    return ProgrammeVersion.objects.create(
        programme=programme,
        number=1,
        definition=definition.to_dict(),
        shared=shared,
        sha256=complete.sha256,
        examples=report(complete),
        origin="portal",
        author_id=by.user_id,
        writers=[str(by.user_id)],
        created_at=at,
        changed_at=at,
        note=note,
    )


@transaction.atomic
def save_draft(
    *,
    by: Actor,
    version_id: UUID,
    data: Mapping[str, Any],
    lock_version: int,
    at: dt.datetime,
    note: str | None = None,
    shared: Mapping[str, Any] | None = None,
    proposed: Mapping[str, Any] | None = None,
) -> ProgrammeVersion:
    """Store a changed definition in a draft and run its examples; failing examples are kept and shown, they do not stop saving.

    data: the stored form, in which expressions may be text. lock_version: the one the writer had read. shared: the shared files as the
    draft shall read them, when they change. proposed: a local variant in stored form that another agency wrote; it bears that agency's name
    for as long as it reads so.
    Raises Refused, DraftConflict, MoveRefused when it is no draft, RuleError with the place of what does not work or, for a local
    variant below the floor, with a household that shows it.
    """
    version = _locked(version_id)
    if not may_edit(by, version.programme):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    if version.lock_version != lock_version:
        raise DraftConflict
    if version.state != DRAFT:
        raise NotReady(_("Only a draft can be changed. Send it back first, or begin a new draft."))
    definition = _signed(Definition.from_dict(dict(data)), [*version.definition.get("variants", ()), proposed or {}])
    if definition.code != version.programme.code or definition.agency != version.programme.agency.slug:
        raise RuleError(_("The code and the agency of a programme stay as they are."), where="programme")
    if version.based_on is not None:
        lost = drafting.overwritten_rows(version.based_on.definition, definition.to_dict())
        if lost:
            name, day = lost[0]
            words = _("The row from %(day)s was published and stays as it is. Add a row with a new date.") % {"day": day}
            raise RuleError(words, where=f"limits.{name}")
    if shared is None or set(shared) != set(definition.shares):
        shared = version.shared if set(definition.shares) == set(version.shared) else newest_shared(definition.shares)
    complete = with_shared(definition, shared)
    version.examples = report(complete)
    refuse_circle(complete, timezone.localdate(at))
    check_floor(complete, timezone.localdate(at))
    version.definition, version.shared, version.sha256 = definition.to_dict(), shared, complete.sha256
    version.changed_at = at
    version.lock_version += 1
    if note is not None:
        version.note = note
    if str(by.user_id) not in version.writers:
        version.writers = [*version.writers, str(by.user_id)]
    version.save()
    return version


@transaction.atomic
def send_for_approval(*, by: Actor, version_id: UUID, at: dt.datetime) -> ProgrammeVersion:
    """Hand a draft to a second person. Raises Refused, MoveRefused, NotReady while an example fails or none is there."""
    version = _locked(version_id)
    if not may_edit(by, version.programme):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    _require_examples(version)
    VERSION_FLOW.move(version, CHECKED, powers_of(by.role))
    version.changed_at = at
    version.save(update_fields=["state", "changed_at"])
    return version


@transaction.atomic
def send_back(*, by: Actor, version_id: UUID, at: dt.datetime) -> ProgrammeVersion:
    """Make a version that waits for approval a draft again. Raises Refused, MoveRefused."""
    version = _locked(version_id)
    if not may_edit(by, version.programme):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    VERSION_FLOW.move(version, DRAFT, powers_of(by.role))
    version.changed_at = at
    version.save(update_fields=["state", "changed_at"])
    return version


@transaction.atomic
def discard_draft(*, by: Actor, version_id: UUID, at: dt.datetime) -> None:
    """Throw a draft away, and with its only draft the programme. Raises Refused, NotReady when it is no draft."""
    version = _locked(version_id)
    if not may_edit(by, version.programme):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    if version.state != DRAFT:
        raise NotReady(_("Only a draft can be thrown away."))
    before_discard(version, by=by, at=at)
    version.delete()
    if not version.programme.versions.exists():
        version.programme.delete()


@transaction.atomic
def publish(*, by: Actor, version_id: UUID, effective_from: dt.date, at: dt.datetime, today: dt.date) -> ProgrammeVersion:
    """Publish a version from a day on: what holds on that day ends the day before it, one that waits for a later day stays and follows.

    by: a programme admin who wrote no part of it. effective_from: today or later. Raises Refused, MoveRefused, NotReady also when it
    does not work together with a version that begins later, and RuleError when it does not with the other programmes of that day
    (results in a circle) or a local variant goes below the floor.
    """
    hold("publication")  # two versions published at the same moment must see each other, or each works and both together do not
    version = _locked(version_id)
    if not may_publish(by, version):
        raise Refused(_("A second person must publish: somebody of the agency who wrote no part of this version."))
    if effective_from < today:
        raise NotReady(_("The first day must be today or later."))
    _require_examples(version)
    others = {other.programme.code: definition_of(other) for other in in_force(effective_from)}
    complete = definition_of(version)
    rulebook({**others, version.programme.code: complete})
    check_floor(complete, effective_from)
    Programme.objects.filter(pk=version.programme_id).update(area=complete.area)
    VERSION_FLOW.move(version, PUBLISHED, powers_of(by.role))
    _end_others(version, effective_from)
    if version.effective_to is not None:
        VERSION_FLOW.move(version, CLOSED, powers_of(by.role))
    version.effective_from, version.approver_id = effective_from, by.user_id
    version.published_at = version.changed_at = at
    version.save()
    _check_later_days(version)
    _register_needs(version, by=by)
    announce(ProgrammePublished(version.programme.code, version.pk))
    after_publication(version, by=by, at=at)
    return version


def _check_later_days(version: ProgrammeVersion) -> None:
    """On each day on which another version begins, all rules of that day work together. Raises NotReady with the day."""
    begins = ProgrammeVersion.objects.filter(state__in=[PUBLISHED, CLOSED], effective_from__gt=version.first_day)
    if version.effective_to is not None:
        begins = begins.filter(effective_from__lte=version.effective_to)
    for day in sorted({version.first_day for version in begins}):
        try:
            rulebook(standing_together(in_force(day)))
        except RuleError as problem:
            told = {"day": date_format(day), "problem": with_place(problem)}
            raise NotReady(
                _("On %(day)s another version begins, and this one does not work together with it: %(problem)s") % told
            ) from problem


def _signed(definition: Definition, known: Iterable[Mapping[str, Any]]) -> Definition:
    """Only what another agency wrote bears its name: whoever changes it writes it anew."""
    if not any(item.agency for item in definition.variants):
        return definition
    return Definition.from_dict(signed(definition.to_dict(), known))


def refuse_circle(definition: Definition, on: dt.date) -> None:
    """A programme may not rest on a result that rests on its own. Raises RuleError with the way round."""
    if used := definition.programmes_used():
        uses = {other.programme.code: definition_of(other).programmes_used() for other in in_force(on)}
        in_order({**uses, definition.code: used})


def _register_needs(version: ProgrammeVersion, *, by: Actor) -> None:
    """The facts a published rule names are the facts its agency may see to decide: the register of processing follows."""
    definition = definition_of(version)
    follow_needs(
        by=by,
        agency=version.programme.agency,
        programme=definition.code,
        needs=sorted(needs_of_version(version)),
        law=definition.law[0]["title"],
        text={language: definition.text("purpose", language) for language, _name in settings.LANGUAGES},
        starts_on=version.first_day,
    )


def _end_others(version: ProgrammeVersion, effective_from: dt.date) -> None:
    """Make room: what holds on the first day ends the day before, what begins on the same day never begins.

    A version that waits for a later day takes over from this one on its day.
    """
    others = ProgrammeVersion.objects.filter(programme_id=version.programme_id, state__in=[PUBLISHED, CLOSED])
    for other in others.exclude(pk=version.pk).select_for_update():
        day_before = other.first_day - dt.timedelta(days=1)
        if other.effective_to is not None and other.effective_to <= day_before:
            continue  # it never began
        if other.first_day > effective_from:
            version.effective_to = min(day_before, version.effective_to or day_before)
            continue
        end = max(effective_from - dt.timedelta(days=1), day_before)
        if other.effective_to is None or other.effective_to > end:
            other.state, other.effective_to = CLOSED, end
            other.save(update_fields=["state", "effective_to"])


def _require_examples(version: ProgrammeVersion) -> None:
    if version.examples.get("failed"):
        raise NotReady(_("A worked example fails. Mend the rule or the example first."))
    if not version.examples.get("passed"):
        raise NotReady(_("There is no worked example. Add one that shows what the rule does."))


def _locked(version_id: UUID) -> ProgrammeVersion:
    return (
        ProgrammeVersion.objects.select_for_update(of=("self",))
        .select_related("programme__agency", "based_on")
        .get(pk=version_id)
    )


def _next_number(programme: Programme) -> int:
    return max(ProgrammeVersion.objects.filter(programme=programme).values_list("number", flat=True), default=0) + 1
