"""What was asked of the caseload by previews, and when more was allowed. Append-only, without foreign keys: it outlives drafts and accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7


class PreviewAsked(models.Model):
    """Somebody had a rule worked out over the caseload; the same question by the same person on the same day is one row.

    day: the local day it counts for. programme, version: the code and number of one draft of those that were worked out together
    (each has a row). mark: of the rule as a hash (see `queries.preview`), all drafts together; question: of what was asked about it.
    is_changed: whether the rule decides otherwise than the one in force. rules_on: the day whose rules were taken. groups: {dimension:
    option}, split: the dimension of the table, "" for none; codes, never facts of people.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    day = models.DateField()
    user_id = models.UUIDField()
    user_name = models.CharField(max_length=200, blank=True)
    user_role = models.CharField(max_length=30, blank=True)
    agency_id = models.UUIDField()
    programme = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    together = models.PositiveIntegerField(default=1, help_text=_("How many drafts were worked out at once"))
    mark = models.CharField(max_length=64)
    is_changed = models.BooleanField()
    question = models.CharField(max_length=64)
    rules_on = models.DateField()
    groups = models.JSONField(default=dict)
    split = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["day", "programme", "mark", "question", "user_id"], name="preview_asked_once_a_day")
        ]
        indexes = [models.Index(fields=["agency_id", "-at", "-id"], name="preview_asked_of_agency")]

    def __str__(self) -> str:
        return f"{self.programme} {self.version} on {self.day:%Y-%m-%d}"


class PreviewRelease(models.Model):
    """A data-protection officer let a programme's previews go on for the rest of a day, once. reason: in their words."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    day = models.DateField()
    user_id = models.UUIDField()
    user_name = models.CharField(max_length=200, blank=True)
    agency_id = models.UUIDField()
    programme = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["day", "programme"], name="preview_released_once_a_day")]

    def __str__(self) -> str:
        return f"{self.programme} on {self.day:%Y-%m-%d}"
