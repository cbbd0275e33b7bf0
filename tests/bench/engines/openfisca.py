"""OpenFisca beside ours, where it was asked for: installed into a folder of its own, run as a program of its own, never imported."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.engines.plain import Rules
from tests.bench.engines.workload import Facts

ROOT = Path(__file__).resolve().parents[3]
_FOLDER = ROOT / ".local" / "bench-openfisca"
_PYTHON = _FOLDER / "bin" / "python"
_REQUIREMENTS = ROOT / "requirements" / "openfisca.txt"
_PROGRAM = Path(__file__).with_name("openfisca_process.py")
_GONE, _STATUS = -(10**9), np.array([0, -1, 1], dtype=np.int8)  # its truths are 0 no, 1 unknown, 2 yes
ROUNDS = 5


@dataclass(frozen=True)
class Run:
    """Its answers, the CPU milliseconds of the households together and the microseconds of one by itself (median)."""

    answers: dict[str, np.ndarray]
    many: float
    one: float


def decide(rules: Rules, facts: Facts) -> Run:
    """Decides the households in a process of its own. Raises CalledProcessError when that fails."""
    _install()
    with _folder() as folder:
        columns = {name: np.where(facts.missing[name], _GONE, column.astype(np.int32)) for name, column in facts.values.items()}
        np.savez(folder / "facts.npz", **{name: column.astype(np.int32) for name, column in columns.items()})
        (folder / "rules.json").write_text(json.dumps(rules.criteria), encoding="utf-8")
        subprocess.run([_PYTHON, _PROGRAM, folder, str(ROUNDS)], check=True)
        costs = json.loads((folder / "costs.json").read_text(encoding="utf-8"))
        answers = {code: _STATUS[found] for code, found in np.load(folder / "answers.npz").items()}
    return Run(answers, costs["many"], costs["one"])


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="onedoor-bench-") as name:
        yield Path(name)


def _install() -> None:
    """Makes its environment, once for each state of its requirements."""
    mark = _FOLDER / ".installed"
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", _FOLDER], check=True)
    command = [_PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", _REQUIREMENTS]
    subprocess.run(command, check=True)
    mark.write_text(wanted, encoding="utf-8")
