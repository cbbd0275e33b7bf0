"""The request as every view gets it: the middleware has named the actor."""

from django.http import HttpRequest

from portal.kit.actor import Actor


class PortalRequest(HttpRequest):
    """A request that passed `portal.middleware.ActorMiddleware`. It is never made: Django's own request carries the attribute.

    actor: who acts in this request; anonymous when nobody signed in and no record was begun.
    unread: how many notices wait, on pages that a signed-in person reads.
    """

    actor: Actor
    unread: int
