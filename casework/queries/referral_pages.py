"""How referrals look on pages: facts as rows, the thread as events, cards for the person. Words only, no decisions."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.models import Referral, ReferralEvent, ReferralTask
from casework.models.referral import (
    ACCEPTED,
    AWAITING_CONSENT,
    CANCELLED,
    COMPLETED,
    CONSENT_LASTS,
    EXPIRED,
    FAILED,
    IN_ERROR,
    IN_PROGRESS,
    LIVE,
    ON_HOLD,
    REASONS,
    REJECTED,
    REQUESTED,
)
from casework.queries.offers import Door, doors
from casework.queries.referrals import Thread, referrals_about
from consent.facts import CATEGORIES, fact
from consent.models import CaseRecord, ProcessingActivity
from consent.queries.activities import activity_for, register_of
from consent.queries.consents import request_text
from consent.queries.gate import decide
from consent.queries.records import record_for
from portal.kit.actor import Actor
from portal.kit.clocks import working_days_between
from portal.models import Membership

TONES = {
    REQUESTED: "info", ACCEPTED: "good", IN_PROGRESS: "good", ON_HOLD: "wait", COMPLETED: "good", REJECTED: "bad",
    CANCELLED: "none", FAILED: "bad", EXPIRED: "bad", IN_ERROR: "none",
}  # fmt: skip
_SHOWN_AS = {"amount": "money", "date": "date"}  # the catalogue's type -> the kind `fact_value` knows
_ICONS = {"delivered": "mail", "viewed": "eye", "escalated": "alert-triangle-filled"}
_WORDS = {
    "request_draft": gettext_lazy("Written"), "request_awaiting_consent": gettext_lazy("The person is asked"), "request_active": gettext_lazy("Sent"),
    "request_on_hold": gettext_lazy("Needs a new place to go"), "request_revoked": gettext_lazy("Taken back"), "request_completed": gettext_lazy("Closed"),
    "request_entered_in_error": gettext_lazy("Entered by mistake"), "delivered": gettext_lazy("It arrived"), "viewed": gettext_lazy("They looked at it"),
    "escalated": gettext_lazy("Their lead was reminded"), "replayed": gettext_lazy("Sent again after a failure"), "given_to": gettext_lazy("Given to a colleague"),
    "helped_yes": gettext_lazy("The person says: I got help"), "helped_partly": gettext_lazy("The person says: I got part of the help"),
    "helped_no": gettext_lazy("The person says: I did not get help"),
}  # fmt: skip


def fact_rows(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows for a summary list, from what `inbox.view` returned."""
    rows = []
    for level in ("household", "person"):
        for name, value in facts.get(level, {}).items():
            kind = fact(f"{level}.{name}")
            choices = {choice: kind.choice_words(choice) for choice in kind.choices}
            rows.append({"key": kind.words(), "value": value, "kind": _SHOWN_AS.get(kind.type, ""), "choices": choices})
    identity = facts.get("identity", {})
    if "name" in identity:
        rows.insert(0, {"key": _("Name"), "value": identity["name"]})
    names = {"phone": _("Phone"), "email": _("E-mail"), "address": _("Address")}
    for kind_of_contact, point in identity.get("contact", {}).items():
        rows.append({"key": names[kind_of_contact], "value": point["value"]})
    if identity.get("language"):
        rows.append({"key": _("Language"), "value": identity["language"]})
    if identity.get("interpreter_needed"):
        rows.append({"key": _("Interpreter"), "value": True})
    if identity.get("needs"):
        rows.append({"key": _("What helps in talking"), "value": identity["needs"]})
    return rows


def may_read_note(by: Actor, task: ReferralTask, now: dt.datetime) -> bool:
    """Whether the receiver may read what the sender wrote about the person: while the task lives and the person allows it."""
    if task.state not in LIVE:
        return False
    try:
        record = record_for(task.record_id)
    except CaseRecord.DoesNotExist:
        return False
    decision = decide(
        by=by, record=record, purpose="referral", concepts=task.manifest.agreed, now=now, programme=task.programme
    )  # fmt: skip
    return not decision.is_denied or decision.reason == "triage_only"


def categories_words(codes: list[str]) -> list[str]:
    """The categories that fact codes fall into, in the catalogue's order."""
    inside = {fact(code).category for code in codes}
    return [str(label) for code, label in CATEGORIES.items() if code in inside]


