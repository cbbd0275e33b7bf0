"""Who belongs to a record's household on a day, and their names and ways to be reached."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q

from consent.models import CaseRecord, ContactPoint, HouseholdMembership, Person, PersonName


def people_of(record: CaseRecord, day: dt.date) -> list[dict[str, Any]]:
    """[{"id", "role", "position"}] of the household on `day`, the applicant first."""
    rows = HouseholdMembership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=day), household_id=record.household_id, starts_on__lte=day
    ).order_by("position", "id")
    return [{"id": str(row.person_id), "role": row.role, "position": row.position} for row in rows]


def identity_of(people: Iterable[dict[str, Any]], released: Collection[str]) -> dict[str, dict[str, Any]]:
    """{person id: {"name", "contact", "language", "interpreter_needed", "needs"}}, only what the codes in `released` open.

    Called by `actions.release` alone; `released` holds identity.* codes the gate allowed. Contact: {kind: {"value", "safe"}}.
    """
    ids = [person["id"] for person in people]
    found: dict[str, dict[str, Any]] = {}
    if not released or not ids:
        return found
    if "identity.name" in released:
        for name in PersonName.objects.filter(person_id__in=ids, kind="official", valid_to=None):
            found.setdefault(str(name.person_id), {})["name"] = name.full
    if "identity.contact" in released:
        for point in ContactPoint.objects.filter(person_id__in=ids, valid_to=None):
            contact = found.setdefault(str(point.person_id), {}).setdefault("contact", {})
            contact[point.kind] = {"value": point.value, "safe": point.safe}
    if "identity.language_and_needs" in released:
        for person in Person.objects.filter(pk__in=ids):
            found.setdefault(str(person.pk), {}).update(
                language=person.preferred_language, interpreter_needed=person.interpreter_needed, needs=person.needs
            )
    return found
