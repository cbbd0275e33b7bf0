"""An agency's own things."""

from typing import TypeVar
from uuid import UUID

from portal.models import Agency, Membership, Office, Team

Thing = TypeVar("Thing", Office, Team, Membership)


def agency_thing(model: type[Thing], agency: Agency, thing_id: UUID) -> Thing:
    """An office, team or membership of this agency and no other. Raises `model.DoesNotExist`."""
    shown = ("agency", "user") if model is Membership else ("agency",)
    return model._default_manager.select_related(*shown).get(pk=thing_id, agency=agency)


def teams_of(agency: Agency) -> list[Team]:
    """The agency's teams with their office, by name."""
    return list(agency.teams.select_related("office").order_by("name"))
