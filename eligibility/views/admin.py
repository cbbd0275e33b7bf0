"""Programme administration: the agency's programmes, their versions, and the steps from draft to published."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.actions import programmes as actions
from eligibility.forms.programmes import NewProgrammeForm, NoteForm, PublishForm
from eligibility.language import RuleError
from eligibility.models import Programme, ProgrammeVersion
from eligibility.permissions import may_edit, may_publish, may_see_history
from eligibility.queries import editing, local, proposals
from eligibility.queries.catalogue import definition_of, in_force, programme_by_code
from eligibility.queries.comparison import compared
from eligibility.queries.openings import asked_ending, opening_of_programme, pauses_of
from eligibility.queries.presentation import sheet
from eligibility.queries.preview.kept import remembered
from eligibility.rule_words import with_place
from eligibility.scaffold import first_rule, renamed
from eligibility.views.catalogue import reader_language
from portal.kit.access import Refused, needs
from portal.kit.http import PortalRequest
from portal.kit.states import MoveRefused
from portal.requests import MemberRequest

READERS = ("edit_programmes", "publish_programmes", "see_programme_history")
_REFUSALS = (actions.NotReady, actions.DraftConflict, MoveRefused)


def programme_named(code: str) -> Programme:
    """The programme, whoever asks. Raises Http404 for one that is not there."""
    try:
        return programme_by_code(code)
    except Programme.DoesNotExist:
        raise Http404 from None


def programme_for(request: PortalRequest, code: str) -> Programme:
    """The programme, if the actor may see its history. Raises Http404 for one that is not there, Refused for another agency's."""
    programme = programme_named(code)
    if not may_see_history(request.actor, programme):
        raise Refused(_("This programme belongs to another agency."))
    return programme


def version_for(request: PortalRequest, code: str, number: int) -> ProgrammeVersion:
    """The version, under the same rule as its programme."""
    programme_for(request, code)
    try:
        return editing.version_of(code, number)
    except ProgrammeVersion.DoesNotExist:
        raise Http404 from None


