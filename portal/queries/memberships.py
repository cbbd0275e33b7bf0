"""Which memberships a user holds, and the one in use in a session."""

from django.http import HttpRequest
from django.utils import timezone

from portal.models import Membership, User


def memberships_of(user: User, day) -> list[Membership]:
    """The user's memberships in force on `day`, with agency, team and office."""
    return list(user.memberships.in_force(day).select_related("agency", "team", "office"))


def membership_in_use(request: HttpRequest) -> Membership | None:
    """The membership the session acts under: chosen by the user, still in force, second factor passed; else None."""
    chosen = request.session.get("membership_id")
    if not chosen or not request.user.is_authenticated or not request.session.get("second_factor"):
        return None
    return (
        Membership.objects.in_force(timezone.localdate())
        .filter(pk=chosen, user=request.user)
        .select_related("agency", "team", "office")
        .first()
    )
