"""Opening a case record, and linking it to an account."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.actions.involvements import begin
from consent.models import CaseRecord, Household, HouseholdMembership, Person, RecordSnapshot, TypedFacts
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from portal.kit.identity import uuid7
from portal.kit.whole import whole
from portal.roles import powers_of


@whole()
def open_record(*, by: Actor, at: dt.datetime, language: str = "en") -> CaseRecord:
    """Open a record for a person with an empty household of one.

    by: the citizen (with or without an account), or staff with the power help_at_counter, whose counter involvement
    begins with it. Raises Refused for anybody else, and when the citizen has a record already.
    """
    if (by.is_staff and "help_at_counter" not in powers_of(by.role)) or by.is_machine:
        raise Refused(_("Your role may not open a record."))
    if by.is_citizen and by.person_id is not None:
        raise Refused(_("You have a record already."))
    person_id = uuid7()
    opener = by if by.is_staff else Actor.citizen(person_id=person_id, user_id=by.user_id)
    with acting_as(opener):
        person = Person.objects.create(
            id=person_id, user_id=None if by.is_staff else by.user_id, preferred_language=language, created_at=at
        )
        household = Household.objects.create(created_at=at)
        record = CaseRecord.objects.create(person=person, household=household, created_at=at, changed_at=at)
        if by.is_staff:
            assert by.agency_id is not None  # staff always act for an agency
            begin(
                by=by,
                record=record,
                agency_id=by.agency_id,
                kind="counter",
                at=at,
                user_id=by.user_id,
                source=f"counter:{by.user_id}",
            )
        RecordSnapshot.objects.create(record=record)
        TypedFacts.objects.create(record=record, version=0)
        HouseholdMembership.objects.create(household=household, person=person, role="applicant", starts_on=timezone.localdate(at))
    return record


@transaction.atomic
def claim(*, by: Actor, user_id: UUID) -> bool:
    """Link the person of this session to the account that just signed in; False when the account has a person already.

    by: the citizen whose session holds the record.
    """
    if by.person_id is None:
        return False
    with acting_as(Actor.citizen(person_id=by.person_id, user_id=user_id)):
        if Person.objects.filter(user_id=user_id).exists():
            return False
        return bool(Person.objects.filter(pk=by.person_id, user=None).update(user_id=user_id))
