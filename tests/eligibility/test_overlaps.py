"""What one payment does to another is said beside the amounts, and nothing is counted twice in the sum of all support."""

import datetime as dt
from decimal import Decimal
from uuid import uuid4

import pytest

from consent.permit import Decision, Released
from eligibility import registry, rules
from eligibility.actions.determinations import screen_as_machine
from eligibility.queries.at_counter import as_released
from eligibility.queries.overlaps import Paid, overlaps, together
from eligibility.queries.results import results_for
from portal.kit.actor import acting_as
from tests.factories.consent import make_record
from tests.factories.eligibility import allow_screening, load

CODES = ("universal_credit", "carers_allowance", "child_benefit", "pension_credit", "housing_benefit")
TODAY = dt.date(2026, 11, 21)


def paid(credit=Decimal("813.59"), carers=Decimal("374.62"), **others):
    return {
        "credit": Paid("Universal Credit", credit, takes_off=("carers",)),
        "carers": Paid("Carer’s Allowance", carers),
        **others,
    }


def test_what_comes_off_and_what_is_left_is_said_on_both_sides():
    assert overlaps(paid()) == {
        "credit": [
            "Carer’s Allowance counts in full as income here. Once it is paid, £374.62 a month is taken off and about £438.97 a month is left."
        ],
        "carers": ["Once this is paid, it is taken off Universal Credit. Both together come to about £813.59 a month."],
    }


def test_nothing_may_be_left():
    assert overlaps(paid(credit=Decimal("374.62"))) == {
        "credit": ["Carer’s Allowance counts in full as income here. Once it is paid, nothing of this amount is left."],
        "carers": ["Once this is paid, it is taken off Universal Credit. Both together come to about £374.62 a month."],
    }
    assert "£0.01 a month is left" in overlaps(paid(credit=Decimal("374.63")))["credit"][0]


def test_while_an_amount_is_not_known_no_sum_is_said():
    assert overlaps(paid(credit=Decimal(0))) == {
        "credit": ["Carer’s Allowance counts in full as income here. Once it is paid, it is taken off this amount."],
        "carers": ["Once this is paid, it is taken off Universal Credit."],
    }
    assert overlaps(paid(carers=Decimal(0))) == {"credit": [], "carers": []}


def test_what_is_counted_already_is_named():
    one = Paid("Pension Credit", Decimal("50.00"), counts=("carers", "nowhere"))
    assert overlaps(paid(pension=one))["pension"] == [
        "Already counted in this amount: Carer’s Allowance. You can have them together."
    ]
    assert overlaps({"pension": one}) == {"pension": []}


@pytest.mark.parametrize("credit", ["0", "0.01", "374.61", "374.62", "374.63", "813.59"])
def test_the_sentences_and_the_sum_say_the_same(credit):
    some = paid(credit=Decimal(credit))
    total = together({code: one.monthly for code, one in some.items()}, {code: one.takes_off for code, one in some.items()})
    assert total == max(Decimal(credit), Decimal("374.62"))
    if Decimal(credit):
        said = f"{total:.2f}".removesuffix(".00")
        assert overlaps(some)["carers"][0].endswith(f"come to about £{said} a month.")


def test_the_heads_of_the_shipped_rules_name_programmes_that_are_there():
    shipped = registry.load_all()
    for definition in shipped.values():
        named = (*definition.takes_off, *definition.counts)
        assert set(named) <= set(shipped) - {definition.code}
        assert len(named) == len(set(named)), definition.code
        assert all(shipped[code].amount for code in named)


@pytest.mark.django_db
def test_a_carer_reads_it_beside_the_amounts_and_the_total_is_right():
    definitions = [rules.whole(one.to_dict(), rules.shared_of(one)) for one in map(registry.load_all().get, CODES)]
    book = rules.rulebook({one.code: one for one in definitions})
    allow_screening(sorted(set().union(*(one.needs for one in book.on(TODAY).values()))), "9-2-h")
    load(*definitions)
    nothing = ("take_home_pay", "self_employment", "state_pension", "private_pension", "childcare_costs", "savings_interest")
    record, citizen = make_record(
        {
            "household.nation": "england", "household.region": "london", "household.tenure": "owned_outright",
            "household.savings": "100.00", "me.born_on": "1986-05-05", "me.caring_hours_weekly": 40,
            "me.cared_for_gets_disability_benefit": True, "me.in_education": False, "me.dla_care": "none", "me.dla_mobility": "none",
            "me.pip_daily_living": "none", "me.pip_mobility": "none", "me.attendance_allowance": "none",
            "me.limited_capability_for_work_related_activity": False, **{f"me.{name}": None for name in nothing},
        }
    )  # fmt: skip
    screen_as_machine(record_id=record.pk, at=dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    with acting_as(citizen):
        record.refresh_from_db()
        found = results_for(record, TODAY)
    cards = {card.code: card for card in found.likely}
    assert cards["universal_credit"].monthly == Decimal("634.24")  # 424.90 and 209.34 for carers
    assert cards["carers_allowance"].monthly == Decimal("374.62")
    assert cards["universal_credit"].notes == (
        "Carer's Allowance counts in full as income here. Once it is paid, £374.62 a month is taken off and about £259.62 a month is left.",
    )
    assert cards["carers_allowance"].notes == (
        "Once this is paid, it is taken off Universal Credit. Both together come to about £634.24 a month.",
    )
    assert found.monthly == Decimal("634.24")
    seen = as_released(found, released_for(cards["carers_allowance"]))
    notes = {card.code: card.notes for card in seen.likely}
    assert notes["carers_allowance"] == (
        "Once this is paid, it is taken off Universal Credit.",
    )  # and not how much there is of it
    assert as_released(found, released_for(*cards.values())).likely == found.likely


def released_for(*cards):
    """What the gate lets out where it lets out just what these cards rest on."""
    values = {f"household.{name}": value for card in cards for name, value in card.facts["household"].items()}
    for card in cards:
        for person in card.facts["people"]:
            values |= {f"{person['id']}.{name}": value for name, value in person.items()}
    return Released(uuid4(), 1, values, {}, [], {}, {}, Decision("allow"), uuid4())
