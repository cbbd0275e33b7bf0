"""The catalogues: whole where we promise it, with the placeholders, tags and plural forms a page needs, ready without gettext."""

import gettext
import os
import re
from pathlib import Path

import polib
import pytest

from intake.management.commands.words import page_words, texts_of_template
from portal.services.translations import catalogues, compile_stale
from scripts.check_words import faults

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in catalogues(ROOT)]
ARABIC = ROOT / "locale" / "ar" / "LC_MESSAGES" / "django.po"
TAG = re.compile(r"<[^>]+>")
# Folders and pages a person without a role can come to.
FOR_CITIZENS = (
    "public/start.html",
    "public/help.html",
    "public/privacy.html",
    "public/accessibility.html",
    "account",
    "casework/apply",
    "casework/mine",
    "components",
    "consent/own",
    "eligibility/programme",
    "eligibility/results",
    "emails",
    "errors",
    "forms",
    "intake",
    "layouts",
    "letters",
    "portal/entrance",
    "portal/notifications",
)


def catalogue(path: Path, folder: Path) -> gettext.GNUTranslations:
    """The catalogue as a page reads it: compiled by us, opened by Python's gettext."""
    compiled = folder / "one.mo"
    polib.pofile(str(path)).save_as_mofile(str(compiled))
    with compiled.open("rb") as file:
        return gettext.GNUTranslations(file)


def test_the_languages_of_the_house_have_a_catalogue() -> None:
    found = {path.parent.parent.name for path in catalogues(ROOT) if path.is_relative_to(ROOT / "locale")}
    assert found >= {"ar", "cy"}


@pytest.mark.parametrize("path", CATALOGUES)
def test_placeholders_and_tags_are_those_of_the_english_text(path: Path) -> None:
    assert faults(path) == []
    for entry in polib.pofile(str(path)).translated_entries():
        wanted = sorted(TAG.findall(entry.msgid_plural or entry.msgid))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                assert sorted(TAG.findall(text)) == wanted, entry.msgid


@pytest.mark.parametrize("path", CATALOGUES)
def test_nothing_is_guessed_obsolete_or_half_done(path: Path) -> None:
    entries = polib.pofile(str(path))
    assert [entry.msgid for entry in entries if "fuzzy" in entry.flags or entry.obsolete] == []
    half = [entry.msgid for entry in entries if len({bool(text) for text in entry.msgstr_plural.values()}) > 1]
    assert half == [], "plural forms are missing"


def test_every_arabic_plural_has_six_forms_and_the_number_where_it_counts() -> None:
    plurals = [entry for entry in polib.pofile(str(ARABIC)) if entry.msgid_plural]
    assert len(plurals) > 20
    for entry in plurals:
        assert sorted(entry.msgstr_plural) == [0, 1, 2, 3, 4, 5] and all(entry.msgstr_plural.values()), entry.msgid
        if len(set(entry.msgstr_plural.values())) == 1:
            continue  # a sentence that reads the same for every number
        shared = set(re.findall(r"%\((\w+)\)s", entry.msgid)) & set(re.findall(r"%\((\w+)\)s", entry.msgid_plural))
        few, many = entry.msgstr_plural[3], entry.msgstr_plural[4]
        assert set(re.findall(r"%\((\w+)\)s", few)) == set(re.findall(r"%\((\w+)\)s", many)) <= shared | {"n"}, entry.msgid


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "لا رسائل جديدة"),
        (1, "رسالة جديدة واحدة"),
        (2, "رسالتان جديدتان"),
        (3, "3 رسائل جديدة"),
        (10, "10 رسائل جديدة"),
        (11, "11 رسالة جديدة"),
        (99, "99 رسالة جديدة"),
        (100, "100 رسالة جديدة"),
        (103, "103 رسائل جديدة"),
    ],
)
def test_arabic_counts_as_arabic_does(number: int, words: str, tmp_path: Path) -> None:
    arabic = catalogue(ARABIC, tmp_path)
    assert arabic.ngettext("%(unread)s new message", "%(unread)s new messages", number) % {"unread": number} == words


def test_what_citizens_read_is_in_arabic() -> None:
    texts = {
        text
        for place in FOR_CITIZENS
        for path in ([ROOT / "templates" / place] if place.endswith(".html") else (ROOT / "templates" / place).rglob("*"))
        if path.suffix in {".html", ".txt"}
        for text in texts_of_template(path.read_text(encoding="utf-8"))
    }
    assert len(texts) > 300
    count = page_words("ar", texts)
    # A new sentence may wait a little for its translator; `manage.py words --language ar -v2` names those that wait.
    assert count.share >= 95, count.missing


def test_only_catalogues_that_changed_are_compiled_again(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    source = folder / "django.po"
    source.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Apply"\nmsgstr "طلب"\n', encoding="utf-8"
    )
    assert compile_stale(tmp_path) == [source]
    assert compile_stale(tmp_path) == []
    with (folder / "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Apply") == "طلب"
    later = (folder / "django.mo").stat().st_mtime + 10
    os.utime(source, (later, later))
    assert compile_stale(tmp_path) == [source]
