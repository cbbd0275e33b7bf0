"""Compiles translations (.po to .mo) without the gettext programs, which a bare machine does not have."""

from pathlib import Path

import polib


def catalogues(root: Path) -> list[Path]:
    """Every translation file of the house, in a stable order."""
    found = [*root.glob("locale/*/LC_MESSAGES/*.po")]
    for package in ("portal", "consent", "intake", "eligibility", "casework"):
        found += (root / package).rglob("locale/*/LC_MESSAGES/*.po")
    return sorted(found)


def compile_stale(root: Path) -> list[Path]:
    """Compile the catalogues whose .mo is missing or older. Returns those compiled.

    Raises OSError, with the file's name and line, for a catalogue that cannot be read.
    """
    done = []
    for path in catalogues(root):
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            unfinished = compiled.with_suffix(".unfinished")
            polib.pofile(str(path)).save_as_mofile(str(unfinished))
            unfinished.rename(compiled)
            done.append(path)
    return done
