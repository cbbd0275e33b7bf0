"""E-mails about accounts: put out with their cause, in one transaction, and sent by a job."""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from portal.announcements import MailPutOut
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce
from portal.kit.outgoing import PENDING
from portal.models import AccountMail
from portal.sealing import seal

PURPOSE = "account-mail"
KEPT_FOR = timedelta(days=7)


@transaction.atomic
def put_out(*, by: Actor, kind: str, to: str, subject: str, body: str, at: datetime) -> AccountMail:
    """Write an e-mail about an account into the outbox; a job sends it, now or when the mail server is back.

    by: anybody, also somebody not signed in who forgot a password. kind: the name of our text. to: the address.
    """
    sealed = seal(PURPOSE, json.dumps({"to": to, "subject": subject, "body": body}))
    mail = AccountMail.objects.create(kind=kind, sealed=sealed, created_at=at, next_at=at, good_until=at + AccountMail.LIFE)
    announce(MailPutOut(mail.pk))
    return mail


@transaction.atomic
def forget_old(*, by: Actor, at: datetime) -> int:
    """Delete e-mails that ended a week ago and return how many. Raises Refused for people."""
    if not by.is_machine:
        raise Refused
    ended = AccountMail.objects.filter(~Q(state=PENDING), ended_at__lt=at - KEPT_FOR)
    return ended.delete()[0]
