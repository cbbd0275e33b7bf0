"""Everything that can be known without running a test: `make check`. Runs all checks, then says which failed."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ["portal", "consent", "intake", "eligibility", "casework"]
_PLACES = [*PACKAGES, "scripts", "tests", "manage.py"]
# No server is asked: these commands read the code only.
_NOWHERE = {
    "DATABASE_URL": "postgresql://portal_app@127.0.0.1:1/none",
    "DATABASE_OWNER_URL": "postgresql://portal_owner@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "DJANGO_SETTINGS_MODULE": "portal.settings.test",
    "PYTHONWARNINGS": "ignore:Got an error checking a consistent migration history",
}


@dataclass(frozen=True)
class Check:
    """A name and the Python arguments that run it."""

    name: str
    arguments: list[str]


CHECKS = [
    Check("style", ["-m", "ruff", "check", *_PLACES]),
    Check("format of imports and lines", ["-m", "ruff", "format", "--check", *_PLACES]),
    Check("import contracts", ["-c", "from importlinter.cli import lint_imports_command as run; run()"]),
    Check("system checks", ["manage.py", "check", "--fail-level", "WARNING"]),
    Check("migrations match the models", ["manage.py", "makemigrations", "--check", "--dry-run"]),
    Check("translations compile", ["-m", "scripts.check_words"]),
    Check("templates compile", ["-m", "scripts.check_templates"]),
    Check("types", ["-m", "mypy", *PACKAGES, "scripts"]),
]


def main(names: list[str]) -> int:
    """Run the checks whose name contains one of `names` (all without names). Returns the number that failed."""
    failed = []
    for check in CHECKS:
        if names and not any(name in check.name for name in names):
            continue
        begun = time.monotonic()
        done = subprocess.run(
            [sys.executable, *check.arguments],
            cwd=ROOT,
            env=os.environ | _NOWHERE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        verdict = "FAILED" if done.returncode else "ok"
        print(f"  {check.name:32} {verdict:7} {time.monotonic() - begun:5.1f} s", flush=True)
        if done.returncode:
            failed.append(check.name)
            print(done.stdout, flush=True)
    print(f"{len(failed)} checks failed: {', '.join(failed)}" if failed else "All checks passed.")
    return len(failed)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
