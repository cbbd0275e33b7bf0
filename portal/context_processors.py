"""What every page needs to know to draw its frame: settings, cookies and addresses; it asks the database nothing."""

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils import timezone
from django.utils.translation import get_language, get_language_info

from portal.kit.http import PortalRequest
from portal.navigation import entries_for
from portal.session_clock import Clock

WARNING = 300  # seconds before a session ends that a page says so (WCAG 2.2.1 asks for 20 at least)
COLOUR_MODE_COOKIE = "onedoor_colours"
COLOUR_MODES = ("auto", "light", "dark")

# What the frame may link to: the key used in templates, and the URL's name. Strings only, so they may point upward.
SITE_LINKS = {
    "start": "portal:start",
    "sign_in": "account_login",
    "sign_out": "account_logout",
    "my_page": "casework:my",
    "account": "portal:account",
    "staff_page": "portal:home",
    "switch": "portal:acting_as",
    "consents": "consent:data",
    "access_log": "consent:log",
    "programmes": "eligibility:catalogue",
    "privacy": "portal:privacy",
    "accessibility": "portal:accessibility",
    "contact": "portal:help",
    "demonstration": "portal:demonstration",
    "display": "portal:colours",
    "messages": "portal:notifications",
}


def interface(request: HttpRequest) -> dict[str, Any]:
    """Name, direction, colour mode, languages and links for the layouts."""
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "product_name": "OneDoor",
        "text_direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
        "colour_mode": colour_mode(request),
        "demonstration": getattr(settings, "DEMONSTRATION", False),
        "contact_phone": getattr(settings, "CONTACT_PHONE", ""),
        "site": _links(request),
        "unread": getattr(request, "unread", 0),
        "session_end": _session_end(request),
        **_languages(request, language),
        **_staff(request),
    }


def _session_end(request: HttpRequest) -> dict[str, Any] | None:
    """How long the session lasts, for those who are signed in: minutes without a step, the last moment, and seconds left."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    now = timezone.now()
    clock = Clock.of(request.session, now)
    idle, latest = clock.seconds_left(now)
    return {"minutes": clock.idle_minutes, "until": clock.at_latest, "idle": idle, "latest": latest, "warning": WARNING}


def _links(request: HttpRequest) -> dict[str, str]:
    """The addresses of the frame; the staff pages only for those who work for an agency."""
    links = {key: address for key, name in SITE_LINKS.items() if (address := _address(name))}
    if not getattr(request, "session", {}).get("memberships"):
        links.pop("staff_page", None)
    if not getattr(settings, "DEMONSTRATION", False):
        links.pop("demonstration", None)
    actor = getattr(request, "actor", None)
    if actor is not None and actor.is_staff:  # who acts for an agency sees no record of their own meanwhile
        links.pop("consents", None)
    if actor is None or not actor.is_citizen or actor.person_id is None:
        links.pop("access_log", None)
    return links


def colour_mode(request: HttpRequest) -> str:
    """The person's choice of colours: auto (as the device says), light or dark."""
    chosen = request.COOKIES.get(COLOUR_MODE_COOKIE, "auto")
    return chosen if chosen in COLOUR_MODES else "auto"


def _staff(request: HttpRequest) -> dict[str, Any]:
    """The bar of staff pages, when somebody acts for an agency. A view may give its own bar, with counts."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return {"acting_membership": None, "staff_navigation": []}
    named = cast(PortalRequest, request)  # it has a membership, so the middleware named its actor too
    bar = [(entry.url, entry.label, entry.is_current, None) for entry in entries_for(named)]
    return {"acting_membership": membership, "staff_navigation": bar}


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _languages(request: HttpRequest, current: str) -> dict[str, Any]:
    """The languages for the navigation: links where the address carries the language, else a form's buttons."""
    here = request.get_full_path()
    form_url = _address("portal:language")
    languages = []
    for code, _name in settings.LANGUAGES:
        info = get_language_info(code)
        there = translate_url(here, code)
        languages.append(
            {
                "code": code,
                "name": info["name_local"].capitalize(),
                "dir": "rtl" if info["bidi"] else "ltr",
                "url": there if there != here else "",
                "is_current": current == code or current.split("-")[0] == code,
            }
        )
    can_choose = form_url or any(language["url"] for language in languages)
    return {
        "languages": languages if can_choose else [],
        "language_form_url": form_url if not any(language["url"] for language in languages) else "",
        "language_next": here,
    }
