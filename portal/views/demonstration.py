"""Pages of the demonstration only: who one can sign in as, and the mailbox."""

import time
from collections.abc import Callable
from functools import wraps

from allauth.mfa import app_settings as second_factor
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from portal.actions.demonstration import PASSWORD
from portal.kit.access import ANYONE, needs
from portal.queries import demonstration


def only_in_demonstration(view: Callable) -> Callable:
    """Outside a demonstration the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not settings.DEMONSTRATION:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@needs(ANYONE)
@only_in_demonstration
def sign_ins(request: HttpRequest) -> HttpResponse:
    """The demonstration's accounts with the codes that are good now."""
    found = demonstration.sign_ins(timezone.localdate())
    period = second_factor.TOTP_PERIOD
    return render(
        request,
        "portal/demonstration/sign_ins.html",
        {
            "colleagues": [one for one in found if one.roles],
            "citizens": [one for one in found if not one.roles],
            "password": PASSWORD,
            "seconds_left": period - int(time.time()) % period,
        },
    )


@require_GET
@needs(ANYONE)
@only_in_demonstration
def mailbox(request: HttpRequest) -> HttpResponse:
    """The e-mails the demonstration sent, newest first."""
    return render(request, "portal/demonstration/mailbox.html", {"mails": demonstration.mails()})


@require_GET
@needs(ANYONE)
@only_in_demonstration
def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One e-mail."""
    found = demonstration.mail_named(name)
    if found is None:
        raise Http404
    return render(request, "portal/demonstration/mail.html", {"mail": found})
