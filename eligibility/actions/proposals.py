"""A local rule of another agency's programme: written, sent, answered. It changes nothing until it is taken over, published by two people."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from eligibility.actions.programmes import DraftConflict, NotReady, begin_draft, refuse_circle, save_draft
from eligibility.actions.proposal_news import tell_owner, tell_writers
from eligibility.definition import Definition
from eligibility.drafting import overwritten_rows
from eligibility.drafting_local import name_from
from eligibility.drafting_proposed import CONTENT, examples_between, place_in, variant_at, with_proposed
from eligibility.language import RuleError
from eligibility.models import LocalProposal, Programme, ProgrammeVersion
from eligibility.models.programme import DRAFT as VERSION_DRAFT
from eligibility.models.proposal import DRAFT, PROPOSAL_FLOW, RETURNED, SENT, TAKEN, WITHDRAWN
from eligibility.permissions import may_answer, may_edit, may_propose, may_write
from eligibility.queries import proposals as queries
from eligibility.queries.local import check_floor
from eligibility.rules import report, whole
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.places import place_words
from portal.roles import powers_of


@transaction.atomic
def allow_local_rules(*, by: Actor, programme: Programme, allowed: bool) -> None:
    """Let other agencies propose local rules of a programme, or no more; those that were sent stay. Raises Refused."""
    if not may_edit(by, programme):
        raise Refused(_("Only programme admins of the agency may change its programmes."))
    Programme.objects.filter(pk=programme.pk).update(takes_local_rules=allowed)


@transaction.atomic
def begin(*, by: Actor, programme: Programme, about: Mapping[str, Any], at: dt.datetime) -> LocalProposal:
    """A new local rule of another agency's programme; it begins with what holds in those councils now.

    about: its name, law and local_authorities, all councils of the actor's agency. Raises Refused, NotReady, RuleError.
    """
    if not may_propose(by, programme):
        raise Refused(_("The agency of this programme takes no local rules from yours."))
    assert by.user_id is not None and by.agency_id is not None  # an admin has an account and acts for an agency
    Programme.objects.select_for_update().get(pk=programme.pk)
    base = queries.common_of(programme)
    if base is None:
        raise NotReady(_("No version of this programme was published yet."))
    present = variant_at(base.definition, about["local_authorities"]) or {}
    id_ = present.get("id") or name_from(about["name"], {item["id"] for item in base.definition.get("variants", ())}, "local")
    variant = {**{name: present[name] for name in CONTENT if name in present}, **about, "id": id_}
    proposal = LocalProposal(programme=programme, agency_id=by.agency_id, author_id=by.user_id, created_at=at)
    return _store(proposal, variant, {}, base, by=by, at=at)


@transaction.atomic
def save_proposal(*, by: Actor, proposal_id: UUID, data: Mapping[str, Any], lock_version: int, at: dt.datetime) -> LocalProposal:
    """Keep the local rule and the examples as `data` has them, a whole definition upon the common rule of now.

    Of `data` nothing else is kept. A mistake that was there before may stay until it is mended; a new one is refused.
    Raises Refused, DraftConflict, NotReady when it was sent, RuleError with the place or, below the floor, a household that shows it.
    """
    proposal = _locked(proposal_id)
    if not may_write(by, proposal):
        raise Refused(_("Only the agency that proposes a local rule may change it."))
    if proposal.lock_version != lock_version:
        raise DraftConflict
    if not proposal.is_being_written:
        raise NotReady(_("This local rule was sent. Take it back first, then change it."))
    base = _common(proposal)
    place = place_in(base.definition, proposal.variant)
    variant = next((item for item in data.get("variants", ()) if item["id"] == place), None)
    if variant is None:
        raise RuleError(_("The local rule itself stays. Withdraw it if you do not want it any more."), where="variants")
    return _store(proposal, variant, examples_between(base.definition, data), base, by=by, at=at)


def _store(
    proposal: LocalProposal,
    variant: Mapping[str, Any],
    cases: Mapping[str, Any],
    base: ProgrammeVersion,
    *,
    by: Actor,
    at: dt.datetime,
) -> LocalProposal:
    """Try it upon `base` and keep it. Raises NotReady, RuleError."""
    _check_councils(proposal, variant["local_authorities"])
    known = set() if proposal._state.adding else _errors(proposal, base)
    written = {name: item for name, item in variant.items() if name != "agency"}
    definition = Definition.from_dict(with_proposed(base.definition, written, cases))
    data, place = definition.to_dict(), place_in(base.definition, written)
    for name, day in overwritten_rows(base.definition, data):
        words = _("The row from %(day)s was published and stays as it is. Add a row with a new date.") % {"day": day}
        raise RuleError(words, where=f"limits.{name}")
    errors = queries.errors_in(data, base.shared, place)
    for error in errors:
        if (error.where, error.message) not in known:
            raise error
    complete = whole(data, base.shared)
    _check_examples(whole(base.definition, base.shared), complete, variant["local_authorities"])
    if not errors:
        report(complete)
        refuse_circle(complete, timezone.localdate(at))
        _check_floor(complete, place, timezone.localdate(at))
    proposal.variant = next(item for item in data["variants"] if item["id"] == place)
    proposal.place, proposal.cases, proposal.base, proposal.changed_at = place, examples_between(base.definition, data), base, at
    proposal.lock_version += 0 if proposal._state.adding else 1
    if str(by.user_id) not in proposal.writers:
        proposal.writers = [*proposal.writers, str(by.user_id)]
    proposal.save()
    return proposal


@transaction.atomic
def send(*, by: Actor, proposal_id: UUID, lock_version: int, note: str, at: dt.datetime) -> LocalProposal:
    """Hand it to the programme's agency. note: why, a sentence or two.

    Raises Refused, DraftConflict, MoveRefused, NotReady for one that does not fit, changes nothing or fails an example from there.
    """
    proposal = _of_writer(by, proposal_id, lock_version)
    if not proposal.programme.takes_local_rules:
        raise NotReady(_("The agency of this programme takes no local rules any more. Ask it why."))
    _check_councils(proposal, proposal.variant["local_authorities"])
    base, today = _common(proposal), timezone.localdate(at)
    _require_fit(proposal, base, today)
    if not queries.changes_anything(proposal, base):
        raise NotReady(_("Nothing is different here yet. Change a condition, a limit or the amount first."))
    made, _place = queries.read_upon(proposal, base)
    inside, _outside = queries.failing(made, proposal.variant["local_authorities"], "en")
    if inside:
        raise NotReady(_("A worked example from here fails. Mend the local rule or the example first."))
    PROPOSAL_FLOW.move(proposal, SENT, powers_of(by.role))
    proposal.base, proposal.note, proposal.answer = base, note, ""
    proposal.sent_at = proposal.changed_at = at
    proposal.answered_at = proposal.answered_by = None
    proposal.lock_version += 1
    proposal.save()
    tell_owner("local_rule_proposed", proposal, by=by, at=at)
    return proposal


@transaction.atomic
def take_back(*, by: Actor, proposal_id: UUID, lock_version: int, at: dt.datetime) -> LocalProposal:
    """Go on writing what was sent and has no answer yet. Raises Refused, DraftConflict, MoveRefused."""
    return _step_of_writer(DRAFT, by=by, proposal_id=proposal_id, lock_version=lock_version, at=at)


@transaction.atomic
def withdraw(*, by: Actor, proposal_id: UUID, lock_version: int, at: dt.datetime) -> LocalProposal:
    """Give it up for good. Raises Refused, DraftConflict, MoveRefused when it was taken over."""
    return _step_of_writer(WITHDRAWN, by=by, proposal_id=proposal_id, lock_version=lock_version, at=at)


def _step_of_writer(state: str, *, by: Actor, proposal_id: UUID, lock_version: int, at: dt.datetime) -> LocalProposal:
    proposal = _of_writer(by, proposal_id, lock_version)
    left = PROPOSAL_FLOW.move(proposal, state, powers_of(by.role))
    proposal.changed_at = at
    proposal.lock_version += 1
    proposal.save()
    if left == SENT:
        tell_owner("local_rule_taken_back", proposal, by=by, at=at)
    return proposal


@transaction.atomic
def send_back(*, by: Actor, proposal_id: UUID, lock_version: int, answer: str, at: dt.datetime) -> LocalProposal:
    """Say what should be otherwise. by: a programme admin of the programme's agency. Raises Refused, DraftConflict, MoveRefused, NotReady."""
    proposal = _of_owner(by, proposal_id, lock_version)
    if not answer.strip():
        raise NotReady(_("Say what should be otherwise, so that the agency can mend it."))
    PROPOSAL_FLOW.move(proposal, RETURNED, powers_of(by.role))
    _answered(proposal, answer.strip(), by=by, at=at)
    tell_writers("local_rule_sent_back", proposal, by=by, at=at)
    return proposal


