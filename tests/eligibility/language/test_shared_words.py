"""Limits and worked-out facts of shared files are told in the reader's language, in every programme that uses them."""

import pytest

from eligibility import registry
from eligibility.definition import SharedFile
from eligibility.engine import check
from eligibility.language import RuleError
from eligibility.rules import shared_of, whole

FOLDERS = registry.programme_folders()
LANGUAGES = ("ar", "cy")


@pytest.fixture(params=sorted(registry.shared_files()), ids=str)
def part(request) -> SharedFile:
    return registry.shared_files()[request.param]


def labels(part: SharedFile) -> dict[str, str]:
    named = {f"limits.{name}.label": limit.label for name, limit in part.limits.items()}
    return {
        path: text
        for path, text in (named | {f"worked_out.{n}.label": w.label for n, w in part.worked_out.items()}).items()
        if text
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_of_a_shared_file_is_translated(part, language):
    assert set(part.translations[language]) == set(labels(part))
    assert not {path for path, text in labels(part).items() if part.translations[language][path] == text}


def test_a_shared_file_is_kept_without_loss(part):
    assert SharedFile.from_dict(part.name, part.to_dict()) == part
    assert "translations" not in SharedFile("plain", part.limits, part.worked_out).to_dict()


@pytest.mark.parametrize("code", [code for code, folder in sorted(FOLDERS.items()) if registry.load_folder(folder).shares])
def test_programmes_tell_shared_names_and_their_own_go_first(code, catalogue):
    definition = registry.load_folder(FOLDERS[code])
    complete = whole(definition.to_dict(), shared_of(definition))
    assert not check(complete, {}, catalogue, set(FOLDERS))
    for language in LANGUAGES:
        for name in definition.shares:
            for path, text in registry.shared_files()[name].translations[language].items():
                assert complete.text(path, language) == text
        assert complete.text("name", language) == definition.text("name", language) != definition.text("name")


def test_own_words_of_a_programme_go_before_those_of_a_shared_file():
    definition = registry.load_folder(FOLDERS["carers_allowance"])
    shared = shared_of(definition)
    path = next(path for path in shared["pension_age"]["translations"]["ar"] if path.startswith("limits."))
    data = definition.to_dict()
    data["translations"] = {**data["translations"], "ar": {**data["translations"]["ar"], path: "own"}}
    assert whole(data, shared).text(path, "ar") == "own"


def test_what_a_shared_file_cannot_hold_is_named():
    with pytest.raises(RuleError, match="not “criteria”"):
        SharedFile.from_dict("x", {"criteria": []})
