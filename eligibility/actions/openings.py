"""Pausing a programme by hand, ending it as a whole, and telling people once when it takes applications."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.models import CaseRecord
from eligibility.models import Determination, OpeningReminder, Programme, ProgrammeEnding, ProgrammePause, ProgrammeVersion
from eligibility.models.programme import CLOSED, PUBLISHED
from eligibility.permissions import may_edit, may_end
from eligibility.queries.catalogue import current_or_coming, definition_of, in_force
from eligibility.queries.openings import openings
from portal.actions.notifications import notify
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as

REMINDER_LASTS = dt.timedelta(days=731)  # somebody who asked longer ago is not told any more


class NotPossible(Exception):
    """The step makes no sense now; the message says why."""


@transaction.atomic
def pause(
    *,
    by: Actor,
    programme: Programme,
    reason: str,
    expected_on: dt.date | None,
    at: dt.datetime,
    translations: Mapping[str, str] | None = None,
) -> ProgrammePause:
    """Take no applications from now on. reason: a sentence to everybody; expected_on: a day after today, or None.

    by: a programme admin of the agency. What was applied for before goes on. Raises Refused, NotPossible.
    """
    if not may_edit(by, programme):
        raise Refused(_("Only programme admins of the agency may pause its programmes."))
    assert by.user_id is not None  # an admin has an account
    Programme.objects.select_for_update().get(pk=programme.pk)
    if ProgrammePause.objects.filter(programme=programme, ended_at=None).exists():
        raise NotPossible(_("The programme is paused already. Load the page again."))
    if not programme.versions.filter(published_at__isnull=False).exists():
        raise NotPossible(_("No version of this programme was published, so there is nothing to pause."))
    if expected_on is not None and expected_on <= timezone.localdate(at):
        raise NotPossible(_("Choose a day after today, or leave it empty when you do not know yet."))
    words = {language: text for language, text in (translations or {}).items() if text}
    return ProgrammePause.objects.create(
        programme=programme, reason=reason, translations=words, expected_on=expected_on, begun_at=at, begun_by_id=by.user_id
    )


@transaction.atomic
def expect(*, by: Actor, programme: Programme, expected_on: dt.date | None, at: dt.datetime) -> ProgrammePause:
    """Say another day on which a paused programme should go on. Raises Refused, NotPossible."""
    found = _running(by, programme)
    if expected_on is not None and expected_on <= timezone.localdate(at):
        raise NotPossible(_("Choose a day after today, or leave it empty when you do not know yet."))
    found.expected_on = expected_on
    found.save(update_fields=["expected_on"])
    return found


@transaction.atomic
def resume(*, by: Actor, programme: Programme, at: dt.datetime) -> ProgrammePause:
    """Take applications again. Raises Refused, NotPossible when it is not paused."""
    found = _running(by, programme)
    found.ended_at, found.ended_by_id = at, by.user_id
    found.save(update_fields=["ended_at", "ended_by"])
    return found


def _running(by: Actor, programme: Programme) -> ProgrammePause:
    if not may_edit(by, programme):
        raise Refused(_("Only programme admins of the agency may pause its programmes."))
    found = ProgrammePause.objects.select_for_update().filter(programme=programme, ended_at=None).first()
    if found is None:
        raise NotPossible(_("The programme is not paused. Load the page again."))
    return found


# --- given up as a whole


@transaction.atomic
def ask_end(
    *,
    by: Actor,
    programme: Programme,
    last_day: dt.date,
    reason: str,
    at: dt.datetime,
    translations: Mapping[str, str] | None = None,
) -> ProgrammeEnding:
    """Ask that the programme ends with `last_day` (today or later); a second person confirms it. reason: a sentence to everybody.

    by: a programme admin of the agency. Raises Refused, NotPossible.
    """
    _require_editor(by, programme)
    assert by.user_id is not None  # an admin has an account
    Programme.objects.select_for_update().get(pk=programme.pk)
    if ProgrammeEnding.objects.filter(programme=programme, confirmed_at=None, dropped_at=None).exists():
        raise NotPossible(_("Somebody has asked for the end already. Load the page again."))
    _check_end(programme, last_day, at)
    words = {language: text for language, text in (translations or {}).items() if text}
    return ProgrammeEnding.objects.create(
        programme=programme, last_day=last_day, reason=reason, translations=words, asked_at=at, asked_by_id=by.user_id
    )


@transaction.atomic
def confirm_end(*, by: Actor, programme: Programme, at: dt.datetime) -> ProgrammeEnding:
    """The second person confirms: no version holds after the last day. Cases that run go on by the version they began with.

    Raises Refused, NotPossible.
    """
    found = _asked_end(by, programme)
    if not may_end(by, found):
        raise Refused(_("A second person must confirm: somebody of the agency who did not ask for the end."))
    _check_end(programme, found.last_day, at)
    versions = ProgrammeVersion.objects.filter(programme=programme, state__in=[PUBLISHED, CLOSED])
    for version in versions.exclude(effective_to__lte=found.last_day).select_for_update():
        assert version.effective_from is not None  # it was published
        version.state = CLOSED
        version.effective_to = max(found.last_day, version.effective_from - dt.timedelta(days=1))
        version.save(update_fields=["state", "effective_to"])
    found.confirmed_at, found.confirmed_by_id = at, by.user_id
    found.save(update_fields=["confirmed_at", "confirmed_by"])
    return found


@transaction.atomic
def drop_end(*, by: Actor, programme: Programme, at: dt.datetime) -> ProgrammeEnding:
    """Take the wish to end back before it was confirmed. Raises Refused, NotPossible."""
    found = _asked_end(by, programme)
    found.dropped_at = at
    found.save(update_fields=["dropped_at"])
    return found


def _require_editor(by: Actor, programme: Programme) -> None:
    if not may_edit(by, programme):
        raise Refused(_("Only programme admins of the agency may end its programmes."))


def _asked_end(by: Actor, programme: Programme) -> ProgrammeEnding:
    _require_editor(by, programme)
    open_ones = ProgrammeEnding.objects.filter(programme=programme, confirmed_at=None, dropped_at=None)
    found = open_ones.select_for_update(of=("self",)).select_related("programme").first()
    if found is None:
        raise NotPossible(_("Nobody has asked for the end of this programme. Load the page again."))
    return found


def _check_end(programme: Programme, last_day: dt.date, at: dt.datetime) -> None:
    """Raises NotPossible for a day that is past, a programme that is not there to end, and one that others rest on."""
    if last_day < timezone.localdate(at):
        raise NotPossible(_("The last day must be today or later."))
    held = ProgrammeVersion.objects.filter(Q(effective_to=None) | Q(effective_to__gt=last_day), programme=programme)
    if not held.filter(state__in=[PUBLISHED, CLOSED]).exists():
        raise NotPossible(_("No version of this programme holds after that day, so there is nothing to end."))
    resting = [
        version.definition["programme"]["name"]
        for version in current_or_coming()
        if version.programme_id != programme.pk and programme.code in definition_of(version).programmes_used()
    ]
    if resting:
        raise NotPossible(
            _("The rule of %(names)s uses the result of this programme. Publish a version that does not, then end this one.")
            % {"names": ", ".join(sorted(resting))}
        )


# --- tell me when it opens


@transaction.atomic
def remind(*, by: Actor, record: CaseRecord, programme: Programme, at: dt.datetime) -> None:
    """The person wants to be told once when the programme opens. by: the person, with an account. Raises Refused."""
    if not by.is_citizen or by.person_id != record.person_id or by.user_id is None:
        raise Refused(_("We can tell you when it opens once you have an account."))
    OpeningReminder.objects.get_or_create(record=record, programme=programme, defaults={"asked_at": at})


@transaction.atomic
def forget(*, by: Actor, record: CaseRecord, programme: Programme) -> None:
    """The person does not want to be told any more. Raises Refused."""
    if not by.is_citizen or by.person_id != record.person_id:
        raise Refused
    OpeningReminder.objects.filter(record=record, programme=programme).delete()


@transaction.atomic
def tell(*, by: Actor, record_id: UUID, programme_id: UUID, at: dt.datetime) -> bool:
    """Tell the person who waits that the programme is open, and forget that they waited; False when nothing was told.

    by: the machine made for this record. Somebody for whom it does not fit by now is not told, and waits no more. Nothing
    happens while the programme is closed; after two years the wish ends. Safe to run twice.
    """
    waiting = OpeningReminder.objects.filter(record_id=record_id, programme_id=programme_id)
    found = waiting.select_related("programme", "record__person").first()
    if found is None:
        return False
    if found.asked_at < at - REMINDER_LASTS:
        waiting.delete()
        return False
    today = timezone.localdate(at)
    version = next(iter(in_force(today, [found.programme.code])), None)
    if version is None or not openings([version], today, "en")[found.programme.code].is_open:
        return False
    last = (
        Determination.objects.filter(record_id=record_id, programme_version=version)
        .newest_last()
        .values_list("outcome", flat=True)
        .last()
    )
    user_id = found.record.person.user_id
    gone, _rows = waiting.delete()
    if not gone or user_id is None or last == "not_likely":
        return False
    name = version.definition["programme"]["name"]
    notify(
        by=by, user_id=user_id, kind="programme_opens", at=at,
        path=reverse("eligibility:programme", args=[found.programme.code]), parameters={"programme": name},
    )  # fmt: skip
    return True


def tell_all(*, at: dt.datetime, most: int = 500) -> int:
    """Tell everybody who waits for a programme that is open now, each in a transaction of its own; how many were told."""
    with acting_as(Actor.machine("openings", caseload=True)), transaction.atomic():
        today = timezone.localdate(at)
        waited_for = Programme.objects.filter(opening_reminders__isnull=False).distinct().values_list("code", flat=True)
        found = openings(in_force(today, waited_for), today, "en")
        open_codes = [code for code, opening in found.items() if opening.is_open]
        is_due = Q(programme__code__in=open_codes) | Q(asked_at__lt=at - REMINDER_LASTS)
        rows = OpeningReminder.objects.filter(is_due).order_by("asked_at")
        due = list(rows.values_list("record_id", "programme_id")[:most])
    told = 0
    for record_id, programme_id in due:
        by = Actor.machine("openings", record_id=record_id)
        with acting_as(by):
            told += tell(by=by, record_id=record_id, programme_id=programme_id, at=at)
    return told
