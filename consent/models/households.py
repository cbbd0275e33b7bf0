"""Households: people assessed together, with dated membership."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7
from portal.models.agencies import DateRange

ROLES = [("applicant", _("You")), ("partner", _("Partner")), ("child", _("Child")), ("other_adult", _("Other adult"))]


class Household(models.Model):
    """A group of people (FHIR Group, OpenG2P group)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class HouseholdMembership(models.Model):
    """A person belongs to a household from one day to another in one role."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey("consent.Person", on_delete=models.CASCADE, related_name="household_memberships")
    role = models.CharField(max_length=12, choices=ROLES)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="household_membership_period"
            ),
            ExclusionConstraint(
                name="household_membership_once",
                expressions=[
                    ("household", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (DateRange(F("starts_on"), F("ends_on"), models.Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
            models.UniqueConstraint(
                fields=["household", "role"],
                condition=Q(ends_on=None, role__in=["applicant", "partner"]),
                name="household_one_applicant_one_partner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.person_id}"
