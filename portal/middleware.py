"""Request by request: who acts, and how long a session may last."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.kit.actor import Actor, acting_as
from portal.models import Membership
from portal.queries.memberships import membership_in_use
from portal.queries.notifications import count_unread
from portal.requests import MemberRequest
from portal.session_clock import GRAIN, Clock


class NoNullBytes:
    """Refuses a query or a form with a null byte in it: nobody types one, and PostgreSQL holds none. The answer is 400.

    The API's bodies are read and checked by its own fields.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for sent in (request.GET, request.POST):
            if any("\x00" in text for name in sent for text in (name, *sent.getlist(name))):
                raise BadRequest("null byte")
        return self.get_response(request)


class SessionClock:
    """Ends sessions that were idle or alive too long, as `portal.session_clock` says.

    A session without an account that holds a person's record (a shared computer at a counter) ends as a citizen's does.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or request.session.get("person_id"):
            now = timezone.now()
            clock = Clock.of(request.session, now)
            if clock.is_over(now):
                logout(request)
                request.session["expired"] = True
            elif "seen_at" not in request.session or now - clock.seen_at > GRAIN:
                request.session["began_at"] = clock.began_at.isoformat()
                request.session["seen_at"] = now.isoformat()
        return self.get_response(request)


class ActorMiddleware:
    """Names the actor of the request: a membership in use makes staff, a person in the session a citizen.

    For pages it also counts what waits unread, so that no template needs to ask.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: MemberRequest) -> HttpResponse:
        membership = membership_in_use(request)
        request.membership = cast(Membership, membership)  # pages without a power know that it may be None
        request.actor = actor_of(request, membership)
        if request.method == "GET" and request.user.is_authenticated:
            request.unread = cast(Any, membership).unread if membership else count_unread(request.user.pk)
        with acting_as(request.actor):
            return self.get_response(request)


def actor_of(request: HttpRequest, membership: Membership | None) -> Actor:
    """The actor a session stands for; `person_id` is put there by `consent` at sign-in or when a record is begun."""
    person_id = request.session.get("person_id")
    user = request.user
    if membership is not None and user.is_authenticated:
        return Actor(
            "staff",
            user_id=user.pk,
            agency_id=membership.agency_id,
            membership_id=membership.pk,
            role=membership.role,
            name=user.name or user.email,
        )
    if user.is_authenticated:
        return Actor("citizen", user_id=user.pk, person_id=_uuid(person_id), role="citizen")
    if person_id:
        return Actor.citizen(person_id=UUID(person_id))
    return Actor.anonymous()


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
