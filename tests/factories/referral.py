"""Two agencies, their workers and a person between them, for tests of referrals."""

import datetime as dt
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from casework.actions.deliveries import carry
from casework.actions.referrals import send
from casework.models import Referral, ReferralDelivery, ReferralTask
from consent.models import CaseRecord, ProcessingActivity
from portal.kit.actor import Actor, acting_as
from portal.kit.outgoing import drain_one
from portal.models import Agency
from tests.factories.consent import NOW, allow, involve, make_activity, make_agency, make_record
from tests.factories.portal import actor_for, make_membership, make_user

_number = count(1)
TRIAGE = ("household.rent",)
AGREED = ("household.rent", "household.savings", "person.born_on", "identity.name", "identity.contact")
RECEIVING_ROLES = ("caseworker", "decision_maker", "machine")


def make_worker(agency: Agency, role: str = "caseworker") -> Actor:
    """A new colleague with account, second factor and membership, as actor."""
    return actor_for(make_membership(agency, role))


@dataclass
class Scene:
    """council refers record (whose person is citizen) to charity; the person has allowed nothing yet."""

    council: Agency
    charity: Agency
    record: CaseRecord
    citizen: Actor
    sender: Actor
    receiver: Actor
    activity: ProcessingActivity

    def allow(self, at: dt.datetime = NOW):
        """The person allows the charity to take referrals."""
        return allow(self.citizen, self.record, self.activity, at=at)

    def send(self, **fields: Any) -> Referral:
        """The council's worker sends."""
        wanted = {"record": self.record, "target": self.charity, "need": "debt", "service": "Debt advice", "at": NOW} | fields
        with acting_as(wanted.get("by", self.sender)):
            return send(**{"by": self.sender} | wanted)

    def task(self, referral: Referral) -> ReferralTask:
        """The newest task of the referral, as the house sees it."""
        with acting_as(Actor.machine("test", record_id=self.record.pk)):
            return ReferralTask.objects.select_related("referral").filter(referral=referral).order_by("-pk").first()

    def delivered(self, **fields: Any) -> ReferralTask:
        """Allowed, sent and delivered."""
        self.allow()
        referral = self.send(**fields)
        deliver()
        return self.task(referral)


def deliver(at: dt.datetime = NOW) -> int:
    """Carry all that is due at `at`, as the drain does; returns how many rows were handled."""
    handled = 0
    with acting_as(Actor.machine("delivery")):
        while drain_one(ReferralDelivery, partial(carry, now=lambda: at), now=lambda: at):
            handled += 1
    return handled


def make_scene(*, gate: str = "consent", inbox_url: str = "") -> Scene:
    """The scene, with facts told by the person and the council working on an application."""
    council = make_agency(f"council-{next(_number)}")
    charity = make_agency(f"charity-{next(_number)}", Agency.COMMUNITY, inbox_url=inbox_url)
    user = make_user()
    record, citizen = make_record(
        {"household.rent": {"amount": "950.00", "per": "month"}, "household.savings": "1200.00", "me.born_on": "1990-04-02"},
        user_id=user.pk,
    )
    involve(citizen, record, council)
    activity = make_activity(
        charity, purpose="referral", gate=gate, concepts=AGREED, triage_concepts=TRIAGE, roles=RECEIVING_ROLES
    )
    return Scene(council, charity, record, citizen, make_worker(council), make_worker(charity), activity)
