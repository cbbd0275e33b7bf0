"""Partner agencies' systems that call our API. Only the token's digest is kept."""

from django.db import models

from portal.kit.identity import uuid7


class MachineClient(models.Model):
    """A partner system acting for one agency. `token_digest` is SHA-256 (hex) of a 256-bit random token."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="machine_clients")
    name = models.CharField(max_length=200)
    token_digest = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
