"""New values for all limits of an agency: in a sheet that goes out as CSV and comes back, or on a page. Both become drafts."""

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from eligibility.actions.programmes import NotReady, send_for_approval
from eligibility.actions.uprating import Clash, Undecided, uprate
from eligibility.forms.uprating import (
    MOST_ON_PAGE,
    CommonForm,
    IntoForm,
    Problems,
    RaiseForm,
    SheetForm,
    answers_from,
    choices_from,
    filled_on_page,
    gathered,
    rows_of,
)
from eligibility.models import ProgrammeVersion
from eligibility.queries.uprating import (
    Entry,
    Filled,
    NewValue,
    Problem,
    UnreadableSheet,
    checked,
    digest_of,
    entries_of,
    filled_from,
    made_of,
    proposed,
    sheet_of,
)
from eligibility.queries.uprating_drafts import Busy, under_way
from eligibility.uprating_sheet import SheetLine, UnreadableFile, read
from eligibility.views.catalogue import reader_language
from portal.kit.access import needs
from portal.kit.states import MoveRefused
from portal.requests import MemberRequest

MOST_DRAFTS = 200


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def uprating(request: MemberRequest) -> HttpResponse:
    """Take the sheet, fill it in, bring it back: a draft for each programme, or all problems, and the values to mend on the page."""
    entries = _entries(request)
    form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
    if request.method == "POST":
        has_common = form.is_valid() or set(form.errors) <= {"note", "starts_on", "law"}
        try:
            lines = read(form.cleaned_data["sheet"]) if has_common else []
        except UnreadableFile as problem:
            form.add_error("sheet", str(problem))
        else:
            if has_common:
                return _brought_back(request, entries, lines)
    busy = _busy(request)
    context = {
        "form": form,
        "count": len(entries),
        "is_large": len(entries) > MOST_ON_PAGE,
        "into": IntoForm(busy=busy, chosen=_chosen(request, busy)),
        "together": _together_address(busy),
    }
    return render(request, "eligibility/admin/uprating.html", context)


def _brought_back(request: MemberRequest, entries: list[Entry], lines: list[SheetLine]) -> HttpResponse:
    """The drafts, or the page with everything the sheet says and all that is wrong with it."""
    common = CommonForm(request.POST)
    filled, problems = filled_from(lines, entries)
    result = checked(entries, filled, **(common.defaults() if common.is_valid() else _as_typed(common)))
    problems += [problem for problem in result.problems if problem.key or not problems]
    if common.is_valid() and not problems:
        try:
            return _made(request, result.values, common.cleaned_data["note"])
        except UnreadableSheet as refused:
            problems = refused.problems
        except Undecided as undecided:
            return _page(
                request,
                entries,
                filled,
                common=common,
                problems=undecided.problems,
                clashes=undecided.clashes,
                is_from_sheet=True,
            )
    problems.sort(key=lambda problem: problem.number)
    return _page(request, entries, filled, common=common, problems=problems, is_from_sheet=True)


@require_safe
@needs("edit_programmes")
def sheet(request: MemberRequest) -> HttpResponse:
    """The sheet with the values in force today. The mark at its beginning tells spreadsheet programs that it is UTF-8."""
    text = "\ufeff" + sheet_of(_entries(request))
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="limits-{timezone.localdate().isoformat()}.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def values(request: MemberRequest) -> HttpResponse:
    """The same values in tables with a field for each. do=propose fills in raised sums to look at; nothing is kept before do=save."""
    entries = _entries(request)
    if request.method != "POST":
        return _page(request, entries, {}, common=CommonForm())
    shown = [entry for entry in entries if f"value.{entry.key}" in request.POST]
    filled = filled_on_page(request.POST, shown)
    common = CommonForm(request.POST)
    if request.POST.get("do") == "propose":
        asked = RaiseForm(request.POST, owners=_owners(shown))
        if not asked.is_valid():
            return _page(request, entries, filled, common=_unbound(common), asked=asked)
        raised = proposed(shown, filled, **asked.options())
        count = len([key for key in raised if raised[key] != filled.get(key)])
        return _page(request, entries, raised, common=_unbound(common), asked=asked, proposed_count=count)
    problems = []
    if request.POST.get("seen") != digest_of(shown):
        problems.append(Problem(_("Somebody published other values since you opened this page. Look at them, then go on.")))
    result = checked(shown, filled, **(common.defaults() if common.is_valid() else _as_typed(common)))
    problems += result.problems
    if common.is_valid() and not problems:
        try:
            return _made(request, result.values, common.cleaned_data["note"])
        except UnreadableSheet as refused:
            problems = refused.problems
        except Undecided as undecided:
            return _page(request, entries, filled, common=common, problems=undecided.problems, clashes=undecided.clashes)
    return _page(request, entries, filled, common=common, problems=problems)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def drafts(request: MemberRequest) -> HttpResponse:
    """What the uprating made: each draft with its changes and examples. A POST hands those that are ready to a second person."""
    named = named_of(request.GET.getlist("draft"))
    made = made_of(request.membership.agency_id, named, reader_language())
    if request.method == "POST":
        sent = 0
        for item in made:
            if item.may_be_sent:
                try:
                    send_for_approval(by=request.actor, version_id=item.version.pk, at=timezone.now())
                    sent += 1
                except (NotReady, MoveRefused) as refusal:
                    messages.error(request, f"{item.name}: {refusal}")
        if sent:
            words = ngettext("%(n)s draft waits for a second person now.", "%(n)s drafts wait for a second person now.", sent)
            messages.success(request, words % {"n": sent})
        return redirect(request.get_full_path())
    together = reverse("eligibility:admin_uprating_together")
    context = {
        "together": f"{together}?{_query(item.version for item in made)}" if made else "",
        "made": made,
        "ready": sum(item.may_be_sent for item in made),
        "failing": sum(bool(item.failed) for item in made),
    }
    return render(request, "eligibility/admin/uprating_drafts.html", context)