def thread_events(events: list[ReferralEvent]) -> list[dict[str, Any]]:
    """The events for the component `thread`, oldest first."""
    states = dict(ReferralTask._meta.get_field("state").flatchoices)
    reasons = dict(REASONS)
    rows = []
    for event in events:
        title = _WORDS.get(event.what) or states.get(event.what, event.what)
        where = [event.target.name] if event.target_id and event.target else []
        why = [str(reasons[event.reason])] if event.reason in reasons else []
        rows.append(
            {
                "title": title, "text": ". ".join(why + ([event.note] if event.note else [])), "at": event.at,
                "meta": " · ".join(part for part in [*where, event.by_name if event.by_kind == "staff" else ""] if part),
                "icon": _ICONS.get(event.what, "check"), "tone": "bad" if TONES.get(event.what) == "bad" else "", "is_done": True,
            }
        )  # fmt: skip
    return rows


def list_row(task: ReferralTask, today: dt.date) -> dict[str, Any]:
    """One line of a list of tasks."""
    waits = task.state == REQUESTED
    due = task.due_on if waits else task.review_on if task.state == ON_HOLD else None
    delivery = (
        next((row for row in task.deliveries.all() if row.message == "request"), None) if _has(task, "deliveries") else None
    )
    return {
        "task": task, "referral": task.referral, "url": reverse("casework:referral", args=[task.referral_id]),
        "tone": TONES[task.state], "has_clock": due is not None,
        "days_left": working_days_between(today, due, task.target.subdivision) if due else None,
        "delivery": delivery,
    }  # fmt: skip


def _has(task: ReferralTask, name: str) -> bool:
    return name in getattr(task, "_prefetched_objects_cache", {})


def places(on: dt.date, *, but: UUID) -> list[ProcessingActivity]:
    """Where referrals can go: the activities in force for taking them, except those of the agency `but`."""
    return [row for row in register_of(on) if row.purpose == "referral" and row.agency_id != but]


def shut_programme(programme: str, now: dt.datetime) -> Door | None:
    """The programme that a referral asks for, where it takes no applications now."""
    found = doors([programme] if programme else [], timezone.localdate(now), is_counter=True)
    return next((door for door in found if not door.opening.is_open), None)


def colleagues(agency_id: UUID, on: dt.date) -> list[Membership]:
    """Those at the agency who may take referrals on."""
    rows = Membership.objects.in_force(on).filter(agency_id=agency_id, role__in=("caseworker", "decision_maker"))
    return list(rows.select_related("user").order_by("user__name", "user_id"))


# --- The person ----------------------------------------------------------------------------------------------------


def cards_of(person_id: UUID, now: dt.datetime, language: str) -> list[dict[str, Any]]:
    """The person's referrals as cards, newest first: what was asked, where, how it stands, what they can say."""
    return [_card(thread, now, language) for thread in referrals_about(person_id)]


def _card(thread: Thread, now: dt.datetime, language: str) -> dict[str, Any]:
    referral, task = thread.referral, thread.task
    answers = list(task.answers.all()) if task else []
    return {
        "referral": referral, "task": task, "tone": TONES[task.state] if task else "wait",
        "state": task.get_state_display() if task else referral.get_state_display(),
        "consent": _question(referral, now, language) if referral.state == AWAITING_CONSENT else None,
        "shut": shut_programme(referral.programme, now) if referral.state == AWAITING_CONSENT else None,
        "may_see": categories_words(task.manifest.agreed) if task else [],
        "is_live": bool(task and task.state in LIVE), "answer": answers[0] if answers else None,
        "may_answer": bool(task and task.accepted_at and task.state not in LIVE),
        "worker": task.worker if task and task.state in LIVE else None,
        "events": thread_events(thread.events),
        "stop_url": reverse("casework:referral_stop", args=[referral.pk]),
        "helped_url": reverse("casework:referral_helped", args=[task.pk]) if task else "",
    }  # fmt: skip


def _question(referral: Referral, now: dt.datetime, language: str) -> dict[str, Any] | None:
    """The consent block of a referral that waits for the person."""
    activity = activity_for(
        agency_id=referral.target_id, purpose="referral", programme=referral.programme, on=timezone.localdate(now)
    )
    if activity is None:
        return None
    until = now + CONSENT_LASTS
    text = request_text(activity, until=until, language=language)
    return {
        "slug": str(referral.pk), "agency": text["who"], "only_to": text["only_to"], "until": timezone.localtime(until).date(),
        "may_see": [word for group in text["may_see"] for word in group["facts"]], "may_not_see": ", ".join(text["may_not_see"]),
        "state": "asked", "action": reverse("casework:referral_answer", args=[referral.pk]),
        "note": _("If you do not allow it, nothing is sent. You can go to %(agency)s yourself.") % {"agency": text["who"]},
    }  # fmt: skip
