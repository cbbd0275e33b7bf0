"""Local rules between two agencies: what can be proposed, one proposal with where it stands, and the steps of both sides."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from eligibility.actions import proposals as actions
from eligibility.actions.programmes import DraftConflict, NotReady
from eligibility.drafting_proposed import variant_at
from eligibility.forms.parts import VariantForm
from eligibility.forms.proposals import SendBackForm, SendForm, TakeOverForm
from eligibility.language import RuleError
from eligibility.models import LocalProposal
from eligibility.models.proposal import DRAFT, IN_FORCE, PROPOSAL_FLOW, SENT, TAKEN, WITHDRAWN
from eligibility.permissions import may_answer, may_propose, may_write
from eligibility.queries import proposals as queries
from eligibility.queries.catalogue import definition_of
from eligibility.queries.comparison import compared
from eligibility.rule_words import place_said, with_place
from eligibility.views.admin import READERS, programme_named
from eligibility.views.catalogue import reader_language
from eligibility.views.editor import frame_of
from eligibility.views.local import page_of
from eligibility.views.place import Place, place_for, proposed_place
from eligibility.views.preview import status_of
from portal.kit.access import Refused, needs
from portal.kit.http import PortalRequest
from portal.kit.states import MoveRefused
from portal.places import place_words
from portal.requests import MemberRequest

_REFUSALS = (NotReady, DraftConflict, MoveRefused)


@require_safe
@needs(*READERS)
def proposals(request: MemberRequest) -> HttpResponse:
    """What the agency may propose, what it has proposed, and what other agencies propose for its programmes."""
    agency_id, language = request.membership.agency_id, reader_language()
    context = {
        "offers": queries.offers_for(agency_id, timezone.localdate(), language),
        "own": [_line(item, language) for item in queries.own_of(agency_id)],
        "received": [_line(item, language) for item in queries.received_by(agency_id)],
        "councils": [place_words(code) for code in queries.councils_of(agency_id)],
        "may_write": request.actor.role == "programme_admin",
    }
    return render(request, "eligibility/admin/proposals.html", context)


def _line(proposal: LocalProposal, language: str) -> dict[str, Any]:
    return {
        "proposal": proposal,
        "programme": definition_of(proposal.base).text("name", language),
        "places": ", ".join(place_words(code) for code in proposal.variant["local_authorities"]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@needs("edit_programmes")
def new(request: MemberRequest, code: str) -> HttpResponse:
    """A new local rule of another agency's programme: what it is called, for which own councils, by which scheme."""
    programme = programme_named(code)
    if not may_propose(request.actor, programme):
        raise Refused(_("The agency of this programme takes no local rules from yours."))
    base, known = queries.common_of(programme), queries.councils_of(request.membership.agency_id)
    if base is None:
        raise Http404
    present = variant_at(base.definition, known) or {}
    initial: dict[str, Any] = {"lock_version": 0, "councils": known if len(known) == 1 else []}
    initial |= {"name": present.get("name") or (place_words(known[0]) if len(known) == 1 else ""), "law": present.get("law", "")}
    form = VariantForm(request.POST or None, initial=initial, known=known, only_known=True)
    if request.method == "POST" and form.is_valid():
        about = {name: form.cleaned_data[name] for name in ("name", "law", "local_authorities")}
        try:
            made = actions.begin(by=request.actor, programme=programme, about=about, at=timezone.now())
        except (*_REFUSALS, RuleError) as problem:
            form.add_error(None, with_place(problem))
        else:
            messages.success(request, _("Saved. Now say what is different there."))
            return redirect("eligibility:admin_proposal", made.pk)
    name = definition_of(base).text("name", reader_language())
    context = {"form": form, "programme": programme, "name": name, "back": resolve_url("eligibility:admin_proposals")}
    return render(request, "eligibility/admin/variant_details.html", context)


@require_safe
@needs(*READERS)
def proposal(request: PortalRequest, proposal: UUID) -> HttpResponse:
    """One proposed local rule: each part with what it does, what does not fit, where it stands, and the next step."""
    return _shown(request, proposed_place(request, proposal))


