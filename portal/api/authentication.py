"""Who calls: a partner agency's system by its token, or a person by their own browser session."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from portal.kit.actor import Actor
from portal.models import MachineClient, User


def digest_of(token: str) -> str:
    """What is stored of a token: SHA-256 (hex). Tokens are 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class PartnerToken(BaseAuthentication):
    """`Authorization: Bearer <token>`. `request.user` is the MachineClient, `request.auth` the Actor for its agency."""

    def authenticate(self, request: Request) -> tuple[MachineClient, Actor] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed(_("Send the header as: Authorization: Bearer, a space, and your token."))
        token = words[1].decode("latin-1")
        client = MachineClient.objects.select_related("agency").filter(token_digest=digest_of(token), is_active=True).first()
        if client is None:
            raise AuthenticationFailed(_("This token is not known or was ended. Ask the portal's operator for a new one."))
        return client, Actor.machine(client.name, agency_id=client.agency_id)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="OneDoor"'


class OwnSession(BaseAuthentication):
    """A citizen's browser session, with or without an account. Anything but reading needs the anti-forgery token."""

    def authenticate(self, request: Request) -> tuple[User | None, Actor] | None:
        asked: HttpRequest = request._request
        actor: Actor | None = getattr(asked, "actor", None)
        if actor is None or not actor.is_citizen or actor.person_id is None:
            return None
        refused = _Forgery(lambda _request: HttpResponse()).refusal(asked)
        if refused:
            raise PermissionDenied(refused)
        return getattr(asked, "user", None), actor


class _Forgery(CsrfViewMiddleware):
    """Django's own check, asked by hand because API views are exempt from the middleware."""

    def refusal(self, request: HttpRequest) -> str:
        self.process_request(request)
        return self.process_view(request, None, (), {}) or ""  # type: ignore[arg-type,return-value]  # no view is asked; `_reject` gives text

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason
