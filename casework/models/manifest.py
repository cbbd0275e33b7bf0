"""What travels with a referral: fixed when it is sent, and a hash of what was really shown. Codes and hashes, never values."""

import hashlib
import json

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7


def digest(document: object) -> str:
    """SHA-256 (hex) of a JSON document in one canonical spelling (sorted keys, no spaces)."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class DisclosureManifest(models.Model):
    """The terms of one disclosure. Immutable (trigger) except `recalled_at`.

    triage: fact codes the target may see before it answers; agreed: those it may see once it has accepted. consent_id: the
    consent it rests on (none where the law lets it through). sha256: over all of these terms.
    """

    task = models.OneToOneField("casework.ReferralTask", on_delete=models.PROTECT, primary_key=True, related_name="manifest")
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    activity_id = models.UUIDField()
    consent_id = models.UUIDField(null=True, blank=True)
    triage = models.JSONField(default=list)
    agreed = models.JSONField(default=list)
    record_version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    fixed_at = models.DateTimeField()
    recalled_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.task_id} {self.sha256[:8]}"

    def terms(self) -> dict[str, object]:
        """What the hash covers."""
        return {
            "task": str(self.task_id), "record": str(self.record_id), "target": str(self.target_id),
            "activity": str(self.activity_id), "consent": str(self.consent_id or ""), "triage": sorted(self.triage),
            "agreed": sorted(self.agreed), "record_version": self.record_version, "fixed_at": self.fixed_at.isoformat(),
        }  # fmt: skip


class Disclosure(models.Model):
    """Facts really left for the target, at one stage. Append-only (trigger); the values themselves are in the record only.

    sha256: over this row's id, the codes and the values, so that the receiver can prove what it got.
    """

    TRIAGE, AGREED = "triage", "agreed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    manifest = models.ForeignKey(DisclosureManifest, on_delete=models.PROTECT, related_name="disclosures")
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=6, choices=[(TRIAGE, _("Before an answer")), (AGREED, _("After acceptance"))])
    concepts = models.JSONField(default=list)
    record_version = models.PositiveIntegerField()
    log_id = models.UUIDField(help_text=_("The access log's row of this disclosure"))
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["manifest", "stage"], name="disclosure_once_a_stage")]

    def __str__(self) -> str:
        return f"{self.manifest_id} {self.stage}"
