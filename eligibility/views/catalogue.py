"""The programme catalogue, open to all: what there is, whom it is for, and the rule in full."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from eligibility.forms.programmes import CatalogueFilter
from eligibility.models import Programme
from eligibility.queries.catalogue import in_force, offices_of, programme_by_code, public_history
from eligibility.queries.comparison import compared
from eligibility.queries.openings import shown
from eligibility.queries.presentation import life_events_in, listed, sheet
from eligibility.views.results import address
from portal.kit.access import ANYONE, needs
from portal.kit.http import PortalRequest
from portal.opening_hours import in_words


def reader_language() -> str:
    """The reader's language as the programmes' texts know it: "en", "cy"."""
    return (get_language() or "en").split("-")[0]


@needs(ANYONE)
@require_safe
def catalogue(request: PortalRequest) -> HttpResponse:
    """All programmes in force, by area; narrowed by words and by situation in life."""
    today = timezone.localdate()
    versions = in_force(today)
    form = CatalogueFilter(request.GET or None, life_events=life_events_in(versions, reader_language()))
    chosen = form.chosen()
    areas = listed(versions, on=today, language=reader_language(), **chosen)
    context = {
        "form": form,
        "areas": areas,
        "count": sum(len(entries) for _area, entries in areas),
        "start_url": address("intake:start"),
    }
    return render(request, "eligibility/programme/list.html", context)


@needs(ANYONE)
@require_safe
def programme(request: PortalRequest, code: str) -> HttpResponse:
    """One programme: what it is, whom it is for, how much, what proof, how long, who, the law and the rule in full.

    One that is still to come, or has ended, says so and reads as it will or did.
    """
    today = timezone.localdate()
    found = shown(code, today, reader_language())
    if found is None:
        raise Http404
    version = found.version
    context = {
        "sheet": sheet(version, on=found.on, language=reader_language(), opening=found.opening),
        "offices": [_office(office) for office in offices_of(version.programme)],
        "agency": version.programme.agency,
        "on": today,
        "start_url": address("intake:start"),
        "apply_url": address("casework:apply"),
    }
    return render(request, "eligibility/programme/page.html", context)


@needs(ANYONE)
@require_safe
def versions(request: PortalRequest, code: str) -> HttpResponse:
    """Every version that was ever published, with what changed in each."""
    try:
        programme = programme_by_code(code)
    except Programme.DoesNotExist:
        raise Http404 from None
    history = public_history(programme)
    if not history:
        raise Http404
    language = reader_language()
    before = [*history[1:], None]
    steps = [
        {"version": version, "changes": compared(earlier, version, language) if earlier else []}
        for version, earlier in zip(history, before, strict=True)
    ]
    name = sheet(history[0], on=timezone.localdate(), language=language).name
    return render(request, "eligibility/programme/versions.html", {"programme": programme, "name": name, "steps": steps})


def _office(office) -> dict[str, object]:
    return {
        "name": office.name,
        "address_lines": office.address.splitlines(),
        "phone": office.phone,
        "email": office.email,
        "hours": [in_words(line) for line in office.hours],
    }
