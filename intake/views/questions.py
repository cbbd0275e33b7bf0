"""The walk: the task list, and one question a page."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from consent.facts import in_language
from intake.actions.drafts import AnswerConflict, save_answer
from intake.draft import LEFT_OUT, Slot
from intake.forms.pages import FIXED, FixedForm
from intake.forms.questions import CHOSEN, QuestionForm, has_own_not_sure, question_form
from intake.queries.steps import DONE, STARTED
from intake.views.desk import Desk, address_of, carried_for, gap_rows, with_draft
from intake.views.known import known
from intake.wording import all_words, answer_rows, boxes, heading, hint, source_words, why
from portal.kit.access import ANYONE, needs
from portal.kit.http import PortalRequest

STATES = {DONE: "done", STARTED: "part"}


@require_http_methods(["GET", "HEAD"])
@needs(ANYONE)
@with_draft
def tasks(request: PortalRequest, desk: Desk) -> HttpResponse:
    """The parts of the form and how far each is."""
    states = desk.steps.section_states
    return render(
        request,
        "intake/draft/tasks.html",
        desk.frame()
        | desk.progress()
        | {
            "all_left": all_words(desk.steps),
            "gaps": gap_rows(desk),
            "interest_words": _interest_words(desk),
            "tasks": [
                {
                    "name": in_language(state.section.title),
                    "hint": in_language(state.section.hint) if state.section.hint else "",
                    "url": reverse("intake:section", args=[state.section.code]),
                    "state": STATES.get(state.state, "todo"),
                }
                for state in states
            ],
            "done": sum(state.state == DONE for state in states),
            "next_url": address_of(desk.steps.after(None)),
        },
    )


def _interest_words(desk: Desk) -> str:
    """What the way to change what the person wants to know about is called."""
    count = len(desk.submission.interest.get("programmes", ()))
    if not count:
        return _("We look at all programmes. Choose only some")
    return ngettext("We look at %(count)s programme. Change this", "We look at %(count)s programmes. Change this", count) % {
        "count": count
    }


@require_http_methods(["GET", "HEAD"])
@needs(ANYONE)
@with_draft
def section(request: PortalRequest, desk: Desk, code: str) -> HttpResponse:
    """The next question of a part; its answers when all are given."""
    try:
        chosen = desk.draft.form.section(code)
    except KeyError:
        raise Http404 from None
    pending = desk.steps.pending_in(chosen)
    return redirect(address_of(pending[0]) if pending else f"{reverse('intake:check')}#{chosen.code}")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
@with_draft
def question(request: PortalRequest, desk: Desk, subject: str, code: str) -> HttpResponse:
    """One question: shown with what was answered before, saved when sent.

    POST: the fields; `based_on`, the answer's count the page was opened with; `not_sure`, `leave_out` (would rather not say)
    or `save` (come back later) when that button was pressed.
    """
    try:
        slot = desk.draft.slot(f"{subject}/{code}")
    except KeyError:
        raise Http404 from None
    if slot.question.kind == "members":
        return redirect("intake:members")
    if desk.draft.applies(slot) is False:
        return redirect(address_of(desk.steps.after(slot)))
    if slot.question.kind == "known":
        return known(request, desk, slot)
    if request.method == "POST":
        return _save(request, desk, slot)
    carried = carried_for(request)
    data = _as_post(carried) if carried else None
    return _page(request, desk, slot, _form(desk, slot, data))


def _save(request: PortalRequest, desk: Desk, slot: Slot) -> HttpResponse:
    if "not_sure" in request.POST and slot.question.not_sure:
        return _store(request, desk, slot, {}, not_sure=True)
    if "leave_out" in request.POST and slot.question.not_sure:
        return _store(request, desk, slot, {LEFT_OUT: True}, not_sure=True)
    form = _form(desk, slot, request.POST)
    if not form.is_valid():
        if "save" in request.POST and not _anything_typed(form):
            return redirect("intake:later")
        return _page(request, desk, slot, form)
    not_sure = isinstance(form, QuestionForm) and form.is_not_sure
    return _store(request, desk, slot, {} if not_sure else form.values(), not_sure=not_sure)


def _store(request: PortalRequest, desk: Desk, slot: Slot, values: Mapping[str, Any], *, not_sure: bool) -> HttpResponse:
    try:
        submission = save_answer(
            by=request.actor,
            submission_id=desk.submission.pk,
            slot_key=slot.key,
            values=values,
            not_sure=not_sure,
            based_on=_count(request.POST.get("based_on", "")),
            at=desk.now,
        )
    except AnswerConflict as conflict:
        return _choose(request, desk, slot, conflict, {"values": values, "not_sure": not_sure})
    if "save" in request.POST:
        return redirect("intake:later")
    return redirect(_onward(request, desk.saved(submission), slot))


def _onward(request: PortalRequest, desk: Desk, slot: Slot) -> str:
    if request.GET.get("from") == "check":
        rest = desk.steps.pending_in(desk.draft.form.section(slot.question.section))
        return address_of(rest[0], back_to_check=True) if rest else reverse("intake:check")
    return address_of(desk.steps.after(slot))


def _choose(request: PortalRequest, desk: Desk, slot: Slot, conflict: AnswerConflict, mine: Mapping[str, Any]) -> HttpResponse:
    """Another window answered this since: show both answers, let the person choose."""
    fields = [
        (name, value)
        for name in request.POST
        if name not in ("csrfmiddlewaretoken", "based_on", "save")
        for value in request.POST.getlist(name)
    ]
    return render(
        request,
        "intake/draft/conflict.html",
        desk.frame()
        | {
            "heading": heading(desk.draft, slot),
            "theirs": answer_rows(desk.draft, slot, conflict.current) if conflict.current["rev"] else [],
            "mine": answer_rows(desk.draft, slot, mine),
            "fields": fields,
            "based_on": conflict.current["rev"],
            "keep_url": address_of(desk.steps.after(slot)),
        },
        status=409,
    )


def _page(request: PortalRequest, desk: Desk, slot: Slot, form: forms.Form) -> HttpResponse:
    is_single = isinstance(form, QuestionForm) and (CHOSEN in form.fields or len(form.fields) == 1)
    answer = desk.draft.answer(slot)
    told_before = [desk.draft.known[key] for key in map(slot.fact_key, slot.question.facts) if key in desk.draft.known]
    before = desk.steps.before(slot)
    return render(
        request,
        "intake/draft/question.html",
        desk.frame()
        | desk.progress(slot)
        | desk.place(slot)
        | {
            "form": form,
            "slot": slot,
            "hang_on_it": [programme.name for programme in desk.steps.waits_for(slot)] if slot.question.not_sure else [],
            "is_left_out": bool(answer and answer["values"].get(LEFT_OUT)),
            "heading": heading(desk.draft, slot),
            "hint": "" if is_single else hint(slot.question),
            "draws_heading": not is_single,
            "why": why(slot.question),
            "based_on": answer["rev"] if answer else 0,
            "is_not_sure": bool(answer and answer["not_sure"]),
            "offers_not_sure": slot.question.not_sure and not has_own_not_sure(slot),
            "may_skip": slot.question.optional,
            "stale": [
                (source_words(entry), dt.datetime.fromisoformat(entry["at"])) for entry in told_before if not entry["fresh"]
            ][:1],
            "back_url": reverse("intake:check")
            if request.GET.get("from") == "check"
            else address_of(before)
            if before
            else reverse("intake:tasks"),
        },
    )


def _form(desk: Desk, slot: Slot, data: Mapping[str, Any] | None) -> QuestionForm | FixedForm:
    answer = desk.draft.answer(slot)
    if fixed := FIXED.get(slot.question.kind):
        initial = dict(answer["values"]) if answer else {"language": desk.submission.language}
        return fixed(data, initial=initial)
    values = dict(answer["values"]) if answer and not answer["not_sure"] else _known_values(desk, slot)
    return question_form(
        slot,
        heading=heading(desk.draft, slot),
        hint=hint(slot.question),
        options=boxes(desk.steps, slot),
        today=desk.on,
        data=data,
        values=values,
    )


def _known_values(desk: Desk, slot: Slot) -> dict[str, Any]:
    """What the record said before, to fill in a page that is asked again."""
    found = {
        code: desk.draft.known[slot.fact_key(code)]["value"]
        for code in slot.question.facts
        if slot.fact_key(code) in desk.draft.known
    }
    if slot.question.kind != "which":
        return found
    empty = (None, False, "none", 0, "0")
    chosen = [
        option.code
        for option in slot.question.options
        if any(
            desk.draft.known.get(slot.fact_key(code), {"value": None})["value"] not in empty
            for code in desk.draft.form.option_facts(slot.question, option)
            if code != "person.income_tax"
        )
    ]
    return {CHOSEN: chosen} if chosen else {}


def _anything_typed(form: forms.Form) -> bool:
    """Whether the person entered or chose anything."""
    names = [name for name in form.data if name not in ("csrfmiddlewaretoken", "based_on", "save")]
    return any(form.data.get(name) for name in names)


def _as_post(data: Mapping[str, list[str]]) -> QueryDict:
    post = QueryDict(mutable=True)
    for key, values in data.items():
        post.setlist(key, values)
    return post


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
