"""The entrance: signing in and out, the second factor, and whom one acts for."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from portal import sessions
from portal.actions.accounts import change_profile
from portal.forms import ProfileForm
from portal.kit.access import ANYONE, SIGNED_IN, needs
from portal.kit.http import PortalRequest
from portal.models import Membership
from portal.navigation import entries_for
from portal.queries.accounts import has_second_factor
from portal.queries.memberships import memberships_of, own_membership
from portal.roles import ROLES


def in_our_frame(view: Callable) -> Callable:
    """Let allauth's pages be drawn in our layouts: their `site` would hide ours."""

    @wraps(view)
    def framed(request: PortalRequest, *args, **kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if getattr(response, "context_data", None):
            response.context_data.pop("site", None)
        return response

    return framed


def safe_target(request: PortalRequest, target: str) -> str:
    """`target` when it is an address of this site, else an empty string (ASVS 5.0, 3.7.2)."""
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return target if is_ours else ""


@require_GET
@needs(SIGNED_IN)
def home(request: PortalRequest) -> HttpResponse:
    """Where to go after signing in: a colleague to their work, everybody else to their own page."""
    if request.actor.is_staff:
        entries = entries_for(request)
        return redirect(entries[0].url if entries else "portal:roles")
    if sessions.is_colleague(request):
        return redirect("portal:acting_as")
    return redirect("casework:my")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def acting_as(request: PortalRequest) -> HttpResponse:
    """Choose the membership to act under (POST `membership`: its id, or empty for one's own page)."""
    if request.method == "POST":
        return _act_as(request)
    held = memberships_of(sessions.user_of(request), timezone.localdate())
    return render(
        request,
        "portal/entrance/acting_as.html",
        {
            "held": [(one, ROLES[one.role]) for one in held],
            "needs_second_factor": not request.session.get("second_factor"),
            "has_second_factor": has_second_factor(sessions.user_of(request)),
            "next": safe_target(request, request.GET.get("next", "")),
        },
    )


def _act_as(request: PortalRequest) -> HttpResponse:
    day = timezone.localdate()
    chosen = request.POST.get("membership", "")
    if not chosen:
        sessions.act_as(request, None, day=day)
        return redirect("casework:my")
    if not request.session.get("second_factor"):
        return redirect("portal:acting_as")
    try:
        membership = own_membership(sessions.user_of(request), UUID(chosen), day)
    except (ValueError, Membership.DoesNotExist):
        messages.error(request, _("This role has ended or is not yours. Choose another one."))
        return redirect("portal:acting_as")
    sessions.act_as(request, membership, day=day)
    return HttpResponseRedirect(safe_target(request, request.POST.get("next", "")) or reverse("portal:home"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
def sign_out(request: PortalRequest) -> HttpResponse:
    """End the session, with or without an account, and have the browser forget what it kept (ASVS 5.0, 14.3.1).

    The session's cookie is deleted with the session; those for language and colours hold nothing personal and stay.
    """
    if request.method != "POST":
        somebody = request.user.is_authenticated or request.session.get("person_id")
        return render(request, "account/logout.html" if somebody else "portal/entrance/signed_out.html")
    logout(request)
    response = render(request, "portal/entrance/signed_out.html")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def account(request: PortalRequest) -> HttpResponse:
    """One's own account: name, language, and the ways to e-mail, password and second factor."""
    user = sessions.user_of(request)
    sent = request.POST if request.method == "POST" else None
    form = ProfileForm(sent, initial={"name": user.name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        change_profile(by=request.actor, user=user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("portal:account")
    return render(
        request,
        "portal/entrance/account.html",
        {"form": form, "has_second_factor": has_second_factor(user), "is_colleague": sessions.is_colleague(request)},
    )


class ActivateSecondFactor(ActivateTOTPView):
    """allauth's page; proving the first code is a second factor in this session."""

    def form_valid(self, form) -> HttpResponse:
        """Store the secret and let memberships be used."""
        response = super().form_valid(form)
        sessions.pass_second_factor(self.request, self.request.user, day=timezone.localdate())
        return response


class DeactivateSecondFactor(DeactivateTOTPView):
    """allauth's page; without a second factor no membership is usable."""

    def form_valid(self, form) -> HttpResponse:
        """Remove the secret and stop acting for an agency."""
        response = super().form_valid(form)
        sessions.lose_second_factor(self.request)
        return response


activate_second_factor = ActivateSecondFactor.as_view()
deactivate_second_factor = DeactivateSecondFactor.as_view()
