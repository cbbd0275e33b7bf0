"""What partners' systems sent us, by their key, so that the same message sent twice has one effect (as Stripe's idempotent requests)."""

from django.db import models
from django.db.models import Q

from portal.kit.identity import uuid7


class InboundKey(models.Model):
    """One keyed request of one partner system and the answer it got. Written in the transaction that does the work.

    sha256: of method, path and body. Kept as long as the case: a late repeat must not be done again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey("portal.MachineClient", on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.JSONField(null=True, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="inbound_key_once"),
            models.CheckConstraint(condition=~Q(key=""), name="inbound_key_not_empty"),
        ]

    def __str__(self) -> str:
        return self.key
