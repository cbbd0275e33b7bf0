"""Compiles every translation and compares its placeholders: a lost `%(name)s` would break a page in one language only."""

import re
import sys
from pathlib import Path

import polib

from portal.services.translations import catalogues, compile_stale

ROOT = Path(__file__).resolve().parent.parent
_PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|\{[a-z_]+\}")


def faults(path: Path) -> list[str]:
    """What is wrong in one catalogue, as lines that name file, line and placeholder."""
    found = []
    for entry in polib.pofile(str(path)):
        if entry.obsolete or "fuzzy" in entry.flags:
            continue
        wanted = set(_PLACEHOLDER.findall(entry.msgid)) | set(_PLACEHOLDER.findall(entry.msgid_plural or ""))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text and (strange := set(_PLACEHOLDER.findall(text)) - wanted):
                found.append(f"{path.relative_to(ROOT)}:{entry.linenum}: unknown placeholder {', '.join(sorted(strange))}")
            missing = wanted - set(_PLACEHOLDER.findall(text))
            if text and missing and not entry.msgid_plural:  # a plural form may leave the number out ("one day")
                found.append(f"{path.relative_to(ROOT)}:{entry.linenum}: placeholder {', '.join(sorted(missing))} is lost")
    return found


def main() -> int:
    """Print the faults; return 1 when there are any."""
    compile_stale(ROOT)
    found = [fault for path in catalogues(ROOT) for fault in faults(path)]
    print("\n".join(found) or f"{len(catalogues(ROOT))} catalogues are in order")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
