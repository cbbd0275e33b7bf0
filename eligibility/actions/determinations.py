"""Screening: all programmes in force for one record, in one call, kept as determinations."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from consent.actions.release import release
from consent.models import CaseRecord, Person
from consent.permit import Released
from consent.queries.records import record_for
from eligibility.announcements import Determined
from eligibility.engine import Assessment, Change, Compiled, changes_ahead, ways_out
from eligibility.interchange import InterchangeError
from eligibility.language.tree import digest
from eligibility.models import Determination, ProgrammeVersion, Screening
from eligibility.queries.catalogue import bare_in_force, concepts_of, rulebook_of, rules_digest
from eligibility.queries.screening import is_fresh, operator
from portal.actions.notifications import notify
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from portal.kit.announce import announce
from portal.kit.locks import hold
from portal.queries.notifications import is_waiting

RESULTS_CHANGED = "results_changed"  # the kind of the notice
LOOK_AHEAD = 400  # days: a result that changes later is looked at again in time
_OF_THE_DAY = ("on", "replay_hash", "outlook")  # parts of an explanation that a new day may change while the result stays


def screen_as_machine(
    *, record_id: UUID, at: dt.datetime, wait: bool = True, operator_id: UUID | None = None
) -> Screening | None:
    """`screen` in a transaction of its own, as the machine that acts for the portal's operator.

    operator_id: the operator's, where the caller knows it. A refusal of the gate is kept: in the access log, and with the
    screening so that nobody tries again in vain.
    """
    if operator_id is None:
        with acting_as(Actor.machine("screening")), transaction.atomic():
            operator_id = operator().pk
    by = Actor.machine("screening", agency_id=operator_id, record_id=record_id)
    on = timezone.localdate(at)
    with acting_as(by), transaction.atomic():
        if not _alone(record_id, wait):
            return None
        try:
            with transaction.atomic():
                return _screen(by, record_id, on, at, try_refused=wait)
        except Refused as refusal:  # told of the same rules and version: the record is still ours alone
            refusal.keep_trace()
            return _keep_refusal(record_id=record_id, on=on, at=at, reason=str(refusal))


@transaction.atomic
def screen(*, by: Actor, record_id: UUID, on: dt.date, at: dt.datetime, wait: bool = True) -> Screening | None:
    """Assess a record by every programme in force on `on`; returns how far it is screened, None when it is not there or another screens it.

    by: the machine made for this record. wait: wait for another screening of the record to end, else leave it to that one.
    A repeat writes nothing: a determination is stored only where something in it is new. A refused screening is tried again. Raises Refused (the gate's).
    """
    return _screen(by, record_id, on, at, try_refused=wait) if _alone(record_id, wait) else None


def _screen(by: Actor, record_id: UUID, on: dt.date, at: dt.datetime, *, try_refused: bool) -> Screening | None:
    record = CaseRecord.objects.filter(pk=record_id).first()
    if record is None:
        return None
    done = Screening.objects.filter(record=record).first()
    if done is not None:
        on = max(on, done.on)  # one that was asked for before midnight and waited until after it
    versions = bare_in_force(on)
    rules = rules_digest(versions)
    if done and is_fresh(done, record_version=record.version, rules=rules, on=on) and not (try_refused and done.refused):
        return done
    book = rulebook_of(versions)
    ready = book.on(on)
    needs = concepts_of(book, on)
    if not needs:
        return _keep(record, record.version, rules, on, at, next_on=None)
    released = release(by=by, record=record_for(record_id), purpose="screening", concepts=needs, at=at, operation="screen")
    try:
        answers = book.assess({"id": str(record_id), **released.as_household()}, on)
    except InterchangeError as error:
        return _keep(record, released.version, rules, on, at, next_on=None, refused="; ".join(error.problems))
    ahead = changes_ahead(answers, book, LOOK_AHEAD)
    kept = _kept(record, released.version)
    made, days, told_anew = [], [], False
    for version in versions:
        answer = answers.get(version.programme.code)
        if answer is None:
            continue
        changes = ahead[answer.code]
        days += [change.on for change in changes[:1]]
        determination = _determination(record, released, version, answer, _outlook(answer, ready, changes), on, at)
        before = kept.get(version.programme_id)
        if before is None:
            made.append(determination)
        elif _is_new(determination, before):
            determination.number = before.number + 1
            made.append(determination)
            told_anew = told_anew or _says_else(determination, before)
    Determination.objects.bulk_create(made)
    screening = _keep(record, released.version, rules, on, at, next_on=min(days, default=on + dt.timedelta(days=LOOK_AHEAD)))
    if made:
        announce(Determined(record.pk, released.version))
    if told_anew:
        _tell_of_change(by, record, at)
    return screening


def _alone(record_id: UUID, wait: bool) -> bool:
    """Hold the record's screening for this transaction; without `wait`, False when another holds it."""
    return hold(f"screening:{record_id}", wait=wait)


def _kept(record: CaseRecord, record_version: int) -> dict[UUID, Determination]:
    """{programme: what its rule, of whichever version, last said about this version of the record}."""
    rows = Determination.objects.filter(record=record, record_version=record_version).annotate(
        programme_id=F("programme_version__programme")
    )
    return {row.programme_id: row for row in rows.order_by("programme_id", "-number").distinct("programme_id")}


def _determination(
    record: CaseRecord,
    released: Released,
    version: ProgrammeVersion,
    answer: Assessment,
    outlook: dict[str, Any],
    on: dt.date,
    at: dt.datetime,
) -> Determination:
    explanation = answer.to_dict()
    inputs = explanation.pop("inputs")
    least, most = answer.amount_range or (None, None)
    return Determination(
        record=record,
        record_version=released.version,
        programme_version=version,
        agency_id=version.programme.agency_id,
        on=on,
        outcome=answer.outcome,
        amount=_pence(answer.amount),
        amount_least=_pence(least),
        amount_most=_pence(most),
        amount_per=answer.per or "",
        missing=[record_key(key) for key in answer.missing],
        explanation=explanation | {"outlook": outlook, "sources": _sources(explanation, released)},
        inputs=inputs,
        inputs_sha256=digest(inputs),
        changes_on=min((dt.date.fromisoformat(change["on"]) for change in outlook["changes"]), default=None),
        created_at=at,
    )


def _sources(explanation: Mapping[str, Any], released: Released) -> dict[str, dict[str, str]]:
    """{record key: who said it and when} of the facts the criteria rest on."""
    keys = {record_key(value["key"]) for item in explanation["explanation"] for value in item["values"]}
    told = {key: released.provenance[key] for key in sorted(keys) if key in released.provenance}
    return {key: {name: said[name] for name in ("source", "by", "at") if said.get(name)} for key, said in told.items()}


def _outlook(answer: Assessment, ready: Mapping[str, Compiled], changes: Iterable[Change]) -> dict[str, Any]:
    """What would change the result, as plain data: single changes of facts, and dates."""
    return {
        "ways_out": [
            {"key": way.key, "test": way.test, "value": way.value, "words": way.words} for way in ways_out(answer, ready)
        ],
        "changes": [
            {
                "on": change.on.isoformat(),
                "before": change.before,
                "after": change.after,
                "amount_before": None if change.amount_before is None else str(change.amount_before),
                "amount_after": None if change.amount_after is None else str(change.amount_after),
            }
            for change in changes
        ],
    }


def _is_new(determination: Determination, kept: Determination) -> bool:
    """Whether another version of the rule says it, or anything a person would see differs from what is kept."""
    return (
        kept.programme_version_id != determination.programme_version_id
        or kept.inputs_sha256 != determination.inputs_sha256
        or _lasting(kept) != _lasting(determination)
    )


def _says_else(determination: Determination, kept: Determination) -> bool:
    """Whether the outcome, or what is paid where it fits, is another one than before."""
    if determination.outcome != kept.outcome:
        return True
    return determination.outcome == "likely" and _paid(determination) != _paid(kept)


def _paid(determination: Determination) -> tuple[int | None, int | None, int | None, str]:
    return determination.amount, determination.amount_least, determination.amount_most, determination.amount_per


def _tell_of_change(by: Actor, record: CaseRecord, at: dt.datetime) -> None:
    """The answers are the same and yet the result is not: tell the person, once a day until they have looked."""
    user_id = Person.objects.filter(pk=record.person_id, status=Person.ACTIVE).values_list("user_id", flat=True).first()
    if user_id is not None and not is_waiting(user_id, RESULTS_CHANGED, since=at - dt.timedelta(days=1)):
        notify(by=by, user_id=user_id, kind=RESULTS_CHANGED, path=reverse("eligibility:results"), at=at)


def _lasting(determination: Determination) -> dict[str, Any]:
    return {name: value for name, value in determination.explanation.items() if name not in _OF_THE_DAY}


def _keep(
    record: CaseRecord, version: int, rules: str, on: dt.date, at: dt.datetime, *, next_on: dt.date | None, refused: str = ""
) -> Screening:
    screening = Screening(
        record=record, record_version=version, rules=rules, on=on, next_on=next_on, refused=refused[:300], screened_at=at
    )
    told = ["record_version", "rules", "on", "next_on", "refused", "screened_at"]
    Screening.objects.bulk_create([screening], update_conflicts=True, unique_fields=["record"], update_fields=told)
    return screening


def _keep_refusal(*, record_id: UUID, on: dt.date, at: dt.datetime, reason: str) -> Screening | None:
    record = CaseRecord.objects.filter(pk=record_id).first()
    if record is None:
        return None
    tomorrow = on + dt.timedelta(days=1)
    return _keep(record, record.version, rules_digest(bare_in_force(on)), on, at, next_on=tomorrow, refused=reason)


def _pence(pounds: Decimal | None) -> int | None:
    return None if pounds is None else int(pounds * 100)


def record_key(key: str) -> str:
    """The engine's fact key ("people.<id>.born_on") as the record's ("<id>.born_on"); others stay as they are."""
    return key.removeprefix("people.")
