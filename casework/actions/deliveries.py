"""Carrying referrals out of the house: one row, one transaction, the gate asked again with the consent held still."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from casework.actions.referral_events import SOURCE, ReferralRefused, locked_task, move_request, stop_task, tell, tell_people
from casework.announcements import DeliveryWaiting
from casework.carriers import Packet, carrier_for
from casework.models import Disclosure, ReferralDelivery, ReferralTask
from casework.models.manifest import digest
from casework.models.referral import LIVE, REQUESTED, REVOKED
from casework.permissions import may_see_dead_letters
from casework.queries.deliveries import hold_consent_still
from consent.actions.involvements import begin
from consent.actions.pseudonyms import sector_identifier
from consent.actions.release import release
from consent.models import CaseRecord
from consent.permit import Decision, Released
from consent.queries.gate import decide
from portal.kit.actor import Actor, acting_as
from portal.kit.announce import announce
from portal.kit.outgoing import DEAD, PENDING, RECALLED, Outgoing, Recalled, Retry, Undeliverable, replay

logger = logging.getLogger(__name__)


def carry(row: Outgoing, *, now: Callable[[], dt.datetime]) -> None:
    """Deliver one locked outbox row (called by `portal.kit.outgoing.drain_one`).

    Raises Retry, Undeliverable or Recalled. A mistake in our own code becomes a Retry too, so that one poisoned row never
    stands in the way of the others; it ends as a dead letter somebody sees. A broken database connection is passed on.
    """
    assert isinstance(row, ReferralDelivery)
    machine = Actor.machine("delivery", agency_id=row.target_id, record_id=row.record_id)
    try:
        with acting_as(machine), transaction.atomic():
            if row.message == ReferralDelivery.STOP:
                _carry_stop(row)
            else:
                _carry_request(machine, row, now())
    except (Retry, Undeliverable, Recalled, OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.exception("referral delivery %s failed in our own code", row.pk)
        raise Retry(type(error).__name__) from error


def _carry_request(machine: Actor, row: ReferralDelivery, at: dt.datetime) -> None:
    task = ReferralTask.objects.select_related("referral__agency", "target", "manifest").get(pk=row.task_id)
    if task.state != REQUESTED or task.delivered_at is not None:
        raise Recalled(f"the task is {task.state}")
    record = CaseRecord.objects.get(pk=task.record_id)
    decision = permission_now(task, record, at)
    if decision.is_denied:
        raise Recalled(decision.reason)
    begin(
        by=machine, record=record, agency_id=task.target_id, kind="referral_triage", at=at, programme=task.programme,
        source=SOURCE.format(task.pk),
    )  # fmt: skip
    person = sector_identifier(by=machine, person_id=record.person_id, agency_id=task.target_id)
    if (carrier := carrier_for(task.target)) is not None:
        carrier.request(task.target, _packet(machine, task, record, person, at))
    ReferralTask.objects.filter(pk=task.pk).update(delivered_at=at, permission_seen_at=at)
    tell(by=machine, referral=task.referral, task=task, what="delivered", at=at)


def _carry_stop(row: ReferralDelivery) -> None:
    task = ReferralTask.objects.select_related("target").get(pk=row.task_id)
    if (carrier := carrier_for(task.target)) is not None:
        carrier.stop(task.target, task_id=task.pk, key=row.pk, reason=task.reason)


def permission_now(task: ReferralTask, record: CaseRecord, at: dt.datetime) -> Decision:
    """Ask the gate again for the receiver, for what the manifest fixed and no more. The person's consent is locked FOR SHARE,
    so that a withdrawal either waits for this transaction or is seen by it."""
    hold_consent_still(record_id=record.pk, agency_id=task.target_id)
    receiver = Actor.machine("delivery", agency_id=task.target_id, record_id=task.record_id)
    return decide(
        by=receiver, record=record, purpose="referral", concepts=task.manifest.agreed, now=at, programme=task.programme,
        as_if="referral",
    )  # fmt: skip


def _packet(machine: Actor, task: ReferralTask, record: CaseRecord, person: str, at: dt.datetime) -> Packet:
    """What an outside system is given: rendered from the gate at this moment and stored nowhere."""
    referral = task.referral
    return Packet(
        task_id=task.pk,
        sender={"agency": referral.agency.slug, "name": referral.agency.name, "phone": referral.agency.phone},
        person=person,
        need=referral.need, service=referral.service, programme=task.programme, priority=referral.priority, note=referral.note,
        do_not_contact=referral.do_not_contact, answer_by=task.due_on,
        facts=read_stage(by=machine, task=task, record=record, stage=Disclosure.TRIAGE, at=at, operation="deliver", keep=True),
    )  # fmt: skip


def read_stage(
    *, by: Actor, task: ReferralTask, record: CaseRecord, stage: str, at: dt.datetime, operation: str = "view", keep: bool = False
) -> dict[str, Any]:
    """The facts of one stage, through the gate, as {"household": {...}, "person": {...}, "identity": {...}}.

    stage: triage | agreed. keep: remember the first disclosure of the stage (codes and a hash). Raises AccessRefused.
    """
    concepts = task.manifest.triage if stage == Disclosure.TRIAGE else task.manifest.agreed
    if not concepts:
        return {"household": {}, "person": {}, "identity": {}}
    released = release(
        by=by, record=record, purpose="referral", concepts=concepts, at=at, programme=task.programme, operation=operation
    )
    facts = _own_facts(record, released)
    if keep:
        row = Disclosure(
            manifest=task.manifest, record_id=task.record_id, target_id=task.target_id, requester_id=task.requester_id,
            stage=stage, concepts=sorted(released.decision.released), record_version=released.version,
            log_id=released.log_id, at=at,
        )  # fmt: skip
        row.sha256 = digest({"disclosure": str(row.pk), "concepts": row.concepts, "facts": facts})
        Disclosure.objects.bulk_create([row], ignore_conflicts=True)
    return facts


def _own_facts(record: CaseRecord, released: Released) -> dict[str, Any]:
    """The household's facts and those of the referred person, without unsafe ways to reach them. Other people's do not travel."""
    form = released.as_household()
    own = str(record.person_id)
    mine: dict[str, Any] = next((person for person in form["people"] if person["id"] == own), {})
    identity = dict(released.identity.get(own, {}))
    if "contact" in identity:
        identity["contact"] = {kind: point for kind, point in identity["contact"].items() if point["safe"] != "no"}
    return {
        "household": form["household"],
        "person": {name: value for name, value in mine.items() if name not in ("id", "role")},
        "identity": identity,
    }


# --- Recall, dead letters ------------------------------------------------------------------------------------------


@transaction.atomic
def recheck(*, by: Actor, task_id: UUID, at: dt.datetime) -> bool:
    """Make sure that a live task is still allowed; end it when it is not (reason permission_ended). True when it was ended.

    by: the house's machine for the task's record. Both sides and the person are told; what had been sent is told to stop.
    """
    task = locked_task(task_id)
    if task.state not in LIVE:
        return False
    record = CaseRecord.objects.get(pk=task.record_id)
    ReferralTask.objects.filter(pk=task.pk).update(permission_seen_at=at)
    with acting_as(Actor.machine("delivery", agency_id=task.target_id, record_id=task.record_id)):
        is_allowed = not permission_now(task, record, at).is_denied
    recalled = ReferralDelivery.objects.filter(task=task, message=ReferralDelivery.REQUEST, state=RECALLED)
    if is_allowed and not recalled.exists():
        return False
    move_request(by=by, referral=task.referral, state=REVOKED, at=at, reason="permission_ended")
    stop_task(by=by, task=task, at=at, reason="permission_ended")
    tell_people(by=by, referral=task.referral, kind="referral_stopped", at=at)
    return True


@transaction.atomic
def replay_delivery(*, by: Actor, delivery_id: UUID, at: dt.datetime) -> ReferralDelivery:
    """Send a dead letter again. by: an agency admin of the sending agency; kept in the thread. Raises ReferralRefused."""
    row = ReferralDelivery.objects.select_for_update(of=("self",)).select_related("task__referral").get(pk=delivery_id)
    if not may_see_dead_letters(by) or row.requester_id != by.agency_id:
        raise ReferralRefused(_("Only an admin of the sending agency can send this again."))
    if row.state != DEAD:
        raise ReferralRefused(_("This message is not waiting for you any more. Load the page again."))
    replay(row, at=at)
    tell(by=by, referral=row.task.referral, task=row.task, what="replayed", at=at)
    announce(DeliveryWaiting())
    return row


@transaction.atomic
def postpone(*, by: Actor, target_id: UUID, until: dt.datetime) -> int:
    """The target's door was found closed: its other waiting rows wait too, without losing an attempt. Returns how many."""
    waiting = ReferralDelivery.objects.select_for_update(skip_locked=True).filter(
        target_id=target_id, state=PENDING, next_at__lt=until
    )
    return ReferralDelivery.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(next_at=until)
