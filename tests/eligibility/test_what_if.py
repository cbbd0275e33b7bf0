"""What if: changed facts over all programmes, the curve and its cliffs, nothing stored."""

import datetime as dt
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from consent.models import FactEvent
from eligibility.models import Determination
from eligibility.queries import what_if as trying
from eligibility.rules import rulebook, with_shared
from eligibility.take_home import pay_from
from portal.kit.actor import acting_as
from tests.factories.consent import make_record
from tests.factories.eligibility import BLANKET, BLANKET_CASES, load, read_definition

TODAY = dt.date(2026, 11, 21)
PAY_HELP = """
[programme]
code = "pay_help"
agency = "heat-office"
area = "income"
name = "Pay help"
summary = "Money for people with low pay."
purpose = "We need your pay."
[[law]]
title = "Pay Act"
[limits.most]
unit = "GBP/month"
rows = [{ from = 2020-01-01, value = 1234, law = "Pay Act s.1" }]
[limits.rate]
unit = "GBP/month"
rows = [{ from = 2020-01-01, value = 100, law = "Pay Act s.2" }]
[[criteria]]
id = "pay"
when = "per_month(applicant.earnings) <= limits.most"
says = "Your pay is low enough"
says_not = "Your pay is above {limits.most}"
law = "Pay Act s.1"
[[criteria]]
id = "alone"
when = "not applies(partner)"
says = "You live alone"
says_not = "You live with a partner"
law = "Pay Act s.1"
[amount]
is = "limits.rate"
per = "month"
"""
PAY_CASES = """
[[case]]
id = "low"
on = 2026-11-21
applicant = { earnings = "1234.00 per month" }
expect = { outcome = "likely", amount = "100.00" }
"""
HOME = {
    "id": "x",
    "household": {"savings": "100.00"},
    "people": [{"id": "a", "role": "applicant", "born_on": "1990-04-02", "earnings": {"amount": "1000.00", "per": "month"}}],
}


@pytest.fixture(scope="module")
def book():
    return rulebook({"pay_help": with_shared(read_definition(PAY_HELP, PAY_CASES), {})})


@pytest.mark.parametrize(
    ("gross", "tax", "insurance"),
    [
        ("0", "0.00", "0.00"),
        ("12570", "0.00", "0.00"),
        ("12571", "0.20", "0.08"),
        ("30000", "3486.00", "1394.40"),
        ("50270", "7540.00", "3016.00"),
        ("60000", "11432.00", "3210.60"),
        ("125140", "42516.00", "4513.40"),
        ("150000", "53703.00", "5010.60"),
    ],
)
def test_take_home_pay(gross, tax, insurance):
    pay = pay_from(Decimal(gross))
    assert (pay.tax, pay.insurance) == (Decimal(tax), Decimal(insurance))


@given(st.integers(0, 200_000), st.integers(1, 5_000))
def test_a_pound_more_is_never_less_in_the_hand(gross, more):
    assert pay_from(Decimal(gross)).net <= pay_from(Decimal(gross + more)).net


def test_the_curve_names_its_cliff_to_the_pound(book):
    points, cliffs = trying.curve(book, HOME, TODAY)
    assert [(cliff.code, cliff.pay, cliff.loss) for cliff in cliffs] == [("pay_help", Decimal(1235), Decimal(100))]
    assert (points[0].support, points[-1].support) == (100, 0)
    assert points[0].together == 100


def test_a_partner_who_moves_in_changes_what_hangs_on_living_alone(book):
    needs = frozenset({"person.born_on", "person.earnings"})
    changed = trying.with_change(HOME, trying.Change(partner=trying.MOVES_IN), needs)
    found = trying.lines(book, HOME, changed, TODAY, TODAY)
    assert [(line.before.outcome, line.after.outcome, line.is_changed) for line in found] == [("likely", "not_likely", True)]
    back = trying.with_change(changed, trying.Change(partner=trying.MOVES_OUT), needs)
    assert back["people"] == HOME["people"]
    assert len(HOME["people"]) == 1


def test_pay_changes_what_is_left_too():
    changed = trying.with_change(HOME, trying.Change(earnings={"amount": "2500.00", "per": "month"}), frozenset())
    person = changed["people"][0]
    assert person["earnings"] == {"amount": "30000.00", "per": "year"}
    assert person["take_home_pay"] == {"amount": "25119.60", "per": "year"}
    assert person["income_tax"] == {"amount": "3486.00", "per": "year"}


def test_the_days_of_a_child_are_offered():
    home = {**HOME, "people": [*HOME["people"], {"id": "c", "role": "child", "born_on": "2012-03-04"}]}
    assert (dt.date(2028, 3, 4), 16) in trying.moments(home, TODAY)


def test_a_range_that_moves_is_a_change():
    def answer(high: int) -> Any:
        return SimpleNamespace(outcome="likely", amount=None, amount_range=(Decimal(920), Decimal(high)))

    assert trying.Line("uc", answer(2810), answer(2023)).is_changed
    assert not trying.Line("uc", answer(2810), answer(2810)).is_changed


@pytest.mark.django_db
def test_the_page_tries_things_out_and_stores_nothing(client):
    load(read_definition(), read_definition(BLANKET, BLANKET_CASES), read_definition(PAY_HELP, PAY_CASES))
    record, citizen = make_record(
        {"me.born_on": "1950-04-02", "household.savings": "100.00", "me.earnings": {"amount": "1000.00", "per": "month"}}
    )
    session = client.session
    session["person_id"] = str(record.person_id)
    session.save()
    url = reverse("eligibility:what_if")
    first = client.get(url)
    assert first.status_code == 200 and "<svg" in first.content.decode()
    today = first.context["form"].fields["on"].choices[0][0]
    data = {
        "earnings_amount": "3000",
        "earnings_per": "month",
        "rent_amount": "",
        "rent_per": "month",
        "partner": "as_now",
        "partner_earnings_amount": "",
        "partner_earnings_per": "month",
        "on": today,
    }
    page = client.post(url, data)
    shown = page.content.decode()
    assert page.status_code == 200 and "Now it is about £120 a month" in shown and "about £20 a month" in shown
    assert "At £1,235 a month: Pay help falls by £100 a month." in shown
    with acting_as(citizen):
        assert FactEvent.objects.count() == 1 and not Determination.objects.exists()
    wrong = client.post(url, data | {"earnings_amount": "lots"})
    assert wrong.status_code == 200 and "Error:" in wrong.content.decode() and "lots" in wrong.content.decode()


def test_what_counts_in_full_as_income_of_another_programme_is_not_counted_twice():
    takes_off = {"credit": ("carers",)}
    assert trying.together({"credit": Decimal(300), "carers": Decimal(100)}, takes_off) == Decimal(300)
    assert trying.together({"credit": Decimal(60), "carers": Decimal(100)}, takes_off) == Decimal(100)
    assert trying.together({"credit": Decimal(0), "carers": Decimal(100)}, takes_off) == Decimal(100)
    assert trying.together({"credit": Decimal(300)}, takes_off) == Decimal(300)
