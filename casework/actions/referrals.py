"""The sender's side of a referral, and the person's: send, wait for an answer, choose another place, take back."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.actions.referral_events import (
    ReferralRefused,
    locked_referral,
    locked_task,
    move_request,
    put_out,
    stop_task,
    tell,
    tell_people,
)
from casework.models import DisclosureManifest, Referral, ReferralAnswer, ReferralDelivery, ReferralTask
from casework.models.manifest import digest
from casework.models.referral import (
    ACTIVE,
    AWAITING_CONSENT,
    CANCELLED,
    CONSENT_LASTS,
    DRAFT,
    IN_ERROR,
    LIVE,
    ONLINE,
    REQUEST_IN_ERROR,
    REQUEST_ON_HOLD,
    REVOKED,
    SPOKEN,
    URGENT,
)
from casework.permissions import may_send_referral, sides_of
from casework.queries.offers import doors
from consent.actions.consents import give, refuse
from consent.models import CaseRecord, ProcessingActivity
from consent.permit import Decision
from consent.queries.activities import activity_for
from consent.queries.gate import decide, live_consent
from portal.kit.actor import Actor, acting_as
from portal.kit.clocks import add_working_days
from portal.kit.identity import uuid7
from portal.models import Agency


class ProgrammeShut(ReferralRefused):
    """The programme a referral asks for takes no applications now; it can be sent if the sender says so."""


ANSWER_DAYS = {URGENT: 1}  # working days of the receiver; otherwise:
ROUTINE_ANSWER_DAYS = 2


@transaction.atomic
def send(
    *,
    by: Actor,
    record: CaseRecord,
    target: Agency,
    need: str,
    service: str,
    at: dt.datetime,
    programme: str = "",
    priority: str = "routine",
    note: str = "",
    do_not_contact: bool = False,
    asked: str = ONLINE,
    programme_case_id: UUID | None = None,
    key: UUID | None = None,
    although_closed: bool = False,
) -> Referral:
    """Refer the person to another agency.

    need: code of NEEDS; service: what is asked for, in words; priority: routine | urgent; note: the worker's words to the
    receiver. asked: "spoken" stores that the person in front of the officer allowed it; "online" uses what the person has
    allowed already, or waits until they answer on their own page. key: made by the form or the partner's system; a second call
    with the same key returns the same referral. although_closed: the sender knows that the programme takes no applications
    now. Raises ProgrammeShut without that, ReferralRefused with a sentence for the sender.
    """
    if asked == SPOKEN:  # giving a consent locks the record: take that lock before anything refers to it
        CaseRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    _refuse_sender(by, record, target, at)
    assert by.agency_id is not None  # may_send_referral let nobody else pass
    if key is not None and (known := Referral.objects.filter(pk=key).first()) is not None:
        if (known.agency_id, known.record_id) != (by.agency_id, record.pk):
            raise ReferralRefused(_("This form was used for another referral. Open a new one."))
        return known
    _warn_of_closed(programme, although_closed, at)
    referral = Referral.objects.create(
        id=key or uuid7(), record=record, agency_id=by.agency_id, owner_id=by.user_id, owner_name=by.name,
        programme_case_id=programme_case_id, target=target, programme=programme, need=need, service=service, priority=priority,
        note=note, do_not_contact=do_not_contact, state=DRAFT, created_at=at,
    )  # fmt: skip
    tell(by=by, referral=referral, what="request_draft", at=at)
    return _go_or_ask(by, referral, asked, at)


@transaction.atomic
def reroute(
    *,
    by: Actor,
    referral_id: UUID,
    target: Agency,
    at: dt.datetime,
    programme: str = "",
    asked: str = ONLINE,
    although_closed: bool = False,
) -> Referral:
    """Send a referral that ended without help to another place: a new task; the old one is kept.

    Raises ReferralRefused, ProgrammeShut as `send` does.
    """
    referral = locked_referral(referral_id)
    _refuse_sender(by, referral.record, target, at)
    _refuse_other_side(by, referral)
    if referral.state != REQUEST_ON_HOLD:
        raise ReferralRefused(_("This referral is still on its way, or closed. Stop it first, or send a new one."))
    _warn_of_closed(programme, although_closed, at)
    referral.target, referral.programme = target, programme
    referral.save(update_fields=["target", "programme"])
    return _go_or_ask(by, referral, asked, at)


@transaction.atomic
def answer_request(*, by: Actor, referral_id: UUID, allow: bool, language: str, at: dt.datetime) -> Referral:
    """The person allows or refuses what a waiting referral needs. by: the citizen. Raises ReferralRefused."""
    referral = locked_referral(referral_id)
    if not by.is_citizen or referral.record.person_id != by.person_id:
        raise ReferralRefused(_("Only the person can answer this."))
    if referral.state != AWAITING_CONSENT:
        raise ReferralRefused(_("This question has been answered. Load the page again."))
    activity = _activity(referral, at)
    if not allow:
        refuse(by=by, record=referral.record, activity=activity, until=at + CONSENT_LASTS, language=language, at=at)
        move_request(by=by, referral=referral, state=REVOKED, at=at, reason="person_declined")
        tell_people(by=by, referral=referral, kind="referral_outcome", at=at, citizen=False)
        return referral
    give(by=by, record=referral.record, activity=activity, until=at + CONSENT_LASTS, language=language, at=at)
    _dispatch(by, referral, activity, at)
    return referral


@transaction.atomic
def send_if_allowed(*, by: Actor, referral_id: UUID, at: dt.datetime) -> bool:
    """Send a referral that waits for the person, once a consent given elsewhere covers it. by: the house's machine.

    False when it still waits (or waits no more).
    """
    referral = locked_referral(referral_id)
    if referral.state != AWAITING_CONSENT:
        return False
    activity = _activity(referral, at)
    if _lacks_consent(referral, activity, at):
        return False
    _dispatch(by, referral, activity, at)
    return True


@transaction.atomic
def take_back(*, by: Actor, referral_id: UUID, reason: str, at: dt.datetime, note: str = "") -> Referral:
    """End the whole ask: unsent deliveries are recalled, receivers told to stop.

    by: the sender's side, or the person. reason: a code of REASONS; "sent_by_mistake" marks it as entered in error (only while
    nobody has accepted). Raises ReferralRefused.
    """
    referral = locked_referral(referral_id)
    live = list(ReferralTask.objects.filter(referral=referral, state__in=LIVE).values_list("pk", flat=True))
    in_error = reason == "sent_by_mistake" and by.is_staff
    if by.is_citizen and referral.record.person_id != by.person_id:
        raise ReferralRefused(_("Only the person can stop this."))
    move_request(by=by, referral=referral, state=REQUEST_IN_ERROR if in_error else REVOKED, at=at, reason=reason, note=note)
    for task_id in live:
        task = locked_task(task_id)
        task.referral = referral
        ends_in_error = in_error and task.accepted_at is None
        stop_task(by=by, task=task, at=at, reason=reason, note=note, state=IN_ERROR if ends_in_error else CANCELLED)
    tell_people(by=by, referral=referral, kind="referral_outcome", at=at)
    return referral


@transaction.atomic
def say_if_helped(*, by: Actor, task_id: UUID, helped: str, at: dt.datetime, words: str = "") -> ReferralAnswer:
    """The person says whether they got help: yes | partly | no. Kept apart from the receiver's outcome. Raises ReferralRefused."""
    task = ReferralTask.objects.select_related("referral__record__person").get(pk=task_id)
    if not by.is_citizen or task.referral.record.person_id != by.person_id:
        raise ReferralRefused(_("Only the person can answer this."))
    answer = ReferralAnswer.objects.create(
        task=task, record_id=task.record_id, requester_id=task.requester_id, helped=helped, words=words, at=at
    )
    tell(by=by, referral=task.referral, task=task, what=f"helped_{helped}", at=at)
    return answer


