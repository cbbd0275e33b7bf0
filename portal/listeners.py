"""What the ground floor does when something was announced."""

from portal.announcements import MailPutOut, Notified
from portal.jobs import carry_mails, carry_notifications
from portal.kit.announce import enqueue, listen


@listen(Notified)
def hint_at_mail(said: Notified) -> None:
    """An e-mail waits: tell a worker."""
    enqueue(carry_notifications)


@listen(MailPutOut)
def hint_at_account_mail(said: MailPutOut) -> None:
    """Somebody waits for an e-mail about their account: tell a worker."""
    enqueue(carry_mails)
