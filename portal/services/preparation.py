"""What stands between a running database server and a portal that can serve: the schema, the demonstration."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.services.processes import ServiceError

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("portal", "consent", "intake", "eligibility", "casework")

# The two commands of the demonstration, named here and nowhere else. Both may be absent.
LOAD_DEMONSTRATION = "load_demonstration"
SHOW_SIGN_INS = "demonstration_signins"


def has_command(name: str) -> bool:
    """True when a package of the house has this `manage.py` command."""
    return any((ROOT / package / "management" / "commands" / f"{name}.py").exists() for package in PACKAGES)


def manage(words: Iterable[str], environment: Mapping[str, str]) -> str:
    """Run `manage.py` and return what it printed. Raises ServiceError with its output when it fails."""
    words = list(words)
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    if done.returncode:
        raise ServiceError(f"manage.py {' '.join(words)} failed:\n{done.stdout[-6000:]}")
    return done.stdout


@dataclass(frozen=True)
class Preparation:
    """What is known about the embedded database of a data folder: a small file beside it.

    It saves a warm start the second that asking Django would cost.
    """

    path: Path

    def read(self) -> dict[str, Any]:
        """The notes; empty where there are none."""
        try:
            return dict(json.loads(self.path.read_text()))
        except (OSError, ValueError):
            return {}

    def note(self, **facts: Any) -> None:
        """Add to the notes."""
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(self.read() | facts))
        unfinished.rename(self.path)

    def is_migrated(self) -> bool:
        """True when the schema is the one of the present source."""
        return self.read().get("schema") == digest(schema_sources())

    def migrate(self, environment: Mapping[str, str]) -> None:
        """Bring the schema up to date."""
        manage(["migrate", "-v0", "--skip-checks"], environment)  # `make check` makes them
        self.note(schema=digest(schema_sources()))

    def is_half_loaded(self) -> bool:
        """True when loading the demonstration began and did not end."""
        return self.read().get("demonstration") == "begun"

    def is_loaded(self) -> bool:
        """True when the demonstration is in."""
        return self.read().get("demonstration") == "loaded"

    def load_demonstration(self, environment: Mapping[str, str]) -> None:
        """Fill the database with the demonstration."""
        self.note(demonstration="begun")
        manage([LOAD_DEMONSTRATION, "--skip-checks"], environment)
        self.note(demonstration="loaded")


def digest(sources: Iterator[Path]) -> str:
    """A short fingerprint of files' names and content."""
    total = hashlib.sha256()
    for path in sources:
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def schema_sources() -> Iterator[Path]:
    """What a migrated database depends on."""
    yield ROOT / "requirements" / "base.txt"
    for package in PACKAGES:
        for folder in ("migrations", "models"):
            for path in sorted((ROOT / package).rglob(f"{folder}/**/*")):
                if path.suffix in {".py", ".sql"}:
                    yield path
        yield from sorted((ROOT / package).rglob("*.toml"))
    yield from sorted((ROOT / "portal" / "database").glob("*.py"))
    yield from sorted((ROOT / "portal" / "settings").glob("*.py"))


def all_sources() -> Iterator[Path]:
    """What the demonstration depends on: every line of the packages."""
    yield ROOT / "requirements" / "base.txt"
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".toml", ".sql", ".json", ".csv"} and path.is_file():
                yield path


def clean_environment() -> dict[str, str]:
    """Our environment without the two names that choose settings and role, which are ours to choose."""
    return {name: value for name, value in os.environ.items() if name != "DATABASE_ROLE"}
