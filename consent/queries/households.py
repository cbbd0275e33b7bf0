"""Who belongs to a record's household on a day, and their names and ways to be reached."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet

from consent.models import CaseRecord, HouseholdMembership

_PERSON = ("person_id", "role", "position")


def people_of(record: CaseRecord, day: dt.date) -> list[dict[str, Any]]:
    """[{"id", "role", "position"}] of the household on `day`, the applicant first."""
    return [_person(row) for row in _members(record, day).values(*_PERSON)]


def household_of(
    record: CaseRecord, day: dt.date, released: Collection[str]
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """The people as `people_of` gives them, and {person id: {"name", "contact", "language", "interpreter_needed", "needs"}}.

    Called by `actions.release` alone; `released` holds the identity.* codes the gate allowed, and only what they open is read.
    Contact: {kind: {"value", "safe"}}. One statement.
    """
    rows, wanted = _members(record, day), [*_PERSON]
    if "identity.name" in released:
        is_current = Q(person__names__kind="official", person__names__valid_to=None)
        rows = rows.annotate(official=FilteredRelation("person__names", condition=is_current))
        wanted.append("official__full")
    if "identity.contact" in released:
        rows = rows.annotate(point=FilteredRelation("person__contact_points", condition=Q(person__contact_points__valid_to=None)))
        wanted += ["point__kind", "point__value", "point__safe"]
    if "identity.language_and_needs" in released:
        wanted += ["person__preferred_language", "person__interpreter_needed", "person__needs"]
    people: dict[str, dict[str, Any]] = {}
    identity: dict[str, dict[str, Any]] = {}
    for row in rows.values(*wanted):  # one row for each way to reach a person
        person = _person(row)
        people.setdefault(person["id"], person)
        if known := _identity(row):
            told = identity.setdefault(person["id"], {})
            contact = told.get("contact", {}) | known.get("contact", {})
            told |= known | ({"contact": contact} if contact else {})
    return list(people.values()), identity


def _members(record: CaseRecord, day: dt.date) -> QuerySet[HouseholdMembership]:
    return HouseholdMembership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=day), household_id=record.household_id, starts_on__lte=day
    ).order_by("position", "id")


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": str(row["person_id"]), "role": row["role"], "position": row["position"]}


def _identity(row: Mapping[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = {}
    if row.get("official__full"):
        known["name"] = row["official__full"]
    if row.get("point__kind"):
        known["contact"] = {row["point__kind"]: {"value": row["point__value"], "safe": row["point__safe"]}}
    if "person__needs" in row:
        known["language"] = row["person__preferred_language"]
        known["interpreter_needed"], known["needs"] = row["person__interpreter_needed"], row["person__needs"]
    return known
