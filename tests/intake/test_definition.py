"""The form's document: what is wrong in it is said where it is; revisions are immutable and counted."""

import copy
import io

import pytest
from django.core.management import CommandError, call_command

from consent.facts import catalogue
from intake.actions.forms import publish, read_document
from intake.definition import FormError, digest, read_form
from intake.models import FormRevision
from portal.kit.actor import Actor


@pytest.fixture(scope="module")
def document():
    return read_document()


def changed(document, change):
    copied = copy.deepcopy(document)
    change({question["code"]: question for section in copied["sections"] for question in section["questions"]})
    return copied


def test_every_fact_of_the_catalogue_is_asked(document):
    form = read_form(document, catalogue())
    asked = {fact for question in form.questions.values() for fact in form.covers(question)}
    not_asked = {code for code, kind in catalogue().items() if kind.type != "identity"} - asked
    assert not_asked == {"person.role"}  # the household tells


def test_every_question_says_why(document):
    form = read_form(document, catalogue())
    assert [code for code, question in form.questions.items() if not question.why] == ["known"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda q: q["rent"].update(facts=["household.wrong"]), "question rent: the catalogue has no fact household.wrong"),
        (lambda q: q["rent"].update(text={"ar": "x"}), "question rent: text needs at least an English text"),
        (lambda q: q["rent"].update(about=["aunt"]), "question rent: nobody has the role"),
        (lambda q: q["rent"].update(kind="quiz"), "question rent: kind 'quiz' is not one of"),
        (lambda q: q["rent"].update(when=[{"fact": "household.tenure", "one_of": ["tent"]}]), "household.tenure has no choice"),
        (lambda q: q["rent"].update(when=[{"colour": "red"}]), "question rent: a condition has no"),
        (lambda q: q["rent"].update(otherwise={"household.savings": 0}), "question rent: otherwise or others speak of"),
        (lambda q: q["earnings"].update(when=[{"chosen": "which_money", "option": ["gold"]}]), "which_money has no option"),
        (lambda q: q["rent"].update(when=[{"chosen": "which_money", "option": ["pay"]}]), "which is not asked before"),
        (lambda q: q["savings"].update(facts=["household.rent"], hopefully={}), "household.rent is already asked"),
        (lambda q: q["savings"].update(code="rent"), "two questions have the same code"),
        (lambda q: q["earnings"].pop("text_other"), "question earnings: text_other needs"),
    ],
)
def test_mistakes_are_told_with_their_place(document, change, words):
    with pytest.raises(FormError, match=words):
        read_form(changed(document, change), catalogue())


@pytest.mark.parametrize("code", ["no_such_question", "nation"])
def test_a_door_opens_on_a_question_to_the_person(document, code):
    document["events"][0]["opens_with"] = code
    with pytest.raises(FormError, match="is no question to the person themself"):
        read_form(document, catalogue())


@pytest.mark.django_db
def test_publishing_the_same_again_does_nothing_and_a_change_is_the_next_number(document):
    machine = Actor.machine("load_form")
    from django.utils import timezone

    first, is_new = publish(by=machine, document=document, at=timezone.now())
    same, is_new_again = publish(by=machine, document=document, at=timezone.now())
    assert (is_new, is_new_again, same.pk) == (True, False, first.pk)
    assert first.sha256 == digest(first.definition) == digest(document)
    other = changed(document, lambda q: q["rent"]["hint"].update(en="All of it"))
    second, _new = publish(by=machine, document=other, at=timezone.now())
    assert (first.number, second.number) == (1, 2)


@pytest.mark.django_db
def test_the_command_loads_and_complains(tmp_path):
    out = io.StringIO()
    call_command("load_form", stdout=out)
    call_command("load_form", stdout=out)
    assert "Form main 1 published" in out.getvalue() and "is already published" in out.getvalue()
    assert FormRevision.objects.count() == 1
    broken = tmp_path / "broken.toml"
    broken.write_text('code = "main"\n')
    with pytest.raises(CommandError, match="form: title needs"):
        call_command("load_form", broken)
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_form", tmp_path / "nowhere.toml")
