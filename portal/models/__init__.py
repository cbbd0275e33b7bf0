"""What the ground floor stores: users, agencies with offices and teams, roles, notifications, e-mails about accounts,
partner systems."""

from portal.models.agencies import Agency, Membership, Office, Team
from portal.models.machines import MachineClient
from portal.models.mails import AccountMail
from portal.models.notifications import Notification
from portal.models.people import User

__all__ = ["AccountMail", "Agency", "MachineClient", "Membership", "Notification", "Office", "Team", "User"]
