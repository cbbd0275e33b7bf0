"""Fetch the third-party icons and heading font at pinned versions and write them into ``assets/``.

Run it only to change a version or add an icon; the results are committed, so building and running
OneDoor needs neither Node nor this script. It needs ``npm`` (download only) and two Python packages
that are not part of the product:

    python -m venv .vendor && .vendor/bin/pip install fonttools==4.68.0 brotli==1.2.1
    .vendor/bin/python scripts/vendor_assets.py

Each archive is refused unless its SHA-256 is the one written here.
"""

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

ASSETS = Path(__file__).resolve().parent.parent / "assets"

TABLER = (
    "@tabler/icons@3.51.0",
    "b30108713d3fa60aee862c2a133225da8e0f309be0708fe2925763ff810c766c",
)
READEX = (
    "@fontsource-variable/readex-pro@5.3.0",
    "c010b6d10e04669301e5959d642435eec573bc7b2920449ffe996fa811016d06",
)

OUTLINE_ICONS = ["adjustments", "alert-triangle", "apple", "archive", "arrow-left", "arrow-right", "arrow-back-up", "ban", "bell", "bolt", "books", "briefcase", "building", "building-bank", "building-community", "calendar", "calendar-event", "chart-bar", "check", "checklist", "chevron-down", "chevron-right", "circle", "circle-check", "circle-minus", "circle-x", "clipboard-list", "clock", "clock-hour-4", "clock-pause", "coin", "coins", "copy", "cpu", "device-mobile", "download", "edit", "external-link", "eye", "eye-off", "file-text", "files", "filter", "flag", "friends", "gavel", "hand-stop", "heart", "heart-handshake", "help-circle", "history", "home", "id", "info-circle", "key", "language", "list-check", "lock", "lock-open", "login", "logout", "mail", "map-pin", "menu-2", "message", "message-circle", "moon", "notes", "paperclip", "phone", "plant-2", "player-pause", "plus", "printer", "receipt", "refresh", "repeat", "report-money", "scale", "school", "search", "send", "settings", "shield-check", "shield-lock", "snowflake", "stethoscope", "sun", "temperature", "trash", "upload", "user", "user-check", "user-plus", "user-question", "users", "wheelchair", "x", "baby-carriage", "arrows-exchange"]  # fmt: skip
FILLED_ICONS = ["alert-triangle", "circle-check", "help-circle", "circle-x", "info-circle"]

FONT_WEIGHT = 600
FONT_SUBSETS = {
    "latin": "U+0020-007E,U+00A0-00FF,U+2013-2014,U+2018-2019,U+201C-201D,U+2022,U+2026,U+20AC,U+2060",
    "latin-ext": "U+0100-02BA,U+1E00-1E9F,U+1EA0-1EFF",
    "arabic": "U+0600-06FF,U+0750-077F,U+FB50-FDFF,U+FE70-FEFC",
}


def fetch(package: str, sha256: str, into: Path) -> Path:
    """Download one npm archive, check its digest and unpack it; return the unpacked folder."""
    answer = subprocess.run(["npm", "pack", "--silent", package], cwd=into, check=True, capture_output=True, text=True)
    archive = into / answer.stdout.split()[-1]
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != sha256:
        sys.exit(f"{package}: the archive has SHA-256 {digest}, expected {sha256}")
    target = into / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def slim_svg(source: str) -> str:
    """Return an icon without comments, class, size and white space; colour follows the text."""
    source = re.sub(r"<!--.*?-->", "", source, flags=re.DOTALL)
    source = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", source)
    source = re.sub(r'\s+(class|xmlns|width|height)="[^"]*"', "", source)
    source = re.sub(r"\s+", " ", source).replace("> <", "><").replace(" />", "/>").replace(" >", ">")
    return source.strip().replace("<svg", '<svg focusable="false"', 1) + "\n"


def write_icons(package: Path) -> None:
    """Write every listed icon to ``assets/icons`` and the licence beside them."""
    target = ASSETS / "icons"
    target.mkdir(parents=True, exist_ok=True)
    wanted = [("outline", name, name) for name in OUTLINE_ICONS]
    wanted += [("filled", name, f"{name}-filled") for name in FILLED_ICONS]
    for style, name, local in wanted:
        svg = (package / "icons" / style / f"{name}.svg").read_text(encoding="utf-8")
        (target / f"{local}.svg").write_text(slim_svg(svg), encoding="utf-8")
    (target / "LICENSE-tabler.txt").write_bytes((package / "LICENSE").read_bytes())


def write_fonts(package: Path) -> None:
    """Write one static weight of the heading font per script, subset, and its licence."""
    target = ASSETS / "fonts"
    target.mkdir(parents=True, exist_ok=True)
    for script, unicodes in FONT_SUBSETS.items():
        font = TTFont(package / "files" / f"readex-pro-{script}-wght-normal.woff2")
        instancer.instantiateVariableFont(font, {"wght": FONT_WEIGHT}, inplace=True)
        options = subset.Options(flavor="woff2", layout_features=["*"], hinting=False)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=subset.parse_unicodes(unicodes))
        subsetter.subset(font)
        font.flavor = "woff2"
        font.save(target / f"readex-{script}-{FONT_WEIGHT}.woff2")
    (target / "LICENSE-readex-pro.txt").write_bytes((package / "LICENSE").read_bytes())


def main() -> None:
    """Vendor icons and fonts."""
    with tempfile.TemporaryDirectory() as folder:
        write_icons(fetch(*TABLER, Path(folder)))
        write_fonts(fetch(*READEX, Path(folder)))


if __name__ == "__main__":
    main()
