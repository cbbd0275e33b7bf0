"""Fixtures of asking."""

import datetime as dt

import pytest

from consent import needs
from consent.facts import catalogue
from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.language import catalogue_from
from eligibility.queries import asking
from tests.factories.intake import load_form

RULES_OF = dt.date(2026, 11, 21)


@pytest.fixture(autouse=True)
def nobody_says_what_matters(monkeypatch):
    """Tests of asking stand alone: without a provider every question that applies is asked."""
    monkeypatch.setattr(needs, "_providers", [])


@pytest.fixture
def form(db):
    """The shipped form, published."""
    return load_form()


@pytest.fixture(scope="session")
def book() -> Rulebook:
    """The shipped programmes, read from their folders."""
    return Rulebook(registry.load_all(), registry.shared_files(), catalogue_from(catalogue()))


@pytest.fixture
def shipped_rules(book: Rulebook, monkeypatch) -> Rulebook:
    """The provider of the product, its programmes read from the folders instead of the database."""

    class Provider(asking.Asking):
        def needed_concepts(self, programmes):
            ready = book.on(RULES_OF)
            return set().union(*(one.needs for code, one in ready.items() if programmes is None or code in programmes))

    monkeypatch.setattr(asking, "rulebook_in_force", lambda on: book)
    monkeypatch.setattr(needs, "_providers", [Provider()])
    return book
