"""Referrals: the ask (owned by the requester) and its fulfilment (owned mostly by the receiver), as FHIR ServiceRequest/Task
in the Gravity guide. What became of the person's need is a third thing, the outcome, and never a state."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7
from portal.kit.states import Flow

NEEDS = [
    ("housing", _("Housing")), ("homelessness", _("No safe place to live")), ("debt", _("Debt and bills")),
    ("income", _("Money and benefits")), ("food", _("Food")), ("energy", _("Heating and energy")),
    ("health", _("Health")), ("care", _("Care and support at home")), ("mental_health", _("Mental health")),
    ("employment", _("Work and training")), ("education", _("School and learning")), ("family", _("Family support")),
    ("resettlement", _("Life after prison")), ("safety", _("Safety")), ("other", _("Something else")),
]  # fmt: skip

ROUTINE, URGENT = "routine", "urgent"
PRIORITIES = [(ROUTINE, _("Routine")), (URGENT, _("Urgent"))]

# FHIR request-status, with our waiting for the person's answer.
DRAFT, AWAITING_CONSENT, ACTIVE, REQUEST_ON_HOLD = "draft", "awaiting_consent", "active", "on_hold"
REVOKED, REQUEST_COMPLETED, REQUEST_IN_ERROR = "revoked", "completed", "entered_in_error"

_OURS = frozenset({"send_referrals"})
_ASKED = frozenset({"send_referrals", "citizen", "machine"})

REQUEST_FLOW = Flow(
    labels={
        DRAFT: _("Draft"),
        AWAITING_CONSENT: _("Waits for the person’s answer"),
        ACTIVE: _("Sent"),
        REQUEST_ON_HOLD: _("Needs a new place to go"),
        REVOKED: _("Taken back"),
        REQUEST_COMPLETED: _("Closed"),
        REQUEST_IN_ERROR: _("Entered by mistake"),
    },
    moves={
        (DRAFT, AWAITING_CONSENT): _ASKED,
        (DRAFT, ACTIVE): _ASKED,
        (AWAITING_CONSENT, ACTIVE): _ASKED,
        (AWAITING_CONSENT, REVOKED): _ASKED,
        (AWAITING_CONSENT, REQUEST_IN_ERROR): _OURS,
        (ACTIVE, REQUEST_ON_HOLD): _ASKED | {"receive_referrals"},
        (ACTIVE, REQUEST_COMPLETED): frozenset({"receive_referrals"}),
        (ACTIVE, REVOKED): _ASKED,
        (ACTIVE, REQUEST_IN_ERROR): _OURS,
        (REQUEST_ON_HOLD, ACTIVE): _ASKED,
        (REQUEST_ON_HOLD, AWAITING_CONSENT): _OURS,
        (REQUEST_ON_HOLD, REVOKED): _ASKED,
        (REQUEST_ON_HOLD, REQUEST_IN_ERROR): _OURS,
    },
)

# Gravity's task states without `received` and `ready` (they are moments here), plus our `expired`.
REQUESTED, ACCEPTED, IN_PROGRESS, ON_HOLD = "requested", "accepted", "in_progress", "on_hold"
REJECTED, CANCELLED, FAILED, EXPIRED = "rejected", "cancelled", "failed", "expired"
COMPLETED, IN_ERROR = "completed", "entered_in_error"
LIVE = (REQUESTED, ACCEPTED, IN_PROGRESS, ON_HOLD)
TAKEN_ON = (ACCEPTED, IN_PROGRESS, ON_HOLD)
REASON_REQUIRED = (ON_HOLD, REJECTED, CANCELLED, FAILED, EXPIRED, IN_ERROR)

_THEIRS = frozenset({"receive_referrals"})
_EITHER = frozenset({"receive_referrals", "send_referrals", "citizen", "machine"})

TASK_FLOW = Flow(
    labels={
        REQUESTED: _("Sent, no answer yet"),
        ACCEPTED: _("Accepted"),
        IN_PROGRESS: _("They are helping"),
        ON_HOLD: _("On hold"),
        COMPLETED: _("Finished"),
        REJECTED: _("They cannot take it"),
        CANCELLED: _("Stopped"),
        FAILED: _("It did not work out"),
        EXPIRED: _("Nobody answered in time"),
        IN_ERROR: _("Entered by mistake"),
    },
    moves={
        (REQUESTED, ACCEPTED): _THEIRS,
        (REQUESTED, REJECTED): _THEIRS,
        (REQUESTED, CANCELLED): _EITHER - _THEIRS,
        (REQUESTED, EXPIRED): frozenset({"machine"}),
        (REQUESTED, IN_ERROR): _OURS,
        **{(start, IN_PROGRESS): _THEIRS for start in (ACCEPTED, ON_HOLD)},
        **{(start, ON_HOLD): _THEIRS for start in (ACCEPTED, IN_PROGRESS)},
        **{(start, end): _THEIRS for start in TAKEN_ON for end in (COMPLETED, FAILED)},
        **{(start, CANCELLED): _EITHER for start in TAKEN_ON},
    },
)

REASONS = [
    ("no_capacity", _("No free place")), ("not_our_area", _("Outside the area they serve")),
    ("not_our_service", _("They do not offer this")), ("not_eligible", _("Does not fit their rules")),
    ("more_information", _("They need to know more")), ("already_known", _("They already help this person")),
    ("waiting_list", _("On a waiting list")), ("awaiting_person", _("Waits for the person")),
    ("could_not_contact", _("Could not reach the person")), ("person_declined", _("The person does not want it")),
    ("permission_ended", _("The person stopped the sharing")), ("sent_by_mistake", _("Sent by mistake")),
    ("no_longer_needed", _("No longer needed")), ("no_answer", _("No answer in time")),
    ("safety", _("For safety")), ("deceased", _("The person has died")), ("other", _("Another reason")),
]  # fmt: skip

OUTCOMES = [
    ("got_help", _("Got help")), ("partly_helped", _("Got part of the help")), ("enrolled", _("Enrolled")),
    ("waitlisted", _("On a waiting list")), ("not_eligible", _("Does not fit their rules")),
    ("no_capacity", _("No free place")), ("could_not_contact", _("Could not be reached")),
    ("no_longer_interested", _("No longer wanted it")), ("client_declined", _("Said no")),
    ("referred_elsewhere", _("Passed on to somebody else")), ("duplicate", _("They already helped this person")),
    ("safety_stop", _("Stopped for safety")), ("deceased", _("The person has died")), ("unknown", _("Not known")),
]  # fmt: skip

# How the person's word is had: said to the officer in front of them, or answered on their own page.
SPOKEN, ONLINE = "spoken", "online"
CONSENT_LASTS = dt.timedelta(days=180)

HELPED = [("yes", _("Yes")), ("partly", _("Partly")), ("no", _("No"))]


def _codes(choices: list) -> list[str]:
    return [code for code, _words in choices]


class Referral(models.Model):
    """The ask: one agency asks for help with one need of one person. Its id may come from the sender (sent twice, made once).

    note: for the receiver, written by the worker; no facts are put there by the product. do_not_contact: travels first-class
    (Gravity contacting-subject-prohibited). target, programme: where it goes (next); past places are its tasks.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="referrals")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="referrals_sent")
    owner = models.ForeignKey("portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    owner_name = models.CharField(max_length=200, help_text=_("Who asked, as shown to the receiver"))
    programme_case = models.ForeignKey(
        "casework.ProgrammeCase", on_delete=models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    target = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    programme = models.CharField(max_length=60, blank=True, help_text=_("Code of the programme asked for"))
    need = models.CharField(_("need"), max_length=20, choices=NEEDS)
    service = models.CharField(_("what you ask for"), max_length=200)
    priority = models.CharField(_("priority"), max_length=10, choices=PRIORITIES, default=ROUTINE)
    note = models.TextField(_("note to the receiver"), blank=True, max_length=2000)
    do_not_contact = models.BooleanField(_("they must not contact the person"), default=False)
    state = models.CharField(max_length=20, choices=REQUEST_FLOW.choices, default=DRAFT)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(REQUEST_FLOW.labels)), name="referral_state"),
            models.CheckConstraint(condition=Q(need__in=_codes(NEEDS)), name="referral_need"),
            models.CheckConstraint(condition=Q(priority__in=_codes(PRIORITIES)), name="referral_priority"),
            models.CheckConstraint(condition=~Q(service=""), name="referral_names_service"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False, state__in=sorted(REQUEST_FLOW.ends))
                | (Q(ended_at=None) & ~Q(state__in=sorted(REQUEST_FLOW.ends))),
                name="referral_end_stamped",
            ),
        ]
        indexes = [models.Index(fields=["record", "-created_at"], name="referral_of_record")]

    def __str__(self) -> str:
        return f"{self.need} {self.state}"


