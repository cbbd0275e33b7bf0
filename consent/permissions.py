"""Who may do what to a record. Reading facts is the gate's business; these guard writing and organising."""

import datetime as dt

from consent.models import CaseRecord, Involvement
from portal.kit.actor import Actor
from portal.roles import powers_of


def may_write_facts(by: Actor, record: CaseRecord, now: dt.datetime) -> bool:
    """The person themself; staff whose agency is involved with the record now; a machine made for this record."""
    if by.is_citizen:
        return by.person_id == record.person_id
    if by.is_machine:
        return by.record_id == record.pk
    return (
        by.is_staff
        and bool(powers_of(by.role) & {"help_at_counter", "work_cases"})
        and Involvement.objects.in_force(now).filter(record=record, agency_id=by.agency_id).exists()
    )


def may_consent_for(by: Actor, record: CaseRecord, now: dt.datetime) -> bool:
    """The person themself, or an officer as witness while the person is at their counter."""
    if by.is_citizen:
        return by.person_id == record.person_id
    return (
        by.is_staff
        and "help_at_counter" in powers_of(by.role)
        and Involvement.objects.in_force(now)
        .filter(record=record, agency_id=by.agency_id, kind="counter", user_id=by.user_id)
        .exists()
    )
