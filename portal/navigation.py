"""The bar of staff pages: which entries a role sees. Strings only, so they may point upward."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from portal.kit.http import PortalRequest
from portal.roles import powers_of


@dataclass(frozen=True)
class Entry:
    """One entry: where it leads, what it says, and whether the visitor is there."""

    url: str
    label: object
    is_current: bool


# URL name, label, the powers of which one is needed. In order of use.
ENTRIES = (
    ("casework:worklist", _("Cases"), {"see_worklist"}),
    ("casework:referrals_in", _("Referrals in"), {"receive_referrals"}),
    ("casework:referrals_out", _("Referrals out"), {"send_referrals"}),
    ("intake:counter", _("Help someone"), {"help_at_counter"}),
    ("eligibility:admin_list", _("Programmes"), {"edit_programmes", "publish_programmes", "see_programme_history"}),
    ("portal:agency", _("Agency"), {"manage_agency"}),
    ("casework:dead_letters", _("Undelivered"), {"see_dead_letters"}),
    ("consent:agency_log", _("Access log"), {"read_access_log"}),
    ("eligibility:preview_log", _("Previews"), {"read_access_log"}),
)


def entries_for(request: PortalRequest) -> list[Entry]:
    """The entries of the role in use whose pages exist."""
    powers = powers_of(request.actor.role)
    found = []
    for name, label, needed in ENTRIES:
        if powers & needed and (url := _address(name)):
            found.append(Entry(url, label, request.path == url or (url != "/" and request.path.startswith(url))))
    return found


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
