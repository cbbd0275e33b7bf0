"""Which memberships a user holds, and the one in use in a session."""

from datetime import date
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from portal.models import Agency, Membership, Notification, User


def memberships_of(user: User, day: date) -> list[Membership]:
    """The user's memberships in force on `day`, with agency, team and office."""
    return list(user.memberships.in_force(day).select_related("agency", "team", "office"))


def own_membership(user: User, membership_id: UUID, day: date) -> Membership:
    """One of the user's memberships in force on `day`. Raises Membership.DoesNotExist."""
    return user.memberships.in_force(day).select_related("agency", "team", "office").get(pk=membership_id)


def membership_in_use(request: HttpRequest) -> Membership | None:
    """The membership the session acts under, or None.

    It was chosen by the user, is in force today, this session passed the second factor, and the user still has one. Its
    `unread` says how many notices the user has not opened.
    """
    chosen = request.session.get("membership_id")
    if not chosen or not request.user.is_authenticated or not request.session.get("second_factor"):
        return None
    waiting = Notification.objects.filter(user=OuterRef("user"), read_at=None).order_by().values("user").annotate(n=Count("pk"))
    membership = (
        Membership.objects.in_force(timezone.localdate())
        .filter(
            Exists(Authenticator.objects.filter(user=OuterRef("user"), type=Authenticator.Type.TOTP)),
            pk=chosen,
            user=request.user,
        )
        .annotate(unread=Coalesce(Subquery(waiting.values("n")), 0))
        .select_related("agency", "team", "office")
        .first()
    )
    if membership is not None:
        membership.user = request.user
    return membership


def memberships_at(agency: Agency, day: date) -> list[Membership]:
    """All memberships of an agency that are in force on `day` or begin later, by name."""
    return list(
        agency.memberships.exclude(ends_on__lt=day)
        .select_related("user", "team", "office")
        .order_by("user__name", "user__email", "role", "starts_on")
    )


def former_memberships_at(agency: Agency, day: date) -> list[Membership]:
    """The agency's memberships that ended before `day`, latest first."""
    return list(
        agency.memberships.filter(ends_on__lt=day)
        .select_related("user", "team", "office")
        .order_by("-ends_on", "user__name", "user__email")[:50]
    )
