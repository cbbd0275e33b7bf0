"""Whom one acts for, and an agency's own page."""

import datetime as dt

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.actions.accounts import change_profile
from portal.actions.agencies import (
    MembershipRefused,
    add_member,
    change_member,
    end_membership,
    found_agency,
    save_office,
    save_team,
)
from portal.jobs import carry_mails
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import Membership, Notification, User
from tests.factories.portal import (
    actor_for,
    enter_password,
    make_agency,
    make_membership,
    make_office,
    make_team,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def two_roles(client: Client) -> tuple[Membership, Membership]:
    """Somebody with a role in two agencies, signed in with both steps."""
    first = make_membership(make_agency("harbour"), "caseworker")
    second = make_membership(make_agency("newham"), "agency_admin", first.user)
    sign_in(client, first.user)
    return first, second


def test_with_several_roles_none_is_taken_until_one_is_chosen(client: Client, two_roles) -> None:
    assert "membership_id" not in client.session
    assert client.get(reverse("portal:home")).headers["Location"] == reverse("portal:acting_as")
    page = client.get(reverse("portal:acting_as")).content.decode()
    assert "Harbour" in page and "Newham" in page


def test_switching_changes_the_actor_and_the_session_key(client: Client, two_roles) -> None:
    _first, second = two_roles
    before = client.session.session_key
    client.post(reverse("portal:acting_as"), {"membership": str(second.pk)})
    assert client.session.session_key != before
    page = client.get(reverse("portal:agency"))
    assert page.status_code == 200
    actor = page.wsgi_request.actor
    assert (actor.kind, actor.agency_id, actor.role) == ("staff", second.agency_id, "agency_admin")


def test_going_back_to_ones_own_page_gives_up_every_power(client: Client, two_roles) -> None:
    _first, second = two_roles
    client.post(reverse("portal:acting_as"), {"membership": str(second.pk)})
    client.post(reverse("portal:acting_as"), {"membership": ""})
    page = client.get(reverse("portal:roles"))
    assert page.wsgi_request.actor.kind == "citizen"
    assert client.get(reverse("portal:agency")).status_code == 302


def test_somebody_elses_role_cannot_be_taken(client: Client, two_roles) -> None:
    foreign = make_membership(make_agency(), "agency_admin")
    client.post(reverse("portal:acting_as"), {"membership": str(foreign.pk)})
    assert "membership_id" not in client.session
    client.post(reverse("portal:acting_as"), {"membership": "not an id"})
    assert "membership_id" not in client.session


def test_no_role_is_taken_without_the_second_step(client: Client) -> None:
    user = make_user()
    membership = make_membership(make_agency(), "caseworker", user)
    enter_password(client, user)
    client.post(reverse("portal:acting_as"), {"membership": str(membership.pk)})
    assert "membership_id" not in client.session


def test_after_choosing_one_comes_back_to_where_one_wanted_to_go(client: Client, two_roles) -> None:
    _first, second = two_roles
    asked = client.get(reverse("portal:agency"))
    page = client.get(asked.headers["Location"])
    answer = client.post(reverse("portal:acting_as"), {"membership": str(second.pk), "next": page.context["next"]})
    assert answer.headers["Location"] == reverse("portal:agency")


def test_choosing_never_leads_to_another_site(client: Client, two_roles) -> None:
    _first, second = two_roles
    answer = client.post(reverse("portal:acting_as"), {"membership": str(second.pk), "next": "https://evil.example/"})
    assert answer.headers["Location"] == reverse("portal:home")


def test_an_ended_role_stops_at_once_in_an_open_session(client: Client) -> None:
    membership = make_membership(make_agency(), "agency_admin")
    sign_in(client, membership.user)
    assert client.get(reverse("portal:agency")).status_code == 200
    Membership.objects.filter(pk=membership.pk).update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    assert client.get(reverse("portal:agency")).status_code == 302


def test_a_closed_account_stops_at_once_in_an_open_session(client: Client) -> None:
    membership = make_membership(make_agency(), "agency_admin")
    sign_in(client, membership.user)
    User.objects.filter(pk=membership.user_id).update(is_active=False)
    assert client.get(reverse("portal:agency")).headers["Location"].startswith(reverse("account_login"))


def test_only_the_agencys_own_admin_changes_it() -> None:
    own, other = make_agency(), make_agency()
    strangers = [
        actor_for(make_membership(other, "agency_admin")),
        actor_for(make_membership(own, "caseworker")),
        Actor("citizen", user_id=make_user().pk, role="citizen"),
        Actor.anonymous(),
        Actor.machine("partner", agency_id=own.pk),
    ]
    office, details = make_office(own), {"name": "New", "address": "x", "phone": "1"}
    membership = make_membership(own)
    for by in strangers:
        with pytest.raises(Refused):
            save_office(by=by, agency=own, office=office, on=TODAY, details=details)
        with pytest.raises(Refused):
            save_team(by=by, agency=own, name="T")
        with pytest.raises(Refused):
            add_member(by=by, agency=own, email="a@example.org", name="A", role="caseworker", starts_on=TODAY, at=NOW)
        with pytest.raises(Refused):
            change_member(by=by, membership=membership, team=None, office=None, phone="")
        with pytest.raises(Refused):
            end_membership(by=by, membership=membership, on=TODAY, at=NOW)
        with pytest.raises(Refused):
            found_agency(by=by, slug="new", name="New", kind="statutory")


def test_an_agency_takes_no_things_of_another() -> None:
    own, other = make_agency(), make_agency()
    by = actor_for(make_membership(own, "agency_admin"))
    with pytest.raises(Refused):
        save_office(by=by, agency=own, office=make_office(other), on=TODAY, details={"name": "Mine now"})
    with pytest.raises(Refused):
        save_team(by=by, agency=own, name="T", office=make_office(other))
    with pytest.raises(Refused):
        change_member(by=by, membership=make_membership(own), team=make_team(other), office=None, phone="")


def test_nobody_gives_or_ends_a_role_of_their_own() -> None:
    own = make_agency()
    membership = make_membership(own, "agency_admin")
    by = actor_for(membership)
    with pytest.raises(MembershipRefused, match="cannot give yourself"):
        add_member(by=by, agency=own, email=membership.user.email, name="Me", role="caseworker", starts_on=TODAY, at=NOW)
    with pytest.raises(MembershipRefused, match="Another agency admin"):
        end_membership(by=by, membership=membership, on=TODAY, at=NOW)


def test_a_new_member_gets_an_account_a_notice_and_no_password() -> None:
    own = make_agency()
    by = actor_for(make_membership(own, "agency_admin"))
    membership = add_member(
        by=by, agency=own, email=" New@Example.org", name="New Colleague", role="caseworker", starts_on=TODAY, at=NOW
    )
    assert membership.user.email == "new@example.org"
    assert not membership.user.has_usable_password()
    assert membership.added_by_id == by.user_id
    notice = Notification.objects.get(user=membership.user)
    assert notice.kind == "membership_began"
    assert notice.parameters == {"agency": own.name, "role": "Caseworker", "day": "21 November 2026"}


def test_a_new_member_sets_a_password_by_the_link(client: Client) -> None:
    by = actor_for(make_membership(make_agency("own"), "agency_admin"))
    membership = make_membership(make_agency(), user=make_user())
    add_member(
        by=by,
        agency=type(membership.agency).objects.get(slug="own"),
        email="new@example.org",
        name="New",
        role="caseworker",
        starts_on=TODAY,
        at=NOW,
    )
    client.post(reverse("account_reset_password"), {"email": "new@example.org"})
    carry_mails()
    assert "/account/password/new/" in mail.outbox[0].body


def test_the_same_role_twice_at_a_time_is_refused_in_words_and_by_the_database() -> None:
    own = make_agency()
    by = actor_for(make_membership(own, "agency_admin"))
    held = make_membership(own, "caseworker", ends_on=TODAY)
    again = {"agency": own, "role": "caseworker", "starts_on": TODAY}
    with pytest.raises(MembershipRefused, match="holds the role"):
        add_member(by=by, email=held.user.email, name="", at=NOW, **again)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=held.user, **again)
    tomorrow = TODAY + dt.timedelta(days=1)
    assert add_member(by=by, email=held.user.email, name="", at=NOW, **(again | {"starts_on": tomorrow})).pk


