"""Fixtures of asking."""

import pytest

from consent import needs
from tests.factories.intake import load_form


@pytest.fixture(autouse=True)
def nobody_says_what_matters(monkeypatch):
    """Tests of asking stand alone: without a provider every question that applies is asked."""
    monkeypatch.setattr(needs, "_providers", [])


@pytest.fixture
def form(db):
    """The shipped form, published."""
    return load_form()
