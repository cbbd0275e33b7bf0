"""What every page needs to know to draw its frame. Reads settings, cookies and the resolver, never the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils.translation import get_language, get_language_info

COLOUR_MODE_COOKIE = "onedoor_colours"
COLOUR_MODES = ("auto", "light", "dark")

# What the frame may link to: the key used in templates, and the URL's name. Strings only, so they may point upward.
SITE_LINKS = {
    "start": "start",
    "sign_in": "account_login",
    "sign_out": "account_logout",
    "my_page": "my_page",
    "account": "account_security",
    "staff_page": "staff_home",
    "switch": "switch_membership",
    "consents": "consents",
    "access_log": "access_log",
    "programmes": "programmes",
    "privacy": "privacy",
    "accessibility": "accessibility",
    "contact": "contact",
    "demonstration": "demonstration",
    "display": "choose_colours",
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
        "site": {key: address for key, name in SITE_LINKS.items() if (address := _address(name))},
        **_languages(request, language),
    }


def colour_mode(request: HttpRequest) -> str:
    """The person's choice of colours: auto (as the device says), light or dark."""
    chosen = request.COOKIES.get(COLOUR_MODE_COOKIE, "auto")
    return chosen if chosen in COLOUR_MODES else "auto"


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _languages(request: HttpRequest, current: str) -> dict[str, Any]:
    """The languages for the navigation: links where the address carries the language, else a form's buttons."""
    here = request.get_full_path()
    form_url = _address("choose_language")
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
