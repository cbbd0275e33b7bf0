"""Who may do what with programmes. A power counts only inside the agency it is held for."""

from eligibility.models import Programme, ProgrammeEnding, ProgrammeVersion
from portal.kit.actor import Actor
from portal.roles import powers_of


def _may(actor: Actor, power: str, programme: Programme) -> bool:
    return actor.is_staff and power in powers_of(actor.role) and actor.agency_id == programme.agency_id


def may_edit(actor: Actor, programme: Programme) -> bool:
    """May write drafts of the programme."""
    return _may(actor, "edit_programmes", programme)


def may_publish(actor: Actor, version: ProgrammeVersion) -> bool:
    """May publish the version: holds the power and did not write it."""
    return _may(actor, "publish_programmes", version.programme) and str(actor.user_id) not in version.writers


def may_end(actor: Actor, ending: ProgrammeEnding) -> bool:
    """May confirm that a programme ends: holds the power to publish and did not ask for it."""
    return _may(actor, "publish_programmes", ending.programme) and actor.user_id != ending.asked_by_id


def may_see_history(actor: Actor, programme: Programme) -> bool:
    """May read the programme's versions, drafts included, and their differences."""
    return any(_may(actor, power, programme) for power in ("see_programme_history", "edit_programmes", "publish_programmes"))
