"""The import contracts hold, and each of them bites."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT

LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]

VIOLATIONS = [
    ("portal/queries/memberships.py", "import consent.permit", "Call down"),
    ("portal/kit/states.py", "from casework.models import Case", "Call down"),
    ("consent/permit.py", "import intake.apps", "Call down"),
    ("consent/permit.py", "import eligibility.apps", "Call down"),
    ("consent/permit.py", "import casework.apps", "Call down"),
    ("intake/apps.py", "import eligibility.apps", "Call down"),
    ("eligibility/apps.py", "import intake.apps", "Call down"),
    ("intake/apps.py", "import casework.apps", "Call down"),
    ("eligibility/apps.py", "import casework.apps", "Call down"),
    ("eligibility/engine/*.py", "import django.db", "pure"),
    ("eligibility/language/*.py", "import eligibility.models", "pure"),
    ("portal/kit/states.py", "import portal.models", "The kit"),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and the contracts in a folder of their own."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "locale", "*.toml"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True)


def test_the_contracts_hold(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("path", "statement", "contract"), VIOLATIONS)
def test_a_contract_bites(copy: Path, path: str, statement: str, contract: str) -> None:
    file = sorted(copy.glob(path))[-1]
    before = file.read_text()
    file.write_text(f"{before}\n{statement}\n")
    try:
        done = lint(copy)
    finally:
        file.write_text(before)
    assert done.returncode != 0
    assert any(contract in line and "BROKEN" in line for line in done.stdout.splitlines()), done.stdout
