"""Previews are written down before they are worked out, and end where a budget of different rules does."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.models import LocalProposal, PreviewAsked, PreviewRelease, Programme, ProgrammeVersion
from eligibility.permissions import may_release_previews, may_write
from eligibility.queries.preview.budget import Question, check_budget
from portal.kit.access import Refused
from portal.kit.actor import Actor


@transaction.atomic
def ask(
    *,
    by: Actor,
    versions: Sequence[ProgrammeVersion],
    question: Question,
    at: dt.datetime,
    proposal: LocalProposal | None = None,
) -> None:
    """Write down that `by` asks this about these versions together; the same question of the same person on one day is one row each.

    proposal: a local rule that `by` writes of another agency's programme; it counts for the agency that asks. Call it before anything
    is worked out, in the same transaction. Raises Refused for another agency's, TooMany where a budget is used up.
    """
    is_own = all(item.programme.agency_id == by.agency_id for item in versions) or (
        proposal is not None and may_write(by, proposal)
    )
    if by.agency_id is None or by.user_id is None or not is_own:
        raise Refused(_("This programme belongs to another agency."))
    day, codes = timezone.localdate(at), sorted({item.programme.code for item in versions})
    own = PreviewAsked.objects.filter(
        day=day, user_id=by.user_id, mark=question.mark, question=question.text, agency_id=by.agency_id, programme__in=codes
    )
    if own.count() == len(codes):
        return
    _one_after_the_other(by.agency_id)
    check_budget(by.agency_id, codes, question, day)
    rows = [
        PreviewAsked(
            at=at,
            day=day,
            user_id=by.user_id,
            user_name=by.name,
            user_role=by.role,
            agency_id=by.agency_id,
            programme=item.programme.code,
            version=item.number,
            together=len(versions),
            mark=question.mark,
            is_changed=question.is_changed,
            question=question.text,
            rules_on=question.rules_on,
            groups=question.groups,
            split=question.split,
        )
        for item in versions
    ]
    PreviewAsked.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def release(*, by: Actor, programme: Programme, reason: str, at: dt.datetime) -> bool:
    """Let the programme's previews go on today with as much again, once a day; whether that is new.

    by: somebody who approves sharing for the agency and did not ask previews of the programme today. Raises Refused.
    """
    if by.user_id is None or not may_release_previews(by, programme):
        raise Refused(_("Only a data-protection officer of the agency may allow more previews."))
    day = timezone.localdate(at)
    _one_after_the_other(programme.agency_id)
    if PreviewAsked.objects.filter(programme=programme.code, day=day, user_id=by.user_id).exists():
        raise Refused(_("You asked for previews of this programme today yourself. Somebody else must allow more."))
    _row, is_new = PreviewRelease.objects.get_or_create(
        day=day,
        programme=programme.code,
        defaults={
            "at": at,
            "user_id": by.user_id,
            "user_name": by.name,
            "agency_id": programme.agency_id,
            "reason": reason,
        },
    )
    return is_new


def _one_after_the_other(agency_id: UUID) -> None:
    """New questions of an agency wait for each other until they are written down: else many at once would all be the last one."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"previews:{agency_id}"])
