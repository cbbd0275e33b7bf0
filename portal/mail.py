"""Carries notices by e-mail: an id and a link, in the user's language, never content (ASVS 5.0, 14.2.1)."""

from smtplib import SMTPException, SMTPRecipientsRefused

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from portal.kit.outgoing import Recalled, Retry, Undeliverable
from portal.models import Notification


def carry(notification: Notification) -> None:
    """Send one notice's e-mail.

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
        message = EmailMessage(
            subject=render_to_string("emails/notification_subject.txt").strip(),
            body=render_to_string("emails/notification.txt", words),
            to=[address.email],
            headers={"Message-ID": f"<{notification.pk}@onedoor>", "Auto-Submitted": "auto-generated"},
        )
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        raise Undeliverable(f"refused by the mail server: {type(error).__name__}") from error
    except (SMTPException, OSError) as error:
        raise Retry(f"mail server not reached: {type(error).__name__}") from error
