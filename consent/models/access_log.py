"""The access log: one row per decision about facts, written before anything is released, denials too. Append-only.

No foreign keys: the log outlives what it speaks of. It holds fact codes, never values (Estonian data tracker; domain.md 4).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7


class AccessLog(models.Model):
    """Who asked for which facts of whom, for what, under which basis, and what was decided."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    record_id = models.UUIDField()
    actor_kind = models.CharField(max_length=10)
    actor_user_id = models.UUIDField(null=True, blank=True)
    actor_name = models.CharField(max_length=200, blank=True)
    actor_role = models.CharField(max_length=30, blank=True)
    agency_id = models.UUIDField(null=True, blank=True)
    agency_name = models.CharField(max_length=200, blank=True)
    programme = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=20)
    operation = models.CharField(max_length=10, default="view")
    activity_id = models.UUIDField(null=True, blank=True)
    legal_basis = models.CharField(max_length=5, blank=True)
    legal_reference = models.CharField(max_length=300, blank=True)
    gate = models.CharField(max_length=20, blank=True)
    consent_id = models.UUIDField(null=True, blank=True)
    concepts_asked = models.JSONField(default=list)
    concepts_released = models.JSONField(default=list)
    outcome = models.CharField(
        max_length=8, choices=[("allow", _("Shown")), ("partial", _("Partly shown")), ("deny", _("Refused"))]
    )
    reason = models.CharField(max_length=40, blank=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["record_id", "-at", "-id"], name="access_log_of_record"),
            models.Index(fields=["agency_id", "-at", "-id"], name="access_log_of_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.agency_name} {self.outcome}"
