"""Deciding: a named person, reasons tied to criterion, fact and law, and the letter, all in one transaction."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casework import clocks, permissions
from casework.actions import letters
from casework.actions.cases import NotPossible, locked, move, store
from casework.announcements import Decided
from casework.models import Decision, ProgrammeCase
from casework.models.decision import ADVERSE
from portal.actions.notifications import notify
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce

REASON_PARTS = ("criterion", "fact", "law", "text")


@transaction.atomic
def decide(
    *,
    by: Actor,
    case_id: UUID,
    seen: int,
    outcome: str,
    reasons: Sequence[Mapping[str, str]],
    at: dt.datetime,
    amount_pence: int | None = None,
    per: str = "",
    effective_from: dt.date | None = None,
    effective_to: dt.date | None = None,
) -> Decision:
    """Issue a decision on a case that is ready for it, write its letter and tell the person.

    outcome: granted | partly | refused. reasons: see `Decision`. amount_pence, per: whole pence and their period.
    effective_from, effective_to: first and last day; a grant needs the first. The person can ask to look again for one
    month. Raises Refused, CaseChanged, MoveRefused, NotPossible.
    """
    case = locked(case_id=case_id, seen=seen)
    if not permissions.may_decide(by, case):
        raise Refused(_("Only a decision maker of the agency that works on this case may sign a decision."))
    decision = draft(
        by=by, case=case, outcome=outcome, reasons=reasons, at=at, amount_pence=amount_pence, per=per,
        effective_from=effective_from, effective_to=effective_to,
    )  # fmt: skip
    decision.save(force_insert=True)
    letters.write(decision, case, by=by, at=at)
    case.result = outcome
    move(case, "decided", by=by, at=at)
    store(case, by=by, at=at)
    announce(Decided(decision_id=decision.pk, case_id=case.pk))
    if (user_id := case.record.person.user_id) is not None:
        notify(
            by=by, user_id=user_id, kind="decided", at=at, path=reverse("casework:my_case", args=[case.pk]),
            parameters={"agency": case.agency.name, "reference": case.reference},
        )  # fmt: skip
    return decision


def draft(
    *,
    by: Actor,
    case: ProgrammeCase,
    outcome: str,
    reasons: Sequence[Mapping[str, str]],
    at: dt.datetime,
    amount_pence: int | None = None,
    per: str = "",
    effective_from: dt.date | None = None,
    effective_to: dt.date | None = None,
) -> Decision:
    """The decision as `decide` would issue it, not saved: for looking at its letter first. Raises NotPossible."""
    reasons = [{key: str(value).strip() for key, value in reason.items()} for reason in reasons]
    if outcome in ADVERSE and not reasons:
        raise NotPossible(_("A decision against the person needs at least one reason."))
    if any(not reason.get(part) for reason in reasons for part in REASON_PARTS):
        raise NotPossible(_("Every reason needs its condition, the fact it rests on, the law and a sentence for the person."))
    if outcome != "refused" and effective_from is None:
        raise NotPossible(_("Say from which day the person gets it."))
    today = timezone.localdate(at)
    last = case.decisions.aggregate(last=Max("number"))["last"] or 0
    return Decision(
        case=case,
        number=last + 1,
        outcome=outcome,
        amount_pence=amount_pence,
        per=per,
        effective_from=effective_from,
        effective_to=effective_to,
        reasons=reasons,
        decided_by_id=by.user_id,
        decided_by_name=by.name,
        decided_on=today,
        sent_on=today,
        challenge_until=clocks.challenge_day(today, case.agency.subdivision),
        assisted_by=str((case.determination_id and case.programme_version_id) or ""),
        issued_at=at,
    )
