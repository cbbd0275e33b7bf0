"""Facts. A fact is never updated, only superseded: each change set is one event; the snapshot is the fold of all events.

Storage (engineering.md section 5): `RecordSnapshot` holds two parallel documents, values and provenance, keyed
``household.<name>`` or ``<person id>.<name>``; `FactEvent` is append-only; `TypedFacts` is the projection that rules
over the whole caseload read, and holds no name and no identifier of a person.
"""

from django.db import models
from django.db.models import Q

from portal.kit.identity import uuid7

# Where a fact comes from, and how far it was checked.
SOURCES = ("self", "counter", "agency", "evidence", "derived")
VERIFICATIONS = ("unverified", "verified", "disputed", "rejected")


class RecordSnapshot(models.Model):
    """The current facts of a record: `values` {key: value} and `provenance` {key: {source, by, at, ...}}.

    A value of JSON null means "does not apply"; a missing key means "not known".
    provenance: source, by (name shown), actor (id), at (ISO moment), collected_under (activity id or purpose),
    verification, valid_from, valid_to, event (id of the FactEvent).
    """

    record = models.OneToOneField("consent.CaseRecord", on_delete=models.CASCADE, primary_key=True, related_name="snapshot")
    version = models.PositiveIntegerField(default=0)
    values = models.JSONField(default=dict)
    provenance = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.record_id} v{self.version}"


class FactEvent(models.Model):
    """One change set: what superseded what, from whom, under which activity. Append-only (trigger)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.CASCADE, related_name="events")
    version = models.PositiveIntegerField()
    changes = models.JSONField(help_text="{key: {'value': ..., 'provenance': {...}}}; 'gone': true takes a key out")
    source = models.CharField(max_length=10)
    by_user_id = models.UUIDField(null=True, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    by_agency_id = models.UUIDField(null=True, blank=True)
    collected_under = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.UniqueConstraint(fields=["record", "version"], name="fact_event_version_once"),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="fact_event_source"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} v{self.version}"


class TypedFacts(models.Model):
    """The facts that rules use, as one document of plain columns per record: `household` row and one row per person.

    Written in the same transaction as the snapshot. Pseudonymous: the record's id and positions, no names.
    household, people: the interchange form of eligibility.md section 2, so that a caseload run needs no translation.
    packed: the same as bytes for reading many records at once (`consent.packing`); empty where they do not fit.
    """

    record = models.OneToOneField("consent.CaseRecord", on_delete=models.CASCADE, primary_key=True, related_name="typed")
    version = models.PositiveIntegerField()
    nation = models.CharField(max_length=20, blank=True, null=True)
    region = models.CharField(max_length=20, blank=True, null=True)
    local_authority = models.CharField(max_length=80, blank=True, null=True)
    tenure = models.CharField(max_length=30, blank=True, null=True)
    people_count = models.PositiveSmallIntegerField(default=1)
    savings_pence = models.BigIntegerField(null=True)
    rent_month_pence = models.BigIntegerField(null=True)
    earnings_year_pence = models.BigIntegerField(null=True, help_text="Applicant and partner together; null when unknown")
    household = models.JSONField(default=dict)
    people = models.JSONField(default=list)
    packed = models.BinaryField(default=bytes)

    class Meta:
        indexes = [models.Index(fields=["nation", "local_authority"], name="typed_facts_area")]

    def __str__(self) -> str:
        return f"{self.record_id} v{self.version}"
