"""Check your answers, send them once, and the receipt."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consent.actions.facts import VersionConflict
from consent.facts import in_language
from consent.values import InvalidFact
from intake.actions.drafts import DraftGone
from intake.actions.submissions import KeyUsed, OtherContent, content_of, submit
from intake.definition import HOUSEHOLD, YOU
from intake.models.submission import SUBMITTED
from intake.plausibility import Doubt, doubts
from intake.queries.drafts import held, holding
from intake.views.desk import Desk, address_of, gap_rows, in_hand, join_record, with_draft
from intake.wording import answer_rows, name_of
from portal.kit.access import ANYONE, needs
from portal.kit.http import PortalRequest
from portal.templatetags.ui import day


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
def check(request: PortalRequest) -> HttpResponse:
    """Everything that was answered, with links to change it. POST sends: `idempotency_key` and `content` of the page."""
    entry = in_hand(request)
    may_send = not request.actor.is_staff or bool(entry.get("counter"))
    if request.method == "POST" and entry and may_send:
        return _send(request)
    return _check(request)


@with_draft
def _check(request: PortalRequest, desk: Desk, problem: str = "") -> HttpResponse:
    return _page(request, desk, problem)


def _page(request: PortalRequest, desk: Desk, problem: str = "") -> HttpResponse:
    return render(
        request,
        "intake/check/check.html",
        desk.frame()
        | desk.progress()
        | {
            "sections": _sections(desk),
            "gaps": gap_rows(desk),
            "doubts": [_doubt(desk, doubt) for doubt in doubts(desk.draft)],
            "idempotency_key": uuid4(),
            "content": content_of(desk.submission),
            "problem": problem,
            "next_url": address_of(desk.steps.after(None)),
        },
        status=409 if problem else 200,
    )


def _send(request: PortalRequest) -> HttpResponse:
    entry = in_hand(request)
    draft = None
    if request.actor.person_id is not None:  # who has no record has none to join
        with holding(entry["draft"]):
            draft = held(entry["draft"])
    try:
        if draft is not None and join_record(request, draft):
            return _check(
                request, problem=_("You told us things before. We have put them together: check your answers, then send them.")
            )
        submission = submit(
            by=request.actor,
            submission_id=UUID(entry["draft"]),
            idempotency_key=_key(request.POST.get("idempotency_key", "")),
            content=request.POST.get("content", "")[:64],
            at=timezone.now(),
        )
    except OtherContent as error:
        if error.is_sent:
            return render(request, "intake/check/sent_already.html", {"problem": str(error)}, status=409)
        return _check(request, problem=str(error))
    except (KeyUsed, InvalidFact, VersionConflict) as error:
        return _check(request, problem=str(error))
    except DraftGone:
        return _check(request)
    if not request.actor.is_staff:
        request.session["person_id"] = str(submission.person_id)  # no new session key: a double click must find its receipt
    return redirect("intake:receipt")


def _sections(desk: Desk) -> list[dict[str, Any]]:
    """[{"code", "title", "groups": [{"person", "rows"}]}] of what was answered."""
    found = []
    for section in desk.steps.sections:
        groups: dict[str, list[dict[str, Any]]] = {}
        for slot in desk.steps.answered:
            if slot.question.section != section.code or slot.question.kind == "known":
                continue
            rows = (
                _members(desk) if slot.question.kind == "members" else answer_rows(desk.draft, slot, desk.draft.answers[slot.key])
            )
            for row in rows:
                row.setdefault("change_url", address_of(slot, back_to_check=True))
            groups.setdefault(slot.subject, []).extend(rows)
        if groups:
            people = [
                {"person": "" if subject in (HOUSEHOLD, YOU) else name_of(desk.draft, desk.draft.person(subject)), "rows": rows}
                for subject, rows in groups.items()
            ]
            found.append({"code": section.code, "title": in_language(section.title), "groups": people})
    return found


def _members(desk: Desk) -> list[dict[str, Any]]:
    url = reverse("intake:members")
    if not desk.submission.members:
        return [{"key": _("People who live with you"), "value": _("Nobody"), "change_url": url}]
    roles = {"partner": _("Partner"), "child": _("Child"), "other_adult": _("Another adult")}
    return [
        {
            "key": roles[one["role"]],
            "value": name_of(desk.draft, desk.draft.person(one["id"])),
            "note": _("Born %(day)s") % {"day": day(dt.date.fromisoformat(one["born_on"]))}
            if one.get("born_on")
            else _("Date of birth not given"),
            "change_url": reverse("intake:member", args=[one["id"]]) + "?from=check",
        }
        for one in desk.submission.members
    ]


def _doubt(desk: Desk, doubt: Doubt) -> dict[str, str]:
    if doubt.member_id:
        return {"text": doubt.text, "url": reverse("intake:member", args=[doubt.member_id]) + "?from=check"}
    return {"text": doubt.text, "url": address_of(desk.draft.slot(doubt.slot_key), back_to_check=True)}


def _key(text: str) -> UUID:
    """The idempotency key of the page; a page without a usable one gets a new key, so that nothing is lost."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()


@require_http_methods(["GET", "HEAD"])
@needs(ANYONE)
def receipt(request: PortalRequest) -> HttpResponse:
    """What was sent, with its code, and the way to the results."""
    entry = in_hand(request)
    if not entry:
        return redirect("intake:come_back")
    with holding(entry["draft"]):
        submission = held(entry["draft"])
    if submission is None or submission.state != SUBMITTED:
        return redirect("intake:check")
    return render(
        request,
        "intake/check/receipt.html",
        {
            "submission": submission,
            "code": entry["code"],
            "counter_session": entry["counter"],
            "needs_birth": bool(submission.birth_digest),
        },
    )
