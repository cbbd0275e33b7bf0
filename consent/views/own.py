"""The citizen's two pages: your data and consent; who looked at your data."""

import csv
import datetime as dt
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from consent.actions.consents import give, refuse, withdraw
from consent.actions.release import release
from consent.facts import catalogue
from consent.models import CaseRecord
from consent.permissions import may_consent_for
from consent.queries.activities import activities_touching, activity_for
from consent.queries.consents import consent_of, consents_of
from consent.queries.own import facts_by_category, lawful_sharing, log_days, permission_words, sharing_cards, who_words
from consent.queries.records import own_record
from consent.queries.trail import trail_of_record
from consent.views.cursor import cursor_of, cursor_to
from portal.kit.access import ANYONE, OWN_RECORD, needs
from portal.kit.http import PortalRequest
from portal.kit.spreadsheets import harmless

PAGE = 50


@require_safe
@needs(ANYONE)
def data(request: PortalRequest) -> HttpResponse:
    """Your data and consent: what we hold, who may see what; give, refuse, stop."""
    record = own_record(request.actor)
    if record is None:
        return render(request, "consent/own/empty.html")
    now = timezone.now()
    released = release(by=request.actor, record=record, purpose="own", concepts=catalogue(), at=now)
    return render(
        request,
        "consent/own/data.html",
        {
            "record": record,
            "groups": facts_by_category(released),
            "identity": released.identity.get(str(record.person_id), {}),
            "cards": sharing_cards(record, consents_of(record), now),
            "lawful": lawful_sharing(activities_touching(record, timezone.localdate(now))),
        },
    )


@require_POST
@needs(OWN_RECORD)
def decide_again(request: PortalRequest, consent_id: UUID) -> HttpResponse:
    """Stop a sharing, or allow again what was refused, stopped or ended. One press, no reason asked."""
    record = _record(request)
    consent = consent_of(record, consent_id)
    if consent is None:
        raise Http404
    now = timezone.now()
    decision = request.POST.get("decision", "")
    if decision == "stop":
        withdraw(by=request.actor, consent=consent, at=now)
        text = _("Sharing stopped. %(agency)s can no longer see your data. It keeps what the law says it must keep.")
        messages.success(request, text % {"agency": consent.agency.name})
    elif decision in ("allow", "refuse"):
        _answer(request, record, consent, decision, now)
    else:
        messages.error(request, _("Press one of the buttons on the card."))
    return redirect("consent:data")


def _answer(request: PortalRequest, record: CaseRecord, consent, decision: str, now: dt.datetime) -> None:
    activity = activity_for(
        agency_id=consent.agency_id,
        purpose=consent.activity.purpose,
        programme=consent.activity.programme,
        on=timezone.localdate(now),
    )
    if activity is None or not may_consent_for(request.actor, record, now):
        messages.error(request, _("%(agency)s does not ask for this any more.") % {"agency": consent.agency.name})
        return
    answer = give if decision == "allow" else refuse
    answer(
        by=request.actor,
        record=record,
        activity=activity,
        until=now + dt.timedelta(days=365),
        language=translation.get_language() or "en",
        at=now,
    )
    words = _("You allowed it. You can stop it here at any time.") if decision == "allow" else _("You did not allow it.")
    messages.success(request, words)


@require_safe
@needs(OWN_RECORD)
def log(request: PortalRequest) -> HttpResponse:
    """Who looked at your data: by day; who, what, when, why. `?own=yes` adds your own looks."""
    record = _record(request)
    own = request.GET.get("own") == "yes"
    before = cursor_of(request)
    entries = trail_of_record(record.pk, own=own, before=before, limit=PAGE + 1)
    more = entries[PAGE - 1] if len(entries) > PAGE else None
    return render(
        request,
        "consent/own/log.html",
        {"days": log_days(entries[:PAGE]), "own": own, "next_url": _next(own, more), "has_cursor": before is not None},
    )


@require_safe
@needs(OWN_RECORD)
def log_download(request: PortalRequest) -> HttpResponse:
    """The whole log as CSV, formulas neutralised (OWASP ASVS 5.0 1.2.10)."""
    record = _record(request)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="who-looked.csv"'
    writer = csv.writer(response)
    writer.writerow([_("When"), _("Who"), _("Why"), _("Result"), _("Facts"), _("Permission")])
    for entry in trail_of_record(record.pk, own=True, limit=10_000):
        row = [
            entry.at.isoformat(timespec="seconds"),
            who_words(entry),
            entry.purpose,
            entry.get_outcome_display(),
            " ".join(entry.concepts_released),
            permission_words(entry),
        ]
        writer.writerow([harmless(cell) for cell in row])
    return response


def _record(request: PortalRequest) -> CaseRecord:
    record = own_record(request.actor)
    if record is None:
        raise Http404
    return record


def _next(own: bool, last) -> str:
    if last is None:
        return ""
    return f"?before={cursor_to(last)}" + ("&own=yes" if own else "")
