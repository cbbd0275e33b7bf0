"""Carries e-mails out of the two outboxes: notices, and those about accounts.

At least once: a worker that dies between the mail server's yes and our commit leaves the row waiting, and it is sent
again under the same Message-ID, by which mail programs know a copy.
"""

import json
from smtplib import SMTPException, SMTPRecipientsRefused

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from portal.actions.mails import PURPOSE
from portal.kit.outgoing import Outgoing, Recalled, Retry, Undeliverable
from portal.models import AccountMail, Notification
from portal.sealing import Unreadable, unseal

REFUSED_FOR_GOOD = 500  # SMTP replies from here on are final, those below say "later" (RFC 5321, 4.2.1)


def carry(notification: Notification) -> None:
    """Send one notice's e-mail: an id and a link, in the user's language, never content (ASVS 5.0, 14.2.1).

    Raises Recalled when it was read meanwhile, Undeliverable without a confirmed address or when the mail server refuses
    it, Retry when the mail server cannot be reached.
    """
    if notification.read_at is not None:
        raise Recalled("read in the portal before the e-mail went out")
    user = notification.user
    address = EmailAddress.objects.filter(user=user, verified=True, primary=True).first()
    if address is None or not user.is_active:
        raise Undeliverable("no confirmed e-mail address")
    with translation.override(user.language):
        words = {"link": settings.PUBLIC_URL + reverse("portal:notifications"), "reference": str(notification.pk)[-12:]}
        subject = render_to_string("emails/notification_subject.txt").strip()
        body = render_to_string("emails/notification.txt", words)
    _send(notification, to=address.email, subject=subject, body=body)


def carry_account_mail(mail: AccountMail) -> None:
    """Send one e-mail about an account.

    Raises Recalled when its time is over, Undeliverable when it cannot be read any more or the mail server refuses it,
    Retry when the mail server cannot be reached.
    """
    if mail.good_until < timezone.now():
        raise Recalled("too late to be of use")
    try:
        words = json.loads(unseal(PURPOSE, mail.sealed))
    except Unreadable as error:
        raise Undeliverable(str(error)) from error
    _send(mail, **words)


def _send(row: Outgoing, *, to: str, subject: str, body: str) -> None:
    message = EmailMessage(
        subject=subject,
        body=body,
        to=[to],
        headers={"Message-ID": f"<{row.pk}@onedoor>", "Auto-Submitted": "auto-generated"},
    )
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        if all(code < REFUSED_FOR_GOOD for code, _words in error.recipients.values()):
            raise Retry("the mail server asks to come back later") from error
        raise Undeliverable(f"refused by the mail server: {type(error).__name__}") from error
    except (SMTPException, OSError) as error:
        raise Retry(f"mail server not reached: {type(error).__name__}") from error
    except ValueError as error:  # an address or a header that no mail server would take
        raise Undeliverable(f"not an e-mail: {type(error).__name__}") from error
