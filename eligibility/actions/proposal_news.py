"""What the two agencies are told about a proposed local rule, and what becomes of it with the version it was taken into."""

import datetime as dt
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from eligibility.drafting_proposed import is_as_proposed
from eligibility.models import LocalProposal, ProgrammeVersion
from eligibility.models.proposal import IN_FORCE, PROPOSAL_FLOW, SENT, TAKEN
from portal.actions.notifications import notify
from portal.kit.actor import Actor
from portal.models import Membership
from portal.roles import powers_of
from portal.templatetags.ui import day as day_words


def tell_owner(kind: str, proposal: LocalProposal, *, by: Actor, at: dt.datetime) -> None:
    """Tell the programme admins of the agency whose programme it is."""
    _tell(kind, proposal, proposal.programme.agency_id, by=by, at=at)


def tell_writers(kind: str, proposal: LocalProposal, *, by: Actor, at: dt.datetime, **more: str) -> None:
    """Tell the programme admins of the agency that proposes."""
    _tell(kind, proposal, proposal.agency_id, by=by, at=at, **more)


def _tell(kind: str, proposal: LocalProposal, agency_id: UUID, *, by: Actor, at: dt.datetime, **more: str) -> None:
    colleagues = Membership.objects.in_force(timezone.localdate(at)).filter(agency_id=agency_id, role="programme_admin")
    names = {
        "programme": proposal.base.definition["programme"]["name"],
        "agency": proposal.agency.name,
        "place": proposal.variant["name"],
        **more,
    }
    path = reverse("eligibility:admin_proposal", args=[proposal.pk])
    for user_id in colleagues.exclude(user_id=by.user_id).values_list("user_id", flat=True).distinct():
        notify(by=by, user_id=user_id, kind=kind, path=path, parameters=names, at=at)


def after_publication(version: ProgrammeVersion, *, by: Actor, at: dt.datetime) -> None:
    """A version was published: the proposals taken into it hold from its first day; one that was left out of it waits again."""
    there = {item["id"]: item for item in version.definition.get("variants", ())}
    for proposal in _locked().filter(programme_id=version.programme_id, state=TAKEN):
        is_here = proposal.version_id == version.pk
        if proposal.place in there and (is_here or is_as_proposed(there[proposal.place], proposal.variant)):
            PROPOSAL_FLOW.move(proposal, IN_FORCE, powers_of(by.role))
            proposal.version, proposal.changed_at = version, at
            proposal.save(update_fields=["state", "version", "changed_at"])
            tell_writers("local_rule_published", proposal, by=by, at=at, day=day_words(version.first_day))
        elif is_here:
            _wait_again(proposal, by=by, at=at)


def before_discard(version: ProgrammeVersion, *, by: Actor, at: dt.datetime) -> None:
    """A draft is thrown away: the proposals taken into it wait for an answer again."""
    for proposal in _locked().filter(version=version, state=TAKEN):
        _wait_again(proposal, by=by, at=at)


def _wait_again(proposal: LocalProposal, *, by: Actor, at: dt.datetime) -> None:
    PROPOSAL_FLOW.move(proposal, SENT, powers_of(by.role))
    proposal.version, proposal.changed_at = None, at
    proposal.lock_version += 1
    proposal.save(update_fields=["state", "version", "changed_at", "lock_version"])
    tell_writers("local_rule_waits_again", proposal, by=by, at=at)


def _locked():
    return LocalProposal.objects.select_for_update(of=("self",)).select_related("programme", "agency", "base")
