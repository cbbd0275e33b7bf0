"""Persons as partners' systems name them: by that agency's own pseudonym."""

from uuid import UUID

from django.db import connection

from consent.models import CaseRecord, SectorIdentifier


def record_id_of(pseudonym: str) -> UUID | None:
    """The record of the acting agency's pseudonym, while the agency is involved with the person; else None."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT casework_record_of_pseudonym(%s)", [pseudonym])
        return cursor.fetchone()[0]


def pseudonym_of(record_id: UUID, *, agency_id: UUID) -> str:
    """The agency's pseudonym for the record's person; made when the referral was delivered."""
    person_id = CaseRecord.objects.values_list("person_id", flat=True).get(pk=record_id)
    return SectorIdentifier.objects.values_list("value", flat=True).get(agency_id=agency_id, person_id=person_id)
