"""Where an editor's page writes: the common rule of a draft, one of its local variants, or a local rule that is proposed to another agency.

Every page below goes through a `Place`, so that each is written once.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import resolve_url
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from eligibility.actions import programmes as actions
from eligibility.actions import proposals
from eligibility.definition import Definition, Variant
from eligibility.drafting_local import in_place
from eligibility.models import LocalProposal, ProgrammeVersion
from eligibility.permissions import may_edit, may_see_proposal, may_write
from eligibility.queries.catalogue import definition_of
from eligibility.queries.proposals import common_of, proposal_of, read_upon
from eligibility.views.admin import version_for
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.http import PortalRequest

Data = dict[str, Any]


@dataclass
class Place:
    """A version and, for a local variant, its id ("" for the common rule).

    proposal: a local rule proposed to another agency; the version is then the common rule of now with that rule in it, unsaved.
    """

    version: ProgrammeVersion
    id: str = ""
    proposal: LocalProposal | None = None

    @cached_property
    def common(self) -> Definition:
        """The whole common rule, shared limits built in, with its variants."""
        return definition_of(self.version)

    @cached_property
    def variant(self) -> Variant | None:
        """The variant; None for the common rule. Raises Http404 for one that is not there."""
        if not self.id:
            return None
        found = next((item for item in self.common.variants if item.id == self.id), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def definition(self) -> Definition:
        """The whole rule as it reads in this place."""
        return self.common.with_variant(self.variant) if self.variant else self.common

    @cached_property
    def own(self) -> Definition | Variant:
        """What is written in this place itself: its limits, worked-out facts, criteria and amount."""
        return self.variant or Definition.from_dict(self.version.definition)

    @property
    def examples(self) -> "Place":
        """Where worked examples are written that live here: a version has one list of them for all its places."""
        return self if self.proposal else Place(self.version)

    def may_change(self, actor: Actor) -> bool:
        """Whether the actor can write here now."""
        if self.proposal is not None:
            return self.proposal.is_being_written and may_write(actor, self.proposal)
        return self.version.state == "draft" and may_edit(actor, self.version.programme)

    def changed(self, change: Callable[[Data], Data]) -> Data:
        """The version's stored form with `change` made in this place. Raises RuleError."""
        return in_place(self.version.definition, self.id, change)

    def keep(self, data: Data, lock_version: int, *, by: Actor, at: dt.datetime) -> None:
        """Keep a changed stored form of the version; of a proposal only its own rule and examples.

        Raises as `actions.programmes.save_draft` and `actions.proposals.save_proposal`.
        """
        if self.proposal is not None:
            proposals.save_proposal(by=by, proposal_id=self.proposal.pk, data=data, lock_version=lock_version, at=at)
        else:
            actions.save_draft(by=by, version_id=self.version.pk, data=data, lock_version=lock_version, at=at)

    def where(self, path: str) -> str:
        """A part of this place as errors name it: "variants.newham.limits.savings_limit"."""
        return f"variants.{self.id}.{path}" if self.id else path

    @property
    def address(self) -> str:
        """The page of the version, of the variant, or of the proposal."""
        if self.proposal is not None:
            return resolve_url("eligibility:admin_proposal", self.proposal.pk)
        return self.url("admin_variant") if self.id else self.url("admin_version")

    def url(self, name: str, *more: str) -> str:
        """The address of a page of the editor for this place: `name` is its URL name in the common rule."""
        if self.proposal is not None:
            return resolve_url(f"eligibility:{name}_proposed", self.proposal.pk, *more)
        keys = (self.version.programme.code, self.version.number, *((self.id,) if self.id else ()), *more)
        is_local = self.id and not name.startswith("admin_variant")
        return resolve_url(f"eligibility:{name}{'_local' if is_local else ''}", *keys)


def place_for(request: PortalRequest, *, code: str = "", number: int = 0, place: str = "", proposal: UUID | None = None) -> Place:
    """The place as its address names it, if the actor may see the version, or write the proposal. Raises Http404, Refused."""
    if proposal is not None:
        found = proposed_place(request, proposal)
        assert found.proposal is not None
        if not may_write(request.actor, found.proposal):
            raise Refused(_("Only the agency that proposes a local rule may change it."))
    else:
        found = Place(version_for(request, code, number), place)
    assert found.definition
    return found


def proposed_place(request: PortalRequest, proposal_id: UUID) -> Place:
    """A proposed local rule upon the common rule of now, or as it was sent where that is over. Raises Http404, Refused."""
    try:
        proposal = proposal_of(proposal_id)
    except LocalProposal.DoesNotExist:
        raise Http404 from None
    if not may_see_proposal(request.actor, proposal):
        raise Refused(_("The agency that proposes this local rule is writing it. You see it when it is sent to you."))
    base = (common_of(proposal.programme) if proposal.is_open else None) or proposal.base
    version, place = read_upon(proposal, base)
    return Place(version, place, proposal)
