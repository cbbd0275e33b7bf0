"""What a version would do, before it is published: to the whole caseload or a group of it, and to single cases for those who may open them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from eligibility.actions.previewing import ask
from eligibility.forms.preview import PreviewForm
from eligibility.language import RuleError
from eligibility.models import ProgrammeVersion
from eligibility.queries import editing
from eligibility.queries.catalogue import definition_of
from eligibility.queries.preview import dimensions_for, rules_of
from eligibility.queries.preview import preview as worked_out
from eligibility.queries.preview.budget import Question, TooMany
from eligibility.queries.preview.examples import example_cases
from eligibility.queries.preview.kept import remember
from eligibility.queries.preview.words import chosen_words, headline
from eligibility.rule_words import with_place
from eligibility.views.admin import READERS, version_for
from eligibility.views.catalogue import reader_language
from eligibility.views.results import address
from portal.kit.access import Refused, needs
from portal.kit.actor import Actor
from portal.kit.http import PortalRequest
from portal.roles import powers_of


@require_safe
@needs(*READERS)
def preview(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """What the version would do to the caseload: protected numbers only."""
    version = version_for(request, code, number)
    first_day = first_new_day(version)
    language = reader_language()
    context: dict[str, Any] = {
        "version": version,
        "programme": version.programme,
        "drafts": [],
        "name": definition_of(version).text("name", language),
        "back": reverse("eligibility:admin_version", args=[code, number]),
        "differences_url": _differences_address(version),
    }
    try:
        form, day = asked_of(request, [version], first_day)
        context |= {
            "form": form,
            "examples_url": _examples_address(request, version),
            "may_see_examples": _works_on_cases(request.actor),
        }
        if form.is_valid() or not form.is_bound:
            chosen, split = form.chosen(), form.split_by()
            rules = rules_of(version, on=day)
            ask(by=request.actor, versions=[version], question=Question.of(rules, day, chosen, split), at=timezone.now())
            report = worked_out(version, on=day, language=language, chosen=chosen, split=split, rules=rules)
            if not chosen:
                remember(version, report, timezone.now())
            context |= {"report": report, "headline": headline(report), "chosen": chosen_words(chosen), "split": split}
    except RuleError as problem:
        context["problem"] = with_place(problem)
    except TooMany as limit:
        context["too_many"] = limit
    return render(request, "eligibility/admin/preview.html", context, status=status_of(context))


def status_of(context: Mapping[str, Any]) -> int:
    """429 where a budget of previews is used up."""
    return 429 if "too_many" in context else 200


@require_safe
@needs("work_cases", *READERS)
def preview_cases(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """Own cases that would change, for colleagues who work on them; others read why they see none."""
    version = _version_of_own_agency(request, code, number)
    actor, first_day, language = request.actor, first_new_day(version), reader_language()
    is_reader = bool(powers_of(actor.role) & set(READERS))
    context: dict[str, Any] = {"version": version, "programme": version.programme, "may_see": _works_on_cases(actor)}
    context["back"] = reverse("eligibility:admin_preview", args=[code, number]) if is_reader else address("casework:worklist")
    try:
        form, day = asked_of(request, [version], first_day)
        chosen = form.chosen() if form.is_bound and form.is_valid() else {}
        context |= {"day": day, "chosen": chosen_words(chosen), "name": definition_of(version).text("name", language)}
        if context["may_see"]:
            context["examples"] = example_cases(version, by=actor, on=day, language=language, chosen=chosen, at=timezone.now())
    except RuleError as problem:
        context["problem"] = with_place(problem)
    return render(request, "eligibility/admin/preview_cases.html", context)


def _works_on_cases(actor: Actor) -> bool:
    return "work_cases" in powers_of(actor.role)


def _version_of_own_agency(request: PortalRequest, code: str, number: int) -> ProgrammeVersion:
    try:
        version = editing.version_of(code, number)
    except ProgrammeVersion.DoesNotExist:
        raise Http404 from None
    if version.programme.agency_id != request.actor.agency_id:
        raise Refused(_("This programme belongs to another agency."))
    return version


def asked_of(request: PortalRequest, versions: Sequence[ProgrammeVersion], first_day: dt.date) -> tuple[PreviewForm, dt.date]:
    """The form as sent, and the day it asks for."""
    dimensions = dimensions_for(*versions, on=first_day, language=reader_language())
    asked = request.GET.copy()
    asked.pop("draft", None)
    if asked and not asked.get("on"):
        asked["on"] = first_day.isoformat()
    form = PreviewForm(asked or None, initial={"on": first_day}, dimensions=dimensions)
    day = form.cleaned_data.get("on") if form.is_bound and form.is_valid() else None
    return form, day or first_day


def _differences_address(version: ProgrammeVersion) -> str:
    """Where this version is set beside the one it was made from; "" for a first one."""
    if version.based_on is None:
        return ""
    here = reverse("eligibility:admin_programme", args=[version.programme.code])
    return f"{here}?{urlencode({'before': version.based_on.number, 'after': version.number})}"


def _examples_address(request: PortalRequest, version: ProgrammeVersion) -> str:
    here = reverse("eligibility:admin_preview_cases", args=[version.programme.code, version.number])
    asked = request.GET.urlencode()
    return f"{here}?{asked}" if asked else here


def first_new_day(version: ProgrammeVersion) -> dt.date:
    """The day the version holds from where it has one, else today or the first later day from which a new row of it holds."""
    today = timezone.localdate()
    if version.effective_from:
        return max(version.effective_from, today) if not version.is_final else version.effective_from
    new = [
        row["from"]
        for table in editing.own_limits(version, today, "en")
        for row in table["rows"]
        if row["is_new"] and row["from"] > today
    ]
    return min(new, default=today)
