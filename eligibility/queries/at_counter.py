"""A person's results as an officer at a counter may see them: what rests on a fact the gate kept back keeps its reasons to itself."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from consent.permit import Released
from eligibility.engine import Rulebook
from eligibility.queries.results import Card, Results, beside_each_other


def as_released(results: Results, released: Released) -> Results:
    """The results as far as the facts behind them were `released`: no amount, reasons or ways out where one that counts was not."""
    cards = {group: [_card(card, released) for card in cards] for group, cards in results.cards.items()}
    return replace(results, cards=beside_each_other(cards))


def _card(card: Card, released: Released) -> Card:
    if not _is_kept_back(card.facts, released):
        return card
    kept = {"state": "missing", "text": _("This rests on answers that are not shown at a counter."), "said": "", "rule": ""}
    return replace(card, amount="", monthly=Decimal(0), once=Decimal(0), reasons=[kept], others=[], ways_out=[], changes=[])


def _is_kept_back(facts: Mapping[str, Any], released: Released) -> bool:
    """Whether an answer that says something (not "no", "none" or "does not apply") was not released."""
    told = {f"household.{name}": value for name, value in facts["household"].items()}
    for person in facts["people"]:
        told |= {f"{person['id']}.{name}": value for name, value in person.items() if name not in ("id", "role")}
    return any(value not in (None, False, "none") and key not in released.values for key, value in told.items())


def household_shown(results: Results, released: Released, book: Rulebook) -> tuple[dict[str, Any], list[str]]:
    """The household in the interchange form as far as the officer may see it, and the programmes that can be worked out from it."""
    seen = {card.code for card in results.everything if not _is_kept_back(card.facts, released)}
    codes = [code for code in book.definitions if code in seen and book.definitions[code].programmes_used() <= seen]
    household: dict[str, Any] = {}
    people: dict[str, dict[str, Any]] = {}
    for card in results.everything:
        if card.code in seen:
            household |= card.facts["household"]
            for person in card.facts["people"]:
                people.setdefault(person["id"], {}).update(person)
    return {"id": "shown", "household": household, "people": list(people.values())}, codes
