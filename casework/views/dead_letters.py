"""What could not be delivered, for the agency's admin: places and reasons, nothing about the person."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from casework.actions.deliveries import replay_delivery
from casework.actions.referral_events import ReferralRefused
from casework.models import ReferralDelivery
from casework.queries import deliveries
from portal.kit.access import needs
from portal.kit.actor import Actor
from portal.kit.http import PortalRequest


@require_safe
@needs("see_dead_letters")
def dead_letters(request: PortalRequest) -> HttpResponse:
    """The list."""
    by: Actor = request.actor
    assert by.agency_id is not None  # @needs lets in nobody without an agency
    return render(request, "casework/referral/dead_letters.html", {"rows": deliveries.dead_letters(by.agency_id)})


@require_POST
@needs("see_dead_letters")
def send_again(request: PortalRequest, delivery_id: UUID) -> HttpResponse:
    """Send one again."""
    by: Actor = request.actor
    try:
        replay_delivery(by=by, delivery_id=delivery_id, at=timezone.now())
    except ReferralDelivery.DoesNotExist:
        raise Http404 from None
    except ReferralRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is on its way again."))
    return redirect("casework:dead_letters")
