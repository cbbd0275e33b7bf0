"""Who may do what here. A form itself is opened by holding it (session, account, come-back code): see the migration's policies."""

from portal.kit.actor import Actor
from portal.roles import powers_of


def may_help(by: Actor) -> bool:
    """Staff whose role helps people at the counter, acting for an agency."""
    return by.is_staff and by.agency_id is not None and "help_at_counter" in powers_of(by.role)
