"""Where one is signed in, and how long the session at hand lasts."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from portal import sessions
from portal.actions.sessions import end_other_sessions, end_session
from portal.kit.access import SIGNED_IN, needs
from portal.kit.http import PortalRequest
from portal.queries.sessions import sessions_of
from portal.session_clock import Clock


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def signed_in(request: PortalRequest) -> HttpResponse:
    """The person's own sessions. POST `end`: the id of one elsewhere, or "others" for all but this one."""
    user, this = sessions.user_of(request), request.session.session_key
    if request.method == "POST":
        chosen = request.POST.get("end", "")
        if chosen == "others":
            ended = end_other_sessions(by=request.actor, user=user, this=this)
            words = ngettext(
                "You are signed out on %(count)s other device.", "You are signed out on %(count)s other devices.", ended
            )
            messages.success(request, words % {"count": ended})
        elif (
            chosen.isdecimal()
            and len(chosen) < 19
            and end_session(by=request.actor, user=user, session_id=int(chosen), this=this)
        ):
            messages.success(request, _("You are signed out there."))
        else:
            messages.info(request, _("You were not signed in there any more."))
        return redirect("portal:sessions")
    found = sessions_of(user, this=this, now=timezone.now())
    return render(request, "portal/entrance/sessions.html", {"found": found, "has_others": any(not one.is_this for one in found)})


@require_POST
@needs(SIGNED_IN)
def stay(request: PortalRequest) -> HttpResponse:
    """Stay signed in: the request itself is the step that keeps the session. A program gets the seconds left."""
    now = timezone.now()
    request.session["seen_at"] = now.isoformat()
    idle, latest = Clock.of(request.session, now).seconds_left(now)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"idle": idle, "latest": latest})
    return redirect("portal:home")
