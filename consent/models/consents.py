"""Consents and explicit requests: an immutable record of what was asked and shown, and append-only events of its life."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7

# dpv:ConsentStatus. "given" and "renewed" are effective, until `until`.
STATES = [
    ("requested", _("Asked")),
    ("given", _("Allowed")),
    ("renewed", _("Allowed again")),
    ("refused", _("Not allowed")),
    ("withdrawn", _("You stopped it")),
    ("revoked", _("Stopped by somebody else")),
    ("expired", _("Ended")),
    ("invalidated", _("Never valid")),
]
EFFECTIVE = ("given", "renewed")


class Consent(models.Model):
    """What one person was asked: this agency, these facts, for this, until then (ISO/IEC TS 27560).

    Also holds explicit requests (Reg. 2018/1724 art. 14): the gate is that of the activity. Immutable (trigger) except
    `state`, which mirrors the last event so that the unique index can hold one effective consent per person and activity.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.CASCADE, related_name="consents")
    activity = models.ForeignKey("consent.ProcessingActivity", on_delete=models.PROTECT, related_name="consents")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="consents")
    concepts = models.JSONField()
    until = models.DateTimeField()
    language = models.CharField(max_length=8)
    text_shown = models.JSONField(help_text=_("The sentences the person saw, kept word for word"))
    text_sha256 = models.CharField(max_length=64)
    method = models.CharField(
        max_length=10,
        default="screen",
        choices=[("screen", _("On screen")), ("spoken", _("Spoken, at a counter")), ("paper", _("On paper"))],
    )
    witness_id = models.UUIDField(null=True, blank=True, help_text=_("The officer who was present"))
    state = models.CharField(max_length=12, choices=STATES, default="requested")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "activity"], condition=Q(state__in=EFFECTIVE), name="consent_one_effective"
            ),
        ]
        indexes = [
            models.Index(fields=["agency", "record"], include=["until"], condition=Q(state__in=EFFECTIVE), name="consent_live"),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.state}"


class ConsentEvent(models.Model):
    """One thing that became of a consent. Append-only (trigger), each hash covers the one before."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=STATES)
    at = models.DateTimeField()
    by_user_id = models.UUIDField(null=True, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    by_role = models.CharField(max_length=30)
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["consent", "number"], name="consent_event_number_once")]

    def __str__(self) -> str:
        return f"{self.consent_id} {self.number} {self.state}"