@require_safe
@needs(*READERS)
def programmes(request: MemberRequest) -> HttpResponse:
    """The programmes of the actor's agency."""
    actor = request.actor
    context = {
        "lines": editing.programmes_of(request.membership.agency_id, timezone.localdate(), reader_language()),
        "may_write": actor.role == "programme_admin",
        "waiting_rules": proposals.waiting_for(request.membership.agency_id),
    }
    return render(request, "eligibility/admin/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def new_programme(request: MemberRequest) -> HttpResponse:
    """A new programme of the agency: from a simple first rule, or as a copy of a published one, its own or another agency's."""
    actor = request.actor
    agency = request.membership.agency
    lines = editing.programmes_of(agency.pk, timezone.localdate(), reader_language())
    foreign = [version for version in in_force(timezone.localdate()) if version.programme.agency_id != agency.pk]
    sources: list[tuple[str, Any]] = [
        (_("Your agency"), [(line.code, line.name) for line in lines if line.in_force]),
        (_("Other agencies"), [(version.programme.code, _foreign_words(version)) for version in foreign]),
    ]
    form = NewProgrammeForm(request.POST or None, sources=sources)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        own = [line.in_force for line in lines if line.in_force]
        copied = next((version for version in (*own, *foreign) if version.programme.code == values["source"]), None)
        definition = (
            renamed(copied.definition, values["code"], values["name"], values["area"], agency.slug)
            if copied
            else first_rule(values["code"], agency.slug, values["area"], values["name"])
        )
        try:
            version = actions.begin_programme(by=actor, definition=definition, at=timezone.now())
        except (RuleError, actions.NotReady) as problem:
            form.add_error("code", with_place(problem))
        else:
            return redirect("eligibility:admin_version", version.programme.code, version.number)
    return render(request, "eligibility/admin/new.html", {"form": form})


@require_safe
@needs(*READERS)
def programme(request: PortalRequest, code: str) -> HttpResponse:
    """One programme: all its versions, and what differs between two of them."""
    found = programme_for(request, code)
    versions = editing.versions_of(found)
    last = editing.last_published(versions)
    context = {
        "programme": found,
        "versions": versions,
        "older": [version.number for version in versions if version.is_final and version != last],
        "name": definition_of(versions[0]).text("name", reader_language()) if versions else found.code,
        "may_edit": may_edit(request.actor, found),
        "form": NoteForm(),
        "opening": opening_of_programme(code, timezone.localdate(), reader_language()),
        "pauses": pauses_of(found),
        "asked_ending": asked_ending(found),
        "today": timezone.localdate(),
    }
    one, two = (_number(request.GET.get(name)) for name in ("before", "after"))
    by_number = {version.number: version for version in versions}
    if one in by_number and two in by_number:
        context |= {
            "before": by_number[one],
            "after": by_number[two],
            "changes": compared(by_number[one], by_number[two], reader_language()),
        }
    return render(request, "eligibility/admin/programme.html", context)


@require_safe
@needs(*READERS)
def version(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """One version: its conditions, limits, texts and examples, and the step it can take next."""
    found = version_for(request, code, number)
    actor = request.actor
    return render(request, "eligibility/admin/version.html", version_page(found, actor) | {"publish_form": _publish_form()})


def version_page(found: ProgrammeVersion, actor) -> dict[str, object]:
    """What the page of a version shows."""
    today, language = timezone.localdate(), reader_language()
    compared_with = editing.compared_with(found, today)
    stages = ("draft", "checked", "published")
    place = stages.index(found.state) if found.state in stages else len(stages)
    words = (_("Draft"), _("Second person approves"), _("Published"))
    icons = ("edit", "users", "circle-check")
    return editing.other_parts(found, language) | {
        "version": found,
        "programme": found.programme,
        "sheet": sheet(found, on=today, language=language),
        "conditions": editing.conditions(found, today, language),
        "limits": editing.own_limits(found, today, language),
        "examples": editing.example_results(found, language),
        "variants": local.variants_of(found),
        "floor": local.floor_of(found, language),
        "compared_with": compared_with,
        "changes": compared(compared_with, found, language) if compared_with else [],
        "stages": [
            (text, "done" if number < place else "now" if number == place else "next", icon)
            for number, (text, icon) in enumerate(zip(words, icons, strict=True))
        ],
        "may_change": found.state == "draft" and may_edit(actor, found.programme),
        "may_send": found.state == "draft" and may_edit(actor, found.programme),
        "may_send_back": found.state == "checked" and may_edit(actor, found.programme),
        "may_publish": found.state == "checked" and may_publish(actor, found),
        "is_own_work": str(actor.user_id) in found.writers,
        "impact": remembered(found),
        "may_begin": may_edit(actor, found.programme),
    }


@require_POST
@needs("edit_programmes")
def begin(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """A new draft that reads as this version; from an old one this is the way back."""
    source = version_for(request, code, number)
    form = NoteForm(request.POST)
    form.is_valid()
    note = form.cleaned_data.get("note", "")
    if not note and source.is_final and source != editing.last_published(editing.versions_of(source.programme)):
        note = _("Back to version %(number)s") % {"number": number}
    draft = actions.begin_draft(by=request.actor, version=source, at=timezone.now(), note=note)
    return redirect("eligibility:admin_version", code, draft.number)


@require_POST
@needs("edit_programmes")
def send(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """Hand the draft to a second person."""
    found = version_for(request, code, number)
    try:
        actions.send_for_approval(by=request.actor, version_id=found.pk, at=timezone.now())
        messages.success(request, _("A colleague can publish this version now."))
    except _REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("eligibility:admin_version", code, number)


@require_POST
@needs("edit_programmes", "publish_programmes")
def send_back(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """Make it a draft again."""
    found = version_for(request, code, number)
    try:
        actions.send_back(by=request.actor, version_id=found.pk, at=timezone.now())
    except _REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("eligibility:admin_version", code, number)


@require_POST
@needs("edit_programmes")
def discard(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """Throw a draft away."""
    found = version_for(request, code, number)
    try:
        actions.discard_draft(by=request.actor, version_id=found.pk, at=timezone.now())
        messages.success(request, _("The draft is gone."))
    except _REFUSALS as refusal:
        messages.error(request, str(refusal))
    if Programme.objects.filter(code=code).exists():
        return redirect("eligibility:admin_programme", code)
    return redirect("eligibility:admin_list")


@require_POST
@needs("publish_programmes")
def publish(request: PortalRequest, code: str, number: int) -> HttpResponse:
    """Publish from a day on, by a person who wrote no part of it."""
    found = version_for(request, code, number)
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            actions.publish(
                by=request.actor,
                version_id=found.pk,
                effective_from=form.cleaned_data["effective_from"],
                at=timezone.now(),
                today=timezone.localdate(),
            )
        except (*_REFUSALS, RuleError) as refusal:
            form.add_error("effective_from", with_place(refusal))
        else:
            messages.success(request, _("Published. Everybody’s results are worked out again."))
            return redirect("eligibility:admin_version", code, number)
    context = version_page(found, request.actor) | {"publish_form": form, "form": form}
    return render(request, "eligibility/admin/version.html", context)


def _foreign_words(version: ProgrammeVersion) -> str:
    name = definition_of(version).text("name", reader_language())
    return _("%(name)s (%(agency)s)") % {"name": name, "agency": version.programme.agency.name}


def _publish_form() -> PublishForm:
    return PublishForm(initial={"effective_from": timezone.localdate()})


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None
