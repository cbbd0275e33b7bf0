"""Who may do what with programmes. A power counts only inside the agency it is held for."""

from eligibility.models import LocalProposal, Programme, ProgrammeEnding, ProgrammeVersion
from eligibility.models.proposal import IN_FORCE, SENT, TAKEN
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


def may_release_previews(actor: Actor, programme: Programme) -> bool:
    """May let a programme's previews go on when the day's budget is used up: whoever answers for data protection, never who asks them."""
    return _may(actor, "approve_sharing", programme)


def may_propose(actor: Actor, programme: Programme) -> bool:
    """May write local rules of another agency's programme, where that agency takes them. For which councils, the action says."""
    return (
        actor.is_staff
        and "edit_programmes" in powers_of(actor.role)
        and programme.takes_local_rules
        and actor.agency_id not in (None, programme.agency_id)
    )


def may_write(actor: Actor, proposal: LocalProposal) -> bool:
    """May change, send and withdraw a proposed local rule: a programme admin of the agency that proposes it."""
    return actor.is_staff and "edit_programmes" in powers_of(actor.role) and actor.agency_id == proposal.agency_id


def may_answer(actor: Actor, proposal: LocalProposal) -> bool:
    """May take a proposed local rule over, or send it back: a programme admin of the agency whose programme it is."""
    return may_edit(actor, proposal.programme)


def may_see_proposal(actor: Actor, proposal: LocalProposal) -> bool:
    """May read a proposed local rule: its own agency always, the programme's agency what was sent to it and not sent back since."""
    reads = powers_of(actor.role) & {"see_programme_history", "edit_programmes", "publish_programmes"}
    if not actor.is_staff or not reads:
        return False
    if actor.agency_id == proposal.agency_id:
        return True
    return actor.agency_id == proposal.programme.agency_id and proposal.state in (SENT, TAKEN, IN_FORCE)
