"""Letters: the page and the PDF, for the person and the agency that wrote it."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from casework.models import Letter
from casework.queries.letters import letter_for
from portal.kit.access import ANYONE, needs
from portal.kit.http import PortalRequest


def _letter(request: PortalRequest, letter_id: UUID) -> Letter:
    try:
        return letter_for(request.actor, letter_id)
    except Letter.DoesNotExist:
        raise Http404 from None


@require_GET
@needs(ANYONE)
def page(request: PortalRequest, letter_id: UUID) -> HttpResponse:
    """The letter as a page, in its own language."""
    letter = _letter(request, letter_id)
    around = _around(request, letter)  # in the reader's language, before the letter's own takes over
    with translation.override(letter.language):
        return render(
            request,
            "letters/decision.html",
            {
                "letter": letter,
                "words": letter.words,
                "letter_from": letter.words["from_name"],
                "letter_from_lines": letter.words["from_lines"],
                "letter_to_lines": letter.words["to_lines"],
                "letter_date": letter.decision.sent_on,
                "letter_reference": letter.case.reference,
                "letter_contact": letter.words["contact"],
                "text_direction": letter.words["direction"],
                "language_code": letter.language,
                "letter_around": around,
            },
        )


def _around(request: PortalRequest, letter: Letter) -> dict[str, str]:
    """The way back and the PDF: what stands around the letter on the screen and is not printed, in the reader's language."""
    language = translation.get_language() or "en"
    case_page = "casework:case" if request.actor.is_staff else "casework:my_case"
    return {
        "language": language,
        "direction": "rtl" if translation.get_language_info(language)["bidi"] else "ltr",
        "back_url": reverse(case_page, args=[letter.case_id]),
        "back_text": _("Back to the case") if request.actor.is_staff else _("Back to your application"),
        "pdf_url": reverse("casework:letter_pdf", args=[letter.pk]),
        "pdf_text": _("The letter as PDF"),
    }


@require_GET
@needs(ANYONE)
def pdf(request: PortalRequest, letter_id: UUID) -> HttpResponse:
    """The letter as it was typeset when it was sent."""
    letter = _letter(request, letter_id)
    response = HttpResponse(bytes(letter.pdf), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{letter.case.reference}.pdf"'
    response["ETag"] = f'"{letter.sha256}"'
    return response
