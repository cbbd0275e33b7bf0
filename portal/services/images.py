"""Ready-made test clusters: a migrated PostgreSQL data folder is kept per state of the source and copied for each session.

Every test session has its own servers, so any number of them can run at once on one checkout; only the making of an
image is locked.
"""
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.services.postgres import OWNER, SERVING, Postgres, find_binaries
from portal.services.processes import ServiceError

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATE = "migrated"
DEMONSTRATION = "demonstration"
PACKAGES = ("portal", "consent", "intake", "eligibility", "casework")
_KEEP = 6
_LONG_AGO = 3600.0  # seconds: an image not used for so long may go


def copy_migrated(to: Path) -> Postgres:
    """A cluster in the folder `to` whose database `migrated` is what `manage.py migrate` makes. Not started yet."""
    return _copy("migrated", _schema_sources(), _migrate, to)


def copy_demonstration(to: Path, load: Iterable[str]) -> Postgres:
    """A cluster in the folder `to` whose database `demonstration` also holds the demonstration. Not started yet.

    `load` is the `manage.py` command that loads it.
    """
    words = list(load)

    def build(cluster: Postgres) -> None:
        _migrate(cluster)
        cluster.create_database(DEMONSTRATION, TEMPLATE)
        manage(words, cluster, DEMONSTRATION)

    return _copy(DEMONSTRATION, _all_sources(), build, to)


def manage(words: Iterable[str], cluster: Postgres, database: str, **more: str) -> None:
    """Run `manage.py` on a database of a test cluster. Raises ServiceError with its output when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment(cluster, database) | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise ServiceError(f"manage.py {' '.join(words)} failed:\n{done.stdout[-6000:]}")


def environment(cluster: Postgres, database: str) -> dict[str, str]:
    """The environment of a process that works on a test cluster."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PORTAL_TEST_STACK": "1",
        "PORTAL_DATA": str(cluster.data.parent),
        "DATABASE_URL": cluster.url(database, SERVING),
        "DATABASE_OWNER_URL": cluster.url(database, OWNER),
    }


def _migrate(cluster: Postgres) -> None:
    cluster.create_database(TEMPLATE)
    manage(["migrate", "-v0"], cluster, TEMPLATE)


def _copy(kind: str, sources: Iterator[Path], build: Callable[[Postgres], None], to: Path) -> Postgres:
    images = Path(os.environ.get("PORTAL_TEST_IMAGES", ROOT / ".local" / "test-images"))
    images.mkdir(parents=True, exist_ok=True)
    image = images / f"{kind}-{_digest(sources)}"
    with _locked(images / f"{kind}.lock"):
        if not image.exists():
            _build(image, build)
            _prune(images, kind, keep=image)
        os.utime(image)
        shutil.copytree(image, to, dirs_exist_ok=True)
    return Postgres(to / "pg", durable=False)


def _build(image: Path, build: Callable[[Postgres], None]) -> None:
    unfinished = image.with_name(f"{image.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    cluster = Postgres(unfinished / "pg", durable=False).start()
    try:
        build(cluster)
    finally:
        cluster.stop()
    unfinished.rename(image)  # only a finished image gets the name


def _prune(images: Path, kind: str, keep: Path) -> None:
    others = sorted((path for path in images.glob(f"{kind}-*") if path != keep), key=lambda path: path.stat().st_mtime)
    for path in others[: -_KEEP or None]:
        if time.time() - path.stat().st_mtime > _LONG_AGO:
            shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _digest(sources: Iterator[Path]) -> str:
    digest = hashlib.sha256(str(find_binaries()).encode() + sys.version.encode())
    for path in sources:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _schema_sources() -> Iterator[Path]:
    """What the migrated database depends on."""
    yield from sorted((ROOT / "requirements").glob("*.txt"))
    for package in PACKAGES:
        yield from sorted(path for path in (ROOT / package).rglob("migrations/*") if path.suffix in {".py", ".sql"})
        yield from sorted((ROOT / package).glob("models/*.py"))
        yield from sorted((ROOT / package).rglob("*.toml"))
    yield from sorted((ROOT / "portal" / "database").glob("*.py"))
    yield from [ROOT / "portal" / "settings" / "base.py", ROOT / "portal" / "services" / "postgres.py"]


def _all_sources() -> Iterator[Path]:
    """What the demonstration depends on: every line of the packages."""
    yield from sorted((ROOT / "requirements").glob("*.txt"))
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and path.suffix in {".py", ".toml", ".sql", ".json", ".csv"}:
                yield path
