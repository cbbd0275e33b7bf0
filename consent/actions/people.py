"""Members of the household, names, ways to reach people."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.actions.facts import commit_changes, stamp_of
from consent.models import CaseRecord, ContactPoint, HouseholdMembership, Person, PersonName
from consent.permissions import may_write_facts
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.identity import uuid7


@transaction.atomic
def add_members(*, by: Actor, record: CaseRecord, members: Mapping[UUID, str], at: dt.datetime) -> list[Person]:
    """Add people to the household from the day of `at`, in one change set. Raises Refused.

    members: {id for the new person: partner | child | other_adult}, in the order in which they are shown.
    """
    _require_writer(by, record, at)
    if not members:
        return []
    locked = _lock(record)
    memberships = HouseholdMembership.objects.filter(household_id=record.household_id)
    partners = list(members.values()).count("partner")
    if partners > 1 or (partners and memberships.filter(role="partner", ends_on=None).exists()):
        raise Refused(_("There is a partner in this household already."))
    language = record.person.preferred_language
    people = Person.objects.bulk_create(Person(id=pk, preferred_language=language, created_at=at) for pk in members)
    last = memberships.aggregate(last=Max("position"))["last"] or 0
    HouseholdMembership.objects.bulk_create(
        HouseholdMembership(
            household_id=record.household_id,
            person=person,
            role=members[person.pk],
            starts_on=timezone.localdate(at),
            position=place,
        )
        for place, person in enumerate(people, start=last + 1)
    )
    _tell_roles(by, record, locked, members, at)
    return people


def add_member(*, by: Actor, record: CaseRecord, role: str, at: dt.datetime, person_id: UUID | None = None) -> Person:
    """Add a person to the household from the day of `at`. role: partner | child | other_adult. Raises Refused."""
    return add_members(by=by, record=record, members={person_id or uuid7(): role}, at=at)[0]


@transaction.atomic
def change_member_role(*, by: Actor, record: CaseRecord, person_id: UUID, role: str, at: dt.datetime) -> None:
    """Correct the role of somebody in the household (a mistake, not a change in life). Raises Refused."""
    _require_writer(by, record, at)
    locked = _lock(record)
    changed = _others(record, person_id).exclude(role=role).update(role=role)
    if changed:
        _tell_roles(by, record, locked, {person_id: role}, at)


@transaction.atomic
def end_member(*, by: Actor, record: CaseRecord, person_id: UUID, at: dt.datetime) -> None:
    """The person left the household on the day of `at`. The applicant cannot leave. Raises Refused."""
    _require_writer(by, record, at)
    locked = _lock(record)
    if _others(record, person_id).update(ends_on=timezone.localdate(at)):
        _tell_roles(by, record, locked, {person_id: None}, at)


@transaction.atomic
def set_name(
    *, by: Actor, record: CaseRecord, person_id: UUID, full: str, at: dt.datetime, given: str = "", family: str = ""
) -> PersonName:
    """Set the official name; a former one ends, it is not overwritten. full: 1 to 300 characters. Raises Refused."""
    _require_writer(by, record, at)
    current = PersonName.objects.filter(person_id=person_id, kind="official", valid_to=None).first()
    if current is not None and (current.full, current.given, current.family) == (full, given, family):
        return current
    if current is not None:
        current.valid_to = timezone.localdate(at)
        current.save(update_fields=["valid_to"])
    return PersonName.objects.create(
        person_id=person_id, kind="official", full=full, given=given, family=family, valid_from=timezone.localdate(at)
    )


@transaction.atomic
def set_contact(
    *,
    by: Actor,
    record: CaseRecord,
    person_id: UUID,
    kind: str,
    value: str,
    at: dt.datetime,
    safe: str = "unknown",
    voicemail_ok: bool = False,
) -> ContactPoint | None:
    """Set the current phone, e-mail or address; empty `value` ends the current one. Raises Refused."""
    _require_writer(by, record, at)
    current = ContactPoint.objects.filter(person_id=person_id, kind=kind, valid_to=None).first()
    if current is not None and (current.value, current.safe, current.voicemail_ok) == (value, safe, voicemail_ok):
        return current
    if current is not None:
        current.valid_to = timezone.localdate(at)
        current.save(update_fields=["valid_to"])
    if not value:
        return None
    return ContactPoint.objects.create(person_id=person_id, kind=kind, value=value, safe=safe, voicemail_ok=voicemail_ok)


@transaction.atomic
def set_language_and_needs(
    *, by: Actor, record: CaseRecord, language: str, interpreter_needed: bool, needs: str, at: dt.datetime
) -> None:
    """Set the applicant's language and what helps them talk with us. Raises Refused."""
    _require_writer(by, record, at)
    Person.objects.filter(pk=record.person_id).update(
        preferred_language=language, interpreter_needed=interpreter_needed, needs=needs
    )


def _others(record: CaseRecord, person_id: UUID):
    """The current membership of somebody who is not the applicant."""
    return HouseholdMembership.objects.filter(household_id=record.household_id, person_id=person_id, ends_on=None).exclude(
        role="applicant"
    )


def _lock(record: CaseRecord) -> CaseRecord:
    return CaseRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)


def _tell_roles(by: Actor, record: CaseRecord, locked: CaseRecord, roles: Mapping[UUID, str | None], at: dt.datetime) -> None:
    """A change of the household is a change set like any other, so that history, projection and screening follow it.

    roles: {person id: role, None for somebody who left}.
    """
    source = "counter" if by.is_staff else "self"
    stamp = stamp_of(by, source, "screening", at)
    commit_changes(
        by=by,
        record=record,
        locked=locked,
        changed={
            f"{person_id}.role": {"gone": True} if role is None else {"value": role, "provenance": stamp}
            for person_id, role in roles.items()
        },
        source=source,
        collected_under="screening",
        at=at,
    )


def _require_writer(by: Actor, record: CaseRecord, at: dt.datetime) -> None:
    if not may_write_facts(by, record, at):
        raise Refused(_("You may not change this record."))
