"""Every programme folder: it fits the catalogue, its worked examples hold, every criterion is shown both ways, and it is written back unchanged."""

import pytest

from eligibility import registry
from eligibility.cases import run_cases
from eligibility.definition import Definition
from eligibility.engine import Rulebook, check
from eligibility.folder import to_folder

FOLDERS = registry.programme_folders()


@pytest.fixture(params=sorted(FOLDERS), ids=str)
def folder(request):
    return FOLDERS[request.param]


def test_a_folder_fits_the_catalogue_and_the_shared_limits(folder, catalogue, store):
    errors = check(registry.load_folder(folder), store, catalogue, set(FOLDERS))
    assert not errors, "\n".join(str(error) for error in errors)


def test_all_worked_examples_hold(folder, catalogue, store):
    report = run_cases(registry.load_folder(folder), store, catalogue)
    assert report.count >= 8
    assert not report.failures, "\n".join(str(failure) for failure in report.failures)
    assert not report.never_met, f"no example meets {report.never_met}"
    assert not report.never_not_met, f"no example fails {report.never_not_met}"


def test_a_folder_is_written_back_without_loss(folder, tmp_path):
    definition = registry.load_folder(folder)
    assert Definition.from_dict(definition.to_dict()) == definition
    written = registry.load_folder(to_folder(definition, tmp_path / definition.code))
    assert written == definition
    assert written.sha256 == definition.sha256


def test_all_folders_work_together(catalogue, store):
    rulebook = Rulebook(registry.load_all(), store, catalogue)
    assert set(rulebook.order) == set(FOLDERS)
