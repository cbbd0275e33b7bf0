"""Persons (Core Person Vocabulary): natural people, independent of a user account."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7


class Person(models.Model):
    """A natural person. `user` is set once they have an account; the record works without one."""

    ACTIVE, MERGED, DECEASED, ERASED = "active", "merged", "deceased", "erased"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField("portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="person")
    status = models.CharField(
        max_length=10,
        default=ACTIVE,
        choices=[(ACTIVE, _("Active")), (MERGED, _("Merged")), (DECEASED, _("Deceased")), (ERASED, _("Erased"))],
    )
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    preferred_language = models.CharField(max_length=8, default="en")
    interpreter_needed = models.BooleanField(default=False)
    needs = models.TextField(blank=True, help_text=_("What helps this person talk with us: large print, no phone calls"))
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False) | (~Q(status="merged") & Q(merged_into=None)),
                name="person_merged_into",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="person_not_into_itself"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PersonName(models.Model):
    """A name. `full` is always present and free of any alphabet; parts are optional; no titles."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(
        max_length=10,
        default="official",
        choices=[
            ("official", _("Official")),
            ("preferred", _("Preferred")),
            ("birth", _("At birth")),
            ("former", _("Former")),
            ("alias", _("Other")),
        ],
    )
    full = models.CharField(max_length=300)
    given = models.CharField(max_length=200, blank=True)
    family = models.CharField(max_length=200, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(kind="official", valid_to=None), name="person_one_official_name"
            ),
            models.CheckConstraint(condition=~Q(full=""), name="person_name_not_empty"),
        ]

    def __str__(self) -> str:
        return self.full


class ContactPoint(models.Model):
    """A way to reach a person. Messages go only to points that are safe (`safe="yes"`) when anything speaks against it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=10, choices=[("phone", _("Phone")), ("email", _("E-mail")), ("address", _("Address"))])
    value = models.TextField()
    safe = models.CharField(
        max_length=8, default="unknown", choices=[("yes", _("Safe")), ("no", _("Not safe")), ("unknown", _("Not known"))]
    )
    voicemail_ok = models.BooleanField(default=False)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], condition=Q(valid_to=None), name="contact_point_one_current"),
            models.CheckConstraint(condition=~Q(value=""), name="contact_point_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
