"""Decisions (ZGW Besluit): a legal act of a named person, with reasons, dates, and until when the person may challenge it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7

OUTCOMES = [("granted", _("Granted")), ("partly", _("Partly granted")), ("refused", _("Refused"))]
ADVERSE = ("partly", "refused")
PERIODS = [
    ("week", _("a week")),
    ("four_weeks", _("every 4 weeks")),
    ("month", _("a month")),
    ("year", _("a year")),
    ("once", _("one time")),
]


class Decision(models.Model):
    """What was decided on a case. Immutable once issued (trigger): a later one supersedes it.

    reasons: list of {"criterion", "fact", "fact_words", "law", "text", "is_met"}; the database refuses an adverse decision
    without at least one reason that names criterion, fact and law, without a named human, or without `challenge_until`.
    amount_pence: pounds and pence as a whole number of pence (GBP), with its period `per`.
    assisted_by: the programme version whose result the decision maker saw; "" when none was used.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey("casework.ProgrammeCase", on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=8, choices=OUTCOMES)
    amount_pence = models.BigIntegerField(null=True, blank=True)
    per = models.CharField(max_length=10, choices=PERIODS, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    reasons = models.JSONField(default=list)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_by_name = models.CharField(max_length=200, blank=True)
    decided_on = models.DateField()
    sent_on = models.DateField()
    challenge_until = models.DateField(null=True, blank=True)
    assisted_by = models.CharField(max_length=80, blank=True)
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="decision_number_once"),
            models.CheckConstraint(
                condition=~Q(outcome__in=ADVERSE) | (Q(decided_by__isnull=False) & ~Q(decided_by_name="")),
                name="decision_adverse_names_a_human",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=ADVERSE) | Q(challenge_until__isnull=False, challenge_until__gt=F("sent_on")),
                name="decision_adverse_can_be_challenged",
            ),
            models.CheckConstraint(condition=Q(sent_on__gte=F("decided_on")), name="decision_sent_after_made"),
            models.CheckConstraint(condition=Q(amount_pence=None) | Q(amount_pence__gte=0), name="decision_amount"),
            models.CheckConstraint(
                condition=Q(amount_pence=None, per="") | (Q(amount_pence__isnull=False) & ~Q(per="")),
                name="decision_amount_has_period",
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_from__isnull=False, effective_to__gte=F("effective_from")),
                name="decision_period",
            ),
            models.CheckConstraint(
                condition=Q(outcome="refused") | Q(effective_from__isnull=False), name="decision_grant_has_a_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"
