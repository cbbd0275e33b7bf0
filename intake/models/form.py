"""Published forms. A revision never changes: a submission can be read years later with the questions it answered."""

from django.db import models
from django.db.models import Q

from portal.kit.identity import uuid7


class FormRevision(models.Model):
    """One published state of a form. Append-only (trigger)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(max_length=40)
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ["code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="form_revision_number_once"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="form_revision_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.number}"
