"""Where an editor's page writes: the common rule of a draft, or one of its local variants. Everything below goes through it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import resolve_url
from django.utils.functional import cached_property

from eligibility.definition import Definition, Variant
from eligibility.drafting_local import in_place
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import definition_of
from eligibility.views.admin import version_for
from portal.kit.http import PortalRequest

Data = dict[str, Any]


@dataclass
class Place:
    """A version and, for a local variant, its id ("" for the common rule)."""

    version: ProgrammeVersion
    id: str = ""

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

    def changed(self, change: Callable[[Data], Data]) -> Data:
        """The version's stored form with `change` made in this place. Raises RuleError."""
        return in_place(self.version.definition, self.id, change)

    def where(self, path: str) -> str:
        """A part of this place as errors name it: "variants.newham.limits.savings_limit"."""
        return f"variants.{self.id}.{path}" if self.id else path

    @property
    def address(self) -> str:
        """The page of the version, or of the variant."""
        keys = (self.version.programme.code, self.version.number)
        return (
            resolve_url("eligibility:admin_variant", *keys, self.id)
            if self.id
            else resolve_url("eligibility:admin_version", *keys)
        )

    def url(self, name: str, *more: str) -> str:
        """The address of a page of the editor for this place: `name` is its URL name, with "_local" for a variant."""
        keys = (self.version.programme.code, self.version.number, *((self.id,) if self.id else ()), *more)
        return resolve_url(f"eligibility:{name}{'_local' if self.id else ''}", *keys)


def place_for(request: PortalRequest, code: str, number: int, place: str) -> Place:
    """The place, if the actor may see the version. Raises Http404, Refused."""
    found = Place(version_for(request, code, number), place)
    assert found.definition
    return found
