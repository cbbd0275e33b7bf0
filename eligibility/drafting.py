"""Changes to a programme's stored form, one kind of edit each. Pure: takes the JSON of `Definition.to_dict`, gives a changed copy.

Whether the result is a rule that works is decided afterwards, for the whole of it, by `actions.programmes.save_draft`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _

Data = dict[str, Any]


def with_text(data: Data, path: str, words: str, language: str = "en") -> Data:
    """A copy in which the text at `path` ("name", "criteria.savings.says") reads `words`.

    Raises RuleError for a path that holds no text. An empty translation falls back to English.
    """
    changed = deepcopy(data)
    if language != "en":
        texts = changed.setdefault("translations", {}).setdefault(language, {})
        if words:
            texts[path] = words
        else:
            texts.pop(path, None)
        changed["translations"] = {code: texts for code, texts in changed["translations"].items() if texts}
        return changed
    section, _dot, rest = path.partition(".")
    if not rest:
        holder, name = changed["programme"], section
    elif section == "criteria":
        id_, _dot, name = rest.partition(".")
        holder = _by_id(changed["criteria"], id_, path)
    elif section == "evidence":
        id_, _dot, name = rest.partition(".")
        holder = _by_id(changed["evidence"], id_, path)
        if name.startswith("any_of."):
            holder, name = holder["any_of"], name.removeprefix("any_of.")
    elif section == "windows":
        number, _dot, name = rest.partition(".")
        holder = changed["windows"][int(number)]
    elif section in ("limits", "worked_out"):
        key, _dot, name = rest.rpartition(".")
        holder = changed[section][key]
    else:
        holder, name = changed.setdefault(section, {}), rest
    if words:
        holder[name] = words
    else:
        holder.pop(name, None)
    return changed


def with_limit_row(data: Data, limit: str, row: Mapping[str, Any]) -> Data:
    """A copy in which `limit` has one more dated row. Raises RuleError where a row begins on that day already."""
    changed = deepcopy(data)
    rows = _limit(changed, limit)["rows"]
    if any(str(other["from"]) == str(row["from"]) for other in rows):
        raise RuleError(
            _("There is a row for this date. Choose another date, or take your own new row out first."), where=f"limits.{limit}"
        )
    rows.append(dict(row))
    rows.sort(key=lambda other: str(other["from"]))
    return changed


def without_limit_row(data: Data, limit: str, day: dt.date) -> Data:
    """A copy in which the row of `limit` that begins on `day` is gone."""
    changed = deepcopy(data)
    holder = _limit(changed, limit)
    holder["rows"] = [row for row in holder["rows"] if str(row["from"]) != day.isoformat()]
    return changed


def with_criterion(data: Data, criterion: Mapping[str, Any], place: str = "") -> Data:
    """A copy in which the criterion with this id reads as given; a new id is added, after `place` if that is an id."""
    changed = deepcopy(data)
    given = {name: value for name, value in criterion.items() if value not in ("", None)}
    criteria = changed.setdefault("criteria", [])
    for number, other in enumerate(criteria):
        if other["id"] == given["id"]:
            criteria[number] = given
            return changed
    after = next((number for number, other in enumerate(criteria) if other["id"] == place), len(criteria) - 1)
    criteria.insert(after + 1, given)
    return changed


def without_criterion(data: Data, id_: str) -> Data:
    """A copy without the criterion, its translations and what local variants say of it. Raises RuleError for the last one."""
    changed = deepcopy(data)
    changed["criteria"] = [other for other in changed["criteria"] if other["id"] != id_]
    if not changed["criteria"]:
        raise RuleError(_("A programme needs at least one condition. Add another one first."), where="criteria")
    for texts in changed.get("translations", {}).values():
        for path in [path for path in texts if path.startswith(f"criteria.{id_}.")]:
            del texts[path]
    for variant in changed.get("variants", ()):
        variant["leaves_out"] = [other for other in variant.get("leaves_out", ()) if other != id_]
    if id_ in changed.get("floor", {}).get("criteria", ()):
        changed["floor"]["criteria"] = [other for other in changed["floor"]["criteria"] if other != id_]
    return changed


def without_translations(data: Data, paths: Iterable[str]) -> Data:
    """A copy in which these texts, which are no more, have no translation either."""
    changed = deepcopy(data)
    gone = set(paths)
    changed["translations"] = {
        language: kept
        for language, texts in changed.get("translations", {}).items()
        if (kept := {path: words for path, words in texts.items() if path not in gone})
    }
    return changed


def with_window(data: Data, window: Mapping[str, Any], number: int | None = None) -> Data:
    """A copy in which the window with this number, from 0, reads as given; without a number it is added at the end."""
    changed = deepcopy(data)
    given = {name: value for name, value in window.items() if value}
    windows = changed.setdefault("windows", [])
    if number is None:
        windows.append(given)
    else:
        windows[number] = given
    return changed


def without_window(data: Data, number: int) -> Data:
    """A copy without the window; the translations of those after it follow to their new numbers."""
    changed = deepcopy(data)
    changed["windows"].pop(number)
    for texts in changed.get("translations", {}).values():
        for place in range(number, len(changed["windows"]) + 1):
            texts.pop(f"windows.{place}.says", None)
            if (following := texts.get(f"windows.{place + 1}.says")) is not None:
                texts[f"windows.{place}.says"] = following
    changed["translations"] = {code: texts for code, texts in changed.get("translations", {}).items() if texts}
    return {name: value for name, value in changed.items() if value or name not in ("windows", "translations")}


def with_case(data: Data, case: Mapping[str, Any]) -> Data:
    """A copy with one more worked example, at the end."""
    changed = deepcopy(data)
    changed.setdefault("cases", {}).setdefault("case", []).append(dict(case))
    return changed


def with_section(data: Data, section: str, value: Any) -> Data:
    """A copy in which a whole section ("amount", "contacts", "cases") is `value`; empty takes it out."""
    changed = deepcopy(data)
    if value:
        changed[section] = value
    else:
        changed.pop(section, None)
    return changed


def expression_text(data: Data, where: str) -> str:
    """The formula at a place that a RuleError names ("criteria.savings.when", "worked_out.income"), "" where none is written as text."""
    value: Any = data
    parts = where.split(".")
    if "worked_out" in parts[:3] and parts[-1] != "is":
        parts.append("is")
    for part in parts:
        named = _named(value) if value is not None else None
        value = named.get(part) if named is not None else None
    return value if isinstance(value, str) else ""


def overwritten_rows(before: Data, after: Data) -> list[tuple[str, str]]:
    """(limit, date) of rows of `before` that `after` changed or dropped, while the limit itself is still there; local ones too."""
    found = [
        (name, row["from"])
        for name, limit in before.get("limits", {}).items()
        if name in after.get("limits", {})
        for row in limit["rows"]
        if row not in after["limits"][name]["rows"]
    ]
    kept = {item["id"]: item for item in after.get("variants", ())}
    return found + [
        lost for item in before.get("variants", ()) if item["id"] in kept for lost in overwritten_rows(item, kept[item["id"]])
    ]


def differences(before: Data, after: Data) -> Iterator[tuple[str, Any, Any]]:
    """(path, value before, value after) of every field that differs; None where one side has no such field.

    Lists of things with an id (criteria, evidence, variants, cases), rows with a date and windows are compared thing by thing.
    """
    yield from _differences("", before, after)


def _differences(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    if before == after:
        return
    before_named, after_named = _named(before), _named(after)
    if before_named is None or after_named is None or _is_tree(before) or _is_tree(after):
        yield path, before, after
        return
    for name in [*before_named, *(name for name in after_named if name not in before_named)]:
        place = f"{path}.{name}" if path else name
        yield from _differences(place, before_named.get(name), after_named.get(name))


def _named(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for key in ("id", "from"):
            if all(isinstance(item.get(key), str) for item in value):
                return {item[key]: item for item in value}
        if all({"opens", "closes"} <= set(item) for item in value):  # windows; no two have the same days
            return {f"{item['opens']} – {item['closes']}": item for item in value}
    return None


def _is_tree(value: Any) -> bool:
    return isinstance(value, dict) and "op" in value


def _by_id(items: list[Data], id_: str, where: str) -> Data:
    for item in items:
        if item["id"] == id_:
            return item
    raise RuleError(_("There is no such part in this version."), where=where)


def _limit(data: Data, name: str) -> Data:
    try:
        return data["limits"][name]
    except KeyError:
        raise RuleError(_("There is no such limit in this version."), where=f"limits.{name}") from None
