"""An agency's desk: the office of heating help, who writes there, who publishes as the second person, and two programmes in force."""

import pytest

from tests.factories.eligibility import BLANKET, BLANKET_CASES, load, make_admin, make_agency, read_definition


@pytest.fixture
def office():
    return make_agency("heat-office")


@pytest.fixture
def writer(office):
    return make_admin(office)


@pytest.fixture
def second(office):
    return make_admin(office)


@pytest.fixture
def versions(office):
    """Heating help, and blanket help that rests on it."""
    return load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
