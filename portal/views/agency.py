"""An agency's own page: offices, teams and members, kept by its admin."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal.actions.agencies import MembershipRefused, add_member, change_member, end_membership, save_office, save_team
from portal.forms import EndMembershipForm, MemberForm, OfficeForm, SeatForm, TeamForm
from portal.kit.access import needs
from portal.kit.actor import Actor
from portal.models import Agency, Membership, Office, Team
from portal.opening_hours import as_typed
from portal.places import place_words
from portal.queries.agencies import Thing, agency_thing, teams_of
from portal.queries.memberships import former_memberships_at, memberships_at
from portal.queries.offices import offices_of
from portal.requests import MemberRequest
from portal.roles import ROLES

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_GET
@needs("manage_agency")
def agency(request: MemberRequest) -> HttpResponse:
    """Offices, teams and members of the agency the admin acts for."""
    own, today = _agency(request), timezone.localdate()
    return render(
        request,
        "portal/agency/overview.html",
        {
            "agency": own,
            "offices": offices_of(own),
            "teams": teams_of(own),
            "members": [(one, ROLES[one.role]) for one in memberships_at(own, today)],
            "former": [(one, ROLES[one.role]) for one in former_memberships_at(own, today)],
            "today": today,
        },
    )


@require_http_methods(FORM_METHODS)
@needs("manage_agency")
def office(request: MemberRequest, office_id: UUID | None = None) -> HttpResponse:
    """Add an office, or change one."""
    own = _agency(request)
    found: Office | None = _found(Office, own, office_id) if office_id else None
    initial = {"hours": "\n".join(as_typed(line) for line in found.hours)} if found else {}
    if found:
        initial |= {name: getattr(found, name) for name in ("name", "address", "phone", "email")}
        initial["local_authorities"] = "\n".join(place_words(code) for code in found.local_authorities)
    form = OfficeForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        save_office(by=_actor(request), agency=own, office=found, on=timezone.localdate(), details=form.cleaned_data)
        return _saved(request, "offices")
    return _form_page(request, form, _("Change the office") if found else _("Add an office"))


@require_http_methods(FORM_METHODS)
@needs("manage_agency")
def team(request: MemberRequest, team_id: UUID | None = None) -> HttpResponse:
    """Add a team, or change one."""
    own = _agency(request)
    found: Team | None = _found(Team, own, team_id) if team_id else None
    initial = {"name": found.name, "office": found.office_id} if found else {}
    form = TeamForm(_sent(request), offices=offices_of(own), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_team(by=_actor(request), agency=own, team=found, **form.cleaned_data)
        except MembershipRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            return _saved(request, "teams")
    return _form_page(request, form, _("Change the team") if found else _("Add a team"))


@require_http_methods(FORM_METHODS)
@needs("manage_agency")
def member(request: MemberRequest) -> HttpResponse:
    """Give somebody a role."""
    own = _agency(request)
    form = MemberForm(_sent(request), teams=teams_of(own), offices=offices_of(own), initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            add_member(by=_actor(request), agency=own, at=timezone.now(), **form.cleaned_data)
        except MembershipRefused as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(
                request,
                _("Saved. A new colleague sets a password first: “Forgotten your password?” on the sign-in page."),
            )
            return redirect(reverse("portal:agency") + "#members")
    return _form_page(request, form, _("Add a member"))


@require_http_methods(FORM_METHODS)
@needs("manage_agency")
def seat(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    """Change where a member sits."""
    own = _agency(request)
    found = _found(Membership, own, membership_id)
    initial = {"team": found.team_id, "office": found.office_id, "phone": found.phone}
    form = SeatForm(_sent(request), teams=teams_of(own), offices=offices_of(own), initial=initial)
    if request.method == "POST" and form.is_valid():
        change_member(by=_actor(request), membership=found, **form.cleaned_data)
        return _saved(request, "members")
    return _form_page(request, form, _("Team, office and phone"), about=found)


@require_http_methods(FORM_METHODS)
@needs("manage_agency")
def end(request: MemberRequest, membership_id: UUID) -> HttpResponse:
    """End a membership."""
    own = _agency(request)
    found = _found(Membership, own, membership_id)
    form = EndMembershipForm(_sent(request), initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            end_membership(by=_actor(request), membership=found, on=form.cleaned_data["on"], at=timezone.now())
        except MembershipRefused as refusal:
            form.add_error("on", str(refusal))
        else:
            return _saved(request, "members")
    return _form_page(request, form, _("End this role"), about=found, button=_("End the role"))


def _sent(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _agency(request: MemberRequest) -> Agency:
    return request.membership.agency


def _actor(request: MemberRequest) -> Actor:
    return request.actor


def _found(model: type[Thing], own: Agency, thing_id: UUID) -> Thing:
    try:
        return agency_thing(model, own, thing_id)
    except model.DoesNotExist:
        raise Http404 from None


def _saved(request: MemberRequest, part: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('portal:agency')}#{part}")


def _form_page(
    request: MemberRequest, form: forms.Form, title: str, about: Membership | None = None, button: str = ""
) -> HttpResponse:
    context = {"form": form, "title": title, "about": about, "button": button or _("Save")}
    if about:
        context["role"] = ROLES[about.role]
    return render(request, "portal/agency/form.html", context)
