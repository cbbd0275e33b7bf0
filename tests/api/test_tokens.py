"""Tokens of partner systems: shown once, stored as digests, ended at once."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone

from portal.actions.machines import end_client, register_client
from portal.kit.access import Refused
from portal.models import MachineClient
from tests.factories.portal import actor_for, make_agency, make_membership

pytestmark = pytest.mark.django_db


def status(token: str) -> int:
    return Client().get("/api/referrals/inbox/", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_from_the_command_line_opens_until_it_is_ended(capsys):
    make_agency("harbour")
    call_command("api_client", "harbour", "Harbour desk")
    token = capsys.readouterr().out.strip()
    assert len(token) >= 43
    assert token not in str(list(MachineClient.objects.values()))
    assert status(token) == 200
    call_command("api_client", "harbour", "Harbour desk", "--end")
    assert status(token) == 401
    with pytest.raises(CommandError, match="no system"):
        call_command("api_client", "harbour", "Harbour desk", "--end")
    with pytest.raises(CommandError, match="no agency"):
        call_command("api_client", "nowhere", "x")


def test_only_the_agencys_admin_gives_and_ends_tokens():
    agency = make_agency()
    admin = actor_for(make_membership(agency, "agency_admin"))
    client, token = register_client(by=admin, agency=agency, name="Desk", at=timezone.now())
    assert status(token) == 200
    for stranger in (actor_for(make_membership(agency, "caseworker")), actor_for(make_membership(make_agency(), "agency_admin"))):
        with pytest.raises(Refused):
            register_client(by=stranger, agency=agency, name="x", at=timezone.now())
        with pytest.raises(Refused):
            end_client(by=stranger, client=client)
    end_client(by=admin, client=client)
    assert status(token) == 401
