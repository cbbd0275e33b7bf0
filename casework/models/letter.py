"""Letters: what was written to the person, word for word, and the PDF made of it."""

from django.db import models
from django.db.models import Q

from portal.kit.identity import uuid7


class Letter(models.Model):
    """A letter on a decision, in the recipient's language. Immutable (trigger).

    words: everything the letter says, already in `language`; the page and the PDF are both drawn from it.
    pdf: PDF/UA-1; sha256: hex digest of `pdf`. revision: that of the letter's template.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("casework.ProgrammeCase", on_delete=models.PROTECT, related_name="letters")
    decision = models.OneToOneField("casework.Decision", on_delete=models.PROTECT, related_name="letter")
    revision = models.CharField(max_length=20)
    language = models.CharField(max_length=8)
    words = models.JSONField()
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="letter_digest")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.language} {self.sha256[:8]}"
