"""The bell: what is waiting for the signed-in user."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from portal.actions.notifications import mark_all_read, mark_read
from portal.kit.access import SIGNED_IN, needs
from portal.kit.http import PortalRequest
from portal.models import Notification
from portal.notices import KINDS
from portal.queries.notifications import notices_of, own_notice
from portal.sessions import user_of


@require_GET
@needs(SIGNED_IN)
def notifications(request: PortalRequest) -> HttpResponse:
    """The notices, newest first."""
    found = notices_of(user_of(request).pk)
    lines = [(one, KINDS[one.kind].subject, KINDS[one.kind].words(one.parameters)) for one in found if one.kind in KINDS]
    return render(
        request,
        "portal/notifications/list.html",
        {"lines": lines, "unread": sum(one.read_at is None for one in found)},
    )


@require_POST
@needs(SIGNED_IN)
def open_notification(request: PortalRequest, notification_id: UUID) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    try:
        found = own_notice(user_of(request).pk, notification_id)
    except Notification.DoesNotExist:
        raise Http404 from None
    mark_read(by=request.actor, notification=found, at=timezone.now())
    return HttpResponseRedirect(found.path)


@require_POST
@needs(SIGNED_IN)
def read_all(request: PortalRequest) -> HttpResponse:
    """Mark every notice as read."""
    mark_all_read(by=request.actor, at=timezone.now())
    return redirect("portal:notifications")
