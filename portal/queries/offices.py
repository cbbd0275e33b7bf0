"""Offices as the public sees them."""

from typing import Any

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.models import Agency, Office
from portal.opening_hours import in_words


def open_offices() -> list[Office]:
    """All offices with their agency, by agency and name."""
    return list(Office.objects.select_related("agency").order_by("agency__name", "name"))


def first_offices(count: int) -> list[Office]:
    """A few offices for the start page: one each of the agencies that give advice, then of authorities."""
    advisers_first = Office.objects.select_related("agency").exclude(agency__kind=Agency.OPERATOR)
    chosen: list[Office] = []
    for office in advisers_first.order_by("agency__kind", "agency__name", "name"):
        if office.agency_id not in {one.agency_id for one in chosen}:
            chosen.append(office)
    return chosen[:count]


def count_agencies() -> int:
    """How many agencies give support here (the one that runs the portal not counted)."""
    return Agency.objects.aggregate(count=Count("pk", filter=~Q(kind=Agency.OPERATOR)))["count"]


def card_of(office: Office) -> dict[str, Any]:
    """An office as the component `office_card` draws it."""
    checked = date_format(office.assured_on, "j F Y")
    return {
        "name": office.name,
        "agency": office.agency.name,
        "address_lines": office.address.splitlines(),
        "phone": office.phone,
        "email": office.email,
        "hours": [in_words(line) for line in office.hours],
        "note": _("We checked this on %(day)s.") % {"day": checked},
    }


def offices_of(agency: Agency) -> list[Office]:
    """An agency's offices, by name."""
    return list(agency.offices.order_by("name"))
