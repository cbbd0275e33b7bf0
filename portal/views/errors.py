"""Error pages in words that say what happened and what to do."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.kit.sent_again import form_again


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. The page needs nothing but itself: the request may be broken in any way."""
    return HttpResponse(render_to_string("errors/400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403 raised by a library; our own refusals are drawn by `portal.kit.access.needs`."""
    return render(request, "errors/403.html", {"reason": ""}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return render(request, "errors/404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """429: a rate limit."""
    return render(request, "errors/429.html", status=429)


def broken(request: HttpRequest) -> HttpResponse:
    """500. The page needs nothing but itself: the database may be gone."""
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def page_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token does not fit (signed in elsewhere, or the page was open for long).

    When the browser vouches that the form came from this site, what was entered is kept and one press sends it again.
    Otherwise nothing of it is repeated: it may be somebody else's form (ASVS 5.0, 3.5.1).
    """
    came_from_here = _host_of(request.headers.get("Origin", "")) == request.get_host()
    return form_again(request, "errors/page_too_old.html", status=403, is_ours=came_from_here)


def _host_of(origin: str) -> str:
    return urlsplit(origin).netloc
