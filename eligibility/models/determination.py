"""Determinations: what a version of a rule said about a version of a record on a day, with everything needed to say it again."""

from django.db import models
from django.db.models import Q

from portal.kit.identity import uuid7

OUTCOMES = ("likely", "not_likely", "unknown")


class DeterminationQuerySet(models.QuerySet):
    def newest_last(self):
        """In the order in which a record was looked at by one version of a rule; clocks of different machines do not count."""
        return self.order_by("record_version", "number")


class Determination(models.Model):
    """A guide for one programme (CCCEV: a requirement assessed on evidence). Never a decision, never changed (trigger).

    number: counts what the programme's rule, in whichever version, said about this version of the record; it is only kept where
    something in it is new, and of each version of the rule the highest holds.
    amount: minor units (pence) per `amount_per`; amount_least and amount_most while facts are missing. missing: fact keys, the one
    that settles most first. explanation: the engine's assessment with every criterion. inputs: {"household": …, "people": …,
    "programmes": …}, the facts and the other programmes' results the rule saw. changes_on: first later day on which the
    same facts may give another result; None when no such day is known.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.CASCADE, related_name="determinations")
    record_version = models.PositiveIntegerField()
    programme_version = models.ForeignKey("eligibility.ProgrammeVersion", on_delete=models.PROTECT, related_name="determinations")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="determinations")
    on = models.DateField()
    outcome = models.CharField(max_length=10, choices=[(outcome, outcome) for outcome in OUTCOMES])
    amount = models.BigIntegerField(null=True, blank=True)
    amount_least = models.BigIntegerField(null=True, blank=True)
    amount_most = models.BigIntegerField(null=True, blank=True)
    amount_per = models.CharField(max_length=10, blank=True)
    currency = models.CharField(max_length=3, default="GBP")
    missing = models.JSONField(default=list)
    explanation = models.JSONField()
    inputs = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64)
    changes_on = models.DateField(null=True, blank=True)
    number = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()

    objects = DeterminationQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "programme_version"]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "record_version", "programme_version", "number"], name="determination_once"
            ),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="determination_outcome"),
            models.CheckConstraint(condition=Q(amount=None) | ~Q(amount_per=""), name="determination_amount_has_period"),
        ]
        indexes = [models.Index(fields=["programme_version", "outcome"], name="determination_of_version")]

    def __str__(self) -> str:
        return f"{self.programme_version_id} {self.outcome}"


class Screening(models.Model):
    """How far a record is screened: the sweep finds in it what the broker lost, what a publication made old, and what a date changed.

    rules: digest of the versions in force when it ran. next_on: first day on which some result may change by itself.
    refused: why the gate let nothing out; the record is then left alone until it or the rules change.
    """

    record = models.OneToOneField("consent.CaseRecord", on_delete=models.CASCADE, primary_key=True, related_name="screening")
    record_version = models.PositiveIntegerField()
    rules = models.CharField(max_length=64)
    on = models.DateField()
    next_on = models.DateField(null=True, blank=True)
    refused = models.CharField(max_length=300, blank=True)
    screened_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["rules", "next_on"], name="screening_due")]

    def __str__(self) -> str:
        return f"{self.record_id} v{self.record_version}"
