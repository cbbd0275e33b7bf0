"""The outbox of referrals. Ids only: what is delivered is read through the gate at the moment of delivery."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.kit.outgoing import DEAD, Outgoing


class ReferralDelivery(Outgoing):
    """One message to a target, delivered once. For a request `id` is the task's id: the key the receiver dedupes on.

    message: `request` carries the referral, `stop` tells that the sharing has ended.
    """

    FIRST_DELAY = dt.timedelta(seconds=2)
    LONGEST_DELAY = dt.timedelta(minutes=30)
    MOST_ATTEMPTS = 15
    REQUEST, STOP = "request", "stop"

    task = models.ForeignKey("casework.ReferralTask", on_delete=models.PROTECT, related_name="deliveries")
    record = models.ForeignKey("consent.CaseRecord", on_delete=models.PROTECT, related_name="+")
    requester = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("portal.Agency", on_delete=models.PROTECT, related_name="+")
    message = models.CharField(max_length=7, default=REQUEST, choices=[(REQUEST, _("Referral")), (STOP, _("Stop"))])

    class Meta:
        verbose_name_plural = _("referral deliveries")
        constraints = [models.UniqueConstraint(fields=["task", "message"], name="referral_delivery_once")]
        indexes = [
            Outgoing.due_index("referral_delivery_due"),
            models.Index(fields=["requester", "-ended_at"], condition=Q(state=DEAD), name="referral_delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.message} {self.state}"
