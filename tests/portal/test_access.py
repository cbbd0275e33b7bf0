"""Deny by default: every address has a declared rule, and each rule turns away whom it must."""

from collections.abc import Iterator

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.context_processors import SITE_LINKS
from portal.kit.access import ANYONE, OWN_RECORD, PUBLIC, SIGNED_IN, STAFF, Refused, Rule, needs, power
from portal.kit.actor import Actor
from portal.kit.identity import uuid7
from portal.navigation import ENTRIES, entries_for
from portal.roles import POWERS, ROLES, Role
from tests.factories.portal import make_agency, make_membership, make_user, sign_in


def every_view(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from every_view(entry, route)
        else:
            yield route, entry


def test_every_address_has_a_declared_rule() -> None:
    bare = [route for route, entry in every_view() if not isinstance(getattr(entry.callback, "access_rule", None), Rule)]
    assert bare == []


def test_there_are_addresses_of_every_package() -> None:
    names = {entry.callback.__module__.split(".")[0] for _route, entry in every_view()}
    assert {"portal", "consent", "intake", "eligibility", "casework"} <= names


CITIZEN = Actor.citizen(person_id=uuid7(), user_id=uuid7())
NEW_CITIZEN = Actor("citizen", user_id=uuid7(), role="citizen")
WITHOUT_ACCOUNT = Actor.citizen(person_id=uuid7())
COLLEAGUE = Actor("staff", user_id=uuid7(), agency_id=uuid7(), role="caseworker")
NOBODY = Actor.anonymous()
EVERYBODY = [CITIZEN, NEW_CITIZEN, WITHOUT_ACCOUNT, COLLEAGUE, NOBODY]


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (PUBLIC, EVERYBODY),
        (ANYONE, EVERYBODY),
        (SIGNED_IN, [CITIZEN, NEW_CITIZEN, COLLEAGUE]),
        (OWN_RECORD, [CITIZEN, WITHOUT_ACCOUNT]),
        (STAFF, [COLLEAGUE]),
        (power("work_cases"), [COLLEAGUE]),
        (power("work_cases", "manage_agency"), [COLLEAGUE]),
        (power("manage_agency"), []),
        (power("use_own_record"), [CITIZEN, NEW_CITIZEN, WITHOUT_ACCOUNT]),
    ],
    ids=lambda value: value.name if isinstance(value, Rule) else "",
)
def test_a_rule_allows_exactly_these(rule: Rule, allowed: list[Actor]) -> None:
    assert [actor for actor in EVERYBODY if rule.allows(actor)] == allowed


def test_a_power_nobody_has_is_a_mistake_at_once() -> None:
    with pytest.raises(ValueError, match="no role has the power fly"):
        needs("fly")


def test_a_machine_holds_no_power_of_staff() -> None:
    assert not any(power(name).allows(Actor.machine("partner", agency_id=uuid7())) for name in POWERS)


def test_each_role_says_in_a_paragraph_what_it_may_do() -> None:
    for role in ROLES.values():
        assert len(str(role.paragraph).split()) >= 10, role.code


@pytest.mark.django_db
def test_a_refusal_is_a_page_with_its_sentence_and_is_traced(rf: RequestFactory) -> None:
    class Traced(Refused):
        traces = 0

        def keep_trace(self) -> None:
            Traced.traces += 1

    def refuse(request) -> HttpResponse:
        raise Traced("This agency may not see it.")

    request = rf.get("/x/")
    request.actor, request.session = COLLEAGUE, {}
    answer = needs(STAFF)(refuse)(request)
    assert answer.status_code == 403
    assert "This agency may not see it." in answer.content.decode()
    assert Traced.traces == 1
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_somebody_not_signed_in_is_sent_to_sign_in_and_comes_back(client: Client) -> None:
    answer = client.get(reverse("portal:agency"))
    assert answer.headers["Location"] == f"{reverse('account_login')}?next={reverse('portal:agency')}"


@pytest.mark.django_db
def test_a_citizen_gets_a_page_that_says_why(client: Client) -> None:
    sign_in(client, make_user())
    answer = client.get(reverse("portal:agency"))
    assert answer.status_code == 403
    assert "This page is for agency staff." in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role.code for role in ROLES.values() if role.is_staff])
def test_only_an_agency_admin_keeps_the_agency(client: Client, role: str) -> None:
    sign_in(client, make_membership(make_agency(), role).user)
    assert client.get(reverse("portal:agency")).status_code == (200 if role == "agency_admin" else 403)


@pytest.mark.parametrize("name", [*(name for name, _label, _powers in ENTRIES), *SITE_LINKS.values()])
def test_the_frame_names_pages_that_exist(name: str) -> None:
    assert reverse(name)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in ROLES.values() if role.is_staff], ids=lambda role: role.code)
def test_every_colleague_lands_on_a_page_of_their_role_that_opens(client: Client, role: Role) -> None:
    sign_in(client, make_membership(make_agency(), role.code).user)
    answer = client.get(reverse("portal:home"), follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain
    for entry in entries_for(answer.wsgi_request):
        assert client.get(entry.url).status_code == 200, entry.url
