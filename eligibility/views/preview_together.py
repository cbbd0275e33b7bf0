"""What several drafts would do at once: those of one uprating, worked out together, because they rest on each other."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from eligibility.actions.previewing import ask
from eligibility.language import RuleError
from eligibility.queries.catalogue import definition_of
from eligibility.queries.preview import preview_together, rules_of
from eligibility.queries.preview.budget import Question, TooMany
from eligibility.queries.preview.words import chosen_words, headline_together
from eligibility.queries.uprating import named_versions
from eligibility.rule_words import with_place
from eligibility.views.admin import READERS
from eligibility.views.catalogue import reader_language
from eligibility.views.preview import asked_of, first_new_day, status_of
from eligibility.views.uprating import named_of
from portal.kit.access import needs
from portal.requests import MemberRequest


@require_safe
@needs(*READERS)
def together(request: MemberRequest) -> HttpResponse:
    """The drafts named in the address, of each programme the last one, over the caseload: each by itself and all of them in total."""
    language = reader_language()
    found = named_versions(request.membership.agency_id, named_of(request.GET.getlist("draft")))
    by_code = {version.programme.code: version for version in sorted(found, key=lambda item: item.number)}
    versions = [by_code[code] for code in sorted(by_code)]
    names = [f"{version.programme.code}.{version.number}" for version in versions]
    here = f"{request.path}?{urlencode([('draft', name) for name in names])}"
    may_edit = request.actor.role == "programme_admin"
    context: dict[str, Any] = {
        "drafts": names,
        "back": _back(names) if may_edit else reverse("eligibility:admin_list"),
        "back_text": _("Drafts with new values") if may_edit else _("Programmes"),
        "all_url": here,
    }
    if not versions:
        return render(request, "eligibility/admin/preview_together.html", context)
    context["included"] = [(definition_of(version).text("name", language), version) for version in versions]
    first_day = max(first_new_day(version) for version in versions)
    try:
        form, day = asked_of(request, versions, first_day)
        context["form"] = form
        if form.is_valid() or not form.is_bound:
            chosen, split = form.chosen(), form.split_by()
            rules = rules_of(*versions, on=day)
            ask(by=request.actor, versions=versions, question=Question.of(rules, day, chosen, split), at=timezone.now())
            report = preview_together(rules, on=day, language=language, chosen=chosen, split=split)
            context |= {
                "report": report,
                "lines": [(item, by_code[item.code]) for item in report.lines],
                "others": [(item, None) for item in report.others],
                "headline": headline_together(report),
                "chosen": chosen_words(chosen),
                "split": split,
                "all_url": f"{here}&{urlencode({'on': day.isoformat()})}",
            }
    except RuleError as problem:
        context["problem"] = with_place(problem)
    except TooMany as limit:
        context["too_many"] = limit
    return render(request, "eligibility/admin/preview_together.html", context, status=status_of(context))


def _back(names: list[str]) -> str:
    return f"{reverse('eligibility:admin_uprating_drafts')}?{urlencode([('draft', name) for name in names])}"