# --- Steps ---------------------------------------------------------------------------------------------------------


def _refuse_sender(by: Actor, record: CaseRecord, target: Agency, at: dt.datetime) -> None:
    if not may_send_referral(by, record, at):
        raise ReferralRefused(
            _("You can refer a person when your agency works on their case, or while they are at your counter.")
        )
    if target.pk == by.agency_id:
        raise ReferralRefused(_("Choose another agency. Inside your own agency, give the case to a colleague."))


def _warn_of_closed(programme: str, although_closed: bool, at: dt.datetime) -> None:
    """The sender must know that a programme takes no applications. A referral is no application, so it may still be sent."""
    if although_closed or not programme:
        return
    for door in doors([programme], timezone.localdate(at), is_counter=True):
        if not door.opening.is_open:
            raise ProgrammeShut(
                _("%(programme)s takes no applications now. %(why)s Choose another place, or send it although it is closed.")
                % {"programme": door.name, "why": door.opening.sentence}
            )


def _refuse_other_side(by: Actor, referral: Referral) -> None:
    if "send_referrals" not in sides_of(by, requester_id=referral.agency_id, target_id=referral.target_id):
        raise ReferralRefused(_("Only the agency that sent this referral can change it."))


def _lacks_consent(referral: Referral, activity: ProcessingActivity, at: dt.datetime) -> bool:
    """True when the receiver may read only with the person's word and does not have it. Asked as the receiver: the
    sender's staff do not see what the person has allowed to others."""
    if activity.release_gate not in ("consent", "explicit_request"):
        return False
    with acting_as(_receiver(referral)):
        return live_consent(referral.record, activity, at) is None


