"""One person with unmistakable facts between two agencies, everybody who may try their doors, and how one knocks.

Made through the product's own actions. `build()` wants an open transaction, or commits when there is none.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from casework.actions import applications, cases, decisions, inbox, notes, referrals, requests
from casework.actions.deliveries import carry
from casework.models import CaseTask, Letter, ProgrammeCase, Referral, ReferralDelivery, ReferralTask
from consent.actions.consents import give, withdraw
from consent.models import CaseRecord, Consent
from eligibility.actions.determinations import screen_as_machine
from eligibility.actions.programmes import begin_draft, save_draft
from eligibility.actions.proposals import allow_local_rules, begin, save_proposal, send
from portal.actions.machines import register_client
from portal.kit.actor import Actor, acting_as
from portal.kit.outgoing import drain_one
from portal.models import Agency, Membership, Notification, User
from portal.roles import STAFF_CHOICES
from tests.factories import consent as records
from tests.factories import eligibility, intake, portal

# What must not turn up where its reader has no business. Facts of the person first, then words between two parties.
NAME, PHONE, EMAIL = "Zephyrine Quillfeather", "020 7946 0417", "zq.marker@example.org"
SAVINGS, SAVINGS_SHOWN = "123456.78", "123,456.78"
ANSWER, NOTE, REFERRAL_NOTE = "my answer is marmalade-answer", "the agency keeps basalt-note", "please mind the cobalt-referral"
BORN, BORN_SHOWN = "1951-03-17", "17 March 1951"
FACTS = (NAME, PHONE, EMAIL, SAVINGS, SAVINGS_SHOWN, BORN, BORN_SHOWN)
MARKERS = (*FACTS, ANSWER, NOTE, REFERRAL_NOTE)
ROLES = tuple(code for code, _label in STAFF_CHOICES)
SHORT = {
    "counter_officer": "counter", "caseworker": "case", "decision_maker": "decide", "programme_admin": "programme",
    "agency_admin": "admin", "data_protection_officer": "protect", "auditor": "audit",
}  # fmt: skip
PEOPLE = ("anonymous", "owner", "other", "bare")
COLLEAGUES = tuple(f"{SHORT[role]}{number}" for number in (1, 2) for role in ROLES)
EVERYBODY = (*PEOPLE, *COLLEAGUES, "case3", "token1", "token2")
WARM = eligibility.HEATING.replace('"heating_help"', '"warm_help"').replace("Heating help", "Warm help")
CONCEPTS = (*eligibility.SCREENED, "identity.name", "identity.contact", "identity.language_and_needs")


@dataclass
class Stage:
    """owner's record between first (decides on two applications) and second (took on a referral).

    clients, headers: by the names in EVERYBODY. values: what is put into the addresses, by parameter, or by (route, parameter).
    """

    first: Agency
    second: Agency
    record: CaseRecord
    owner: Actor
    workers: Mapping[str, Actor]
    clients: dict[str, Client] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    values: dict[Any, Any] = field(default_factory=dict)

    def address(self, route: str, names: tuple[str, ...], **instead: Any) -> str:
        """The address of a route with the owner's objects in it."""
        given = {name: instead.get(name) or self.values.get((route, name)) or self.values[name] for name in names}
        return reverse(route, kwargs=given)

    def knock(self, who: str, method: str, path: str, data: Any = None, **more: Any) -> HttpResponse:
        """One request whose effects, also on the browser, are undone."""
        client = self.clients[who]
        cookies = SimpleCookie({name: morsel.value for name, morsel in client.cookies.items()})
        with undone():
            answer = getattr(client, method)(path, data, headers=self.headers.get(who), **more)
        client.cookies = cookies
        return answer

    def stop_everything(self) -> None:
        """The person withdraws every permission."""
        with acting_as(self.owner), transaction.atomic():
            for consent in Consent.objects.filter(record=self.record, state__in=("given", "renewed")):
                withdraw(by=self.owner, consent=consent, at=timezone.now())


