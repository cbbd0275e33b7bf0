"""Applying: one press makes one case per programme, with the consents given or refused at that moment."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casework import clocks, permissions
from casework.actions import grants
from casework.actions.cases import record_event
from casework.announcements import CaseOpened
from casework.models import Application, CoordinationCase, ProgrammeCase
from casework.models.case import OPEN
from casework.queries.offers import Offer, doors, latest_determination, offers, office_for, team_for
from consent.actions import consents, involvements, people
from consent.models import CaseRecord, ProcessingActivity
from consent.queries.activities import activity_for
from portal.actions.notifications import notify
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce
from portal.kit.identity import uuid7

ALLOW, DO_NOT_ALLOW = "allow", "refuse"
CHOICE_GATES = ("consent", "explicit_request")
CONSENT_DAYS = 365


class NotOffered(Exception):
    """None of the programmes asked for can be applied for today. sentences: for each that is known, why not and when again."""

    def __init__(self, sentences: Sequence[str] = ()):
        super().__init__(" ".join(sentences) or _("These programmes take no applications today."))
        self.sentences = tuple(sentences)


class Unanswered(Exception):
    """A consent question was left without an answer. `programme`: its code."""

    def __init__(self, programme: str):
        super().__init__(_("Select whether you allow it"))
        self.programme = programme


class OtherApplication(Exception):
    """The key was used for something else before."""


def consent_until(at: dt.datetime) -> dt.datetime:
    """Until when a consent given with an application lasts."""
    return at + dt.timedelta(days=CONSENT_DAYS)


def asked_of(offer: Offer, on: dt.date) -> ProcessingActivity | None:
    """The activity under which the programme's agency decides, or None when it has none in force."""
    return activity_for(agency_id=offer.agency.pk, purpose="determination", programme=offer.code, on=on)


@transaction.atomic
def send(
    *,
    by: Actor,
    record: CaseRecord,
    key: UUID,
    programmes: Sequence[str],
    answers: Mapping[str, str],
    language: str,
    at: dt.datetime,
    method: str = "screen",
    name: str = "",
    contacts: Mapping[str, str] | None = None,
    safe: str = "unknown",
) -> Application:
    """Apply for `programmes` (codes). The same key again returns the same application.

    name, contacts ({"phone"|"email"|"address": value}), safe: set with the application where the record lacked them.

    by: the person, or an officer while the person is at their counter (method spoken or paper). answers: {programme code:
    "allow" | "refuse"} for each programme whose agency may look only with consent or on request; a refusal never stops an
    application. A programme with an open case is left as it is, and so is one that takes no applications here today (closed,
    paused, not on this site): the others are sent, and it stays named in the application. Raises Refused, NotOffered, Unanswered, OtherApplication.
    """
    if not permissions.may_apply(by, record, at):
        raise Refused(_("Only the person can apply, or an officer with the person in front of them."))
    frame, _made = CoordinationCase.objects.get_or_create(
        record=record, defaults={"person_id": record.person_id, "opened_at": at}
    )
    CoordinationCase.objects.select_for_update().get(pk=frame.pk)  # one application of a record at a time
    wanted = list(dict.fromkeys(programmes))
    if (before := Application.objects.filter(key=key).first()) is not None:
        if before.record_id != record.pk or before.programmes != wanted:
            raise OtherApplication(_("This form was sent before with other programmes. Begin again from your results."))
        return before
    today = timezone.localdate(at)
    shut = {door.code: door for door in doors(wanted, today, is_counter=by.is_staff, language=language) if door.is_shut}
    offered = [offer for offer in offers(wanted, today, language) if offer.code not in shut]
    if not offered:
        raise NotOffered([door.sentence for door in shut.values()])
    _introduce(record, name, contacts or {}, safe, by=by, at=at)
    application = Application.objects.create(
        key=key, record=record, person_id=record.person_id, programmes=wanted, language=language, method=method,
        by_user_id=by.user_id, by_name=by.name, by_agency_id=by.agency_id, sent_at=at,
    )  # fmt: skip
    running = set(
        ProgrammeCase.objects.filter(record=record, programme__in=wanted, state__in=OPEN).values_list("programme", flat=True)
    )
    for offer in offered:
        if offer.code not in running:
            _open(offer, application, frame, record, answers.get(offer.code, ""), by=by, at=at)
    return application


def _introduce(record: CaseRecord, name: str, contacts: Mapping[str, str], safe: str, *, by: Actor, at: dt.datetime) -> None:
    if name:
        people.set_name(by=by, record=record, person_id=record.person_id, full=name, at=at)
    for kind, value in contacts.items():
        people.set_contact(by=by, record=record, person_id=record.person_id, kind=kind, value=value, safe=safe, at=at)


def _open(
    offer: Offer,
    application: Application,
    frame: CoordinationCase,
    record: CaseRecord,
    answer: str,
    *,
    by: Actor,
    at: dt.datetime,
) -> ProgrammeCase:
    today = timezone.localdate(at)
    team = team_for(offer.agency.pk, offer.code)
    determination = latest_determination(record.pk, offer.version_id)
    case_id = uuid7()
    involvements.begin(
        by=by, record=record, agency_id=offer.agency.pk, kind="application", programme=offer.code,
        source=f"case:{case_id}", at=at,
    )  # fmt: skip
    case = ProgrammeCase.objects.create(
        id=case_id,
        coordination=frame,
        application=application,
        record=record,
        person_id=record.person_id,
        agency=offer.agency,
        programme=offer.code,
        programme_version_id=offer.version_id,
        determination_id=determination.pk if determination else None,
        received_on=today,
        clock_from=today,
        standard_days=offer.standard_days,
        due_on=clocks.due_day(today, offer.standard_days, 0, offer.agency.subdivision),
        team=team,
        office=office_for(offer.agency.pk, team),
        created_at=at,
        changed_at=at,
        changed_by_name=by.name,
    )
    grants.keep(case)
    record_event(case, by=by, at=at, came_from="")
    _settle_consent(offer, record, answer, application, by=by, at=at)
    announce(CaseOpened(case_id=case.pk, record_id=record.pk, agency_id=offer.agency.pk))
    if record.person.user_id is not None:
        notify(
            by=by, user_id=record.person.user_id, kind="application_received", at=at,
            path=reverse("casework:my_case", args=[case.pk]),
            parameters={"agency": offer.agency.name, "reference": case.reference},
        )  # fmt: skip
    return case


def _settle_consent(
    offer: Offer, record: CaseRecord, answer: str, application: Application, *, by: Actor, at: dt.datetime
) -> None:
    activity = asked_of(offer, timezone.localdate(at))
    if activity is None or activity.release_gate not in CHOICE_GATES:
        return
    if answer not in (ALLOW, DO_NOT_ALLOW):
        raise Unanswered(offer.code)
    settle = consents.give if answer == ALLOW else consents.refuse
    settle(
        by=by, record=record, activity=activity, until=consent_until(at), language=application.language, at=at,
        method=application.method, witness_id=by.user_id if by.is_staff else None,
    )  # fmt: skip
