"""Ready-made test clusters: a migrated PostgreSQL data folder is kept per state of the source and copied for each session.

Every test session has its own servers, so any number of them can run at once on one checkout; only the making of an
image is locked.
"""

import fcntl
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.services.postgres import OWNER, SERVING, Postgres, find_binaries
from portal.services.preparation import (
    LOAD_DEMONSTRATION,
    ROOT,
    Preparation,
    all_sources,
    clean_environment,
    digest,
    has_command,
    schema_sources,
)
from portal.services.valkey import Valkey

TEMPLATE = "migrated"
_KEEP = 4
_LONG_AGO = 1800.0  # seconds: an image not used for so long may go


def copy_migrated(to: Path) -> Postgres:
    """A cluster below the folder `to` whose database `migrated` is what `manage.py migrate` makes. Not started yet."""
    return _copy("migrated", schema_sources(), _migrate, to)


def copy_demonstration(to: Path) -> Postgres:
    """A data folder `to` as `make run` leaves it after its first start: schema and demonstration. Not started yet."""
    return _copy("demonstration", all_sources(), _demonstrate, to)


def environment(cluster: Postgres, database: str) -> dict[str, str]:
    """The environment of a process that works on a test cluster."""
    return clean_environment() | {
        "DJANGO_SETTINGS_MODULE": "portal.settings.test",
        "PORTAL_TEST_STACK": "1",
        "PORTAL_DATA": str(cluster.data.parent),
        "DATABASE_URL": cluster.url(database, SERVING),
        "DATABASE_OWNER_URL": cluster.url(database, OWNER),
    }


def _migrate(cluster: Postgres, notes: Preparation) -> None:
    cluster.create_database(TEMPLATE)
    notes.migrate(environment(cluster, TEMPLATE))


def _demonstrate(cluster: Postgres, notes: Preparation) -> None:
    cluster.create_database("portal")
    notes.migrate(environment(cluster, "portal"))
    if has_command(LOAD_DEMONSTRATION):
        broker = Valkey(cluster.data.parent / "broker", persistent=False).start()
        try:
            notes.load_demonstration(environment(cluster, "portal") | {"REDIS_URL": broker.url()})
        finally:
            broker.stop()


def _copy(kind: str, sources: Iterator[Path], build: Callable[[Postgres, Preparation], None], to: Path) -> Postgres:
    images = Path(os.environ.get("PORTAL_TEST_IMAGES", ROOT / ".local" / "test-images"))
    images.mkdir(parents=True, exist_ok=True)
    image = images / f"{kind}-{digest(sources)}-{_platform()}"
    with _locked(images / f"{kind}.lock"):
        if not image.exists():
            _build(image, build)
            _prune(images, kind, keep=image)
        os.utime(image)
        shutil.copytree(image, to, dirs_exist_ok=True)
    return Postgres(to / "pg", durable=False)


def _build(image: Path, build: Callable[[Postgres, Preparation], None]) -> None:
    unfinished = image.parent / f"unfinished-{image.name}"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    cluster = Postgres(unfinished / "pg", durable=False).start()
    try:
        build(cluster, Preparation(unfinished / "prepared.json"))
    finally:
        cluster.stop()
    unfinished.rename(image)  # only a finished image gets the name


def _prune(images: Path, kind: str, keep: Path) -> None:
    others = sorted((path for path in images.glob(f"{kind}-*") if path != keep), key=lambda path: path.stat().st_mtime)
    for path in others[:-_KEEP]:
        if time.time() - path.stat().st_mtime > _LONG_AGO:
            shutil.rmtree(path, ignore_errors=True)


def _platform() -> str:
    """An image fits one build of the server and one user only."""
    return f"{find_binaries().stat().st_ino:x}-{os.geteuid()}-{sys.version_info.major}{sys.version_info.minor}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
