"""Agencies (CPSV-AP PublicOrganization), their offices and teams, and who works there in which role and period."""

from django.contrib.auth.models import Group
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7
from portal.roles import STAFF_CHOICES


class DateRange(Func):
    """PostgreSQL daterange(start, end, '[]')."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Agency(models.Model):
    """A public organisation or a community organisation: controller and service owner."""

    STATUTORY, COMMUNITY, OPERATOR = "statutory", "community", "operator"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(
        max_length=10,
        choices=[
            (STATUTORY, _("Public authority")),
            (COMMUNITY, _("Community organisation")),
            (OPERATOR, _("Runs this portal")),
        ],
    )
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="agency")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.URLField(blank=True)
    subdivision = models.CharField(max_length=3, default="ENG", help_text=_("Whose bank holidays count"))
    inbox_url = models.URLField(blank=True, help_text=_("Where referrals are delivered when the agency has its own system"))

    class Meta:
        verbose_name_plural = _("agencies")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Office(models.Model):
    """A place where people can come or call (HSDS location). `hours` is a list of {days, opens, closes} or a note."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="offices")
    name = models.CharField(max_length=200)
    address = models.TextField()
    phone = models.CharField(max_length=40)
    email = models.EmailField(blank=True)
    hours = models.JSONField(default=list)
    local_authorities = models.JSONField(default=list, help_text=_("Codes of the areas it serves; empty means all"))
    assured_on = models.DateField(help_text=_("When somebody last confirmed these details"))

    class Meta:
        ordering = ["agency__name", "name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A group of colleagues with one queue. `programmes`: codes it works on; empty means all of the agency's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="teams")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="teams")
    name = models.CharField(max_length=200)
    programmes = models.JSONField(default=list)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet):
    def in_force(self, day):
        """Memberships whose period holds `day`."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), starts_on__lte=day, user__is_active=True)


class Membership(models.Model):
    """A user works for an agency in one role for a period. Never deleted: it ends."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey("portal.User", on_delete=models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships")
    role = models.CharField(max_length=30, choices=STAFF_CHOICES)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True, help_text=_("Shown to the people this colleague works for"))
    added_by = models.ForeignKey("portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_by = models.ForeignKey("portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["agency__name", "role"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="membership_period"),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("agency", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (DateRange(F("starts_on"), F("ends_on"), models.Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.agency}"
