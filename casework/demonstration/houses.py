"""Act one: the agencies move in, with offices, teams, staff, programmes and the terms of sharing."""

import datetime as dt
from typing import Any

from casework.demonstration.cast import agencies, staff_email
from consent.actions.activities import register_standard
from eligibility.actions.proposals import allow_local_rules
from eligibility.models import Programme
from portal.actions.agencies import add_member, found_agency, save_office, save_team
from portal.actions.demonstration import open_sign_in
from portal.kit.actor import Actor, acting_as
from portal.models import Agency, Membership
from portal.roles import powers_of

LOCAL_RULES = ("council_tax_reduction",)


def move_in(by: Actor, at: dt.datetime, since: dt.date) -> None:
    """Found the agencies with offices, teams and staff who can sign in."""
    for raw in agencies():
        details = {key: raw[key] for key in ("email", "phone", "website") if key in raw}
        agency = found_agency(by=by, slug=raw["slug"], name=raw["name"], kind=raw["kind"], **details)
        offices = {one["name"]: save_office(by=by, agency=agency, on=at.date(), details=one) for one in raw.get("offices", [])}
        home = next(iter(offices.values()), None)
        teams = {name: save_team(by=by, agency=agency, name=name, office=home) for name in raw.get("teams", [])}
        for colleague in raw["staff"]:
            _seat(by, agency, colleague, offices, teams, at, since)


def _seat(by: Actor, agency: Agency, raw: dict[str, Any], offices, teams, at: dt.datetime, since: dt.date) -> None:
    email = staff_email(raw["name"], agency.slug)
    open_sign_in(by=by, email=email, name=raw["name"], is_staff=True)
    add_member(
        by=by,
        agency=agency,
        email=email,
        name=raw["name"],
        role=raw["role"],
        starts_on=since,
        at=at,
        team=teams.get(raw.get("team", "")),
        office=offices.get(raw.get("office", "")),
        phone=raw.get("phone", ""),
    )


def let_councils_write() -> None:
    """Other councils may propose local rules of what one council keeps for all of them."""
    for programme in Programme.objects.filter(code__in=LOCAL_RULES).select_related("agency"):
        by = colleague_of(programme.agency.slug, "edit_programmes")
        with acting_as(by):
            allow_local_rules(by=by, programme=programme, allowed=True)


def agree_terms(by: Actor, since: dt.date) -> None:
    """Register what each agency does with facts besides deciding on its programmes, which follows from their rules."""
    for agency in Agency.objects.order_by("slug"):
        register_standard(by=by, agency=agency, starts_on=since)


def colleague_of(slug: str, power: str) -> Actor:
    """A colleague of the agency whose role has the power."""
    seats = Membership.objects.filter(agency__slug=slug).select_related("user", "agency").order_by("role", "id")
    seat = next(seat for seat in seats if power in powers_of(seat.role))
    return Actor(
        "staff", user_id=seat.user_id, agency_id=seat.agency_id, membership_id=seat.pk, role=seat.role, name=seat.user.name
    )
