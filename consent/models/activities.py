"""Processing activities (GDPR art. 30; GovStack DataAgreement) and the agreements between agencies.

One activity = one controller, one programme (or none), one purpose, one legal basis, one release gate. Never a fallback.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7
from portal.models.agencies import DateRange

# Purposes are a closed list; free-text purposes are forbidden.
PURPOSES = [
    ("screening", _("Show you what support you may get")),
    ("determination", _("Decide on your application")),
    ("referral", _("Pass you on to somebody who can help")),
    ("counter", _("Help you at a counter")),
    ("coordination", _("Work together on your case")),
    ("statistics", _("Count, without names")),
]
BASES = [
    ("6-1-a", _("your consent")),
    ("6-1-b", _("a contract")),
    ("6-1-c", _("a legal duty")),
    ("6-1-d", _("vital interests")),
    ("6-1-e", _("a public task")),
]
GATES = [
    ("notice", _("by law, you are told")),
    ("explicit_request", _("only if you ask for it")),
    ("consent", _("only if you allow it")),
    ("emergency", _("emergency")),
]
# Which gate may open under which basis (domain.md 3.4); the database refuses any other pair.
ALLOWED_GATES = {
    "6-1-a": ("consent",),
    "6-1-b": ("notice",),
    "6-1-c": ("notice",),
    "6-1-d": ("emergency",),
    "6-1-e": ("notice", "explicit_request"),
}


def _matrix() -> Q:
    rule = Q()
    for basis, gates in ALLOWED_GATES.items():
        rule |= Q(legal_basis=basis, release_gate__in=gates)
    return rule


class ActivityQuerySet(models.QuerySet):
    def in_force(self, day):
        """Published activities whose period holds `day`."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), state="published", starts_on__lte=day)


class ProcessingActivity(models.Model):
    """What one agency does with facts for one purpose. A published one is immutable; a change is a new revision."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="activities")
    programme = models.CharField(max_length=60, blank=True, help_text=_("Code of the programme; empty: not tied to one"))
    purpose = models.CharField(max_length=20, choices=PURPOSES)
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(
        max_length=10,
        default="draft",
        choices=[("draft", _("Draft")), ("published", _("In force")), ("retired", _("Ended"))],
    )
    legal_basis = models.CharField(max_length=5, choices=BASES)
    legal_reference = models.CharField(max_length=300, blank=True)
    art9_condition = models.CharField(max_length=300, blank=True)
    release_gate = models.CharField(max_length=20, choices=GATES)
    concepts = models.JSONField(default=list, help_text=_("Fact codes it may use"))
    triage_concepts = models.JSONField(default=list, help_text=_("Of these, what a receiver sees before accepting"))
    roles = models.JSONField(default=list, help_text=_("Roles that may read under it; 'machine' for jobs"))
    compatible_purposes = models.JSONField(default=list, help_text=_("Purposes whose facts it may also use"))
    retention_days = models.PositiveIntegerField(default=2190)
    text = models.JSONField(default=dict, help_text=_("What it is for, {language: sentence}, as shown to the person"))
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    approved_by = models.ForeignKey("portal.User", on_delete=models.PROTECT, null=True, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("processing activities")
        constraints = [
            models.CheckConstraint(condition=_matrix(), name="activity_basis_allows_gate"),
            models.CheckConstraint(
                condition=~Q(legal_basis__in=["6-1-c", "6-1-e"]) | ~Q(legal_reference=""), name="activity_names_its_law"
            ),
            ExclusionConstraint(
                name="activity_one_in_force",
                expressions=[
                    ("agency", RangeOperators.EQUAL),
                    ("programme", RangeOperators.EQUAL),
                    ("purpose", RangeOperators.EQUAL),
                    (DateRange(F("starts_on"), F("ends_on"), models.Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=Q(state="published"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} {self.programme or '-'} {self.purpose} r{self.revision}"


class DataSharingAgreement(models.Model):
    """Terms between two agencies. Without one in force that lists purpose and facts, nothing crosses."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="agreements_given")
    consumer = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="agreements_taken")
    purposes = models.JSONField(default=list)
    concepts = models.JSONField(default=list)
    legal_reference = models.CharField(max_length=300)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    review_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(provider=F("consumer")), name="agreement_between_two"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="agreement_period"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} → {self.consumer}"
