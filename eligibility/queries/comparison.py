"""What differs between two versions, field by field, in words an administrator and a citizen can read."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from eligibility.drafting import differences
from eligibility.language.printer import to_text
from eligibility.language.tree import from_json
from eligibility.models import ProgrammeVersion

_SECTIONS = {
    "programme": "Texts",
    "law": "Law",
    "limits": "Limits",
    "worked_out": "Worked-out facts",
    "criteria": "Conditions",
    "amount": "Amount",
    "evidence": "Proof",
    "service_standard": "How long it takes",
    "contacts": "Contacts",
    "leaves_out": "What the rule leaves out",
    "windows": "When claims are taken",
    "variants": "Local variants",
    "translations": "Translations",
    "cases": "Worked examples",
    "shared": "Shared limits",
}


def compared(before: ProgrammeVersion, after: ProgrammeVersion, language: str) -> list[dict[str, str]]:
    """[{"section", "path", "before", "after", "kind": added | removed | changed}] of every field that differs."""
    one = {**before.definition, "shared": before.shared}
    two = {**after.definition, "shared": after.shared}
    return [
        {
            "section": _(_SECTIONS.get(path.split(".")[0], path.split(".")[0])),
            "path": _path_words(path),
            "before": _words(old),
            "after": _words(new),
            "kind": "added" if old is None else "removed" if new is None else "changed",
        }
        for path, old, new in differences(one, two)
    ]


def _path_words(path: str) -> str:
    parts = path.split(".")[1:] or [path]
    return " › ".join(_day(part) or part.replace("_", " ") for part in parts)


def _day(text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat() if len(text) == 10 else ""
    except ValueError:
        return ""


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and "op" in value:
        return to_text(from_json(value))
    if isinstance(value, dict):
        return "; ".join(f"{name.replace('_', ' ')}: {_words(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
