"""Whether a programme takes applications, beyond what its versions say: pauses by hand, its end, and who asked to be told when it opens."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from portal.kit.identity import uuid7


class ProgrammePause(models.Model):
    """A programme takes no applications, at once and until somebody of its agency ends that. Kept for ever.

    reason: a sentence to citizens; translations: {language: sentence}. expected_on: the day on which it should go on; it is
    said, and nothing happens on it by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey("eligibility.Programme", on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=300, help_text=_("A sentence that everybody reads"))
    translations = models.JSONField(default=dict, blank=True)
    expected_on = models.DateField(null=True, blank=True)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey("portal.User", on_delete=models.PROTECT, related_name="programme_pauses_begun")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="programme_pauses_ended"
    )

    class Meta:
        ordering = ["-begun_at"]
        constraints = [
            models.UniqueConstraint(fields=["programme"], condition=Q(ended_at=None), name="programme_paused_once"),
            models.CheckConstraint(condition=Q(ended_at=None) | Q(ended_at__gte=F("begun_at")), name="programme_pause_period"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} from {self.begun_at:%Y-%m-%d}"

    def words(self, language: str) -> str:
        """The reason in a language, in English where it was not translated."""
        return self.translations.get(language) or self.reason


class ProgrammeEnding(models.Model):
    """A programme is given up as a whole: one admin of its agency asks for it, another confirms it, then its last day holds. Kept for ever.

    reason: a sentence to citizens, for example what takes its place; translations: {language: sentence}. dropped_at: taken back
    before it was confirmed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    programme = models.ForeignKey("eligibility.Programme", on_delete=models.PROTECT, related_name="endings")
    last_day = models.DateField()
    reason = models.CharField(max_length=300, help_text=_("A sentence that everybody reads"))
    translations = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("portal.User", on_delete=models.PROTECT, related_name="programme_endings_asked")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        "portal.User", on_delete=models.PROTECT, null=True, blank=True, related_name="programme_endings_confirmed"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme"], condition=Q(confirmed_at=None, dropped_at=None), name="programme_ending_asked_once"
            ),
            models.CheckConstraint(condition=~Q(confirmed_by=F("asked_by")), name="programme_ending_two_people"),
            models.CheckConstraint(condition=Q(confirmed_at=None) | Q(dropped_at=None), name="programme_ending_one_end"),
        ]

    def __str__(self) -> str:
        return f"{self.programme_id} until {self.last_day}"

    @property
    def is_asked(self) -> bool:
        """Whether it waits for a second person."""
        return self.confirmed_at is None and self.dropped_at is None

    def words(self, language: str) -> str:
        """The reason in a language, in English where it was not translated."""
        return self.translations.get(language) or self.reason


class OpeningReminder(models.Model):
    """A person wants to be told once when a programme takes applications. The row goes when they are told, apply or change their mind."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.CASCADE, related_name="opening_reminders")
    programme = models.ForeignKey("eligibility.Programme", on_delete=models.CASCADE, related_name="opening_reminders")
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["asked_at"]
        constraints = [models.UniqueConstraint(fields=["record", "programme"], name="opening_reminder_once")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.programme_id}"
