"""Tables of the plain intake: one row per person, fact, consent and message, as a textbook would have it."""

from django.db import models

from portal.kit.identity import uuid7


class Intake(models.Model):
    """One form sent."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    language = models.CharField(max_length=8)
    sent_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.pk)


class IntakePerson(models.Model):
    """Somebody of the household."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    intake = models.ForeignKey(Intake, on_delete=models.CASCADE)
    role = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    born_on = models.DateField()

    def __str__(self) -> str:
        return str(self.pk)


class IntakeFact(models.Model):
    """One answer."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    intake = models.ForeignKey(Intake, on_delete=models.CASCADE)
    person = models.ForeignKey(IntakePerson, on_delete=models.CASCADE, null=True)
    code = models.CharField(max_length=80)
    value = models.JSONField(null=True)
    source = models.CharField(max_length=20)
    recorded_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.pk)


class IntakeConsent(models.Model):
    """What was allowed."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    intake = models.ForeignKey(Intake, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=40)
    text = models.TextField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class IntakeMessage(models.Model):
    """What is to be sent on."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    intake = models.ForeignKey(Intake, on_delete=models.CASCADE)
    topic = models.CharField(max_length=40)
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.pk)


class Unit(models.Model):
    """Ten rows for the unit page."""

    title = models.CharField(max_length=80)
    text = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.pk)