def _shown(request: PortalRequest, where: Place, **bound: forms.Form) -> HttpResponse:
    """The page of a proposal, with a form that was refused in place of an empty one."""
    found, base, language = where.proposal, where.version.based_on, reader_language()
    assert found is not None and base is not None and where.variant is not None
    today, is_writer, is_owner = timezone.localdate(), may_write(request.actor, found), may_answer(request.actor, found)
    is_at_home = request.actor.agency_id == found.programme.agency_id
    may_count = is_at_home or (is_writer and not queries.foreign_councils(found))
    page = page_of(request, where, before=queries.here_now(found, base), may_count=may_count)
    inside, outside = queries.failing(where.version, found.variant["local_authorities"], language)
    for example in page["examples"]:
        example["failures"] = inside.get(example["id"], [])
    unfit = queries.misfits(found, base, today) if found.is_open else []
    initial = {"lock_version": found.lock_version}
    steps: dict[str, Any] = {}
    if is_writer:
        steps = {
            f"may_{name}": PROPOSAL_FLOW.may(found.state, state, {"edit_programmes"}) for name, state in _WRITER_STEPS.items()
        }
        steps["send_form"] = bound.get("send_form") or SendForm(initial=initial | {"note": found.note})
    if is_owner and found.state == SENT:
        drafts = queries.drafts_to_take_into(found.programme)
        steps["take_form"] = bound.get("take_form") or TakeOverForm(initial=initial, drafts=drafts, number=base.number)
        steps["back_form"] = bound.get("back_form") or SendBackForm(initial=initial)
    context = (
        frame_of(where, next(iter(bound.values()), SendForm(initial=initial)), back=resolve_url("eligibility:admin_proposals"))
        | page
        | steps
    )
    context |= {
        "proposal": found,
        "name": definition_of(where.version).text("name", language),
        "base": base,
        "is_newer": base.pk != found.base_id,
        "misfits": [
            {"place": place_said(item.where), "says": item.says, "stops": item.stops, "left_out": item.left_out} for item in unfit
        ],
        "fails_here": bool(inside),
        "fails_elsewhere": outside,
        "changes": compared(base, where.version, language),
        "is_owner": is_owner,
        "is_other_now": _is_other_now(found),
        "offices": queries.offices_there(found),
    }
    return render(request, "eligibility/admin/variant.html", context, status=status_of(context))


def _is_other_now(found: LocalProposal) -> bool:
    """Whether the programme's agency changed the rule in the version it was taken into."""
    if found.version is None or found.state not in (TAKEN, IN_FORCE):
        return False
    return not queries.is_in(found.version, found)


_WRITER_STEPS = {"send": SENT, "take_back": DRAFT, "withdraw": WITHDRAWN}


@require_POST
@needs("edit_programmes")
def step(request: PortalRequest, proposal: UUID) -> HttpResponse:
    """The proposing agency sends it, takes it back to go on writing, or gives it up."""
    where = place_for(request, proposal=proposal)
    form = SendForm(request.POST)
    what = request.POST.get("do", "")
    if what not in _WRITER_STEPS:
        raise SuspiciousOperation("not a button of this page")
    if not form.is_valid():
        return _shown(request, where, send_form=form)
    known: dict[str, Any] = {
        "by": request.actor,
        "proposal_id": proposal,
        "lock_version": form.cleaned_data["lock_version"],
        "at": timezone.now(),
    }
    try:
        if what == "send":
            actions.send(**known, note=form.cleaned_data["note"])
            messages.success(request, _("Sent. The agency of the programme answers; you are told."))
        elif what == "take_back":
            actions.take_back(**known)
            messages.success(request, _("You can change it again. Send it when it is ready."))
        else:
            actions.withdraw(**known)
            messages.success(request, _("Withdrawn. Nothing changes there."))
    except _REFUSALS as refusal:
        form.add_error(None, str(refusal))
        return _shown(request, where, send_form=form)
    return redirect("eligibility:admin_proposal", proposal)


@require_POST
@needs("edit_programmes")
def answer(request: PortalRequest, proposal: UUID) -> HttpResponse:
    """The programme's agency takes it into a draft, or sends it back with a reason."""
    where = proposed_place(request, proposal)
    found, base = where.proposal, where.version.based_on
    assert found is not None and base is not None
    if not may_answer(request.actor, found):
        raise Refused(_("Only programme admins of the programme’s own agency may answer."))
    known: dict[str, Any] = {"by": request.actor, "proposal_id": proposal, "at": timezone.now()}
    form: Any
    if request.POST.get("do") == "send_back":
        form = SendBackForm(request.POST)
        bound = {"back_form": form}
    else:
        form = TakeOverForm(request.POST, drafts=queries.drafts_to_take_into(found.programme), number=base.number)
        bound = {"take_form": form}
    if not form.is_valid():
        return _shown(request, where, **bound)
    lock_version = form.cleaned_data["lock_version"]
    try:
        if "back_form" in bound:
            actions.send_back(**known, lock_version=lock_version, answer=form.cleaned_data["answer"])
            messages.success(request, _("Sent back with your words. The agency is told."))
            return redirect("eligibility:admin_proposals")
        _proposal, version = actions.take_over(**known, lock_version=lock_version, into=form.chosen())
    except (*_REFUSALS, RuleError) as refusal:
        form.add_error(None, with_place(refusal))
        return _shown(request, where, **bound)
    messages.success(request, _("Taken over. Look through the draft, then send it to a second person."))
    return redirect("eligibility:admin_version", version.programme.code, version.number)


@require_POST
@needs("edit_programmes")
def allow(request: PortalRequest, code: str) -> HttpResponse:
    """Other agencies may propose local rules of the programme, or may not any more."""
    programme = programme_named(code)
    is_allowed = request.POST.get("do") == "allow"
    actions.allow_local_rules(by=request.actor, programme=programme, allowed=is_allowed)
    messages.success(
        request,
        _("Other agencies can propose local rules for their councils now.")
        if is_allowed
        else _("Nobody can propose local rules any more."),
    )
    return redirect(f"{resolve_url('eligibility:admin_programme', code)}#local")
