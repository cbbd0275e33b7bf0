"""Local variants of a draft: a list on the version's page, one page for each, what they may not narrow."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility import drafting
from eligibility.actions.previewing import ask
from eligibility.definition import Definition
from eligibility.drafting_local import as_common, name_from, with_left_out, with_variant, without_variant
from eligibility.forms.parts import FloorForm, VariantForm
from eligibility.forms.shared import DraftForm
from eligibility.language import RuleError
from eligibility.queries import local as queries
from eligibility.queries.preview.budget import TooMany
from eligibility.queries.proposals import councils_of
from eligibility.rule_words import with_place
from eligibility.views.admin import READERS, version_for
from eligibility.views.catalogue import reader_language
from eligibility.views.editor import back_to_place, frame_of, saved
from eligibility.views.place import Place, place_for
from eligibility.views.preview import status_of
from portal.kit.access import needs
from portal.kit.http import PortalRequest


class _Lock(DraftForm):
    pass


@require_safe
@needs(*READERS)
def variant(request: PortalRequest, **at: Any) -> HttpResponse:
    """One local variant: each part of the rule with what is local about it, and whom that helps or hurts."""
    where = place_for(request, **at)
    form = _Lock(initial={"lock_version": where.version.lock_version})
    context = frame_of(where, form, back=Place(where.version).address) | page_of(request, where)
    return render(request, "eligibility/admin/variant.html", context, status=status_of(context))


def page_of(request: PortalRequest, where: Place, *, before: Definition | None = None, may_count: bool = True) -> dict[str, Any]:
    """What the page of a local variant shows, also of one that is proposed. before: what the count is set against, None: the common rule."""
    assert where.variant is not None
    today = timezone.localdate()
    page = queries.variant_page(where.version, where.variant, today, reader_language())
    page["may_change"] = where.may_change(request.actor)
    page["may_count"] = may_count
    if may_count and request.GET.get("count"):
        try:
            question = queries.count_question(where.version, where.variant, today, before)
            ask(by=request.actor, versions=[where.version], question=question, at=timezone.now(), proposal=where.proposal)
            page["count"] = queries.caseload_count(where.version, where.variant, today, before)
        except RuleError as problem:
            page["problem"] = with_place(problem)
        except TooMany as limit:
            page |= {"too_many": limit, "may_release": where.version.programme.agency_id == request.actor.agency_id}
    return page


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def variant_details(request: PortalRequest, **at: Any) -> HttpResponse:
    """A new local variant, or the name, councils and law of one."""
    where = place_for(request, **at)
    item, is_proposed = where.variant, where.proposal is not None
    initial: dict[str, Any] = {"lock_version": where.version.lock_version}
    known = councils_of(request.actor.agency_id) if is_proposed else queries.known_councils()
    if item is not None:
        initial |= {"name": item.name, "law": item.law, "councils": list(item.local_authorities)}
        known = [*known, *item.local_authorities]
    form = VariantForm(request.POST or None, initial=initial, known=known, only_known=is_proposed)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        id_ = where.id or name_from(values["name"], {other.id for other in where.common.variants}, "local")
        made = {"id": id_, "name": values["name"], "law": values["law"], "local_authorities": values["local_authorities"]}
        if saved(request, where, form, lambda: with_variant(where.version.definition, made)):
            messages.success(request, _("Saved. Now say what is different there.") if item is None else _("Saved."))
            return redirect(Place(where.version, id_, where.proposal).address)
    context = frame_of(where, form)
    return render(request, "eligibility/admin/variant_details.html", context)


@require_POST
@needs("edit_programmes")
def variant_change(request: PortalRequest, **at: Any) -> HttpResponse:
    """What a button on the variant's page does: leave a condition out, take the common one back, take the variant out."""
    where = place_for(request, **at)
    what, _space, rest = request.POST.get("do", "").partition(" ")
    form = _Lock(request.POST)
    done = {
        "leave_out": (lambda data: with_left_out(data, rest), _("The condition does not count here any more."), "conditions"),
        "common": (lambda data: as_common(data, "criterion", rest), _("The common rule holds here again."), "conditions"),
    }
    if what == "remove":
        if form.is_valid() and saved(request, where, form, lambda: without_variant(where.version.definition, where.id)):
            messages.success(request, _("The local variant is taken out: the common rule holds there."))
            return back_to_place(Place(where.version), "local")
        return _refused(request, where, form, "")
    if what not in done or (what == "leave_out" and rest not in {item.id for item in where.common.criteria}):
        raise SuspiciousOperation("not a button of this page")
    change, said, section = done[what]
    if form.is_valid() and saved(request, where, form, lambda: where.changed(change)):
        messages.success(request, said)
        return back_to_place(where, section)
    return _refused(request, where, form, section)


def _refused(request: PortalRequest, where: Place, form: DraftForm, section: str) -> HttpResponse:
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, str(error))
    return back_to_place(where, section)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def floor(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """What local variants may widen but not narrow."""
    where = Place(version_for(request, code, number))
    now = where.common.floor
    choices = queries.floor_choices(where.common, reader_language())
    initial = {"lock_version": where.version.lock_version, **now}
    form = FloorForm(request.POST or None, initial=initial, **choices)
    if request.method == "POST" and form.is_valid():
        made = form.floor()
        if saved(request, where, form, lambda: drafting.with_section(where.version.definition, "floor", made)):
            messages.success(request, _("Saved. No local variant goes below the floor."))
            return back_to_place(where, "local")
    return render(request, "eligibility/admin/floor.html", frame_of(where, form))
