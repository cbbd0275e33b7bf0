"""One page for everybody at home: who is not ticked is settled, who moves in later is asked about, and nobody is guessed about."""

import copy

import pytest
from django.test import Client
from django.urls import reverse

from consent.facts import catalogue as fact_kinds
from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.rules import catalogue
from intake.actions.forms import read_document
from intake.definition import FormError, read_form
from intake.queries.steps import steps
from intake.wording import answer_rows, boxes
from portal.kit.actor import acting_as
from tests.factories.intake import ANONYMOUS, add, make_draft
from tests.intake.test_steps import CHILD, FORM, ON, PARTNER, Asker, draft, pending, said, wants

RATES = ("dla_care", "dla_mobility", "pip_daily_living", "pip_mobility", "attendance_allowance")
WHO = "household/who_benefits"


def who(*chosen, shown=("you", "p2", "c1")):
    return {WHO: said({"chosen": list(chosen), "shown": list(shown)})}


def rates(one, subject):
    return [one.values.get(f"{subject}.{name}", "?") for name in RATES]


def test_one_answer_settles_the_rates_of_everybody_who_is_not_ticked():
    family = draft(who("c1"), members=(PARTNER, CHILD))
    assert rates(family, "you") == rates(family, "p2") == ["none"] * 5
    assert rates(family, "c1") == ["?"] * 5
    asked = [key for key in pending(family) if key.endswith(("which_benefits", "who_benefits"))]
    assert asked == ["c1/which_benefits"]


def test_before_it_is_answered_only_this_page_is_asked():
    asked = [key for key in pending(draft(members=(PARTNER, CHILD))) if key.endswith(("_benefits", "_rates", "_allowance"))]
    assert asked == [WHO]


def test_who_lives_alone_is_asked_at_once_which_benefits():
    keys = pending(draft())
    assert WHO not in keys and "you/which_benefits" in keys
    assert rates(draft(), "you") == ["?"] * 5


def test_not_sure_settles_nothing():
    family = draft({WHO: said(not_sure=True)}, members=(PARTNER, CHILD))
    assert rates(family, "you") == rates(family, "c1") == ["?"] * 5


def test_somebody_who_moves_in_later_is_asked_about(monkeypatch):
    monkeypatch.setattr("consent.needs._providers", [Asker(wants("credit", "c1.dla_care"))])
    family = draft(who(shown=("you", "p2")), members=(PARTNER, CHILD))
    assert rates(family, "p2") == ["none"] * 5 and rates(family, "c1") == ["?"] * 5
    now = steps(family, ON)
    assert [slot.key for slot in now.pending if "benefits" in slot.key] == [WHO]
    assert [box.text["en"] for box in boxes(now, family.slot(WHO))] == ["You", "Ali", "Mo"]
    assert now.promise(family.slot(WHO)).programmes == {"credit"}


def test_of_whom_everything_is_known_there_is_no_box(monkeypatch):
    monkeypatch.setattr("consent.needs._providers", [Asker(wants("credit", "you.dla_care", "c1.dla_care"))])
    family = draft(members=(PARTNER, CHILD))
    now = steps(family, ON)
    assert [box.code for box in boxes(now, family.slot(WHO))] == ["you", "c1"]
    answered = draft(who(shown=("you", "c1")), members=(PARTNER, CHILD))
    assert rates(answered, "p2") == ["?"] * 5


def test_the_answer_reads_as_names():
    family = draft(who("you", "c1"), members=(PARTNER, CHILD))
    slot = family.slot(WHO)
    assert answer_rows(family, slot, family.answer(slot))[0]["value"] == ["You", "Mo"]
    nobody = draft(who(), members=(PARTNER, CHILD))
    assert answer_rows(nobody, slot, nobody.answer(slot))[0]["value"] == "None of us"


def test_a_plain_child_costs_universal_credit_no_range():
    """With this one answer the amount is one figure; before it, it is a range, and nobody guesses."""
    book = Rulebook(registry.load_all(), registry.shared_files(), catalogue())
    nothing = ("take_home_pay", "self_employment", "state_pension", "private_pension", "childcare_costs")
    told = dict.fromkeys(nothing) | {
        "caring_hours_weekly": 0, "cared_for_gets_disability_benefit": False, "in_education": False,
        "limited_capability_for_work_related_activity": False,
    }  # fmt: skip
    home = {"nation": "england", "region": "london", "tenure": "owned_outright", "savings": "100.00"}
    found = []
    for answers in ({}, who(shown=("you", "c1"))):
        household = draft(answers, members=(CHILD,)).household
        household["household"] |= home
        household["people"][0] |= told
        answer = book.assess({"id": "h", **household}, ON, ["universal_credit"])["universal_credit"]
        found.append((answer.outcome, None if answer.amount is None else str(answer.amount), set(answer.missing)))
    (_, amount, missing), after = found
    assert amount is None and {"people.c1.dla_care", "people.c1.dla_mobility"} <= missing
    assert after == ("likely", "728.84", set())  # 424.90 and 303.94


@pytest.mark.django_db
def test_the_page_has_a_box_for_each_and_keeps_what_is_ticked(form):
    with acting_as(ANONYMOUS):
        started, code = make_draft()
        add(started, "child", "Mo", "2019-01-30")
    at_home = Client()
    at_home.post(reverse("intake:come_back"), {"code": code, "born_on_day": "2", "born_on_month": "4", "born_on_year": "1990"})
    url = reverse("intake:question", args=["household", "who_benefits"])
    page = at_home.get(url).content.decode()
    assert "Does anybody in your home get a disability benefit?" in page and page.count('type="checkbox"') == 4
    assert ">You<" in page.replace("\n", "").replace(" ", "") and "Mo" in page and "None of us" in page
    assert "Select who it is, or “None of us”" in at_home.post(url, {"based_on": "0"}).content.decode()
    assert at_home.post(url, {"chosen": ["none"], "based_on": "0"}).status_code == 302
    check = at_home.get(reverse("intake:check")).content.decode()
    assert "Who gets a disability benefit" in check and "None of us" in check


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"facts": ["person.dla_care"]}, "its boxes are people"),
        ({"about": ["household"]}, "its boxes are people"),
        ({"kind": "which", "text_other": {"en": "Does {name}?"}}, "name options of who_benefits"),
    ],
)
def test_a_page_about_people_that_cannot_be_is_refused(change, words):
    document = copy.deepcopy(read_document())
    (question,) = [one for section in document["sections"] for one in section["questions"] if one["code"] == "who_benefits"]
    question |= change
    with pytest.raises(FormError, match=words):
        read_form(document, fact_kinds())
    assert FORM.questions["who_benefits"].kind == "who"
