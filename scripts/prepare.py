#!/usr/bin/env python3
"""Makes `.venv` with the pinned dependencies: `python3 scripts/prepare.py run` or `... test`.

Only the standard library: it must work on a bare machine with Python 3.11 or newer. Installs with uv where it is on the
PATH, else with pip, and does nothing when what is installed is what the requirements say.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SETS = {
    "run": ["base.txt", "embedded.txt"],
    "test": ["base.txt", "embedded.txt", "test.txt"],
    "bench": ["base.txt", "embedded.txt", "test.txt", "bench.txt"],
}
OLDEST = (3, 11)


def newer_python() -> "str | None":
    """The path of a Python that is new enough and works, or None."""
    for version in ("3.13", "3.12", "3.11", "3.14"):
        path = shutil.which(f"python{version}")
        if path and subprocess.run([path, "-c", "import venv"], capture_output=True).returncode == 0:
            return path
    return None


def main(arguments: "list[str]") -> None:
    """Prepare the set named on the command line; exits with a message that says what to do when it cannot."""
    if sys.version_info < OLDEST:
        better = newer_python()
        if better is None:
            sys.exit(f"OneDoor needs Python 3.11 or newer; this is {sys.version.split()[0]}, and no newer one is on the PATH.")
        os.execv(better, [better, __file__, *arguments])  # noqa: S606
    if os.name == "nt":
        sys.exit("OneDoor's servers need Linux or macOS. On Windows use WSL 2.")
    wanted = arguments[0] if arguments else "run"
    if wanted not in SETS:
        sys.exit(f"usage: prepare.py [{'|'.join(SETS)}]")
    try:
        VENV.mkdir(exist_ok=True)
        lock = (VENV / ".preparing").open("a")  # not ".lock": that one is uv's own
    except PermissionError:
        sys.exit(f"{VENV} belongs to another user: it was probably made by root. Remove it, or run as that user.")
    fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once: the second waits
    files = [ROOT / "requirements" / name for name in SETS[wanted]]
    mark = VENV / f".installed-{wanted}"
    fingerprint = hashlib.sha256(sys.version.encode() + b"".join(file.read_bytes() for file in files)).hexdigest()
    if PYTHON.exists() and mark.exists() and mark.read_text() == fingerprint:
        return
    begun = time.monotonic()
    print("  Installing what OneDoor needs into .venv (the first time only) ...", flush=True)
    install([f"--requirement={file}" for file in files])
    mark.write_text(fingerprint)
    print(f"  installed in {time.monotonic() - begun:.0f} seconds", flush=True)


def install(requirements: "list[str]") -> None:
    """Make the environment if it is missing and install into it. Exits with a message when that fails."""
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True).returncode == 0:
        if not PYTHON.exists():
            run([uv, "venv", "-q", "--allow-existing", "--python", sys.executable, str(VENV)], environment)
        run([uv, "pip", "install", "-q", "--require-hashes", "--python", str(PYTHON), *requirements], environment)
        return
    if not PYTHON.exists() or subprocess.run([str(PYTHON), "-m", "pip", "--version"], capture_output=True).returncode:
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
        if made.returncode:
            sys.exit(
                f"Making a virtual environment failed:\n{made.stdout}{made.stderr}\n"
                "On Debian and Ubuntu install the package python3-venv; or install uv and try again."
            )
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--progress-bar=off", *requirements]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    packages = 0
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Collecting"):
            packages += 1
            if packages % 20 == 0:
                print(f"  ... {packages} packages found", flush=True)
        elif line.startswith("Installing collected"):
            print(f"  ... {packages} packages fetched, unpacking", flush=True)
    if process.wait():
        sys.exit("Installing failed: see the message above. Is the package index reachable?")


def run(command: "list[str]", environment: "dict[str, str]") -> None:
    """Run a command; exit with its message when it fails."""
    if subprocess.run(command, env=environment).returncode:
        sys.exit("Installing failed: see the message above. Is the package index reachable?")


if __name__ == "__main__":
    main(sys.argv[1:])
