"""Who may call which part. A view that declares nothing is closed to all."""

from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from portal.kit.actor import Actor

if TYPE_CHECKING:  # rest_framework.views reads this module while it is itself being read
    from rest_framework.views import APIView


def _actor(request: Request) -> Actor | None:
    return request.auth if isinstance(request.auth, Actor) else None


class Nobody(BasePermission):
    """The default: closed until the view says who may call it."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return False


class Everybody(BasePermission):
    """Open to all, signed in or not: holds nothing about anybody."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return True


class Partner(BasePermission):
    """A partner agency's system."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        actor = _actor(request)
        return actor is not None and actor.is_machine and actor.agency_id is not None


class Person(BasePermission):
    """The person themself."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        actor = _actor(request)
        return actor is not None and actor.is_citizen and actor.person_id is not None