def test_an_ended_membership_stays_in_the_history() -> None:
    own = make_agency()
    by, membership = actor_for(make_membership(own, "agency_admin")), make_membership(own)
    end_membership(by=by, membership=membership, on=TODAY, at=NOW)
    membership.refresh_from_db()
    assert (membership.ends_on, membership.ended_by_id) == (TODAY, by.user_id)
    assert Notification.objects.get(user=membership.user).kind == "membership_ended"


def test_the_agencys_page_walks_through_office_team_member_and_end(client: Client) -> None:
    admin = make_membership(make_agency("harbour"), "agency_admin")
    sign_in(client, admin.user)
    client.post(
        reverse("portal:office_new"),
        {"name": "Quay office", "address": "2 Quay", "phone": "020 7946 0001", "hours": "Monday 9:00-12:00"},
    )
    office = admin.agency.offices.get()
    assert office.hours == [{"days": "mon", "opens": "09:00", "closes": "12:00"}] and office.local_authorities == []
    shown = client.get(reverse("portal:office", args=[office.pk])).context["form"].initial
    client.post(
        reverse("portal:office", args=[office.pk]), shown | {"name": "Quay", "local_authorities": "Tower Hamlets\nHackney\n"}
    )
    office.refresh_from_db()
    assert office.local_authorities == ["tower_hamlets", "hackney"]
    page = client.get(reverse("portal:office", args=[office.pk]))
    assert page.context["form"].initial["local_authorities"] == "Tower Hamlets\nHackney"
    wrong = client.post(reverse("portal:office", args=[office.pk]), shown | {"local_authorities": "123"})
    assert "“123” is not the name of a council" in wrong.content.decode()
    assert (office.name, office.hours) == ("Quay", [{"days": "mon", "opens": "09:00", "closes": "12:00"}])
    client.post(reverse("portal:team_new"), {"name": "Debt", "office": str(office.pk)})
    team = admin.agency.teams.get()
    day = timezone.localdate()
    answer = client.post(
        reverse("portal:member_new"),
        {
            "email": "new@example.org",
            "name": "New Colleague",
            "role": "caseworker",
            "team": str(team.pk),
            "starts_on_day": day.day,
            "starts_on_month": day.month,
            "starts_on_year": day.year,
        },
        follow=True,
    )
    assert "od-error-summary" not in answer.content.decode()
    assert "New Colleague" in answer.content.decode()
    added = Membership.objects.get(user__email="new@example.org")
    assert (added.team, added.role, added.starts_on) == (team, "caseworker", day)
    client.post(reverse("portal:member", args=[added.pk]), {"office": str(office.pk), "phone": "020 7946 0009"})
    added.refresh_from_db()
    assert (added.office, added.phone) == (office, "02079460009")
    client.post(reverse("portal:member_end", args=[added.pk]), {"on_day": day.day, "on_month": day.month, "on_year": day.year})
    added.refresh_from_db()
    assert added.ends_on == day


@pytest.mark.parametrize("name", ["portal:office_new", "portal:team_new", "portal:member_new"])
def test_an_empty_form_says_what_to_enter_and_keeps_the_page(client: Client, name: str) -> None:
    admin = make_membership(make_agency(), "agency_admin")
    sign_in(client, admin.user)
    answer = client.post(reverse(name), {"email": "kept@example.org"} if "member" in name else {})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "od-error-summary" in page and "This field is required" not in page
    assert "member" not in name or "kept@example.org" in page


def test_another_agencys_things_do_not_exist_for_an_admin(client: Client) -> None:
    admin, other = make_membership(make_agency(), "agency_admin"), make_agency()
    sign_in(client, admin.user)
    for name, thing in [
        ("portal:office", make_office(other)),
        ("portal:team", make_team(other)),
        ("portal:member", make_membership(other)),
        ("portal:member_end", make_membership(other, "auditor")),
    ]:
        assert client.get(reverse(name, args=[thing.pk])).status_code == 404


def test_nobody_changes_another_persons_account() -> None:
    user = make_user()
    for by in (Actor("citizen", user_id=make_user().pk), Actor.anonymous()):
        with pytest.raises(Refused):
            change_profile(by=by, user=user, name="X", language="en")
