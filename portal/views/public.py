"""The public face: the start page, help, accessibility, privacy, and files that machines ask for."""

import datetime as dt

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from portal.actions.accounts import choose_language
from portal.kit.access import ANYONE, PUBLIC, needs
from portal.kit.http import PortalRequest
from portal.life_events import LIFE_EVENTS
from portal.queries.offices import card_of, count_agencies, first_offices, open_offices
from portal.queries.privacy import activities_in_force
from portal.roles import ROLES

OFFICES_ON_START = 3


@require_GET
@needs(ANYONE)
def start(request: PortalRequest) -> HttpResponse:
    """What you get, how long it takes, where to begin, and who to talk to."""
    return render(
        request,
        "public/start.html",
        {"situations": _doors(), "offices": first_offices(OFFICES_ON_START), "agencies": count_agencies()},
    )


def _doors() -> list[tuple[str, str, str]]:
    """(code, icon, words) of the situations one can start from."""
    language = get_language() or "en"
    return [(event.code, event.icon, event.words(language)) for event in LIFE_EVENTS.values()]


@require_GET
@needs(ANYONE)
def help_page(request: PortalRequest) -> HttpResponse:
    """Offices with phone, address and opening hours."""
    return render(request, "public/help.html", {"offices": [card_of(office) for office in open_offices()]})


@require_GET
@needs(ANYONE)
def accessibility(request: PortalRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "public/accessibility.html")


@require_GET
@needs(ANYONE)
def privacy(request: PortalRequest) -> HttpResponse:
    """The privacy notice, with the register of processing activities as it is today."""
    language = (get_language() or "en").split("-")[0]
    activities = [(one, one.text.get(language) or one.text.get("en", "")) for one in activities_in_force(timezone.localdate())]
    return render(request, "public/privacy.html", {"activities": activities})


@require_GET
@needs(ANYONE)
def roles(request: PortalRequest) -> HttpResponse:
    """Each role with the paragraph that says what it may do."""
    return render(request, "public/roles.html", {"roles": list(ROLES.values())})


@require_POST
@needs(PUBLIC)
def language(request: PortalRequest) -> HttpResponse:
    """Choose the language of the pages; for a signed-in person also of e-mails and letters."""
    if request.user.is_authenticated:
        choose_language(
            by=request.actor,
            user=request.user,
            language=request.POST.get("language", ""),
        )
    return set_language(request)


@require_GET
@needs(PUBLIC)
def robots(request: PortalRequest) -> HttpResponse:
    """Search engines may see the public pages only."""
    closed = [reverse("portal:account"), reverse("portal:agency"), "/apply/", "/record/", "/results/", "/my/", "/staff/", "/api/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_GET
@needs(PUBLIC)
def security_txt(request: PortalRequest) -> HttpResponse:
    """Whom to tell about a weakness (RFC 9116)."""
    expires = (timezone.now() + dt.timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = [
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {expires.isoformat()}",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.PUBLIC_URL}{request.path}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
