"""Counter sessions: an officer fills in the form for a person who is present. Kept as a trace, without any answer."""

from django.db import models
from django.db.models import F, Q

from portal.kit.identity import uuid7


class CounterSession(models.Model):
    """agreed_at: when the person, present, agreed aloud to being helped; agreement: how ("spoken")."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="counter_sessions")
    user = models.ForeignKey("portal.User", on_delete=models.PROTECT, related_name="counter_sessions")
    membership = models.ForeignKey("portal.Membership", on_delete=models.PROTECT, related_name="counter_sessions")
    submission_id = models.UUIDField(help_text="No foreign key: the draft may be deleted, the trace stays")
    agreement = models.CharField(max_length=10, default="spoken")
    agreed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-agreed_at", "id"]
        indexes = [models.Index(fields=["agency", "-agreed_at"], name="counter_session_of_agency")]
        constraints = [
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("agreed_at")), name="counter_session_period"),
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="counter_session_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return str(self.id)
