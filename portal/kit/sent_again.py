"""A form that could not be taken, offered to be sent once more: in the page itself, nothing of it is stored."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# Never shown again and never sent twice, whatever form they come from.
TOKEN = "csrfmiddlewaretoken"  # noqa: S105  a field's name
SECRETS = frozenset({"password", "password1", "password2", "oldpassword", "code"})


def form_again(request: HttpRequest, template: str, *, status: int, is_ours: bool = True) -> HttpResponse:
    """The page `template` with what was entered, to be sent again by one press. Context: kept [(name, value)], has_answers, action.

    is_ours: whether the form came from this site; of somebody else's nothing is repeated (ASVS 5.0, 3.5.1). A form with a
    password, a code or a file is not repeated either.
    """
    fields: list[tuple[str, Any]] = []
    if is_ours and request.method == "POST" and not request.FILES:
        fields = [(name, value) for name in request.POST for value in request.POST.getlist(name) if name != TOKEN]
    kept = [] if any(name in SECRETS for name, _value in fields) else fields
    context = {"kept": kept, "has_answers": bool(kept), "action": request.get_full_path()}
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response
