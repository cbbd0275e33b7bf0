"""The walls are tested: with one taken down, the test that guards it fails. All of them: `python -m tests.security.mutations`."""

from typing import Any

import pytest

from tests.consent import test_gate
from tests.security.mutations import GATE, MUTATIONS, WALLS

agency, told = test_gate.agency, test_gate.told
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["category grants", "concept intersection"])
def test_a_wall_that_is_down_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch, agency: Any, told: Any) -> None:
    [address] = MUTATIONS[name].noticed_by
    guard = getattr(test_gate, address.split("::")[1])
    apply = MUTATIONS[name].apply
    assert apply is not None
    apply(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        guard(agency, told)


def test_every_step_of_the_gate_has_a_mutation() -> None:
    assert {"involvement", "consent state", "role", "category grants", "concept intersection", "policy of records"} <= set(
        MUTATIONS
    )
    assert all(address.startswith((GATE, WALLS, "tests/security/")) for one in MUTATIONS.values() for address in one.noticed_by)
