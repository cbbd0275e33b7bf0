"""The base of every API view, and the API's own description."""

from contextlib import ExitStack
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.permissions import Everybody
from portal.kit.actor import Actor, acting_as


class ApiView(APIView):
    """Works as whoever was authenticated, also in the database, until the answer is made. Answers are never cached.

    `self.actor` is that Actor.
    """

    actor: Actor

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self._acting:
            response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor = request.auth if isinstance(request.auth, Actor) else Actor.anonymous()
        self._acting.enter_context(acting_as(self.actor))


class SchemaView(SpectacularAPIView):
    """The OpenAPI description."""

    permission_classes = [Everybody]
    authentication_classes: list[type] = []


class DocsView(SpectacularSwaggerSplitView):
    """The description, to read and try. Scripts come from our own files; nothing inline."""

    permission_classes = [Everybody]
    authentication_classes: list[type] = []
    template_name = "portal/api/docs.html"
    url_name = "api:schema"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        response["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
            "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        return response


class PartnerTokenScheme(OpenApiAuthenticationExtension):
    """How the description names the partners' token."""

    target_class = "portal.api.authentication.PartnerToken"
    name = "partnerToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


class OwnSessionScheme(OpenApiAuthenticationExtension):
    """How the description names a person's browser session."""

    target_class = "portal.api.authentication.OwnSession"
    name = "ownSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
