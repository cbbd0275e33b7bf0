"""What the person wants to find out about, chosen at the beginning or at any time later."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from consent.needs import offers
from intake.actions.drafts import save_interest
from intake.forms.interests import InterestForm
from intake.views.desk import Desk, address_of, with_draft
from portal.kit.access import ANYONE, needs
from portal.kit.http import PortalRequest


@require_http_methods(["GET", "HEAD", "POST"])
@needs(ANYONE)
@with_draft
def interests(request: PortalRequest, desk: Desk) -> HttpResponse:
    """Choose what happened and which programmes to find out about. What was answered stays, whatever is chosen.

    POST: `event`; `area_<n>`, codes of programmes, none for all; `everything`, whatever is ticked, when that button was pressed.
    """
    interest = desk.submission.interest
    form = InterestForm(
        request.POST if request.method == "POST" else None,
        form=desk.draft.form,
        offers=offers(desk.on),
        event=interest.get("event", ""),
        programmes=interest.get("programmes", ()),
    )
    if request.method == "POST" and form.is_valid():
        submission = save_interest(
            by=request.actor,
            submission_id=desk.submission.pk,
            event=form.cleaned_data["event"],
            programmes=[] if "everything" in request.POST else form.programmes(),
            at=desk.now,
        )
        return redirect(address_of(desk.saved(submission).steps.after(None)))
    return render(request, "intake/draft/interests.html", desk.frame() | {"form": form})
