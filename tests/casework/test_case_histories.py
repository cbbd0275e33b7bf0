"""Whatever person and workers do in whatever order, a case's history is a legal path of its state table and its clock is right."""

import datetime as dt
from contextlib import suppress
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from casework import clocks
from casework.actions import cases, requests
from casework.models import CaseGrant, InformationRequest, ProgrammeCase, StatusEvent
from casework.models.case import CASE_FLOW, ENDED, OPEN
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.kit.states import MoveRefused
from tests.factories.casework import REASON, make_scene

REFUSALS = (Refused, MoveRefused, cases.NotPossible, cases.CaseChanged)
workers = st.sampled_from(["worker", "decider"])
pages = st.sampled_from([0, 0, 0, 1])  # how many changes old the worker's page is


class Life(RuleBasedStateMachine):
    """One case, three people, and a clock that only runs forward."""

    @initialize()
    def apply(self) -> None:
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.scene = make_scene(screened=False)
        self.now = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
        self.case = self.scene.case(at=self.now)

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def step(self, who: str, action, age: int = 0, **fields) -> None:
        actor = getattr(self.scene, who)
        seen = {} if who == "citizen" else {"seen": self.current().lock_version - age}
        with acting_as(actor), suppress(*REFUSALS), transaction.atomic():
            action(by=actor, at=self.now, **seen, **fields)
            assert age == 0, "an older page changed the case"

    def current(self) -> ProgrammeCase:
        with acting_as(self.scene.worker):
            return ProgrammeCase.objects.select_related("agency").get(pk=self.case.pk)

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)

    @rule(who=workers, state=st.sampled_from(["in_assessment", "ready_for_decision", "decided", "closed"]), age=pages)
    def advance(self, who: str, state: str, age: int) -> None:
        self.step(who, cases.advance, age, case_id=self.case.pk, state=state)

    @rule(who=workers, age=pages, stops=st.booleans())
    def ask(self, who: str, age: int, stops: bool) -> None:
        day = (self.now + dt.timedelta(days=10)).date()
        self.step(who, requests.ask, age, case_id=self.case.pk, what="?", why="!", answer_by=day, stops_clock=stops)

    def open_request(self) -> InformationRequest | None:
        with acting_as(self.scene.worker):
            return InformationRequest.objects.filter(case=self.case, state="open").first()

    @rule()
    def answer(self) -> None:
        if request := self.open_request():
            self.step("citizen", requests.answer, request_id=request.pk, text="Here")

    @rule(who=workers)
    def take_question_back(self, who: str) -> None:
        if request := self.open_request():
            actor = getattr(self.scene, who)
            with acting_as(actor), suppress(*REFUSALS), transaction.atomic():
                requests.take_back(by=actor, case_id=self.case.pk, request_id=request.pk, at=self.now)

    @rule(who=workers)
    def decide(self, who: str) -> None:
        with suppress(*REFUSALS), transaction.atomic():
            self.scene.decide(self.current(), by=getattr(self.scene, who), at=self.now, reasons=[REASON])

    @rule(who=workers, age=pages)
    def close(self, who: str, age: int) -> None:
        self.step(who, cases.close, age, case_id=self.case.pk, text="You moved away")

    @rule(who=workers, age=pages)
    def reopen(self, who: str, age: int) -> None:
        self.step(who, cases.reopen, age, case_id=self.case.pk, text="You came back")

    @rule()
    def withdraw(self) -> None:
        self.step("citizen", cases.withdraw, case_id=self.case.pk)

    @invariant()
    def the_history_is_a_legal_path_without_gaps(self) -> None:
        if not hasattr(self, "case"):
            return
        with acting_as(self.scene.worker):
            events = list(StatusEvent.objects.filter(case=self.case))
        assert [event.number for event in events] == list(range(1, len(events) + 1))
        assert (events[0].came_from, events[0].state) == ("", "received")
        for before, after in pairwise(events):
            assert after.came_from == before.state
            assert (after.came_from, after.state) in CASE_FLOW.moves
        assert events[-1].state == self.current().state

    @invariant()
    def case_list_and_clock_agree(self) -> None:
        if not hasattr(self, "case"):
            return
        case = self.current()
        with acting_as(self.scene.worker):
            grant = CaseGrant.objects.get(content_object=case)
            waiting = list(InformationRequest.objects.filter(case=case, state="open").values_list("stops_clock", flat=True))
        assert grant.is_open == (case.state in OPEN)
        assert (grant.state, grant.due_on, grant.next_step, grant.lock_version, grant.paused_on, grant.assignee_id) == (
            case.state, case.due_on, case.next_step, case.lock_version, case.paused_on, case.assignee_id
        )  # fmt: skip
        assert bool(case.closed_on) == (case.state in ENDED)
        assert bool(waiting) == (case.state == "awaiting_information")
        assert bool(case.paused_on) == any(waiting)
        assert case.due_on == clocks.due_day(case.clock_from, case.standard_days, case.paused_days, "ENG")


@pytest.mark.slow
@pytest.mark.django_db
def test_every_history_is_legal():
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
