"""One filled-in form: a draft first, then the receipt of what was sent."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7
from portal.kit.states import Flow

DRAFT, SUBMITTED, ABANDONED = "draft", "submitted", "abandoned"

FLOW = Flow(
    labels={DRAFT: _("Not sent yet"), SUBMITTED: _("Sent"), ABANDONED: _("Given up")},
    moves={
        (DRAFT, SUBMITTED): frozenset({"keeper"}),
        (DRAFT, ABANDONED): frozenset({"keeper"}),
    },
)


class Submission(models.Model):
    """A form being filled in, or sent.

    The answers live here only until they are sent: then they are facts of the record, and the draft's copy is emptied.
    Who may see a row: see the policies in the migration; a session without an account proves itself with `app.draft`.

    code_digest: keyed digest of the come-back code, which itself is kept nowhere. birth_digest: keyed digest of the
    applicant's date of birth, the second thing to know when coming back (empty while it was not given).
    answers, members: see `intake.draft`. known: what the record held when the draft began. interest: {"event", "programmes"}.
    content_sha256: digest of what was sent; idempotency_key: of the page it was sent from.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    form_revision = models.ForeignKey("intake.FormRevision", on_delete=models.PROTECT, related_name="submissions")
    state = models.CharField(max_length=10, choices=FLOW.choices, default=DRAFT)
    language = models.CharField(max_length=8, default="en")
    code_digest = models.CharField(max_length=64, unique=True)
    birth_digest = models.CharField(max_length=64, blank=True)
    user = models.ForeignKey("portal.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="submissions")
    person = models.ForeignKey("consent.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="submissions")
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="submissions")
    answers = models.JSONField(default=dict, blank=True)
    members = models.JSONField(default=list, blank=True)
    known = models.JSONField(default=dict, blank=True)
    interest = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=0)
    assisted_by = models.ForeignKey(
        "portal.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="assisted_submissions"
    )
    assisted_at_agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, null=True, blank=True)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.UUIDField(null=True, blank=True, unique=True)
    content_sha256 = models.CharField(max_length=64, blank=True)
    receipt = models.CharField(max_length=20, null=True, blank=True, unique=True)

    class Meta:
        ordering = ["-saved_at", "id"]
        indexes = [
            models.Index(fields=["user", "-saved_at"], condition=Q(user__isnull=False), name="submission_of_user"),
            models.Index(fields=["expires_at"], condition=Q(state=DRAFT), name="submission_expiring"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(state=SUBMITTED, submitted_at__isnull=False, record__isnull=False, receipt__isnull=False)
                    & Q(idempotency_key__isnull=False)
                    & ~Q(content_sha256="")
                )
                | (~Q(state=SUBMITTED) & Q(submitted_at=None, receipt=None, idempotency_key=None)),
                name="submission_sent_completely",
            ),
            models.CheckConstraint(condition=~Q(state=SUBMITTED) | Q(answers={}, members=[]), name="submission_sent_is_emptied"),
        ]

    def __str__(self) -> str:
        return self.receipt or str(self.id)
