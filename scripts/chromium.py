"""Finds a Chromium for the browser journeys, or gets one: `python -m scripts.chromium`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE = 300  # seconds for a download


def find() -> str | None:
    """The path of a browser: PORTAL_CHROMIUM, the system's, or the one Playwright downloaded; None without any."""
    chosen = os.environ.get("PORTAL_CHROMIUM")
    candidates = [chosen] if chosen else [*map(shutil.which, NAMES), _playwrights()]
    return next((path for path in candidates if path and _works(path)), None)


def _works(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright  # only asked for when the system has no browser

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def obtain() -> str:
    """The path of a browser, fetched first where there is none. Exits with a message when none can be had."""
    found = find()
    if found:
        return found
    print("  No Chromium on this machine: asking Playwright for one ...", flush=True)
    _try([sys.executable, "-m", "playwright", "install", "chromium"])
    if not (found := find()) and shutil.which("apt-get") and os.geteuid() == 0:
        print("  Playwright could not get one: asking Debian's package ...", flush=True)
        _try(["apt-get", "update", "-qq"])
        _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"])
        found = find()
    if not found:
        sys.exit(
            "The browser journeys need Chromium, and none could be had. Install chromium or google-chrome, "
            "or set PORTAL_CHROMIUM to the program."
        )
    return found


def _try(command: list[str]) -> None:
    try:
        subprocess.run(
            command, timeout=_PATIENCE, stdout=subprocess.DEVNULL, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", flush=True)


if __name__ == "__main__":
    print(f"  browser: {obtain()}")
