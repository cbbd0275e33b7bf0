"""What the ground floor does when something was announced."""

from portal.announcements import Notified
from portal.jobs import carry_notifications
from portal.kit.announce import enqueue, listen


@listen(Notified)
def hint_at_mail(said: Notified) -> None:
    """An e-mail waits: tell a worker."""
    enqueue(carry_notifications)
