"""Deny by default: every view declares the rule that guards it, and a test walks the resolver to see that each has one.

`@needs("work_cases")` asks for a power of the role in use; `PUBLIC`, `SIGNED_IN`, `OWN_RECORD` and `STAFF` are the other rules.
A refusal raised inside a view is caught here, still inside the request's transaction, so that its log row is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _

from portal.kit.actor import Actor
from portal.kit.http import PortalRequest
from portal.kit.sent_again import form_again
from portal.roles import POWERS, powers_of


@dataclass(frozen=True)
class Rule:
    """A condition on the actor.

    name: shown by the test and the docs; allows: says whether an actor may enter; personal: the page is never cached;
    for_colleagues: a signed-in colleague who does not act under a membership is asked to choose one.
    """

    name: str
    allows: Callable[[Actor], bool]
    personal: bool = True
    for_colleagues: bool = False


PUBLIC = Rule("public", lambda actor: True, personal=False)
ANYONE = Rule("anyone, page may hold own data", lambda actor: True)
SIGNED_IN = Rule("signed in", lambda actor: actor.user_id is not None)
OWN_RECORD = Rule("has an own record", lambda actor: actor.is_citizen and actor.person_id is not None)
STAFF = Rule("staff of any role", lambda actor: actor.is_staff, for_colleagues=True)
TOKEN = Rule("machine with a token, checked by the API's authentication", lambda actor: True)


class Refused(Exception):
    """A person-facing refusal: `str()` is the sentence shown. Subclasses may know how to keep their trace."""

    def keep_trace(self) -> None:
        """Make sure the refusal is logged although the action's own transaction was rolled back."""


def power(*names: str) -> Rule:
    """A rule that any one of the powers satisfies. Raises ValueError for a power no role has."""
    if unknown := set(names) - POWERS:
        raise ValueError(f"no role has the power {', '.join(sorted(unknown))}")
    return Rule(" or ".join(names), lambda actor: bool(powers_of(actor.role) & set(names)), for_colleagues=True)


def needs(*rule: Rule | str) -> Callable:
    """Decorator: guard a function view (or `View.as_view()` result) by one Rule or any of several powers.

    Anonymous visitors are sent to sign in, colleagues who do not act under a membership to choose one; others without
    the power get a 403 page that says why.
    """
    chosen = rule[0] if rule and isinstance(rule[0], Rule) else power(*(str(name) for name in rule))

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: PortalRequest, *args, **kwargs) -> HttpResponse:
            if not chosen.allows(request.actor):
                response = _turned_away(request, chosen)
            else:
                try:
                    response = view(request, *args, **kwargs)
                except Refused as refusal:
                    refusal.keep_trace()
                    response = render(request, "errors/403.html", {"reason": str(refusal)}, status=403)
            if chosen.personal:
                add_never_cache_headers(response)
                response["Cache-Control"] = "no-store"
            return response

        marked: Any = guarded  # a function takes attributes
        marked.access_rule = chosen
        return marked

    return decorate


def _turned_away(request: PortalRequest, rule: Rule) -> HttpResponse:
    actor = request.actor
    if actor.user_id is None and request.method == "POST" and request.session.get("expired"):
        return form_again(request, "errors/signed_out.html", status=401)
    here = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    if actor.user_id is None:
        return redirect_to_login(here or reverse(settings.LOGIN_REDIRECT_URL), settings.LOGIN_URL)
    if rule.for_colleagues and not actor.is_staff and request.session.get("memberships"):
        return HttpResponseRedirect(f"{reverse('portal:acting_as')}?{urlencode({'next': here})}")
    return render(request, "errors/403.html", {"reason": _reason(actor, rule)}, status=403)


def _reason(actor: Actor, rule: Rule) -> str:
    if rule is OWN_RECORD and actor.is_staff:
        return _("You are acting for your agency now. Switch to your own page to see your own record.")
    if rule is OWN_RECORD:
        return _("There is no record in your name yet. It begins when you answer the first questions.")
    return _("Your role does not include this page.") if actor.is_staff else _("This page is for agency staff.")
