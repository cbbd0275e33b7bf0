"""E-mails about an account: a link that confirms an address or sets a password, or the news that either was changed.

They hold what a notification's e-mail never does, a secret link and an address that may be nobody's. So they have an
outbox of their own: sealed while they wait, emptied when they are sent, and gone a week later.
"""

import datetime as dt

from django.db import models
from django.db.models import Q

from portal.kit.outgoing import PENDING, Outgoing


class AccountMail(Outgoing):
    """One e-mail about an account.

    kind: which of our texts, as its template is called; sealed: address, subject and text under the key of this
    installation, empty once the row ended; good_until: when sending it would help nobody any more.
    """

    LONGEST_DELAY = dt.timedelta(minutes=5)  # somebody waits for it
    MOST_ATTEMPTS = 1000  # more than fit into LIFE: the time ends them, not the count
    LIFE = dt.timedelta(days=2)  # the links in it are good for three
    EMPTIED = ("sealed",)

    kind = models.CharField(max_length=60)
    sealed = models.TextField()
    good_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(state=PENDING) | Q(sealed=""), name="account_mail_keeps_no_secret")]
        indexes = [Outgoing.due_index("account_mail_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
