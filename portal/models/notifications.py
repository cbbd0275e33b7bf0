"""Notifications: a line in the portal and an e-mail that holds an id and a link only, never content."""

from django.db import models

from portal.kit.outgoing import Outgoing


class Notification(Outgoing):
    """Tells a user that something is waiting. The Outgoing part is its e-mail; `read_at` its life in the portal.

    kind: a code of `portal.notices.KINDS`; path: where it leads on this site; parameters: names for the sentence,
    never facts (an agency's or a programme's name, a reference).
    """

    MOST_ATTEMPTS = 60  # with the longest delay two days: a mail server may be away for a night and a day

    user = models.ForeignKey("portal.User", on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-created_at"], name="notification_of_user"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notification_unread"),
            Outgoing.due_index("notification_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