def _receiver(referral: Referral) -> Actor:
    return Actor.machine("delivery", agency_id=referral.target_id, record_id=referral.record_id)


def _activity(referral: Referral, at: dt.datetime) -> ProcessingActivity:
    activity = activity_for(
        agency_id=referral.target_id, purpose="referral", programme=referral.programme, on=timezone.localdate(at)
    )
    if activity is None:
        raise ReferralRefused(
            _("%(agency)s has not said what it does with referrals, so nothing can be sent to it. Call them instead.")
            % {"agency": referral.target.name}
        )
    return activity


def _go_or_ask(by: Actor, referral: Referral, asked: str, at: dt.datetime) -> Referral:
    activity = _activity(referral, at)
    if _lacks_consent(referral, activity, at):
        if asked != SPOKEN:
            move_request(by=by, referral=referral, state=AWAITING_CONSENT, at=at)
            tell_people(by=by, referral=referral, kind="referral_question", at=at, owner=False)
            return referral
        give(
            by=by, record=referral.record, activity=activity, until=at + CONSENT_LASTS,
            language=referral.record.person.preferred_language, at=at, method="spoken", witness_id=by.user_id,
        )  # fmt: skip
    _dispatch(by, referral, activity, at)
    return referral


def _receiver_decision(referral: Referral, activity: ProcessingActivity, at: dt.datetime) -> Decision:
    """What the gate would let the receiver read once it has accepted."""
    return decide(
        by=_receiver(referral), record=referral.record, purpose="referral", concepts=activity.concepts, now=at,
        programme=referral.programme, as_if="referral",
    )  # fmt: skip


def _dispatch(by: Actor, referral: Referral, activity: ProcessingActivity, at: dt.datetime) -> ReferralTask:
    """The gate for the receiver; then manifest, task and outbox row in this transaction."""
    decision = _receiver_decision(referral, activity, at)
    if decision.is_denied:
        raise ReferralRefused(
            _("Nothing was sent to %(agency)s. %(why)s") % {"agency": referral.target.name, "why": decision.sentence}
        )
    if ReferralTask.objects.filter(referral=referral, target=referral.target, state__in=LIVE).exists():
        raise ReferralRefused(_("This referral is with %(agency)s already.") % {"agency": referral.target.name})
    days = ANSWER_DAYS.get(referral.priority, ROUTINE_ANSWER_DAYS)
    task = ReferralTask.objects.create(
        referral=referral, record_id=referral.record_id, requester_id=referral.agency_id, target=referral.target,
        programme=referral.programme, created_at=at, permission_seen_at=at,
        due_on=add_working_days(timezone.localdate(at), days, referral.target.subdivision),
    )  # fmt: skip
    manifest = DisclosureManifest(
        task=task, record_id=referral.record_id, target_id=referral.target_id, requester_id=referral.agency_id,
        activity_id=activity.pk, consent_id=decision.consent_id, triage=sorted(decision.released & set(activity.triage_concepts)),
        agreed=sorted(decision.released), record_version=referral.record.version, fixed_at=at,
    )  # fmt: skip
    manifest.sha256 = digest(manifest.terms())
    manifest.save(force_insert=True)
    put_out(task=task, message=ReferralDelivery.REQUEST, at=at)
    move_request(by=by, referral=referral, state=ACTIVE, at=at)
    tell(by=by, referral=referral, task=task, what="requested", at=at)
    tell_people(by=by, referral=referral, kind="referral_sent", at=at)
    return task