class ReferralTask(models.Model):
    """The fulfilment by one target. A new target is a new task; the old one is kept.

    due_on: the day by which the target should answer (its working days). requester, record: copies that lists and row-level
    security read without a join. Moments instead of states: delivered_at, first_viewed_at.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="tasks")
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="referral_tasks")
    programme = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=20, choices=TASK_FLOW.choices, default=REQUESTED)
    reason = models.CharField(max_length=20, choices=REASONS, blank=True)
    reason_note = models.CharField(max_length=500, blank=True)
    worker = models.ForeignKey("portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=20, choices=OUTCOMES, blank=True)
    outcome_note = models.CharField(max_length=500, blank=True)
    their_reference = models.CharField(max_length=100, blank=True)
    due_on = models.DateField()
    review_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    first_viewed_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    reminded_on = models.DateField(null=True, blank=True)
    permission_seen_at = models.DateTimeField(help_text=_("When it was last made sure that the sharing is still allowed"))
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["referral", "target"], condition=Q(state__in=LIVE), name="referral_task_one_live"),
            models.CheckConstraint(condition=Q(state__in=list(TASK_FLOW.labels)), name="referral_task_state"),
            models.CheckConstraint(
                condition=~Q(state__in=REASON_REQUIRED) | Q(reason__in=_codes(REASONS)), name="referral_task_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state=ON_HOLD) | Q(review_on__isnull=False), name="referral_task_hold_has_review"
            ),
            models.CheckConstraint(
                condition=Q(state=COMPLETED, outcome__in=_codes(OUTCOMES)) | (~Q(state=COMPLETED) & Q(outcome="")),
                name="referral_task_outcome_at_end",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, state__in=LIVE) | (Q(ended_at__isnull=False) & ~Q(state__in=LIVE)),
                name="referral_task_end_stamped",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=TAKEN_ON) | Q(accepted_at__isnull=False, delivered_at__isnull=False),
                name="referral_task_delivered_before_accepted",
            ),
        ]
        indexes = [
            models.Index(fields=["target", "due_on", "id"], condition=Q(state__in=LIVE), name="referral_task_inbox"),
            models.Index(fields=["target", "-ended_at", "-id"], condition=~Q(state__in=LIVE), name="referral_task_done"),
            models.Index(fields=["requester", "-created_at", "-id"], name="referral_task_sent"),
            models.Index(fields=["due_on"], condition=Q(state=REQUESTED), name="referral_task_unanswered"),
            models.Index(fields=["permission_seen_at"], condition=Q(state__in=LIVE), name="referral_task_to_recheck"),
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.state}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


class ReferralEvent(models.Model):
    """One thing that happened to a referral. Append-only (trigger). task is empty for what concerns the ask itself."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="events")
    task = models.ForeignKey(ReferralTask, on_delete=models.PROTECT, null=True, blank=True, related_name="events")
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    what = models.CharField(max_length=30, help_text=_("The state reached, or: delivered, viewed, escalated, replayed, helped"))
    reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=10)
    by_user_id = models.UUIDField(null=True, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    by_agency_id = models.UUIDField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["referral", "id"], name="referral_event_thread")]

    def __str__(self) -> str:
        return f"{self.referral_id} {self.what}"


class ReferralAnswer(models.Model):
    """“Did you get help?”, answered by the person: kept apart from what the target says. The last answer counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    task = models.ForeignKey(ReferralTask, on_delete=models.PROTECT, related_name="answers")
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    helped = models.CharField(max_length=6, choices=HELPED)
    words = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["task", "-at"], name="referral_answer_of_task")]

    def __str__(self) -> str:
        return self.helped
