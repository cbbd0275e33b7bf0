"""Notes of an agency for itself, and ticking off what had to be looked at."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from casework import permissions
from casework.actions.cases import NotPossible, locked, store
from casework.models import CaseTask, Note, ProgrammeCase
from casework.queries.permissions import case_resting_on
from consent.models import Consent
from consent.models.consents import EFFECTIVE
from portal.kit.access import Refused
from portal.kit.actor import Actor


@transaction.atomic
def write(*, by: Actor, case_id: UUID, text: str, at: dt.datetime) -> Note:
    """Keep a note on a case of the writer's agency. Raises Refused, NotPossible for an empty one."""
    case = ProgrammeCase.objects.get(pk=case_id)
    if not permissions.may_work(by, case):
        raise Refused(_("Only staff of the agency that works on this case may do this."))
    if not text.strip():
        raise NotPossible(_("Write the note first."))
    assert by.agency_id is not None and by.user_id is not None  # staff are signed in and act for an agency
    return Note.objects.create(
        case=case,
        agency_id=by.agency_id,
        author_id=by.user_id,
        author_name=by.name,
        text=text.strip(),
        at=at,
    )


def raise_task(case: ProgrammeCase, *, kind: str, source: str, at: dt.datetime) -> None:
    """Put something to look at on a case, once for each source. The caller stores the case afterwards."""
    CaseTask.objects.bulk_create([CaseTask(case=case, kind=kind, source=source, raised_at=at)], ignore_conflicts=True)


@transaction.atomic
def finish_task(*, by: Actor, case_id: UUID, task_id: UUID, at: dt.datetime) -> CaseTask:
    """Tick off a task. Ticking it twice changes nothing. Raises Refused, CaseTask.DoesNotExist."""
    case = locked(case_id=case_id, seen=None)
    if not permissions.may_work(by, case):
        raise Refused(_("Only staff of the agency that works on this case may do this."))
    task = case.tasks.get(pk=task_id)
    if task.done_at is None:
        task.done_at, task.done_by_name = at, by.name
        task.save(update_fields=["done_at", "done_by_name"])
        store(case, by=by, at=at)
    return task


@transaction.atomic
def follow_permission(*, by: Actor, consent_id: UUID, at: dt.datetime) -> bool:
    """Bring a case in line with what the person last said: an alert while they do not allow it, none once they do.

    by: a machine made for the record. Returns whether anything changed; no case, an ended one and a repeat change nothing.
    """
    consent = Consent.objects.select_related("activity").filter(pk=consent_id).first()
    case = case_resting_on(consent) if consent else None
    if consent is None or case is None:
        return False
    case = locked(case_id=case.pk, seen=None)
    is_allowed = Consent.objects.filter(
        record_id=case.record_id, activity_id=consent.activity_id, state__in=EFFECTIVE, until__gt=at
    ).exists()
    alerts = case.tasks.filter(kind="permission_ended", done_at=None)
    if is_allowed:
        changed = bool(alerts.update(done_at=at, done_by_name=by.name))
    else:
        source = f"consent:{consent_id}"
        changed = not case.tasks.filter(kind="permission_ended", source=source).exists() and not alerts.exists()
        if changed:
            raise_task(case, kind="permission_ended", source=source, at=at)
    if changed:
        store(case, by=by, at=at)
    return changed
