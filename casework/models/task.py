"""Work to do on a case: things the agency must look at, what it asked the person, and the agency's own notes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7

TASK_KINDS = [
    ("permission_ended", _("The person does not allow you to see their facts")),
    ("check_answer", _("The person answered")),
]


class CaseTask(models.Model):
    """Something on a case that waits for a worker. `source`: what raised it, as "consent:<id>"; raised once for each."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("casework.ProgrammeCase", on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20, choices=TASK_KINDS)
    source = models.CharField(max_length=80)
    raised_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["raised_at"]
        constraints = [models.UniqueConstraint(fields=["case", "kind", "source"], name="case_task_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"


class InformationRequest(models.Model):
    """A question to the person: what, why, and by when. `fact`: the catalogue fact the answer fills in, or empty.

    While it is open and `stops_clock`, the case's clock stands.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("casework.ProgrammeCase", on_delete=models.PROTECT, related_name="requests")
    what = models.TextField()
    why = models.TextField()
    fact = models.CharField(max_length=80, blank=True, help_text=_("Code of the fact; empty for an answer in words"))
    answer_by = models.DateField()
    stops_clock = models.BooleanField(default=True)
    state = models.CharField(
        max_length=10,
        default="open",
        choices=[("open", _("Waiting for an answer")), ("answered", _("Answered")), ("taken_back", _("No longer needed"))],
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_by_name = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(what="") & ~Q(why=""), name="request_says_what_and_why"),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False) | (~Q(state="answered") & Q(answered_at=None)),
                name="request_answered_at",
            ),
            models.CheckConstraint(condition=Q(answer_by__gte=F("asked_at__date")), name="request_answer_by"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.state}"


class Note(models.Model):
    """A note of one agency for itself. Never shown to another agency; the person may ask for it (GDPR art. 15)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("casework.ProgrammeCase", on_delete=models.PROTECT, related_name="notes")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="note_not_empty")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d}"
