"""Deny by default: every address has a declared rule."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, path

from portal.kit.access import PUBLIC, Rule, needs


def addresses(resolver: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every address with its view."""
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, address)
        elif isinstance(entry, URLPattern):
            yield address, entry.callback


def rule_of(view: Any) -> Rule | None:
    """The declared rule of a view: on the function, or on the class behind it (the API)."""
    found = getattr(view, "access_rule", None) or getattr(getattr(view, "cls", None), "access_rule", None)
    return found if isinstance(found, Rule) else None


def undeclared(resolver: Any) -> list[str]:
    return [address for address, view in addresses(resolver) if rule_of(view) is None]


def test_every_address_declares_its_rule() -> None:
    found = undeclared(get_resolver())
    assert not found, "no rule declared: " + ", ".join(found)
    assert len(list(addresses(get_resolver()))) > 40


def test_an_address_without_a_rule_is_found() -> None:
    def bare(request: Any) -> None: ...

    class Resolver:
        url_patterns = (path("bare", bare), path("public", needs(PUBLIC)(bare)))

    assert undeclared(Resolver) == ["bare"]


@pytest.mark.parametrize("wrong", ["no_such_power"])
def test_a_power_nobody_has_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        needs(wrong)