@transaction.atomic
def take_over(
    *, by: Actor, proposal_id: UUID, lock_version: int, into: UUID | None, at: dt.datetime
) -> tuple[LocalProposal, ProgrammeVersion]:
    """Put it into a draft of the programme, `into` or a new one; two people publish that as always. Who wrote it cannot publish it.

    by: a programme admin of the programme's agency. Raises Refused, DraftConflict, MoveRefused, NotReady, and RuleError where it does
    not work there or goes below the floor.
    """
    proposal = _of_owner(by, proposal_id, lock_version)
    PROPOSAL_FLOW.move(proposal, TAKEN, powers_of(by.role))
    if queries.foreign_councils(proposal):
        raise NotReady(_("%(agency)s has no office for all of these councils any more.") % {"agency": proposal.agency.name})
    draft = _draft_for(proposal, into, by=by, at=at)
    variant = {**proposal.variant, "agency": proposal.agency.slug}
    data = with_proposed(draft.definition, variant, proposal.cases)
    place = place_in(draft.definition, variant)
    mine = next(item for item in data["variants"] if item["id"] == place)
    writers = list(dict.fromkeys([*draft.writers, *proposal.writers]))
    ProgrammeVersion.objects.filter(pk=draft.pk).update(writers=writers)
    saved = save_draft(by=by, version_id=draft.pk, data=data, lock_version=draft.lock_version, at=at, proposed=mine)
    proposal.version, proposal.place = saved, place
    _answered(proposal, "", by=by, at=at)
    tell_writers("local_rule_taken_over", proposal, by=by, at=at)
    return proposal, saved


