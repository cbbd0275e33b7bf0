"""Finds the programmes: every folder with a `programme.toml` is a Django app of its own."""

from pathlib import Path


def programme_apps(folder: Path) -> list[str]:
    """The dotted names of the programme apps below `folder`, in alphabetical order.

    Adding a programme edits nothing else: a folder that holds `programme.toml` and `__init__.py` is one.
    """
    return [
        f"eligibility.programmes.{path.parent.name}"
        for path in sorted(folder.glob("*/programme.toml"))
        if (path.parent / "__init__.py").is_file()
    ]
