"""Who may change what on the ground floor."""

from portal.kit.actor import Actor
from portal.models import Agency, Membership, User
from portal.roles import powers_of


def may_found_agencies(actor: Actor) -> bool:
    """Agencies are founded by those who run the portal, from the command line."""
    return actor.is_machine and actor.agency_id is None


def may_manage(actor: Actor, agency: Agency) -> bool:
    """Offices, teams and members of an agency: its own admin, or the command line."""
    is_admin = actor.is_staff and actor.agency_id == agency.pk and "manage_agency" in powers_of(actor.role)
    return is_admin or may_found_agencies(actor)


def may_change_membership(actor: Actor, membership: Membership) -> bool:
    """As `may_manage`, but never one's own: a colleague must do it."""
    return may_manage(actor, membership.agency) and actor.user_id != membership.user_id


def may_open_accounts(actor: Actor) -> bool:
    """Opening an account for somebody else: an agency's admin, or the command line."""
    return may_found_agencies(actor) or (actor.is_staff and "manage_agency" in powers_of(actor.role))


def may_change_account(actor: Actor, user: User) -> bool:
    """One's own account only."""
    return actor.user_id == user.pk