def _draft_for(proposal: LocalProposal, into: UUID | None, *, by: Actor, at: dt.datetime) -> ProgrammeVersion:
    if into is not None:
        drafts = ProgrammeVersion.objects.select_for_update().filter(programme_id=proposal.programme_id, state=VERSION_DRAFT)
        found = drafts.filter(pk=into).first()
        if found is None:
            raise NotReady(_("This draft is not there any more, or waits for a second person. Choose another one."))
        return found
    note = _("Local rule of %(agency)s") % {"agency": proposal.agency.name}
    return begin_draft(by=by, version=_common(proposal), at=at, note=note)


def _answered(proposal: LocalProposal, answer: str, *, by: Actor, at: dt.datetime) -> None:
    proposal.answer, proposal.answered_by_id = answer, by.user_id
    proposal.answered_at = proposal.changed_at = at
    proposal.lock_version += 1
    proposal.save()


# --- what must hold -----------------------------------------------------------------------------------------------------


def _check_councils(proposal: LocalProposal, councils: Iterable[str]) -> None:
    """Every council is one where the agency has an office that names it, and no other open proposal of it is for one of them."""
    councils = list(councils)
    if foreign := queries.foreign_councils(proposal, councils):
        raise NotReady(
            _("Your agency has no office for %(name)s. You can write local rules for your own councils only.")
            % {"name": place_words(foreign[0])}
        )
    if not councils:
        raise NotReady(_("Select at least one council."))
    but = None if proposal._state.adding else proposal.pk
    if queries.open_beside(proposal.programme, proposal.agency_id, councils, but) is not None:
        raise NotReady(_("Your agency writes a local rule for this council already. Go on with that one."))


def _errors(proposal: LocalProposal, base: ProgrammeVersion) -> set[tuple[str, str]]:
    made, place = queries.read_upon(proposal, base)
    return {(error.where, error.message) for error in queries.errors_in(made.definition, made.shared, place)}


def _check_examples(before: Definition, after: Definition, councils: Iterable[str]) -> None:
    """The examples of other places read as they did, and all that are new live here. Raises RuleError."""
    councils = list(councils)
    if queries.examples_apart(before, councils) != queries.examples_apart(after, councils):
        raise RuleError(
            _("Only examples of households that live here can be changed. Give the household one of these councils: %(names)s.")
            % {"names": ", ".join(place_words(code) for code in councils)},
            where="cases",
        )


def _check_floor(definition: Definition, place: str, on: dt.date) -> None:
    check_floor(replace(definition, variants=tuple(item for item in definition.variants if item.id == place)), on)


def _require_fit(proposal: LocalProposal, base: ProgrammeVersion, on: dt.date) -> None:
    if any(found.stops for found in queries.misfits(proposal, base, on)):
        raise NotReady(_("The common rule has changed, and a part of this does not fit any more. Mend it first."))


def _common(proposal: LocalProposal) -> ProgrammeVersion:
    found = queries.common_of(proposal.programme)
    if found is None:
        raise NotReady(_("No version of this programme was published yet."))
    return found


def _of_writer(by: Actor, proposal_id: UUID, lock_version: int) -> LocalProposal:
    proposal = _locked(proposal_id)
    if not may_write(by, proposal):
        raise Refused(_("Only the agency that proposes a local rule may change it."))
    if proposal.lock_version != lock_version:
        raise DraftConflict
    return proposal


def _of_owner(by: Actor, proposal_id: UUID, lock_version: int) -> LocalProposal:
    proposal = _locked(proposal_id)
    if not may_answer(by, proposal):
        raise Refused(_("Only programme admins of the programme’s own agency may answer."))
    if proposal.lock_version != lock_version:
        raise NotReady(_("It changed after you opened it. Look at it again, then answer."))
    return proposal


def _locked(proposal_id: UUID) -> LocalProposal:
    found = LocalProposal.objects.select_for_update(of=("self",)).select_related("programme__agency", "agency", "base")
    return found.get(pk=proposal_id)
