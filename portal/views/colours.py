"""The choice of light or dark colours, kept in a cookie."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal.context_processors import COLOUR_MODE_COOKIE, COLOUR_MODES
from portal.kit.access import PUBLIC, needs

ONE_YEAR = 365 * 24 * 60 * 60  # seconds


@require_POST
@needs(PUBLIC)
def choose_colours(request: HttpRequest) -> HttpResponse:
    """Keep the chosen colours (``mode``: auto, light or dark) and go back to ``next``."""
    mode = request.POST.get("mode", "auto")
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(target if is_ours else "/")
    if mode in COLOUR_MODES:
        response.set_cookie(COLOUR_MODE_COOKIE, mode, max_age=ONE_YEAR, samesite="Lax", httponly=True, secure=request.is_secure())
    return response
