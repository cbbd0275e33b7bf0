"""Involvements: why an agency has anything to do with a person (the "legitimate relationship" of the access decision)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7

KINDS = [
    ("application", _("You applied there")),
    ("assignment", _("Works on your case")),
    ("referral_triage", _("Was asked to help you")),
    ("referral", _("Helps you after a referral")),
    ("counter", _("You were at their counter")),
]


class InvolvementQuerySet(models.QuerySet):
    def in_force(self, now):
        """Involvements that have begun and not ended at the moment `now`."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)


class Involvement(models.Model):
    """An agency (or one of its workers) is involved with a record for a reason and a time. Ends, is never deleted.

    user_id: when set, only that worker; else the whole agency's queue. source: what it rests on, as "case:<id>".
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.CASCADE, related_name="involvements")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="involvements")
    kind = models.CharField(max_length=20, choices=KINDS)
    programme = models.CharField(max_length=60, blank=True)
    user_id = models.UUIDField(null=True, blank=True)
    source = models.CharField(max_length=80, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = InvolvementQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["agency", "record"], name="involvement_of_agency")]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "agency", "kind", "source"], condition=Q(ends_at=None), name="involvement_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.kind}"
