"""Programmes and their versions. A published version never changes: what was decided by it stays explainable for ever."""

import datetime as dt

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7
from portal.kit.states import Flow

DRAFT, CHECKED, PUBLISHED, CLOSED = "draft", "checked", "published", "closed"

VERSION_FLOW = Flow(
    labels={
        DRAFT: _("Draft"),
        CHECKED: _("Waiting for a second person"),
        PUBLISHED: _("Published"),
        CLOSED: _("Replaced"),
    },
    moves={
        (DRAFT, CHECKED): frozenset({"edit_programmes"}),
        (CHECKED, DRAFT): frozenset({"edit_programmes", "publish_programmes"}),
        (CHECKED, PUBLISHED): frozenset({"publish_programmes"}),
        (PUBLISHED, CLOSED): frozenset({"publish_programmes"}),
    },
)

AREAS: dict[str, object] = {
    "income": _("Money to live on"),
    "housing": _("Home and bills"),
    "health_care": _("Health and care"),
    "education": _("Children and school"),
    "employment": _("Work"),
    "justice": _("Leaving prison"),
}


class Days(Func):
    """PostgreSQL daterange of the days from the first to the last one, both in; empty when the last lies before the first."""

    template = "daterange(%(expressions)s + 1, '[)')"
    output_field = DateRangeField()


class Programme(models.Model):
    """A public service people can apply for (CPSV-AP PublicService). What it is and asks stands in its versions.

    takes_local_rules: other agencies may propose local variants of it, each for the councils where it has offices.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=60, unique=True)
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="programmes")
    area = models.CharField(max_length=20, choices=list(AREAS.items()))
    takes_local_rules = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class ProgrammeVersionQuerySet(models.QuerySet):
    def in_force(self, day):
        """Versions whose rule holds on `day`: at most one for each programme."""
        return self.filter(
            Q(effective_to=None) | Q(effective_to__gte=day), state__in=[PUBLISHED, CLOSED], effective_from__lte=day
        )


class ProgrammeVersion(models.Model):
    """One version of a programme's rule, as canonical JSON with its digest.

    definition, shared: `Definition.to_dict()` and the shared files it uses, so that a version is complete in itself.
    writers: ids of all users who saved it; none of them may publish it. effective_from, effective_to: first and last day on which it holds; a version that was replaced before its first day
    ends the day before it. origin: "folder" (came with the programme's folder) or "portal" (written by an admin).
    examples: how its worked examples ended when they last ran: {"passed": n, "failed": [{"id", "message"}]}.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=VERSION_FLOW.choices, default=DRAFT)
    definition = models.JSONField()
    shared = models.JSONField(default=dict, help_text=_("The shared limits it uses, as they read when it was written"))
    sha256 = models.CharField(max_length=64)
    examples = models.JSONField(default=dict)
    note = models.CharField(max_length=500, blank=True, help_text=_("What this version changes, in a sentence"))
    origin = models.CharField(
        max_length=6, default="portal", choices=[("folder", _("Programme folder")), ("portal", _("Programme editor"))]
    )
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="followers")
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    author = models.ForeignKey(
        "portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="programme_versions_written"
    )
    approver = models.ForeignKey(
        "portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="programme_versions_approved"
    )
    writers = models.JSONField(default=list)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    lock_version = models.PositiveIntegerField(
        default=0, help_text=_("Grows with each save: two people cannot overwrite each other")
    )

    objects = ProgrammeVersionQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="programme_version_number_once"),
            models.CheckConstraint(condition=~Q(approver=F("author")), name="programme_version_two_people"),
            models.CheckConstraint(
                condition=Q(state__in=[DRAFT, CHECKED])
                | Q(effective_from__isnull=False, published_at__isnull=False)
                & (Q(origin="folder") | Q(author__isnull=False, approver__isnull=False)),
                name="programme_version_published_by_two",
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None) | Q(effective_to__gte=F("effective_from") - 1), name="programme_version_period"
            ),
            ExclusionConstraint(
                name="programme_version_one_in_force",
                expressions=[
                    ("programme", RangeOperators.EQUAL),
                    (Days(F("effective_from"), F("effective_to")), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=[PUBLISHED, CLOSED]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme.code} {self.number}"

    @property
    def first_day(self) -> dt.date:
        """The first day of a published version. Raises ValueError for one that has none yet."""
        if self.effective_from is None:
            raise ValueError("A version that was not published holds on no day.")
        return self.effective_from

    @property
    def is_final(self) -> bool:
        """Whether the version was published: then it never changes."""
        return self.state in (PUBLISHED, CLOSED)
