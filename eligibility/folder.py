"""Writes a definition back as the folder it can be read from: programme.toml and cases.toml. Reading that folder gives an equal definition."""

import re
from pathlib import Path

from eligibility.language.printer import to_text
from eligibility.language.tree import from_json

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_EXPRESSIONS = ("is", "when")


def to_folder(definition, folder):
    """Writes the folder (made when it is not there) with __init__.py, programme.toml and cases.toml. Other files in it are left alone."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").touch()
    files = to_files(definition)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def to_files(definition):
    """{file name: text} of the folder's TOML files."""
    data = definition.to_dict()
    cases = data.pop("cases", None)
    files = {"programme.toml": _document(_expressions_as_text(data))}
    if cases:
        files["cases.toml"] = _document(cases)
    return files


def _expressions_as_text(value):
    if isinstance(value, dict):
        return {
            key: to_text(from_json(item))
            if key in _EXPRESSIONS and isinstance(item, dict) and "op" in item
            else _expressions_as_text(item)
            for key, item in value.items()
        }
    return [_expressions_as_text(item) for item in value] if isinstance(value, list) else value


def _document(data):
    lines: list[str] = []
    _section(data, (), lines)
    return "\n".join(lines).strip() + "\n"


def _section(data, path, lines):
    """Plain values first, then sub-sections; lists of sections as [[...]]. `rows`, `by` and short tables are written inline."""
    inner = {key: value for key, value in data.items() if _is_section(key, value, path) or _is_sections(value, key)}
    for key, value in data.items():
        if key not in inner:
            lines.append(f"{_key(key)} = {_value(value, key)}")
    for key, value in inner.items():
        name = ".".join(_key(part) for part in (*path, key))
        if isinstance(value, dict):
            if not all(isinstance(item, dict) for item in value.values()) or key not in ("limits", "worked_out", "translations"):
                lines += ["", f"[{name}]"]
            _section(value, (*path, key), lines)
        else:
            for item in value:
                lines += ["", f"[[{name}]]"]
                _section(item, (*path, key), lines)


def _is_section(key, value, path):
    return isinstance(value, dict) and (
        key
        not in (
            "round",
            "any_of",
            "by",
            "words",
            "household",
            "applicant",
            "partner",
            "child",
            "other_adult",
            "programmes",
            "expect",
            "criteria",
        )
        or (not path and key in ("programmes", "criteria"))
    )


def _is_sections(value, key):
    return (
        isinstance(value, list)
        and value
        and all(isinstance(item, dict) for item in value)
        and key
        in (
            "law",
            "criteria",
            "evidence",
            "windows",
            "variants",
            "case",
        )
    )


def _key(key):
    return key if _BARE.match(key) else _string(key)


def _value(value, key=""):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _long(value) if "\n" in value else _string(value)
    if isinstance(value, list):
        items = [_value(item) for item in value]
        if key in ("rows", "table") and len(items) > 1:
            return "[\n" + "".join(f"  {item},\n" for item in items) + "]"
        return "[" + ", ".join(items) + "]"
    if key == "by":
        value = dict(value)
    return "{ " + ", ".join(f"{_key(name)} = {_value(item)}" for name, item in value.items()) + " }" if value else "{}"


def _long(text):
    if '"""' in text or "\\" in text or text.endswith('"'):
        return _string(text)
    return f'"""\n{text}"""'


def _string(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(
        {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 else char)
        for char in escaped
    )
    return f'"{escaped}"'
