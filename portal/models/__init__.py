"""What the ground floor stores: users, agencies with offices and teams, roles, notifications, partner systems."""

from portal.models.agencies import Agency, Membership, Office, Team
from portal.models.machines import MachineClient
from portal.models.notifications import Notification
from portal.models.people import User

__all__ = ["Agency", "MachineClient", "Membership", "Notification", "Office", "Team", "User"]
