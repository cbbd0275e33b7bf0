"""Changes to one place of a programme: the common rule, or a local variant. Pure, like `drafting`: takes the stored form, gives a changed copy."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any

from eligibility.drafting import Data, with_limit_row
from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _

LONGEST_NAME = 28


def in_place(data: Data, place: str, change: Callable[[Data], Data]) -> Data:
    """A copy in which `change` was made to the common rule (place "") or to the variant with this id. Raises RuleError."""
    if not place:
        return change(data)
    changed = deepcopy(data)
    for number, item in enumerate(changed.get("variants", ())):
        if item["id"] == place:
            changed["variants"][number] = change(item)
            return changed
    raise RuleError(_("There is no such local variant in this version."), where="variants")


def with_variant(data: Data, variant: Mapping[str, Any]) -> Data:
    """A copy with a new local variant, or with other particulars of one that is there."""
    changed = deepcopy(data)
    variants = changed.setdefault("variants", [])
    for number, item in enumerate(variants):
        if item["id"] == variant["id"]:
            variants[number] = {**item, **variant}
            return changed
    variants.append(dict(variant))
    return changed


def without_variant(data: Data, place: str) -> Data:
    """A copy without the local variant."""
    changed = deepcopy(data)
    changed["variants"] = [item for item in changed.get("variants", ()) if item["id"] != place]
    return changed


def with_left_out(section: Data, id_: str) -> Data:
    """A variant in which a criterion of the common rule does not count."""
    changed = as_common(section, "criterion", id_)
    changed["leaves_out"] = [*changed.get("leaves_out", ()), id_]
    return changed


def as_common(section: Data, kind: str, name: str) -> Data:
    """A variant that says nothing of its own about this: kind is criterion | limit | worked_out | amount."""
    changed = deepcopy(section)
    if kind == "criterion":
        changed["criteria"] = [item for item in changed.get("criteria", ()) if item["id"] != name]
        changed["leaves_out"] = [id_ for id_ in changed.get("leaves_out", ()) if id_ != name]
    elif kind == "amount":
        changed.pop("amount", None)
    else:
        changed.get({"limit": "limits", "worked_out": "worked_out"}[kind], {}).pop(name, None)
    section_name = {"criterion": "criteria", "limit": "limits"}.get(kind, kind)
    gone = "amount." if kind == "amount" else f"{section_name}.{name}."
    for texts in changed.get("translations", {}).values():
        for path in [path for path in texts if path.startswith(gone)]:
            del texts[path]
    return changed


def with_local_row(section: Data, name: str, row: Mapping[str, Any], common: Mapping[str, Any]) -> Data:
    """A variant whose limit has one more dated row. A limit it did not have begins with the common rows of before that day."""
    if name in section.get("limits", {}):
        return with_limit_row(section, name, row)
    changed = deepcopy(section)
    before = [dict(other) for other in common["rows"] if str(other["from"]) < str(row["from"])]
    changed.setdefault("limits", {})[name] = {**deepcopy(dict(common)), "rows": [*before, dict(row)]}
    return changed


def with_named(section: Data, kind: str, name: str, value: Mapping[str, Any]) -> Data:
    """A copy in which a limit ("limits") or a worked-out fact ("worked_out") reads as given."""
    changed = deepcopy(section)
    changed.setdefault(kind, {})[name] = dict(value)
    return changed


def without_named(section: Data, kind: str, name: str) -> Data:
    """A copy without the limit or worked-out fact, and without its translations."""
    changed = deepcopy(section)
    changed.get(kind, {}).pop(name, None)
    for texts in changed.get("translations", {}).values():
        texts.pop(f"{kind}.{name}.label", None)
    return changed


def with_item(data: Data, section: str, item: Mapping[str, Any]) -> Data:
    """A copy in which the thing with this id in a list ("evidence", "cases.case") reads as given; a new one goes to the end."""
    changed = deepcopy(data)
    holder: Any = changed
    *parents, last = section.split(".")
    for parent in parents:
        holder = holder.setdefault(parent, {})
    items = holder.setdefault(last, [])
    for number, other in enumerate(items):
        if other["id"] == item["id"]:
            items[number] = dict(item)
            return changed
    items.append(dict(item))
    return changed


def without_item(data: Data, section: str, id_: str) -> Data:
    """A copy without the thing that has this id, and without its translations."""
    changed = deepcopy(data)
    holder: Any = changed
    *parents, last = section.split(".")
    for parent in parents:
        holder = holder.get(parent, {})
    holder[last] = [item for item in holder.get(last, ()) if item["id"] != id_]
    for texts in changed.get("translations", {}).values():
        for path in [path for path in texts if path.startswith(f"{section}.{id_}.")]:
            del texts[path]
    return changed


def name_from(words: str, taken: Iterable[str], fallback: str) -> str:
    """A short name made from what somebody wrote: small letters, digits and _, and not one that is taken."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"\{[^}]*\}", " ", plain)).strip("_")
    plain = re.sub(r"^[0-9_]+", "", plain)
    short = plain[:LONGEST_NAME].rsplit("_", 1)[0] if len(plain) > LONGEST_NAME else plain
    base, known = short or fallback, {"new", "real", *taken}
    return next(name for name in (base, *(f"{base}_{number}" for number in range(2, 10_000))) if name not in known)
