"""When a programme takes applications: windows in a draft, and pausing a programme at once."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from eligibility import drafting
from eligibility.actions import openings as actions
from eligibility.definition import Definition
from eligibility.forms.openings import EndForm, ExpectForm, PauseForm, WindowForm, window_initial
from eligibility.forms.shared import DraftForm
from eligibility.models import Programme
from eligibility.permissions import may_edit, may_end
from eligibility.queries.openings import Opening, asked_ending, opening_of_programme, running_pauses
from eligibility.views.admin import programme_for, version_for
from eligibility.views.catalogue import reader_language
from eligibility.views.editor import back_to, frame, saved
from eligibility.views.place import Place
from portal.kit.access import Refused, needs
from portal.kit.http import PortalRequest
from portal.templatetags.ui import day


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def window(request: PortalRequest, code: str, number: int, position: int | None = None) -> HttpResponse:
    """A window of a draft, or a new one. position: its place in the list, from 0."""
    version = version_for(request, code, number)
    windows = Definition.from_dict(version.definition).windows
    if position is not None and position >= len(windows):
        raise Http404
    language = reader_language()
    here = windows[position] if position is not None else None
    initial = (window_initial(here, language) if here else {}) | {"lock_version": version.lock_version}
    others = [item for place, item in enumerate(windows) if place != position]
    form = WindowForm(request.POST or None, initial=initial, others=others, language=language)
    if request.method == "POST" and form.is_valid():
        made = form.window()
        if saved(request, Place(version), form, lambda: drafting.with_window(version.definition, vars(made), position)):
            messages.success(request, _("Saved. The worked examples ran again."))
            return back_to(version, "windows")
    context = frame(version, form, item=here, position=position)
    return render(request, "eligibility/admin/window.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("edit_programmes")
def window_remove(request: PortalRequest, code: str, number: int, position: int) -> HttpResponse:
    """Take a window out of a draft."""
    version = version_for(request, code, number)
    if position >= len(Definition.from_dict(version.definition).windows):
        raise Http404
    form = DraftForm(request.POST)
    if form.is_valid() and saved(request, Place(version), form, lambda: drafting.without_window(version.definition, position)):
        messages.success(request, _("It is taken out."))
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, str(error))
    return back_to(version, "windows")


# --- at once


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def pause(request: PortalRequest, code: str) -> HttpResponse:
    """Take no applications from now on; while it is paused, say when it should go on."""
    programme = _own(request, code)
    running = running_pauses([programme.pk]).get(programme.pk)
    if running is not None:
        form: ExpectForm | PauseForm = ExpectForm(request.POST or None, initial={"expected_on": running.expected_on})
    else:
        form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        by, at, expected_on = request.actor, timezone.now(), form.cleaned_data["expected_on"]
        try:
            if isinstance(form, PauseForm):
                actions.pause(
                    by=by, programme=programme, reason=form.cleaned_data["reason"].strip(), expected_on=expected_on, at=at,
                    translations=form.translations(),
                )  # fmt: skip
                messages.success(request, _("The programme is paused. Nobody can apply for it until you end the pause."))
            else:
                actions.expect(by=by, programme=programme, expected_on=expected_on, at=at)
                messages.success(request, _("Saved. People read the new day from now on."))
            return redirect("eligibility:admin_programme", code)
        except actions.NotPossible as refusal:
            form.add_error("expected_on", str(refusal))
    context = {"programme": programme, "form": form, "running": running, "opening": _opening(code), "name": _name(programme)}
    return render(request, "eligibility/admin/pause.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("edit_programmes")
def resume(request: PortalRequest, code: str) -> HttpResponse:
    """Take applications again."""
    programme = _own(request, code)
    try:
        actions.resume(by=request.actor, programme=programme, at=timezone.now())
        messages.success(request, _("The pause has ended. Those who asked for it are told as soon as the programme is open."))
    except actions.NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("eligibility:admin_programme", code)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def end(request: PortalRequest, code: str) -> HttpResponse:
    """Ask that a programme ends as a whole; while that waits, what a second person confirms."""
    programme = _own(request, code)
    asked = asked_ending(programme)
    form = EndForm(request.POST or None) if asked is None else EndForm()
    if request.method == "POST" and asked is None and form.is_valid():
        values = form.cleaned_data
        try:
            actions.ask_end(
                by=request.actor, programme=programme, last_day=values["last_day"], reason=values["reason"].strip(),
                translations=form.translations(), at=timezone.now(),
            )  # fmt: skip
        except actions.NotPossible as refusal:
            form.add_error("last_day", str(refusal))
        else:
            messages.success(request, _("A colleague can confirm the end now. Nothing changes before."))
            return redirect("eligibility:admin_end", code)
    context = {
        "programme": programme, "form": form, "asked": asked, "name": _name(programme),
        "may_confirm": asked is not None and may_end(request.actor, asked),
    }  # fmt: skip
    return render(request, "eligibility/admin/end.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("publish_programmes")
def end_confirm(request: PortalRequest, code: str) -> HttpResponse:
    """The second person confirms that a programme ends, or takes the wish back (POST `do`: confirm or drop)."""
    programme = _own(request, code)
    try:
        if request.POST.get("do") == "confirm":
            ended = actions.confirm_end(by=request.actor, programme=programme, at=timezone.now())
            messages.success(request, _("The programme ends with %(day)s.") % {"day": day(ended.last_day)})
        else:
            actions.drop_end(by=request.actor, programme=programme, at=timezone.now())
            messages.success(request, _("The programme does not end."))
    except actions.NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("eligibility:admin_programme", code)


def _own(request: PortalRequest, code: str) -> Programme:
    programme = programme_for(request, code)
    if not may_edit(request.actor, programme):
        raise Refused(_("Only programme admins of the agency may pause its programmes."))
    return programme


def _opening(code: str) -> Opening | None:
    return opening_of_programme(code, timezone.localdate(), reader_language())


def _name(programme: Programme) -> str:
    version = programme.versions.order_by("-number").first()
    return version.definition["programme"]["name"] if version else programme.code