def _entries(request: MemberRequest) -> list[Entry]:
    return entries_of(request.membership.agency_id, timezone.localdate(), reader_language())


def _owners(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    return list({entry.owner: _owner_words(entry) for entry in entries}.items())


def _owner_words(entry: Entry) -> str:
    return _("Shared limits of %(names)s") % {"names": entry.used_by} if entry.is_shared else entry.used_by


def _on_page(request: MemberRequest, entries: list[Entry]) -> list[Entry]:
    """The entries the page has fields for: all, or those of the programme that was chosen; of many, the first programme's."""
    owner = request.GET.get("of", "")
    if not owner and len(entries) > MOST_ON_PAGE:
        owner = entries[0].owner
    return [entry for entry in entries if owner in ("", entry.owner)][:MOST_ON_PAGE]


def _made(request: MemberRequest, values: list[NewValue], note: str) -> HttpResponse:
    """The drafts with the new values; where each goes, and which of two values counts, stands in the form that was sent."""
    now = timezone.now()
    made = uprate(
        by=request.actor,
        values=values,
        note=note,
        at=now,
        today=timezone.localdate(),
        choices=choices_from(request.POST),
        answers=answers_from(request.POST),
    )
    new = sum(version.created_at == now for version in made)
    filled = sum(version.changed_at == now for version in made) - new
    if new:
        messages.success(request, ngettext("%(n)s draft was made.", "%(n)s drafts were made.", new) % {"n": new})
    if filled:
        words = ngettext("%(n)s draft took the new values.", "%(n)s drafts took the new values.", filled)
        messages.success(request, words % {"n": filled})
    if not new and not filled:
        messages.success(request, _("The drafts hold these values already."))
    return redirect(f"{reverse('eligibility:admin_uprating_drafts')}?{_query(made)}")


def _busy(request: MemberRequest) -> list[Busy]:
    return under_way(request.membership.agency_id, timezone.localdate(), reader_language())


def _chosen(request: MemberRequest, busy: Iterable[Busy]) -> dict[str, str | None]:
    """What was chosen before, for the page that is drawn again; None where it cannot be chosen any more, or was not there to choose."""
    if request.method != "POST":
        return {}
    sent = {item.code: request.POST.get(f"into.{item.code}") for item in busy}
    there = {item.code: {"", *(draft.choice for draft in item.open)} for item in busy}
    shown = {item.code: request.POST.get(f"drafts.{item.code}") == item.numbers for item in busy}
    return {code: text if text in there[code] and (text or shown[code]) else None for code, text in sent.items()}


def _together_address(busy: Iterable[Busy]) -> str:
    """Where all that is under way is worked out together, of each programme its newest draft; "" where nothing is."""
    names = [("draft", f"{item.code}.{item.drafts[0].version.number}") for item in busy]
    return f"{reverse('eligibility:admin_uprating_together')}?{urlencode(names)}" if names else ""


def _query(versions: Iterable[ProgrammeVersion]) -> str:
    return urlencode([("draft", f"{version.programme.code}.{version.number}") for version in versions])


def named_of(texts: list[str]) -> list[tuple[str, int]]:
    """(code, number) of versions named as "code.number". Raises SuspiciousOperation for anything else."""
    named = []
    for text in texts:
        code, _dot, number = text.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) < 7) or len(texts) > MOST_DRAFTS:
            raise SuspiciousOperation("no such draft")
        named.append((code, int(number)))
    return named


def _unbound(form: CommonForm) -> CommonForm:
    """The form as typed, not checked yet."""
    return CommonForm(initial={name: form.data.get(name, "") for name in form.fields})


def _as_typed(form: CommonForm) -> dict[str, str]:
    """Day and law of a form with errors, so that the lines are checked all the same."""
    return {name: form.data.get(name, "").strip() for name in ("starts_on", "law")}


def _page(
    request: MemberRequest,
    entries: list[Entry],
    filled: Mapping[str, Filled],
    *,
    common: CommonForm,
    asked: RaiseForm | None = None,
    problems: Iterable[Problem] = (),
    clashes: Iterable[Clash] = (),
    is_from_sheet: bool = False,
    proposed_count: int | None = None,
) -> HttpResponse:
    problems = gathered(common, problems, filled) if common.is_bound else list(problems)
    shown = _on_page(request, entries)
    if len(entries) > MOST_ON_PAGE and filled:
        shown = [entry for entry in entries if entry.key in filled][:MOST_ON_PAGE]
    owners, busy, clashes = _owners(entries), _busy(request), list(clashes)
    names = {item.code: item.name for item in busy}
    asked = asked or RaiseForm(owners=_owners(shown), initial={"step": "0.05"})
    context = {
        "form": Problems(common, asked, problems=problems, on_page=shown, names=names, clashes=clashes),
        "into": IntoForm(busy=busy, chosen=_chosen(request, busy)),
        "together": _together_address(busy),
        "clashes": [(names.get(clash.code, clash.code), clash) for clash in clashes],
        "answered": [(key, text) for key, text in answers_from(request.POST).items() if key not in {one.key for one in clashes}],
        "common": common,
        "asked": asked,
        "groups": rows_of(shown, filled, problems),
        "seen": digest_of(shown),
        "owners": owners,
        "of": request.GET.get("of", ""),
        "is_part": len(shown) < len(entries),
        "proposed_count": proposed_count,
        "is_from_sheet": is_from_sheet,
    }
    return render(request, "eligibility/admin/uprating_values.html", context)