@contextmanager
def undone() -> Iterator[None]:
    """What happens within is rolled back to a savepoint."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def routes() -> list[tuple[str, tuple[str, ...]]]:
    """(name, parameters) of every address of the house, from the resolver."""

    def walk(resolver: Any, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                yield from walk(entry, (*names, entry.namespace) if entry.namespace else names)
            elif isinstance(entry, URLPattern):
                yield ":".join([*names, entry.name or str(entry.pattern)]), tuple(sorted(entry.pattern.regex.groupindex))

    return sorted(walk(get_resolver(), ()))


def build() -> Stage:
    """Everything there is to find, and everybody who looks."""
    at = timezone.now() - dt.timedelta(minutes=1)  # the database's clock stands still within a transaction
    versions = eligibility.load(eligibility.read_definition(), eligibility.read_definition(WARM, eligibility.HEATING_CASES))
    first = versions[0].programme.agency
    second, third, fourth = (
        records.make_agency(slug, Agency.COMMUNITY) for slug in ("second-house", "third-house", "fourth-house")
    )
    eligibility.allow_screening()
    seats = {f"{SHORT[role]}{number}": _seat(house, role) for number, house in ((1, first), (2, second)) for role in ROLES}
    seats["case3"] = _seat(third, "caseworker")
    workers = {name: portal.actor_for(seat) for name, seat in seats.items()}
    for programme in ("heating_help", "warm_help"):
        records.make_activity(first, programme=programme, concepts=CONCEPTS)
    user = portal.make_user(EMAIL, name=NAME)
    facts = {"household.savings": SAVINGS, "me.born_on": BORN}
    record, owner = records.make_record(facts, at=at, user_id=user.pk)
    stage = Stage(first, second, record, owner, workers)
    screen_as_machine(record_id=record.pk, at=at)
    _apply(stage, at)
    _refer(stage, (second, fourth), at)
    _programme_draft(stage, versions[0], at)
    _local_rule_proposed(stage, versions[0].programme, at)
    _draft_of_answers(stage, at)
    _sign_in(stage, user, seats, at)
    stage.values |= {
        "office_id": portal.make_office(first).pk, "team_id": portal.make_team(first).pk, "membership_id": seats["case1"].pk,
        "record_id": record.pk, "key": uuid4(), "uidb36": "1", "name": "1.eml", "look": "staff", "step": "accepted",
    }  # fmt: skip
    return stage


def _seat(agency: Agency, role: str) -> Membership:
    return portal.make_membership(agency, role, **({"office": portal.make_office(agency)} if role == "caseworker" else {}))


def _apply(stage: Stage, at: dt.datetime) -> None:
    """Two applications: one is assessed (with a question answered and one open), one is decided and has its letter."""
    wanted, owner, worker, chief = ["heating_help", "warm_help"], stage.owner, stage.workers["case1"], stage.workers["decide1"]
    key = uuid4()
    with acting_as(owner), transaction.atomic():
        applications.send(
            by=owner, record=stage.record, key=key, programmes=wanted, answers=dict.fromkeys(wanted, "allow"), language="en", at=at,
            name=NAME, contacts={"phone": PHONE, "email": EMAIL}, safe="yes",
        )  # fmt: skip
    with acting_as(worker), transaction.atomic():
        open_id, decided_id = (ProgrammeCase.objects.get(programme=code).pk for code in wanted)
        for case_id, states in ((open_id, ["in_assessment"]), (decided_id, ["in_assessment", "ready_for_decision"])):
            for state in states:
                cases.advance(by=worker, case_id=case_id, seen=_seen(case_id), state=state, at=at)
        notes.write(by=worker, case_id=open_id, text=NOTE, at=at)
        asked = [
            requests.ask(
                by=worker, case_id=open_id, seen=_seen(open_id), what="Why did you move?", why="The rule asks for it.", at=at,
                answer_by=timezone.localdate(at) + dt.timedelta(days=9),
            ).pk
            for _time in range(2)
        ]  # fmt: skip
    with acting_as(owner), transaction.atomic():
        requests.answer(by=owner, request_id=asked[0], text=ANSWER, at=at)
    with acting_as(chief), transaction.atomic():
        decisions.decide(
            by=chief, case_id=decided_id, seen=_seen(decided_id), outcome="refused", at=at,
            reasons=[{"criterion": "savings", "fact": "household.savings", "law": "Heating Act s.2", "text": "Too much is saved."}],
        )  # fmt: skip
    with acting_as(worker), transaction.atomic():
        task = CaseTask.objects.filter(case_id=open_id).first()
        stage.values |= {
            "case_id": open_id, "request_id": asked[1], "task_id": task.pk if task else uuid4(),
            "letter_id": Letter.objects.get(case_id=decided_id).pk, ("casework:applied", "key"): key,
            ("casework:reopen", "case_id"): decided_id, "decided_id": decided_id,
        }  # fmt: skip
    with acting_as(owner), transaction.atomic():
        consent = Consent.objects.filter(record=stage.record, agency=stage.first).order_by("pk").first()
        stage.values["consent_id"] = consent.pk
    stage.values["notification_id"] = Notification.objects.filter(user_id=owner.user_id).order_by("created_at").first().pk


def _seen(case_id: UUID) -> int:
    return ProgrammeCase.objects.get(pk=case_id).lock_version


def _refer(stage: Stage, targets: tuple[Agency, Agency], at: dt.datetime) -> None:
    """The second agency has taken a referral on; one to the fourth could not be delivered."""
    worker, receiver, owner = stage.workers["case1"], stage.workers["case2"], stage.owner
    made: list[Referral] = []
    for target in targets:
        activity = records.make_activity(
            target, purpose="referral", gate="consent", concepts=CONCEPTS, triage_concepts=("household.savings",),
            roles=("caseworker", "decision_maker", "machine"),
        )  # fmt: skip
        with acting_as(owner), transaction.atomic():
            give(by=owner, record=stage.record, activity=activity, until=at + dt.timedelta(days=90), language="en", at=at)
        with acting_as(worker), transaction.atomic():
            made.append(
                referrals.send(
                    by=worker, record=stage.record, target=target, need="debt", service="Debt advice", at=at, note=REFERRAL_NOTE
                )
            )
        if target == targets[0]:
            deliver(at)
    machine = Actor.machine("stage", record_id=stage.record.pk)
    with acting_as(machine), transaction.atomic():
        taken = ReferralTask.objects.get(referral=made[0])
        stuck = ReferralDelivery.objects.filter(task__referral=made[1])
        stuck.update(state="dead", ended_at=at, last_error="answered 400")
        stage.values["delivery_id"] = stuck.get().pk
    with acting_as(receiver), transaction.atomic():
        inbox.look(by=receiver, task_id=taken.pk, at=at)
        inbox.accept(by=receiver, task_id=taken.pk, at=at)
    stage.values["referral_id"] = made[0].pk
    stage.values["stuck_referral_id"] = made[1].pk
    for route in ("casework:referral_helped", "casework:referral_look", "casework:referral_step", "api:referrals_inbox_task"):
        stage.values[route, "task_id"] = taken.pk


def deliver(at: dt.datetime) -> None:
    """Carry all that is due, as the drain does."""
    with acting_as(Actor.machine("delivery")):
        while drain_one(ReferralDelivery, partial(carry, now=lambda: at), now=lambda: at):
            pass


def _programme_draft(stage: Stage, version: Any, at: dt.datetime) -> None:
    admin = stage.workers["programme1"]
    with acting_as(admin), transaction.atomic():
        draft = begin_draft(by=admin, version=version, at=at)
        local = {
            "id": "newham",
            "name": "Newham",
            "local_authorities": ["newham"],
            "law": "Newham scheme",
            "leaves_out": ["savings"],
        }
        local["limits"] = {"rate": draft.definition["limits"]["rate"]}
        data = {**draft.definition, "variants": [local], "worked_out": {"sixty": {"is": "applicant.age >= 60"}}}
        data["windows"] = [{"opens": "01-01", "closes": "12-31"}]
        save_draft(by=admin, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=at)
    stage.values |= {"code": "heating_help", "number": draft.number, "id_": "savings", "place": "newham", "position": 0}
    stage.values["eligibility:admin_criterion_local", "id_"] = "age"
    stage.values |= {("eligibility:admin_example", "id_"): data["cases"]["case"][0]["id"]}
    stage.values |= {("eligibility:admin_shared_limit", "name"): "pension_age", "limit": "pension_age_months"}
    for local in ("", "_local"):
        for route, name in (("limit", "rate"), ("limit_remove", "rate"), ("worked_out", "sixty")):
            stage.values[f"eligibility:admin_{route}{local}", "name"] = name


def _local_rule_proposed(stage: Stage, programme: Any, at: dt.datetime) -> None:
    """The second agency has sent the first one a local rule for its own council."""
    owner, writer = stage.workers["programme1"], stage.workers["programme2"]
    portal.make_office(stage.second, name="Hackney office", local_authorities=["hackney"])
    with acting_as(owner), transaction.atomic():
        allow_local_rules(by=owner, programme=programme, allowed=True)
    programme.refresh_from_db()
    about = {"name": "Hackney", "law": "Hackney scheme", "local_authorities": ["hackney"]}
    with acting_as(writer), transaction.atomic():
        proposal = begin(by=writer, programme=programme, about=about, at=at)
        base = proposal.base.definition
        variant = {**proposal.variant, "worked_out": {"sixty": {"is": "applicant.age >= 60"}}, "criteria": base["criteria"][:1]}
        variant["limits"] = {"rate": base["limits"]["rate"]}
        case = {**base["cases"]["case"][0], "id": "here", "household": {"local_authority": "hackney"}}
        cases = {**base["cases"], "case": [*base["cases"]["case"], case]}
        data = {**base, "variants": [variant], "cases": cases}
        proposal = save_proposal(by=writer, proposal_id=proposal.pk, data=data, lock_version=proposal.lock_version, at=at)
        send(by=writer, proposal_id=proposal.pk, lock_version=proposal.lock_version, note="", at=at)
    stage.values |= {"proposal": proposal.pk, ("eligibility:admin_example_proposed", "id_"): "here"}
    stage.values["eligibility:admin_criterion_proposed", "id_"] = "age"
    for route, name in (("limit", "rate"), ("limit_remove", "rate"), ("worked_out", "sixty")):
        stage.values[f"eligibility:admin_{route}_proposed", "name"] = name


def _draft_of_answers(stage: Stage, at: dt.datetime) -> None:
    with acting_as(stage.owner), transaction.atomic():
        draft, _code = intake.make_draft({}, by=stage.owner, at=at)
        member = intake.add(draft, "child", "Marker Child", "2019-01-01", by=stage.owner)
    stage.values |= {
        "submission_id": draft.pk, "member_id": member, ("intake:section", "code"): "household",
        ("intake:question", "subject"): "household", ("intake:question", "code"): "savings",
    }  # fmt: skip


def _sign_in(stage: Stage, user: User, seats: Mapping[str, Membership], at: dt.datetime) -> None:
    for name in EVERYBODY:
        stage.clients[name] = Client(raise_request_exception=False)
    other = portal.make_user("other@example.org", name="Other Person")
    records.make_record({"household.savings": "5"}, at=at, user_id=other.pk)
    bare, _citizen = records.make_record({"household.savings": "7"}, at=at)
    session = stage.clients["bare"].session
    session["person_id"] = str(bare.person_id)
    session.save()
    for name, account in [("owner", user), ("other", other), *((name, seat.user) for name, seat in seats.items())]:
        answer = portal.sign_in(stage.clients[name], account)
        assert answer.status_code == 302, (name, answer.content[:300])
    for number, agency in ((1, stage.first), (2, stage.second)):
        _client, token = register_client(by=records.INSTALLER, agency=agency, name=f"System {number}", at=at)
        stage.headers[f"token{number}"] = {"Authorization": f"Bearer {token}"}
