"""Errors as problem documents (RFC 9457): a title, a status, what went wrong and how to mend it."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from portal.kit.access import Refused

TYPE = "application/problem+json"


class Conflict(exceptions.APIException):
    """The thing's state does not allow it."""

    status_code = HTTPStatus.CONFLICT
    default_code = "conflict"


class Unprocessable(exceptions.APIException):
    """Well formed, but it cannot be done."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


def answer(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None for what is nobody's fault but ours (the server's own 500)."""
    if isinstance(exception, Refused):
        # no rollback: the action undid its own work, and the trace of the refusal must stay
        exception.keep_trace()
        return _problem(HTTPStatus.FORBIDDEN, str(exception) or _("You may not do this."))
    if isinstance(exception, Http404):
        exception = exceptions.NotFound()
    elif isinstance(exception, DjangoDenied):
        exception = exceptions.PermissionDenied()
    if not isinstance(exception, exceptions.APIException):
        return None
    set_rollback()
    fields = exception.detail if isinstance(exception.detail, dict) else None
    words = _("Some fields cannot be used. See errors.") if fields else _words(exception.detail)
    response = _problem(exception.status_code, words, errors=fields)
    if header := getattr(exception, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(exception, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _words(detail: Any) -> str:
    return " ".join(str(line) for line in detail) if isinstance(detail, list) else str(detail)


def _problem(status: int, words: str, *, errors: Any = None) -> Response:
    document: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": words}
    if errors:
        document["errors"] = errors
    return Response(document, status=status, content_type=TYPE)
