"""Files stay small, well named, and free of what must not be there."""

import ast
import re

import pytest

from tests.architecture.source import PACKAGES, ROOT, modules, name, templates, tree

LONGEST = 450  # lines
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "util", "helper"}
UNSAFE = re.compile(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off")
PLAIN_TEXT = {".txt"}  # nothing is escaped in an e-mail's plain text: there is no markup to break out of
OWN_MARKUP = {"portal/templatetags/ui.py": "puts our own icon files into the page"}
INLINE = re.compile(
    r"<style\b|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|\sstyle=\"|\son(?:click|change|submit|load|input)=", re.I
)
TOP_LEVEL = {*PACKAGES, "templates", "tests", "assets", "static", "locale", "docs", "deploy", "requirements", "scripts", ".ci"}


def test_no_file_is_too_long() -> None:
    found = [
        f"{name(path)} has {len(path.read_text(encoding='utf-8').splitlines())} lines"
        for path in modules(*PACKAGES, "scripts", "tests")
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    ]
    assert not found, "\n".join(found)


def test_no_drawer_for_odds_and_ends() -> None:
    found = [
        name(path)
        for path in modules(*PACKAGES, "scripts", "tests")
        if FORBIDDEN_NAMES & {path.stem, *path.parts[len(ROOT.parts) :]}
    ]
    assert not found, "\n".join(found)


def test_no_star_imports() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*" and "settings" not in path.parts
    ]
    assert not found, "\n".join(found)


def test_every_module_says_what_it_is() -> None:
    found = [name(path) for path in modules() if path.read_text(encoding="utf-8").strip() and not ast.get_docstring(tree(path))]
    assert not found, "no docstring: " + ", ".join(found)


def test_nothing_is_marked_safe_by_hand() -> None:
    found = [name(path) for path in modules() if re.search(r"\bmark_safe\b|SafeString\(", path.read_text(encoding="utf-8"))]
    found = [path for path in found if path not in OWN_MARKUP]
    pages = [path for path in templates() if path.suffix not in PLAIN_TEXT]
    found += [name(path) for path in pages if UNSAFE.search(path.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_no_inline_style_or_script() -> None:
    found = [name(path) for path in templates() if INLINE.search(path.read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text", ["{{ x|safe }}", "{{ x | safe }}", "{% autoescape off %}"])
def test_unsafe_marks_are_recognised(text: str) -> None:
    assert UNSAFE.search(text)


@pytest.mark.parametrize("text", ["<script>x</script>", '<p style="x">', '<a onclick="x">', "<style>"])
def test_inline_code_is_recognised(text: str) -> None:
    assert INLINE.search(text)


def test_no_other_package_at_the_top() -> None:
    """The owner's tree: a folder with Python code at the top level is one of those named in the architecture."""
    found = [
        path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".") and path.name not in TOP_LEVEL
    ]
    strangers = [folder for folder in found if any((ROOT / folder).glob("*.py"))]
    assert not strangers, ", ".join(strangers)
