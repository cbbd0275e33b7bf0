"""Members of the household, names, ways to reach people."""

import datetime as dt
from collections.abc import Mapping
from contextlib import nullcontext
from uuid import UUID

from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.actions.facts import Held, holding, stamp_of
from consent.models import CaseRecord, ContactPoint, HouseholdMembership, Person, PersonName
from consent.permissions import may_write_facts
from consent.queries.households import people_of
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.identity import uuid7
from portal.kit.whole import whole


@whole()
def add_members(
    *, by: Actor, record: CaseRecord, members: Mapping[UUID, str], at: dt.datetime, held: Held | None = None
) -> list[Person]:
    """Add people to the household from the day of `at`, in one change set. Raises Refused.

    members: {id for the new person: partner | child | other_adult}, in the order in which they are shown. held: where the
    caller holds the record already.
    """
    _require_writer(by, record, at)
    if not members:
        return []
    with nullcontext(held) if held else holding(record, at) as held:
        memberships = HouseholdMembership.objects.filter(household_id=record.household_id)
        is_partner = Q(role="partner", ends_on=None)
        there = memberships.aggregate(last=Max("position", default=0), partners=Count("pk", filter=is_partner))
        partners = list(members.values()).count("partner")
        if partners and there["partners"] + partners > 1:
            raise Refused(_("There is a partner in this household already."))
        language = record.person.preferred_language
        people = Person.objects.bulk_create(Person(id=pk, preferred_language=language, created_at=at) for pk in members)
        rows = HouseholdMembership.objects.bulk_create(
            HouseholdMembership(
                household_id=record.household_id,
                person=person,
                role=members[person.pk],
                starts_on=timezone.localdate(at),
                position=place,
            )
            for place, person in enumerate(people, start=there["last"] + 1)
        )
        held.people += [{"id": str(row.person_id), "role": row.role, "position": row.position} for row in rows]
        _tell_roles(by, held, members, at)
    return people


def add_member(*, by: Actor, record: CaseRecord, role: str, at: dt.datetime, person_id: UUID | None = None) -> Person:
    """Add a person to the household from the day of `at`. role: partner | child | other_adult. Raises Refused."""
    return add_members(by=by, record=record, members={person_id or uuid7(): role}, at=at)[0]


@whole()
def change_member_role(*, by: Actor, record: CaseRecord, person_id: UUID, role: str, at: dt.datetime) -> None:
    """Correct the role of somebody in the household (a mistake, not a change in life). Raises Refused."""
    _require_writer(by, record, at)
    with holding(record, at) as held:
        if _others(record, person_id).exclude(role=role).update(role=role):
            held.people = people_of(record, timezone.localdate(at))
            _tell_roles(by, held, {person_id: role}, at)


@whole()
def end_member(*, by: Actor, record: CaseRecord, person_id: UUID, at: dt.datetime) -> None:
    """The person left the household on the day of `at`. The applicant cannot leave. Raises Refused."""
    _require_writer(by, record, at)
    with holding(record, at) as held:
        if _others(record, person_id).update(ends_on=timezone.localdate(at)):
            held.people = people_of(record, timezone.localdate(at))
            _tell_roles(by, held, {person_id: None}, at)


def set_name(
    *, by: Actor, record: CaseRecord, person_id: UUID, full: str, at: dt.datetime, given: str = "", family: str = ""
) -> PersonName:
    """Set the official name of one person: see `set_names`. full: 1 to 300 characters. Raises Refused."""
    return set_names(by=by, record=record, names={person_id: {"full": full, "given": given, "family": family}}, at=at)[person_id]


@whole()
def set_names(
    *, by: Actor, record: CaseRecord, names: Mapping[UUID, Mapping[str, str]], at: dt.datetime
) -> dict[UUID, PersonName]:
    """Set official names; a former one ends, it is not overwritten. Raises Refused.

    names: {person id: {"full", "given", "family"}}, the last two may be absent.
    """
    _require_writer(by, record, at)
    today = timezone.localdate(at)
    wanted = {
        person_id: PersonName(
            person_id=person_id, kind="official", full=name["full"], given=name.get("given", ""),
            family=name.get("family", ""), valid_from=today,
        )
        for person_id, name in names.items()
    }  # fmt: skip
    current = {name.person_id: name for name in PersonName.objects.filter(person_id__in=wanted, kind="official", valid_to=None)}
    kept = {person_id: name for person_id, name in current.items() if _says(name) == _says(wanted[person_id])}
    former = [name.pk for person_id, name in current.items() if person_id not in kept]
    if former:
        PersonName.objects.filter(pk__in=former).update(valid_to=today)
    PersonName.objects.bulk_create(name for person_id, name in wanted.items() if person_id not in kept)
    return wanted | kept


def _says(name: PersonName) -> tuple[str, str, str]:
    return name.full, name.given, name.family


@whole()
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


@whole()
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


def _tell_roles(by: Actor, held: Held, roles: Mapping[UUID, str | None], at: dt.datetime) -> None:
    """A change of the household is a change set like any other, so that history, projection and screening follow it.

    roles: {person id: role, None for somebody who left}.
    """
    source = "counter" if by.is_staff else "self"
    stamp = stamp_of(by, source, "screening", at)
    changed = {
        f"{person_id}.role": {"gone": True} if role is None else {"value": role, "provenance": stamp}
        for person_id, role in roles.items()
    }
    held.change(by=by, changed=changed, source=source, collected_under="screening", at=at)


def _require_writer(by: Actor, record: CaseRecord, at: dt.datetime) -> None:
    if not may_write_facts(by, record, at):
        raise Refused(_("You may not change this record."))
