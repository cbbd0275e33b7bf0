"""Local rules that another agency proposes: a council writes a variant of somebody else's programme, for its own area."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7
from portal.kit.states import Flow

DRAFT, SENT, RETURNED, TAKEN, IN_FORCE, WITHDRAWN = "draft", "sent", "returned", "taken", "in_force", "withdrawn"
OPEN = (DRAFT, SENT, RETURNED, TAKEN)
WRITING = (DRAFT, RETURNED)  # only in these the rule itself can change

_EDITS, _EDITS_OR_PUBLISHES = frozenset({"edit_programmes"}), frozenset({"edit_programmes", "publish_programmes"})

PROPOSAL_FLOW = Flow(
    labels={
        DRAFT: _("Being written"),
        SENT: _("Waits for an answer"),
        RETURNED: _("Sent back"),
        TAKEN: _("Taken over, not published yet"),
        IN_FORCE: _("Published"),
        WITHDRAWN: _("Withdrawn"),
    },
    moves={
        (DRAFT, SENT): _EDITS,
        (RETURNED, SENT): _EDITS,
        (SENT, DRAFT): _EDITS,
        (DRAFT, WITHDRAWN): _EDITS,
        (SENT, WITHDRAWN): _EDITS,
        (RETURNED, WITHDRAWN): _EDITS,
        (SENT, RETURNED): _EDITS,
        (SENT, TAKEN): _EDITS,
        (TAKEN, SENT): _EDITS_OR_PUBLISHES,
        (TAKEN, IN_FORCE): frozenset({"publish_programmes"}),
    },
)


class LocalProposal(models.Model):
    """A local variant that another agency asks a programme's own agency for. Holds nothing but that variant and its examples.

    variant: its stored form; place: its id there. cases: examples it brings (`drafting_proposed.with_examples`). base: the published
    version it was last tried upon. note: why, to the programme's agency; answer: why it came back. version: the draft, later the published
    version, that it was taken into. writers: ids of all users who saved it; none of them may publish that version.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey("eligibility.Programme", on_delete=models.PROTECT, related_name="proposals")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="local_proposals")
    state = models.CharField(max_length=10, choices=PROPOSAL_FLOW.choices, default=DRAFT)
    place = models.CharField(max_length=60)
    variant = models.JSONField()
    cases = models.JSONField(default=dict, blank=True)
    base = models.ForeignKey("eligibility.ProgrammeVersion", on_delete=models.PROTECT, related_name="proposals_upon")
    version = models.ForeignKey(
        "eligibility.ProgrammeVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="proposals_taken"
    )
    note = models.CharField(max_length=500, blank=True)
    answer = models.CharField(max_length=500, blank=True)
    author = models.ForeignKey("portal.User", on_delete=models.PROTECT, related_name="local_proposals")
    writers = models.JSONField(default=list)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        "portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="local_proposals_answered"
    )
    lock_version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-changed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "agency", "place"], condition=Q(state__in=OPEN), name="local_proposal_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[DRAFT, WITHDRAWN]) | Q(sent_at__isnull=False), name="local_proposal_was_sent"
            ),
            models.CheckConstraint(
                condition=~Q(state=RETURNED) | (~Q(answer="") & Q(answered_by__isnull=False)), name="local_proposal_has_an_answer"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[TAKEN, IN_FORCE], version__isnull=False)
                | (~Q(state__in=[TAKEN, IN_FORCE]) & Q(version=None)),
                name="local_proposal_taken_into",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} {self.place}"

    @property
    def is_open(self) -> bool:
        """Whether it may still become a rule."""
        return self.state in OPEN

    @property
    def is_being_written(self) -> bool:
        """Whether its agency can change it now."""
        return self.state in WRITING
