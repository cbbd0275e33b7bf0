"""The report of what is not translated yet."""

import io

import pytest
from django.core.management import CommandError, call_command

from intake.management.commands import words


def test_the_form_and_the_facts_are_complete_in_every_language():
    out = io.StringIO()
    call_command("words", complete=True, stdout=out)
    assert "ar  form" in out.getvalue() and "cy  facts" in out.getvalue()


def test_missing_words_are_named(monkeypatch):
    monkeypatch.setattr(words, "form_words", lambda code: words.Count("form", 2, ["question rent: hint"]))
    out = io.StringIO()
    call_command("words", language=["ar"], verbosity=2, stdout=out)
    assert "1 of     2   50 %" in out.getvalue() and "question rent: hint" in out.getvalue()
    with pytest.raises(CommandError, match="ar form"):
        call_command("words", language=["ar"], complete=True, stdout=out)
    with pytest.raises(CommandError, match="does not speak fr"):
        call_command("words", language=["fr"])


def test_texts_are_found_in_templates_and_code():
    template = (
        '{% load i18n %}{% translate "It\'s here" %}{% blocktranslate count n=n %}{{ n }} cat{% plural %}{{ n }} cats{% endblocktranslate %}'
        "{% translate 'May' context 'month' %}"
    )
    assert set(words.texts_of_template(template)) == {"It's here", "%(n)s cat", "May"}
    code = "x = _('one')\ny = pgettext('where', 'two')\nz = ngettext('three', 'threes', n)\nw = _(name)\n"
    assert list(words.texts_of_code(code)) == ["one", "two", "three"]


def test_pages_of_asking_are_translated():
    for code in ("ar", "cy"):
        root = words.Path(words.__file__).parents[3]
        mine = {
            text for path in (root / "templates" / "intake").rglob("*.html") for text in words.texts_of_template(path.read_text())
        }
        assert mine
        assert not mine & set(words.page_words(code, mine).missing)
