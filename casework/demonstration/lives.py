"""Act two: people tell their story, see results, apply, and agencies work, each step by the one who would take it."""

import datetime as dt
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from casework.actions import applications, cases, decisions, inbox, notes, referrals, requests
from casework.demonstration.cast import Citizen
from casework.demonstration.houses import colleague_of
from casework.jobs.delivery import drain
from casework.models import ProgrammeCase
from casework.queries.offers import doors
from consent.actions.consents import ask_to_screen
from consent.actions.facts import write
from consent.actions.people import add_member, set_contact, set_language_and_needs, set_name
from consent.actions.records import open_record
from consent.models import CaseRecord
from eligibility.actions.determinations import screen_as_machine
from eligibility.models import Determination
from portal.actions.demonstration import open_sign_in
from portal.kit.actor import Actor, acting_as
from portal.models import Agency

NAMESPACE = uuid.UUID("0d0b3a52-6f0e-4c53-9d0b-0d7e5d0c0a11")
DECIDED = ("granted", "refused")
# How many days before the load each stage's story began.
BEGAN = {"none": 2, "applied": 1, "assessing": 6, "asked": 9, "ready": 16, "granted": 34, "refused": 30}


def live(citizen: Citizen, by: Actor, now: dt.datetime) -> CaseRecord:
    """Walk one person to their stage. by: the command line, which may open accounts."""
    at = now - dt.timedelta(days=BEGAN[citizen.stage], hours=3)
    record, actor = _tell(citizen, by, at)
    screen_as_machine(record_id=record.pk, at=at)
    if citizen.stage != "none":
        _apply(citizen, record, actor, at + dt.timedelta(hours=1), now)
    return record


def _tell(citizen: Citizen, by: Actor, at: dt.datetime) -> tuple[CaseRecord, Actor]:
    user_id = None
    if citizen.account:
        user_id = open_sign_in(by=by, email=citizen.email, name=citizen.name, language=citizen.language, is_staff=False).pk
    officer = colleague_of(citizen.at_counter, "help_at_counter") if citizen.at_counter else None
    opener = officer or (Actor("citizen", user_id=user_id) if user_id else Actor.anonymous())
    with transaction.atomic():
        record = open_record(by=opener, at=at, language=citizen.language)
    actor = officer or Actor.citizen(person_id=record.person_id, user_id=user_id)
    with acting_as(actor), transaction.atomic():
        _write(citizen, record, actor, at)
        ask_to_screen(by=actor, record=record, language=citizen.language, at=at)
    return record, actor


def _write(citizen: Citizen, record: CaseRecord, actor: Actor, at: dt.datetime) -> None:
    changes: dict[str, Any] = {f"household.{name}": value for name, value in citizen.home.items()}
    ids = [record.person_id]
    for person in citizen.people[1:]:
        ids.append(add_member(by=actor, record=record, role=person["role"], at=at).pk)
    for person_id, person in zip(ids, citizen.people, strict=True):
        set_name(by=actor, record=record, person_id=person_id, full=person["name"], at=at)
        changes |= {f"{person_id}.{name}": value for name, value in person["facts"].items()}
    person_id = record.person_id
    set_contact(by=actor, record=record, person_id=person_id, kind="phone", value="020 7946 0999", at=at, safe="yes")
    if citizen.account:
        set_contact(by=actor, record=record, person_id=person_id, kind="email", value=citizen.email, at=at, safe="yes")
    set_language_and_needs(
        by=actor, record=record, language=citizen.language, interpreter_needed=citizen.interpreter, needs="", at=at
    )
    write(
        by=actor, record=record, changes=changes, source="counter" if actor.is_staff else "self",
        collected_under="screening", at=at,
    )  # fmt: skip


def _apply(citizen: Citizen, record: CaseRecord, actor: Actor, at: dt.datetime, now: dt.datetime) -> None:
    with acting_as(actor), transaction.atomic():
        found = list(Determination.objects.filter(record=record).select_related("programme_version__programme"))
        order = {"likely": 0, "unknown": 1, "not_likely": 2}
        codes = [row.programme_version.programme.code for row in found]
        shut = {door.code for door in doors(codes, timezone.localdate(at), is_counter=actor.is_staff) if door.is_shut}
        found = [row for row in found if row.programme_version.programme.code not in shut]
        ranked = sorted(found, key=lambda row: (order[row.outcome], row.programme_version.programme.code))
        chosen = [row.programme_version.programme.code for row in ranked if row.outcome == "likely"][:3] or [
            row.programme_version.programme.code for row in ranked[:1]
        ]
        if not chosen:
            return
        application = applications.send(
            by=actor, record=record, key=uuid.uuid5(NAMESPACE, citizen.slug), programmes=chosen,
            answers=dict.fromkeys(chosen, "allow"), language=citizen.language, at=at,
            method="spoken" if actor.is_staff else "screen",
        )  # fmt: skip
        made = list(ProgrammeCase.objects.filter(application=application).order_by("reference"))
        sent = {case.pk: case.agency.slug for case in made}
    for number, (case_id, slug) in enumerate(sent.items()):
        if number == 0:
            _work(citizen, case_id, slug, at + dt.timedelta(days=1, hours=2), now)
    if citizen.refer and sent:
        _refer(citizen, record, next(iter(sent.items())), now)


