"""Applying: who, and each agency's consent, asked at the moment of use; then the receipt."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casework import permissions
from casework.actions import applications
from casework.forms import AllowForm, WhoForm
from casework.models import Application
from casework.queries import mine
from casework.queries.offers import Offer, doors, offers
from consent.models import CaseRecord, ProcessingActivity
from consent.queries.consents import request_text
from consent.queries.records import own_record, record_for
from portal.kit.access import ANYONE, Refused, needs
from portal.kit.actor import Actor
from portal.kit.http import PortalRequest
from portal.rendering import ErrorSummary


@dataclass
class Asking:
    """One programme on the page: what is applied for, the words of its consent block, and the question where it is a choice."""

    offer: Offer
    consent: dict[str, Any] | None
    form: AllowForm | None


@require_http_methods(["GET", "POST"])
@needs(ANYONE)
def apply(request: PortalRequest) -> HttpResponse:
    """Ask what is missing to apply for the programmes in `?programme=`, and send. `?record=`: an officer helps at a counter."""
    by: Actor = request.actor
    now = timezone.now()
    record = _record(request, by, now)
    if record is None:
        return redirect("intake:start")
    data = request.POST if request.method == "POST" else None
    codes = list(dict.fromkeys((data or request.GET).getlist("programme")))
    if data is not None and mine.was_sent(record, _key(data), codes):
        return redirect("casework:applied", key=_key(data))
    today = timezone.localdate(now)
    already = mine.cards(mine.running_cases(record, codes), today)
    done = {card["case"].programme for card in already}
    wanted = [code for code in codes if code not in done]
    shut = [door for door in doors(wanted, today, is_counter=by.is_staff) if door.is_shut]
    closed = {door.code for door in shut}
    askings = [_asking(offer, now, data) for offer in offers(wanted, today) if offer.code not in closed]
    who = WhoForm(data, needs_name=mine.lacks_name(record), needs_contact=mine.lacks_contact(record))
    forms = [who, *(asking.form for asking in askings if asking.form)]
    answered = [form.is_valid() for form in forms]  # each of them, so that each shows its errors
    if data is not None and askings and all(answered):
        try:
            sent = _send(by, record, codes, askings, who, data, now)
        except (applications.OtherApplication, applications.NotOffered) as problem:
            who.add_error(None, str(problem))
        else:
            return redirect("casework:applied", key=sent.key)
    return render(
        request,
        "casework/apply/form.html",
        {
            "askings": askings,
            "who": who,
            "errors": ErrorSummary(*forms) if data is not None else None,
            "already": already,
            "shut": shut,
            "was_begun": data is not None,
            "key": _key(data),
            "codes": [asking.offer.code for asking in askings],
            "is_counter": by.is_staff,
            "record": record,
        },
        status=422 if data is not None else 200,
    )


@require_GET
@needs(ANYONE)
def receipt(request: PortalRequest, key: UUID) -> HttpResponse:
    """What was sent, with a reference for each programme and the office that answers for it: for who may apply."""
    by: Actor = request.actor
    try:
        application = mine.application_sent(key)
    except Application.DoesNotExist:
        raise Http404 from None
    if not permissions.may_apply(by, application.record, timezone.now()):
        raise Http404
    today = timezone.localdate()
    lines = mine.cards(mine.cases_of_receipt(application), today)
    practical = mine.practical([line["case"] for line in lines])
    for line in lines:
        line["is_new"] = line["case"].application_id == application.pk
        line["practical"] = practical[line["case"].pk]
    sent = {line["case"].programme for line in lines}
    left = doors((code for code in application.programmes if code not in sent), today, is_counter=by.is_staff)
    return render(
        request,
        "casework/apply/receipt.html",
        {"application": application, "lines": lines, "left": left, "may_make_account": by.is_citizen and by.user_id is None},
    )


def _record(request: PortalRequest, by: Actor, now: dt.datetime) -> CaseRecord | None:
    """The citizen's own record, or the one an officer helps with: that person must be at their counter."""
    if by.is_citizen:
        return own_record(by)
    if not by.is_staff:
        return None
    try:
        record = record_for(UUID(request.POST.get("record") or request.GET.get("record", "")))
    except (ValueError, CaseRecord.DoesNotExist):
        raise Http404 from None
    if not permissions.may_apply(by, record, now):
        raise Refused(_("Open a counter session with the person first."))
    return record


def _asking(offer: Offer, now: dt.datetime, data) -> Asking:
    activity = applications.asked_of(offer, timezone.localdate(now))
    if activity is None:
        return Asking(offer, None, None)
    until = applications.consent_until(now)
    is_choice = activity.release_gate in applications.CHOICE_GATES
    form = None
    if is_choice:
        form = AllowForm(data, prefix=f"allow-{offer.code}", agency=offer.agency.name, until=timezone.localdate(until))
    return Asking(offer, _block(offer, activity, until, is_choice), form)


def _block(offer: Offer, activity: ProcessingActivity, until: dt.datetime, is_choice: bool) -> dict[str, Any]:
    """The words that `consent` will keep, in the shape the page's component draws."""
    words = request_text(activity, until=until, language=_language())
    return {
        "slug": offer.code,
        "agency": words["who"],
        "may_see": [fact for group in words["may_see"] for fact in group["facts"]],
        "may_not_see": ", ".join(words["may_not_see"]),
        "only_to": words["only_to"],
        "until": timezone.localdate(until),
        "until_words": "" if is_choice else _("As long as your application and its records are kept"),
        "state": "question" if is_choice else "law",
        "state_words": _("Waiting for you") if is_choice else "",
        "note": words["without"] if is_choice else words["legal_reference"],
    }


def _language() -> str:
    return (get_language() or "en").split("-")[0]


def _key(data) -> UUID:
    try:
        return UUID((data or {}).get("key", ""))
    except ValueError:
        return uuid4()


def _send(by: Actor, record: CaseRecord, codes, askings: list[Asking], who: WhoForm, data, now: dt.datetime) -> Application:
    return applications.send(
        by=by,
        record=record,
        key=_key(data),
        programmes=codes,
        answers={asking.offer.code: asking.form.cleaned_data["answer"] for asking in askings if asking.form},
        language=_language(),
        at=now,
        method="spoken" if by.is_staff else "screen",
        name=who.cleaned_data.get("name", ""),
        contacts=who.contacts,
        safe=who.cleaned_data.get("safe") or "unknown",
    )
