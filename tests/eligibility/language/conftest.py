"""What the tests of the pure parts share: the real catalogue, the shared limits, and a way to make small programmes."""

import pytest

from consent.facts import catalogue as fact_kinds
from eligibility import registry
from eligibility.definition import Definition
from eligibility.language import catalogue_from


@pytest.fixture(scope="session")
def catalogue():
    """The facts rules may name."""
    return catalogue_from(fact_kinds())


@pytest.fixture(scope="session")
def store():
    """The shared limits of the repository."""
    return registry.shared_files()


@pytest.fixture(scope="session")
def make():
    """A function that makes a small Definition from conditions by id and any other sections."""

    def build(criteria, code="test_programme", **sections):
        texts = {"says": "It holds", "says_not": "It does not hold", "law": "Test Act s.1"}
        return Definition.from_dict(
            {
                "programme": {
                    "code": code,
                    "agency": "test",
                    "area": "income",
                    "name": "Test",
                    "summary": "Test.",
                    "purpose": "Test.",
                },
                "law": [{"title": "Test Act"}],
                "criteria": [
                    {"id": id_, **texts, **(item if isinstance(item, dict) else {"when": item})} for id_, item in criteria.items()
                ],
                **sections,
            }
        )

    return build
