"""The shared case record, each agency's pseudonym for its person, and the stored grants of categories to agencies."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from portal.kit.identity import spoken_code, uuid7


class CaseRecord(models.Model):
    """What is known about one person and their household, told once. `version` grows by one with every change set.

    The permissions are the fact categories; a stored grant of one to an agency's group is kept true by
    `consent.actions.consents`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField("consent.Person", on_delete=models.PROTECT, related_name="record")
    household = models.OneToOneField("consent.Household", on_delete=models.PROTECT, related_name="record")
    reference = models.CharField(max_length=20, unique=True, default=spoken_code, editable=False)
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        permissions = [
            ("view_identity", _("See the name")),
            ("view_contact", _("See how to reach the person")),
            ("view_household", _("See who lives together")),
            ("view_income", _("See money facts")),
            ("view_housing", _("See facts about the home")),
            ("view_health", _("See health and care facts")),
            ("view_education", _("See school and training facts")),
            ("view_justice", _("See prison and probation facts")),
        ]

    def __str__(self) -> str:
        return self.reference


class RecordGrant(GroupObjectPermissionBase):
    """A stored grant: this agency's group may see this category of this record, because of this consent.

    django-guardian's direct-foreign-key permission model, extended by what lists need: the agency, the end, and the
    record's `changed_at` as sort key, so that "records shared with us" runs over these rows alone.
    """

    content_object = models.ForeignKey(CaseRecord, on_delete=models.CASCADE, related_name="grants")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="record_grants")
    consent = models.ForeignKey("consent.Consent", on_delete=models.CASCADE, related_name="grants")
    until = models.DateTimeField()
    sort_at = models.DateTimeField()

    class Meta:
        unique_together = ["group", "permission", "content_object", "consent"]
        indexes = [
            models.Index(fields=["agency", "-sort_at", "content_object"], name="record_grant_of_agency"),
        ]


class SectorIdentifier(models.Model):
    """An agency's own pseudonym for a person: HMAC-SHA-256 under the agency's key (Austrian bPK pattern).

    Agency-facing interfaces and exports use only this, so that two agencies cannot join their data on it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("consent.Person", on_delete=models.CASCADE, related_name="sector_identifiers")
    agency = models.ForeignKey("portal.Agency", on_delete=models.PROTECT)
    value = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "value"], name="sector_identifier_once"),
            models.UniqueConstraint(fields=["agency", "person"], name="sector_identifier_per_person"),
        ]

    def __str__(self) -> str:
        return self.value
