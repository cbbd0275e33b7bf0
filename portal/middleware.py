"""Request by request: who acts, and how long a session may last."""

import datetime as dt
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.kit.actor import Actor, acting_as
from portal.queries.memberships import membership_in_use

IDLE = {"staff": dt.timedelta(minutes=30), "citizen": dt.timedelta(hours=2)}
ABSOLUTE = {"staff": dt.timedelta(hours=10), "citizen": dt.timedelta(hours=24)}


class SessionClock:
    """Ends sessions that were idle or alive too long (OWASP ASVS 5.0 7.3.1, 7.3.2). Staff sessions are shorter."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = timezone.now()
            kind = "staff" if request.session.get("membership_id") else "citizen"
            began = request.session.setdefault("began_at", now.isoformat())
            seen = request.session.get("seen_at", now.isoformat())
            if (
                now - dt.datetime.fromisoformat(began) > ABSOLUTE[kind]
                or now - dt.datetime.fromisoformat(seen) > IDLE[kind]
            ):
                logout(request)
                request.session["expired"] = True
            elif now - dt.datetime.fromisoformat(seen) > dt.timedelta(minutes=1) or "seen_at" not in request.session:
                request.session["seen_at"] = now.isoformat()
        return self.get_response(request)


class ActorMiddleware:
    """Names the actor of the request: a membership in use makes staff, a person in the session a citizen."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = membership_in_use(request)  # type: ignore[attr-defined]
        request.actor = actor_of(request)  # type: ignore[attr-defined]
        with acting_as(request.actor):  # type: ignore[attr-defined]
            return self.get_response(request)


def actor_of(request: HttpRequest) -> Actor:
    """The actor a session stands for; `person_id` is put there by `consent` at sign-in or when a record is begun."""
    person_id = request.session.get("person_id")
    user = request.user
    membership = request.membership  # type: ignore[attr-defined]
    if membership is not None:
        return Actor(
            "staff",
            user_id=user.pk,
            agency_id=membership.agency_id,
            membership_id=membership.pk,
            role=membership.role,
            name=user.name or user.email,
        )
    if user.is_authenticated:
        return Actor("citizen", user_id=user.pk, person_id=_uuid(person_id), role="citizen", name=user.name)
    if person_id:
        return Actor.citizen(person_id=_uuid(person_id))
    return Actor.anonymous()


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
