"""Every programme folder: it fits the catalogue, its worked examples hold, every criterion is shown both ways, and it is written back unchanged."""

import pytest

from eligibility import registry
from eligibility.batch import OUTCOMES, Caseload, run_batch
from eligibility.cases import read_cases, run_cases
from eligibility.definition import Definition
from eligibility.engine import Rulebook, assess, check
from eligibility.folder import to_folder
from eligibility.interchange import read_household

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


def test_both_machines_agree_on_the_worked_examples(catalogue, store):
    rulebook = Rulebook(registry.load_all(), store, catalogue)
    by_day = {}
    for definition in rulebook.definitions.values():
        for case in read_cases(definition, catalogue):
            by_day.setdefault(case.on, []).append(read_household(case.facts, catalogue, case.on))
    outcomes = set()
    for day, households in by_day.items():
        programmes = rulebook.on(day)
        columns = run_batch(Caseload.from_households(households, catalogue), programmes, day, criteria=True, blocking=True)
        for row, household in enumerate(households):
            for code, found in assess(household, programmes, day).items():
                column = columns[code]
                outcomes.add(found.outcome)
                assert OUTCOMES[int(column.outcome[row])] == found.outcome, (code, household.id)
                if found.amount is not None and column.low is not None:
                    assert int(column.low[row]) == int(column.high[row]) == int(found.amount * 100), (code, household.id)
    assert outcomes == {"likely", "not_likely", "unknown"}
