"""A person's own applications."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from casework.actions import cases, requests
from casework.forms import AnswerForm
from casework.models import InformationRequest, ProgrammeCase
from casework.queries import mine
from casework.queries.referral_pages import cards_of
from consent.facts import catalogue
from consent.values import InvalidFact
from portal.kit.access import ANYONE, needs
from portal.kit.http import PortalRequest
from portal.kit.states import MoveRefused


@require_GET
@needs(ANYONE)
def overview(request: PortalRequest) -> HttpResponse:
    """All my applications: where each stands, what is asked of me, my letters, who is responsible."""
    by = request.actor
    now = timezone.now()
    cards = mine.cards(mine.my_cases(by), timezone.localdate(now))
    return render(
        request,
        "casework/mine/overview.html",
        {
            "cards": [card for card in cards if card["case"].is_open],
            "ended": [card for card in cards if not card["case"].is_open],
            "questions": [(card, question) for card in cards for question in card["open_requests"]],
            "may_make_account": by.is_citizen and by.user_id is None and by.person_id is not None,
            "referral_cards": cards_of(by.person_id, now, (get_language() or "en").split("-")[0])
            if by.is_citizen and by.person_id
            else [],
        },
    )


@require_GET
@needs(ANYONE)
def my_case(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """One application: thread, questions, letters, the responsible person."""
    by = request.actor
    case, card = _own(request, case_id)
    return render(
        request,
        "casework/mine/case.html",
        {
            "case": case,
            "card": card,
            "events": mine.thread(case, list(case.events.all()), timezone.localdate()),
            "requests": list(case.requests.all()),
            "decisions": sorted(case.decisions.all(), key=lambda decision: -decision.number),
            "may_take_back": mine.may_take_back(by, case),
            "practical": mine.practical([case])[case.pk],
        },
    )


@require_http_methods(["GET", "POST"])
@needs(ANYONE)
def answer(request: PortalRequest, request_id: UUID) -> HttpResponse:
    """Answer a question about an application."""
    by = request.actor
    try:
        asked = mine.question_to(by, request_id)
    except InformationRequest.DoesNotExist:
        raise Http404 from None
    case, card = _own(request, asked.case_id)
    kind = catalogue().get(asked.fact)
    form = AnswerForm(request.POST if request.method == "POST" else None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            requests.answer(
                by=by, request_id=asked.pk, text=form.cleaned_data["words"], at=timezone.now(),
                value=form.value, has_value=kind is not None,
            )  # fmt: skip
        except InvalidFact as problem:
            form.add_error("fact", problem.message)
        except requests.NotPossible as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Your answer has been sent to %(agency)s.") % {"agency": case.agency.name})
            return redirect("casework:my_case", case_id=case.pk)
    status = 422 if form.is_bound else 200
    return render(request, "casework/mine/answer.html", {"form": form, "asked": asked, "case": case, "card": card}, status=status)


@require_http_methods(["GET", "POST"])
@needs(ANYONE)
def withdraw(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """Take an application back, after saying what follows."""
    by = request.actor
    case, card = _own(request, case_id)
    if request.method == "POST":
        try:
            cases.withdraw(by=by, case_id=case.pk, at=timezone.now())
        except MoveRefused:
            messages.error(request, _("This application can no longer be taken back."))
        else:
            messages.success(
                request,
                _("You took your application back. %(agency)s can no longer see your facts for it.")
                % {"agency": case.agency.name},
            )
        return redirect("casework:my_case", case_id=case.pk)
    return render(request, "casework/mine/withdraw.html", {"case": case, "card": card})


def _own(request: PortalRequest, case_id: UUID) -> tuple[ProgrammeCase, dict[str, Any]]:
    try:
        case = mine.my_case(request.actor, case_id)
    except ProgrammeCase.DoesNotExist:
        raise Http404 from None
    return case, mine.cards([case], timezone.localdate())[0]