def _work(citizen: Citizen, case_id: uuid.UUID, slug: str, at: dt.datetime, now: dt.datetime) -> None:
    """The agency takes the first case as far as the story goes; the others wait unassigned."""
    if citizen.stage == "applied":
        return
    worker, chief = colleague_of(slug, "work_cases"), colleague_of(slug, "decide")
    with acting_as(worker), transaction.atomic():
        case = cases.advance(by=worker, case_id=case_id, seen=_seen(case_id), state="in_assessment", at=at)
        notes.write(by=worker, case_id=case_id, text="Read the answers; they fit together.", at=at)
        if citizen.stage == "asked":
            requests.ask(
                by=worker, case_id=case_id, seen=case.lock_version, at=at, what="Your latest payslip or bank statement",
                why="We need to see the income you told us about.", answer_by=timezone.localdate(now) + dt.timedelta(days=10),
            )  # fmt: skip
        if citizen.stage in ("ready", *DECIDED):
            cases.advance(
                by=worker, case_id=case_id, seen=case.lock_version, state="ready_for_decision", at=at + dt.timedelta(days=2)
            )
    if citizen.stage in DECIDED:
        _decide(citizen.stage, case_id, chief, at + dt.timedelta(days=3))


def _decide(outcome: str, case_id: uuid.UUID, chief: Actor, at: dt.datetime) -> None:
    with acting_as(chief), transaction.atomic():
        case = ProgrammeCase.objects.get(pk=case_id)
        determination = case.determination
        reasons = [_reason(outcome, determination)]
        decisions.decide(
            by=chief, case_id=case_id, seen=case.lock_version, outcome=outcome, reasons=reasons, at=at,
            amount_pence=determination.amount if determination and outcome == "granted" else None,
            per=determination.amount_per if determination and outcome == "granted" and determination.amount else "",
            effective_from=timezone.localdate(at) if outcome == "granted" else None,
        )  # fmt: skip


def _reason(outcome: str, determination: Determination | None) -> dict[str, str]:
    wanted = "met" if outcome == "granted" else "not_met"
    told = determination.explanation.get("explanation", []) if determination else []
    for criterion in told:
        if criterion["result"] == wanted:
            return {
                "criterion": criterion["id"],
                "fact": "Your answers and the papers you sent",
                "law": criterion["law"],
                "text": criterion["sentence"],
            }
    return {
        "criterion": "income",
        "fact": "The bank statement you sent",
        "law": "the programme's rules",
        "text": "The bank statement shows more income than the rules allow.",
    }


def _refer(citizen: Citizen, record: CaseRecord, first: tuple[uuid.UUID, str], now: dt.datetime) -> None:
    case_id, slug = first
    target = Agency.objects.get(slug=citizen.refer["to"])
    if target.slug == slug:
        return
    at = now - dt.timedelta(hours=6)
    sender, receiver = colleague_of(slug, "send_referrals"), colleague_of(target.slug, "receive_referrals")
    person = Actor.citizen(person_id=record.person_id)
    with acting_as(sender), transaction.atomic():
        referral = referrals.send(
            by=sender, record=record, target=target, need=citizen.refer["need"], service=citizen.refer["service"], at=at,
            programme_case_id=case_id, note="They asked for this themselves.",
        )  # fmt: skip
    with acting_as(person), transaction.atomic():
        if referral.state == "awaiting_consent":
            referrals.answer_request(
                by=person, referral_id=referral.pk, allow=True, language=citizen.language, at=at + dt.timedelta(minutes=30)
            )
    drain()
    if citizen.refer["stage"] == "sent":
        return
    with acting_as(receiver), transaction.atomic():
        task_id = referral.tasks.get().pk
        inbox.accept(by=receiver, task_id=task_id, at=now - dt.timedelta(hours=4))
        if citizen.refer["stage"] == "completed":
            inbox.start(by=receiver, task_id=task_id, at=now - dt.timedelta(hours=3))
            inbox.complete(
                by=receiver, task_id=task_id, outcome="got_help", at=now - dt.timedelta(hours=1), note="A payment plan is agreed."
            )


def _seen(case_id: uuid.UUID) -> int:
    return ProgrammeCase.objects.get(pk=case_id).lock_version
