"""Deciding: the reasons come prefilled from what the rule said; a person chooses, corrects, looks at the letter and signs."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from casework.actions import decisions, letters
from casework.actions.cases import CaseChanged, NotPossible
from casework.actions.reading import CaseFacts, read_facts
from casework.forms import DecisionForm, ReasonSet
from casework.models import ProgrammeCase
from casework.queries import cases as reading
from casework.queries.offers import latest_determination, offer_of
from casework.views.case import found_case, seen_version
from portal.kit.access import needs
from portal.kit.http import PortalRequest
from portal.kit.states import MoveRefused
from portal.rendering import ErrorSummary


@require_http_methods(["GET", "POST"])
@needs("decide")
def decide(request: PortalRequest, case_id: UUID) -> HttpResponse:
    """Sign a decision on a case that is ready for it."""
    by, now = request.actor, timezone.now()
    found = found_case(request, case_id)
    data = request.POST if request.method == "POST" else None
    facts = read_facts(by=by, case=found, at=now)
    determination = latest_determination(found.record_id, found.programme_version_id) if not facts.is_refused else None
    result = reading.result_of(determination, facts.released)
    form = DecisionForm(data, initial=_suggested(result, found))
    reasons: Any = ReasonSet(data, initial=_reasons(result), prefix="reason")
    letter = None
    if data is not None and all([form.is_valid(), reasons.is_valid()]):
        if form.is_adverse and not reasons.reasons:
            form.add_error("outcome", _("A decision against the person needs at least one reason. Tick one below"))
        else:
            wanted = {"outcome": form.cleaned_data["outcome"], "reasons": reasons.reasons, **form.terms}
            try:
                if data.get("step") == "sign":
                    decisions.decide(by=by, case_id=found.pk, seen=seen_version(request), at=now, **wanted)
                    messages.success(request, _("The decision is signed and the letter is with the person."))
                    return redirect("casework:case", case_id=found.pk)
                draft = decisions.draft(by=by, case=found, at=now, **wanted)
                letter = letters.compose(draft, found, by=by, at=now, operation="view")
            except (CaseChanged, NotPossible, MoveRefused) as problem:
                form.add_error(None, str(problem))
                found = found_case(request, case_id)
    return render(
        request,
        "casework/case/decide.html",
        _context(found, facts, result, form, reasons, letter, data is not None),
        status=422 if data is not None and letter is None else 200,
    )


def _context(
    found: ProgrammeCase, facts: CaseFacts, result: dict[str, Any] | None, form: DecisionForm, reasons, letter, is_bound: bool
) -> dict[str, Any]:
    offer = offer_of(found.programme_version)
    return {
        "case": found,
        "programme": offer.name,
        "facts": facts,
        "result": result,
        "form": form,
        "reasons": reasons,
        "letter": letter,
        "errors": ErrorSummary(form, reasons) if is_bound else None,
        "back_url": reverse("casework:case", args=[found.pk]),
        "person": reading.person_line(found, facts.released, timezone.localdate()),
    }


def _suggested(result: dict[str, Any] | None, found: ProgrammeCase) -> dict[str, Any]:
    """The amount the rule worked out and the day of receipt. Never the outcome: a person decides that."""
    start: dict[str, Any] = {"effective_from": found.received_on}
    if result and result["amount_pence"] is not None:
        start["amount"] = {"amount": str(Decimal(result["amount_pence"]) / 100), "per": result["per"]}
    return start


def _reasons(result: dict[str, Any] | None) -> list[dict[str, Any]]:
    return [
        {
            "use": False,
            "text": item["text"],
            "law": item["law"],
            "criterion": item["id"],
            "fact": item["fact"],
            "fact_words": item["said"],
        }
        for item in (result["criteria"] if result else [])
        if not item["kept_back"]
    ]
