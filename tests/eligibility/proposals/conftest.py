"""A programme of one office that takes local rules, and a council that writes one."""

import pytest

from eligibility.models import Programme
from tests.eligibility.proposals.steps import begun, limit_of, step, written
from tests.factories.eligibility import load, make_admin, make_agency, read_definition
from tests.factories.portal import make_office


@pytest.fixture
def office():
    return make_agency("heat-office", name="Heat Office")


@pytest.fixture
def writer(office):
    return make_admin(office)


@pytest.fixture
def second(office):
    return make_admin(office)


@pytest.fixture
def programme(office, writer):
    found = load(read_definition())[0].programme
    Programme.objects.filter(pk=found.pk).update(takes_local_rules=True)
    return Programme.objects.get(pk=found.pk)


@pytest.fixture
def council():
    found = make_agency("hackney-council", name="Hackney Council")
    make_office(found, local_authorities=["hackney"])
    return found


@pytest.fixture
def clerk(council):
    return make_admin(council)


@pytest.fixture
def proposal(programme, clerk):
    return begun(programme, clerk)


@pytest.fixture
def sent(proposal, clerk):
    written(proposal, clerk, limits=limit_of("5000"))
    return step("send", proposal, clerk, note="Our cabinet decided it")


@pytest.fixture
def taken(sent, writer):
    return step("take_over", sent, writer, into=None)
