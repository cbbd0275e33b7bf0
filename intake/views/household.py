"""Who lives with the person: each entered once, changed or removed at any time before sending."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from consent.facts import in_language
from intake.actions.drafts import AnswerConflict, remove_member, save_answer, save_member
from intake.definition import HOUSEHOLD
from intake.forms.pages import NOBODY, MemberForm, WhoElseForm
from intake.views.desk import Desk, address_of, with_draft
from intake.wording import heading, hint, name_of, why
from portal.kit.access import ANYONE, Refused, needs
from portal.kit.http import PortalRequest

SLOT = f"{HOUSEHOLD}/members"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
@with_draft
def members(request: PortalRequest, desk: Desk) -> HttpResponse:
    """The people entered so far, and whether there is somebody else."""
    slot = desk.draft.slot(SLOT)
    people = desk.draft.people[1:]
    answer = desk.draft.answer(slot)
    form = WhoElseForm(
        request.POST if request.method == "POST" else None,
        heading=heading(desk.draft, slot),
        hint=hint(slot.question),
        has_partner=any(one.role == "partner" for one in people),
        has_others=bool(people),
        initial={"add": NOBODY} if answer else {},
    )
    if request.method == "POST":
        if "save" in request.POST and not request.POST.get("add"):
            return redirect("intake:later")
        if form.is_valid():
            return _go_on(request, desk, form.cleaned_data["add"], answer)
    before = desk.steps.before(slot)
    return render(
        request,
        "intake/household/members.html",
        desk.frame()
        | desk.progress(slot)
        | desk.place(slot)
        | {
            "form": form,
            "heading": in_language(slot.question.short),
            "why": why(slot.question),
            "people": [_row(desk, member.id) for member in people],
            "back_url": address_of(before) if before else reverse("intake:tasks"),
        },
    )


def _go_on(request: PortalRequest, desk: Desk, add: str, answer: Any) -> HttpResponse:
    if add != NOBODY:
        return redirect(f"{reverse('intake:member_new')}?role={add}")
    submission = save_answer(
        by=request.actor,
        submission_id=desk.submission.pk,
        slot_key=SLOT,
        values={"done": True},
        not_sure=False,
        based_on=answer["rev"] if answer else 0,
        at=desk.now,
    )
    if "save" in request.POST:
        return redirect("intake:later")
    after = desk.saved(submission)
    return redirect(address_of(after.steps.after(after.draft.slot(SLOT))))


def _row(desk: Desk, member_id: str) -> dict[str, Any]:
    stored = next(one for one in desk.submission.members if one["id"] == member_id)
    return {
        "name": name_of(desk.draft, desk.draft.person(member_id)),
        "role": stored["role"],
        "born_on": dt.datetime.fromisoformat(stored["born_on"]).date() if stored.get("born_on") else None,
        "change_url": reverse("intake:member", args=[member_id]),
        "remove_url": reverse("intake:member_remove", args=[member_id]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
@with_draft
def member(request: PortalRequest, desk: Desk, member_id: UUID | None = None) -> HttpResponse:
    """Enter somebody, or change what was entered. GET parameter for a new one: role."""
    stored = next((one for one in desk.submission.members if one["id"] == str(member_id)), None)
    if member_id is not None and stored is None:
        raise Http404
    initial = _initial(stored) if stored else {"role": request.GET.get("role", "")}
    form = MemberForm(request.POST if request.method == "POST" else None, today=desk.on, initial=initial)
    conflict: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            save_member(
                by=request.actor,
                submission_id=desk.submission.pk,
                role=form.cleaned_data["role"],
                name=form.cleaned_data["name"],
                born_on=form.cleaned_data["born_on"],
                at=desk.now,
                member_id=str(member_id) if member_id else "",
                entry_key=request.POST.get("entry_key", "")[:36],
                based_on=_count(request.POST.get("based_on", "")),
            )
        except AnswerConflict as error:
            conflict = _initial(error.current["values"])
        except Refused as refusal:
            form.add_error("role", str(refusal))
        else:
            if "save" in request.POST:
                return redirect("intake:later")
            return redirect("intake:check" if request.GET.get("from") == "check" else "intake:members")
    return render(
        request,
        "intake/household/member.html",
        desk.frame()
        | {
            "form": form,
            "stored": stored,
            "conflict": conflict,
            "entry_key": request.POST.get("entry_key") or str(uuid4()),
            "based_on": stored.get("rev", 0) if stored else 0,
            "back_url": reverse("intake:members"),
        },
        status=409 if conflict else 200,
    )


def _initial(stored: dict[str, Any]) -> dict[str, Any]:
    born_on = stored.get("born_on")
    return {
        "role": stored["role"],
        "name": stored.get("name", ""),
        "born_on": dt.datetime.fromisoformat(born_on).date() if born_on else None,
    }


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
@with_draft
def remove(request: PortalRequest, desk: Desk, member_id: UUID) -> HttpResponse:
    """Ask, then take somebody out of the household."""
    stored = next((one for one in desk.submission.members if one["id"] == str(member_id)), None)
    if stored is None:
        return redirect("intake:members")
    if request.method == "POST":
        remove_member(
            by=request.actor,
            submission_id=desk.submission.pk,
            member_id=str(member_id),
            at=desk.now,
        )
        return redirect("intake:members")
    person = name_of(desk.draft, desk.draft.person(str(member_id)))
    return render(
        request, "intake/household/remove.html", desk.frame() | {"person": person, "back_url": reverse("intake:members")}
    )
