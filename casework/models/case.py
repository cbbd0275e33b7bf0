"""Cases: the coordination case of a record and, one level below it, one programme case per application to an agency.

Concepts of the Dutch ZGW standard in English names (Zaak, hoofdzaak/deelzaak, Status); see the state table `CASE_FLOW`.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from portal.kit.identity import spoken_code, uuid7
from portal.kit.states import Flow

_WORK, _DECIDE = frozenset({"work_cases"}), frozenset({"decide"})
_ANSWERED = frozenset({"work_cases", "use_own_record", "help_at_counter"})
_PERSON = frozenset({"use_own_record"})

CASE_FLOW = Flow(
    labels={
        "received": _("Received"),
        "in_assessment": _("Being checked"),
        "awaiting_information": _("Waiting for the person"),
        "ready_for_decision": _("Ready for a decision"),
        "decided": _("Decided"),
        "closed": _("Closed"),
        "withdrawn": _("Withdrawn by the person"),
        "reopened": _("Opened again"),
    },
    moves={
        ("received", "in_assessment"): _WORK,
        ("reopened", "in_assessment"): _WORK,
        ("received", "awaiting_information"): _WORK,
        ("in_assessment", "awaiting_information"): _WORK,
        ("ready_for_decision", "awaiting_information"): _WORK,
        ("awaiting_information", "in_assessment"): _ANSWERED,
        ("in_assessment", "ready_for_decision"): _WORK,
        ("ready_for_decision", "in_assessment"): _WORK,
        ("ready_for_decision", "decided"): _DECIDE,
        ("decided", "closed"): _WORK,
        # without a decision only a decision maker ends a case, and says why in words for the person
        ("received", "closed"): _DECIDE,
        ("in_assessment", "closed"): _DECIDE,
        ("awaiting_information", "closed"): _DECIDE,
        ("ready_for_decision", "closed"): _DECIDE,
        ("reopened", "closed"): _DECIDE,
        ("received", "withdrawn"): _PERSON,
        ("in_assessment", "withdrawn"): _PERSON,
        ("awaiting_information", "withdrawn"): _PERSON,
        ("ready_for_decision", "withdrawn"): _PERSON,
        ("reopened", "withdrawn"): _PERSON,
        ("closed", "reopened"): _DECIDE,
    },
)
ENDED = ("closed", "withdrawn")
UNDECIDED = ("received", "reopened", "in_assessment", "awaiting_information", "ready_for_decision")
OPEN = (*UNDECIDED, "decided")

RESULTS = [
    ("granted", _("Granted")),
    ("partly", _("Partly granted")),
    ("refused", _("Refused")),
    ("withdrawn", _("Withdrawn by the person")),
    ("no_decision", _("Ended without a decision")),
]

NEXT_STEPS = [
    ("start", _("Start checking")),
    ("permission_ended", _("Permission ended: see what can still be done")),
    ("check_answer", _("Read the person’s answer")),
    ("assess", _("Check the facts")),
    ("wait", _("Wait for the person’s answer")),
    ("decide", _("Decide")),
    ("close", _("Close the case")),
    ("none", _("Nothing to do")),
]


class CoordinationCase(models.Model):
    """The one case that holds together everything done for one record. `lead_*`: who keeps the overview, once agreed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.OneToOneField("consent.CaseRecord", on_delete=models.PROTECT, related_name="coordination_case")
    person_id = models.UUIDField()
    lead_agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lead_worker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class Application(models.Model):
    """One press of "Send": one or more programmes applied for at once. `key` comes from the form, so that a second press,
    tab or try of the browser is the same application.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.UUIDField(unique=True)
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="applications")
    person_id = models.UUIDField()
    programmes = models.JSONField(help_text=_("Codes asked for, also those for which a case was open already"))
    language = models.CharField(max_length=8)
    method = models.CharField(
        max_length=10,
        choices=[("screen", _("On screen")), ("spoken", _("Spoken, at a counter")), ("paper", _("On paper"))],
    )
    by_user_id = models.UUIDField(null=True, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    by_agency_id = models.UUIDField(null=True, blank=True)
    sent_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.key)


class ProgrammeCase(models.Model):
    """One application to one programme of one agency, from receipt to its end.

    programme_version and determination are pinned at submission: running cases stay on the rules they began with.
    standard_days: the programme's service standard in working days. The clock runs from `clock_from`, stands while
    `paused_on` is set, and `paused_days` (working days, the clock's own unit) have been added to `due_on`.
    lock_version grows with every change; a form that carries an older one is refused.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reference = models.CharField(max_length=20, unique=True, default=spoken_code, editable=False)
    coordination = models.ForeignKey(CoordinationCase, on_delete=models.PROTECT, related_name="programme_cases")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="cases")
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="programme_cases")
    person_id = models.UUIDField()
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="programme_cases")
    programme = models.CharField(max_length=60)
    programme_version = models.ForeignKey("eligibility.ProgrammeVersion", on_delete=models.PROTECT, related_name="cases")
    determination = models.ForeignKey(
        "eligibility.Determination", on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    state = models.CharField(max_length=24, choices=CASE_FLOW.choices, default="received")
    result = models.CharField(max_length=12, choices=RESULTS, blank=True)
    next_step = models.CharField(max_length=20, choices=NEXT_STEPS, default="start")
    received_on = models.DateField()
    clock_from = models.DateField()
    standard_days = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    paused_on = models.DateField(null=True, blank=True)
    paused_days = models.PositiveSmallIntegerField(default=0)
    closed_on = models.DateField(null=True, blank=True)
    team = models.ForeignKey("portal.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    office = models.ForeignKey("portal.Office", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lock_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by_name = models.CharField(max_length=200, blank=True)

    class Meta:
        default_permissions = ()
        permissions = [("open_case", _("Open the case"))]
        indexes = [models.Index(fields=["person_id", "-created_at"], name="case_of_person")]
        constraints = [
            models.UniqueConstraint(fields=["record", "programme"], condition=Q(state__in=OPEN), name="case_one_open"),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, closed_on__isnull=False) | (~Q(state__in=ENDED) & Q(closed_on=None)),
                name="case_closed_on_follows_state",
            ),
            models.CheckConstraint(condition=~Q(state__in=(*ENDED, "decided")) | ~Q(result=""), name="case_ends_with_a_result"),
            models.CheckConstraint(condition=Q(due_on__gte=models.F("received_on")), name="case_due_after_receipt"),
            models.CheckConstraint(
                condition=Q(paused_on=None) | Q(state="awaiting_information"), name="case_clock_stands_only_while_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """True until the case is closed or withdrawn."""
        return self.state in OPEN


class StatusEvent(models.Model):
    """A move of a case. Append-only (trigger); `number` orders, not the clock. `text`: a sentence for the person, may be empty."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(ProgrammeCase, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    came_from = models.CharField(max_length=24, blank=True)
    state = models.CharField(max_length=24, choices=CASE_FLOW.choices)
    at = models.DateTimeField()
    by_kind = models.CharField(max_length=10)
    by_user_id = models.UUIDField(null=True, blank=True)
    by_name = models.CharField(max_length=200, blank=True)
    by_role = models.CharField(max_length=30, blank=True)
    by_agency_id = models.UUIDField(null=True, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="status_event_number_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.number} {self.state}"


def _list_index(name: str, *before: str, unassigned: bool = False) -> models.Index:
    """The index one combination of queue and filters is read from, in the order of the list."""
    condition = Q(is_open=True, assignee=None) if unassigned else Q(is_open=True)
    return models.Index(fields=[*before, "due_on", "content_object"], condition=condition, name=name)


class CaseGrant(GroupObjectPermissionBase):
    """An agency's group may open this case; and at once the row of that agency's worklist.

    django-guardian's direct-foreign-key permission model, extended by what the list filters, sorts and shows, so that a
    page of it reads no other table. `casework.actions.grants.keep` writes it in the transaction that changes the case.
    Each combination of queue and filters that the worklist offers has an index here; what has none is not offered.
    """

    content_object = models.ForeignKey(ProgrammeCase, on_delete=models.CASCADE, related_name="grants")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    is_open = models.BooleanField()
    due_on = models.DateField()
    programme = models.CharField(max_length=60)
    state = models.CharField(max_length=24, choices=CASE_FLOW.choices)
    team = models.ForeignKey("portal.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reference = models.CharField(max_length=20)
    next_step = models.CharField(max_length=20, choices=NEXT_STEPS)
    received_on = models.DateField()
    clock_from = models.DateField()
    standard_days = models.PositiveSmallIntegerField()
    paused_on = models.DateField(null=True, blank=True)
    lock_version = models.PositiveIntegerField()

    class Meta:
        unique_together = ["group", "permission", "content_object"]
        indexes = [
            _list_index("grant_agency", "agency"),
            _list_index("grant_agency_programme", "agency", "programme"),
            _list_index("grant_agency_state", "agency", "state"),
            _list_index("grant_agency_both", "agency", "programme", "state"),
            _list_index("grant_team", "agency", "team"),
            _list_index("grant_team_programme", "agency", "team", "programme"),
            _list_index("grant_team_state", "agency", "team", "state"),
            _list_index("grant_team_both", "agency", "team", "programme", "state"),
            _list_index("grant_mine", "agency", "assignee"),
            _list_index("grant_mine_programme", "agency", "assignee", "programme"),
            _list_index("grant_mine_state", "agency", "assignee", "state"),
            _list_index("grant_mine_both", "agency", "assignee", "programme", "state"),
            _list_index("grant_free", "agency", unassigned=True),
            _list_index("grant_free_programme", "agency", "programme", unassigned=True),
            _list_index("grant_free_state", "agency", "state", unassigned=True),
            _list_index("grant_free_both", "agency", "programme", "state", unassigned=True),
        ]
