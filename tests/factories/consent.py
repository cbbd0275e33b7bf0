"""Records, activities and consents for tests, made through the product's own actions."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from consent.actions.activities import define_activity
from consent.actions.consents import give
from consent.actions.facts import write
from consent.actions.involvements import begin
from consent.actions.records import open_record
from consent.models import CaseRecord, Consent, ProcessingActivity
from portal.kit.actor import Actor, acting_as
from portal.kit.identity import uuid7
from portal.models import Agency

INSTALLER = Actor.machine("installation")
NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
FACTS = ("household.rent", "household.savings", "person.born_on", "person.earnings")


def make_agency(slug: str, kind: str = Agency.STATUTORY, **fields: Any) -> Agency:
    """An agency with its group."""
    group, _made = Group.objects.get_or_create(name=f"agency:{slug}")
    return Agency.objects.create(slug=slug, name=slug.replace("-", " ").title(), kind=kind, group=group, **fields)


def staff_of(agency: Agency, role: str = "caseworker", user_id=None, name: str = "Sam Officer") -> Actor:
    """An actor of the agency (no user row behind it unless `user_id` is one)."""
    return Actor("staff", user_id=user_id or uuid7(), agency_id=agency.pk, role=role, name=name)


def make_record(facts: Mapping[str, Any] | None = None, at: dt.datetime = NOW, user_id=None) -> tuple[CaseRecord, Actor]:
    """A record told by its citizen, and that citizen as actor. facts: "household.rent" or "me.earnings" keys."""
    anonymous = Actor("citizen", user_id=user_id) if user_id else Actor.anonymous()
    record = open_record(by=anonymous, at=at)
    citizen = Actor.citizen(person_id=record.person_id, user_id=user_id)
    if facts:
        with acting_as(citizen):
            write(
                by=citizen,
                record=record,
                changes={key.replace("me.", f"{record.person_id}."): value for key, value in facts.items()},
                source="self",
                collected_under="screening",
                at=at,
            )
    return record, citizen


def make_activity(
    agency: Agency,
    *,
    purpose: str = "determination",
    programme: str = "",
    gate: str = "explicit_request",
    concepts: Iterable[str] = FACTS,
    roles: Iterable[str] = ("caseworker", "decision_maker"),
    starts_on: dt.date = dt.date(2026, 1, 1),
    **fields: Any,
) -> ProcessingActivity:
    """A published activity of the agency under a basis that fits the gate."""
    return define_activity(
        by=INSTALLER,
        agency=agency,
        purpose=purpose,
        programme=programme,
        legal_basis={"consent": "6-1-a", "notice": "6-1-e", "explicit_request": "6-1-e"}[gate],
        legal_reference="" if gate == "consent" else "Example Act 2020 s.1",
        release_gate=gate,
        concepts=list(concepts),
        roles=list(roles),
        text={"en": "decide on your application"},
        starts_on=starts_on,
        **fields,
    )


def allow(citizen: Actor, record: CaseRecord, activity: ProcessingActivity, at: dt.datetime = NOW, days: int = 90) -> Consent:
    """The citizen allows the activity for `days` days."""
    with acting_as(citizen):
        return give(by=citizen, record=record, activity=activity, until=at + dt.timedelta(days=days), language="en", at=at)


def involve(citizen: Actor, record: CaseRecord, agency: Agency, kind: str = "application", at: dt.datetime = NOW, **fields):
    """The agency becomes involved with the record, by the citizen's own step."""
    with acting_as(citizen):
        return begin(by=citizen, record=record, agency_id=agency.pk, kind=kind, at=at, **fields)


def today() -> dt.date:
    """The local day of NOW."""
    return timezone.localdate(NOW)
