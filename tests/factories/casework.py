"""A council with its workers, a programme, and a person who applies, for tests of cases."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from casework.actions import applications, cases, decisions
from casework.models import Application, Decision, ProgrammeCase
from casework.queries.cases import case_for_worker
from consent.models import CaseRecord, ProcessingActivity
from eligibility.actions.determinations import screen_as_machine
from eligibility.models import ProgrammeVersion
from portal.kit.actor import Actor, acting_as
from portal.models import Agency, Membership
from tests.factories import eligibility, portal
from tests.factories.consent import make_activity, make_record

CONCEPTS = (*eligibility.SCREENED, "identity.name", "identity.contact", "identity.language_and_needs")
FACTS = {"household.savings": "1200.00", "me.born_on": "1950-04-02"}
PROGRAMME = "heating_help"


@dataclass
class Scene:
    """council offers Heating help; record's person is citizen; worker and decider work at the council."""

    council: Agency
    version: ProgrammeVersion
    activity: ProcessingActivity
    record: CaseRecord
    citizen: Actor
    worker: Actor
    decider: Actor
    worker_membership: Membership
    decider_membership: Membership

    def apply(self, answer: str = "allow", *, key: UUID | None = None, at: dt.datetime | None = None, **fields) -> Application:
        """The person applies for Heating help, a minute ago: the database's clock stands still within a test."""
        with acting_as(self.citizen):
            return applications.send(
                **{
                    "by": self.citizen, "record": self.record, "key": key or uuid4(), "programmes": [PROGRAMME],
                    "answers": {PROGRAMME: answer}, "language": "en", "at": at or timezone.now() - dt.timedelta(minutes=1), "name": "Amina Rahal",
                } | fields
            )  # fmt: skip

    def case(self, answer: str = "allow", **fields) -> ProgrammeCase:
        """The case that an application makes, as the worker sees it."""
        self.apply(answer, **fields)
        with acting_as(self.worker), transaction.atomic():
            return ProgrammeCase.objects.get(person_id=self.record.person_id, programme=PROGRAMME, closed_on=None)

    def fresh(self, case: ProgrammeCase) -> ProgrammeCase:
        """The case as it is now."""
        with acting_as(self.worker), transaction.atomic():
            return case_for_worker(self.worker, case.pk)

    def ready(self, case: ProgrammeCase, at: dt.datetime | None = None) -> ProgrammeCase:
        """The case taken up and ready for a decision."""
        for state in ("in_assessment", "ready_for_decision"):
            with acting_as(self.worker), transaction.atomic():
                case = cases.advance(
                    by=self.worker, case_id=case.pk, seen=case.lock_version, state=state, at=at or timezone.now()
                )
        return case

    def decide(self, case: ProgrammeCase, **fields) -> Decision:
        """The decision maker signs; a refusal for savings unless told otherwise."""
        case = self.fresh(case)
        with acting_as(self.decider):
            return decisions.decide(
                **{
                    "by": self.decider, "case_id": case.pk, "seen": case.lock_version, "outcome": "refused", "at": timezone.now(),
                    "reasons": [REASON],
                } | fields
            )  # fmt: skip


REASON: Mapping[str, str] = {
    "criterion": "savings",
    "fact": "household.savings",
    "fact_words": "Savings: £1,200",
    "law": "Heating Act s.2",
    "text": "Your savings of £1,200 are above £1,000",
}


def make_scene(*, gate: str = "explicit_request", has_account: bool = True, screened: bool = True) -> Scene:
    """The scene, with facts told by the person and, unless told otherwise, screened."""
    [version] = eligibility.load(eligibility.read_definition())
    council = version.programme.agency
    office = portal.make_office(council)
    team = portal.make_team(council)
    team.office = office
    team.save()
    worker = portal.make_membership(council, "caseworker", team=team, office=office, phone="020 7946 0111")
    decider = portal.make_membership(council, "decision_maker", team=team, office=office)
    activity = make_activity(council, programme=PROGRAMME, gate=gate, concepts=CONCEPTS)
    user = portal.make_user() if has_account else None
    record, citizen = make_record(FACTS, at=timezone.now(), user_id=user.pk if user else None)
    if screened:
        eligibility.allow_screening()
        screen_as_machine(record_id=record.pk, at=timezone.now())
    return Scene(
        council, version, activity, record, citizen, portal.actor_for(worker), portal.actor_for(decider), worker, decider
    )
