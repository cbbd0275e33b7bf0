"""Agencies, their offices, teams and members."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from portal.actions.accounts import open_account
from portal.actions.notifications import notify
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import Agency, Membership, Office, Team, User
from portal.permissions import may_change_membership, may_found_agencies, may_manage
from portal.roles import ROLES

OFFICE_FIELDS = frozenset({"name", "address", "phone", "email", "hours", "local_authorities"})


class MembershipRefused(Refused):
    """A membership cannot be as asked; the sentence says why."""


@transaction.atomic
def found_agency(*, by: Actor, slug: str, name: str, kind: str, **details: Any) -> Agency:
    """Create an agency with its permission group. `details`: email, phone, website, subdivision, inbox_url.

    Raises Refused for anybody but the command line, IntegrityError when the slug is taken.
    """
    if not may_found_agencies(by):
        raise Refused
    group = Group.objects.create(name=f"agency:{slug}")
    return Agency.objects.create(slug=slug, name=name, kind=kind, group=group, **details)


@transaction.atomic
def save_office(*, by: Actor, agency: Agency, office: Office | None = None, on: date, details: Mapping[str, Any]) -> Office:
    """Create an office, or change one, with the details confirmed on the day `on`.

    details: any of name, address, phone, email, hours, local_authorities. Raises Refused.
    """
    if not may_manage(by, agency) or (office is not None and office.agency_id != agency.pk):
        raise Refused
    if unknown := set(details) - OFFICE_FIELDS:
        raise TypeError(f"an office has no {', '.join(sorted(unknown))}")
    office = office or Office(agency=agency)
    for field, value in details.items():
        setattr(office, field, value)
    office.assured_on = on
    office.save()
    return office


@transaction.atomic
def save_team(
    *,
    by: Actor,
    agency: Agency,
    team: Team | None = None,
    name: str,
    office: Office | None = None,
    programmes: list[str] | None = None,
) -> Team:
    """Create a team, or change one. `programmes` None leaves the codes as they are. Raises Refused."""
    foreign = [thing for thing in (team, office) if thing is not None and thing.agency_id != agency.pk]
    if not may_manage(by, agency) or foreign:
        raise Refused
    namesakes = Team.objects.filter(agency=agency, name=name)
    if (namesakes.exclude(pk=team.pk) if team else namesakes).exists():
        raise MembershipRefused(_("There is a team with this name. Choose another name."))
    team = team or Team(agency=agency)
    team.name, team.office = name, office
    if programmes is not None:
        team.programmes = programmes
    team.save()
    return team


@transaction.atomic
def add_member(
    *,
    by: Actor,
    agency: Agency,
    email: str,
    name: str,
    role: str,
    starts_on: date,
    at: datetime,
    ends_on: date | None = None,
    team: Team | None = None,
    office: Office | None = None,
    phone: str = "",
) -> Membership:
    """Give somebody a role in an agency for a period; an account is opened for a new address.

    The person is told, sets a password by the "new password" link and sets up a second factor at the first sign-in.
    Raises Refused, also for a role of one's own or a role that overlaps one they hold.
    """
    if not may_manage(by, agency) or any(thing is not None and thing.agency_id != agency.pk for thing in (team, office)):
        raise Refused
    if role not in ROLES or not ROLES[role].is_staff:
        raise ValueError(f"{role!r} is not a role of staff")
    user = open_account(by=by, email=email, name=name)
    if user.pk == by.user_id:
        raise MembershipRefused(_("You cannot give yourself a role. Ask another agency admin."))
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                user=user,
                agency=agency,
                role=role,
                starts_on=starts_on,
                ends_on=ends_on,
                team=team,
                office=office,
                phone=phone,
                added_by_id=by.user_id,
            )
    except IntegrityError:
        raise MembershipRefused(
            _("This person holds the role in that time already. Change the dates, or end the other one first.")
        ) from None
    _tell(by, "membership_began", membership, user, at, starts_on)
    return membership


@transaction.atomic
def change_member(*, by: Actor, membership: Membership, team: Team | None, office: Office | None, phone: str) -> Membership:
    """Change where a member sits and the phone number people call. Role and period do not change: end one, add another."""
    foreign = [thing for thing in (team, office) if thing is not None and thing.agency_id != membership.agency_id]
    if not may_manage(by, membership.agency) or foreign:
        raise Refused
    membership.team, membership.office, membership.phone = team, office, phone
    membership.save(update_fields=["team", "office", "phone"])
    return membership


@transaction.atomic
def end_membership(*, by: Actor, membership: Membership, on: date, at: datetime) -> Membership:
    """End a membership after the day `on`; it stays in the history. Raises Refused, also for one's own."""
    if not may_change_membership(by, membership):
        raise (
            MembershipRefused(_("Another agency admin must end your own role."))
            if may_manage(by, membership.agency)
            else Refused()
        )
    membership.ends_on, membership.ended_by_id = max(on, membership.starts_on), by.user_id
    membership.save(update_fields=["ends_on", "ended_by"])
    _tell(by, "membership_ended", membership, membership.user, at, membership.ends_on)
    return membership


def _tell(by: Actor, kind: str, membership: Membership, user: User, at: datetime, day: date) -> None:
    with translation.override(user.language):
        names = {
            "agency": membership.agency.name,
            "role": str(ROLES[membership.role].label),
            "day": date_format(day, "j F Y"),
        }
    notify(by=by, user_id=user.pk, kind=kind, path="/roles/", at=at, parameters=names)
