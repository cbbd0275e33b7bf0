"""Reads the house's own source for the architecture tests."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("portal", "consent", "intake", "eligibility", "casework")
FLOOR = {"portal": 0, "consent": 1, "intake": 2, "eligibility": 2, "casework": 3}


def modules(*folders: str) -> Iterator[Path]:
    """Every Python file of the packages (or of `folders`), migrations left out."""
    for folder in folders or PACKAGES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def templates() -> list[Path]:
    """Every template."""
    return sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".xml"})


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def name(path: Path) -> str:
    """A file's name below the root, for messages."""
    return str(path.relative_to(ROOT))
