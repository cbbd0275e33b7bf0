"""What the record knows already and is fresh: on one page, with source and date, to confirm or to change."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from consent.facts import fact
from intake.actions.drafts import AnswerConflict, save_answer
from intake.definition import HOUSEHOLD, YOU
from intake.draft import Slot
from intake.views.desk import Desk, address_of
from intake.wording import fact_row, heading, hint, name_of, source_words
from portal.kit.http import PortalRequest


def known(request: PortalRequest, desk: Desk, slot: Slot) -> HttpResponse:
    """Show what is known. POST: `change`, keys of what is not right (any number of times); everything else shown is
    confirmed. `based_on`; `save` (come back later).

    What is to be changed is asked next, filled in with what is known.
    """
    groups = _groups(desk)
    if request.method == "POST" and "save" in request.POST and not request.POST.getlist("change"):
        return redirect("intake:later")
    if request.method == "POST":
        shown = [row["field"] for group in groups for row in group["rows"]]
        changed = [key for key in shown if key in request.POST.getlist("change")]
        values = {"confirmed": [key for key in shown if key not in changed], "changed": changed}
        try:
            submission = save_answer(
                by=request.actor,
                submission_id=desk.submission.pk,
                slot_key=slot.key,
                values=values,
                not_sure=False,
                based_on=_count(request.POST.get("based_on", "")),
                at=desk.now,
            )
        except AnswerConflict:  # another window: what it left is shown, to be looked at again
            return redirect(address_of(slot))
        if "save" in request.POST:
            return redirect("intake:later")
        after = desk.saved(submission)
        return redirect(address_of(_to_change(after) or after.steps.after(slot)))
    return render(
        request,
        "intake/draft/known.html",
        desk.frame()
        | desk.progress(slot)
        | {
            "heading": heading(desk.draft, slot),
            "hint": hint(slot.question),
            "groups": groups,
            "based_on": (desk.draft.answer(slot) or {"rev": 0})["rev"],
        },
    )


def _to_change(desk: Desk) -> Slot | None:
    """The first page about something that is not right any more."""
    return next(
        (slot for slot in desk.steps.pending if any(slot.fact_key(code) in desk.draft.to_change for code in slot.question.asks)),
        None,
    )


def _groups(desk: Desk) -> list[dict[str, Any]]:
    """[{"title", "is_person", "told", "rows"}] of the fresh facts that say something: the person, the home, the others.

    told: where and when all of a group comes from, when it is the same for each; then the rows do not repeat it.
    """
    groups: dict[str, list[dict[str, Any]]] = {YOU: [], HOUSEHOLD: []}
    for slot in desk.draft.slots:
        if desk.draft.applies(slot) is False:
            continue
        for code in slot.question.asks:
            entry = desk.draft.known.get(slot.fact_key(code))
            if entry is not None and entry["fresh"] and entry["value"] is not None:
                groups.setdefault(slot.subject, []).append(_row(desk, slot, code, entry))
    titles = {YOU: _("You"), HOUSEHOLD: _("Your home")}
    return [
        {
            "title": titles[subject] if subject in titles else name_of(desk.draft, desk.draft.person(subject)),
            "is_person": subject not in titles,
            "told": (rows[0]["source"], rows[0]["told_at"]) if _have_one_origin(rows) else None,
            "rows": rows,
        }
        for subject, rows in groups.items()
        if rows
    ]


def _have_one_origin(rows: list[dict[str, Any]]) -> bool:
    return len({(row["source"], row["told_at"].date()) for row in rows}) == 1


def _row(desk: Desk, slot: Slot, code: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    kind = fact(code)
    key = slot.fact_key(code)
    person = "" if slot.subject in (HOUSEHOLD, YOU) else name_of(desk.draft, desk.draft.person(slot.subject))
    return {
        "field": key,
        "key": kind.words(),
        "person": person,
        **fact_row(kind, desk.draft.values.get(key, entry["value"])),
        "source": source_words(entry),
        "told_at": dt.datetime.fromisoformat(entry["at"]),
        "is_changed": key in desk.draft.to_change,
    }


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
