"""Compiles every template of the house, so that a wrong tag is found before a person meets it."""

import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent


def faults(folder: Path) -> list[str]:
    """One line for each template below `folder` that does not compile."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".html", ".txt", ".xml", ".svg"} or not path.is_file():
            continue
        name = str(path.relative_to(folder))
        try:
            get_template(name)
        except (TemplateSyntaxError, UnicodeDecodeError) as error:
            found.append(f"templates/{name}: {error}")
    return found


def main() -> int:
    """Print the faults; return 1 when there are any."""
    django.setup()
    found = faults(ROOT / "templates")
    print("\n".join(found) or "every template compiles")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
