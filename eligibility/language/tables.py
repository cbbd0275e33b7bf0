"""Limits as people read them: a value with its unit, the columns of a table with labels, bands as "from £192 a week"."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from eligibility.language.codes import choice_words, role_words, words_for
from eligibility.language.limits import inner_value, unit_type
from eligibility.language.wording import either, length, show, word

TIME_UNITS = ("years", "months", "weeks", "days", "hours")


@dataclass(frozen=True)
class Column:
    """A key column of a table. label: as people read it; codes: a function (code, language) that puts its codes into words."""

    name: str
    unit: str
    label: str
    codes: object


def facts_named(definition):
    """Codes of the facts that the expressions of a definition name."""
    found = {"person.born_on"}
    for _path, tree in definition.expressions():
        for part in tree.walk():
            if part.op == "get":
                found.add(f"{'household' if part['of'] == 'household' else 'person'}.{part['name']}")
    return found


def limit_words(catalogue, limit, value, language="en", read=()):
    """A value of a limit in words. read: codes of the facts its rule reads."""
    codes = words_for(catalogue, limit.codes(), read, limit.words) if limit.type.kind in ("choice", "choices") else None
    return _told(value, limit.unit, language, codes)


def _told(value, unit, language, codes):
    """A value alone: lengths of time have their unit, "none" says that there is no limit."""
    if value is None:
        return word("no_limit", language)
    if unit in TIME_UNITS:
        return length(value, unit, language)
    return show(value, unit_type(unit), language, unit, codes)


def columns_of(catalogue, limit, definition=None, language="en"):
    """The key columns of a table, called after what its rule looks up in it; after themselves where no definition says so."""
    keys = _keys(limit, definition) if definition else None
    return [
        _column(catalogue, limit, place, keys[place] if keys else None, definition, language) for place, _ in enumerate(limit.by)
    ]


def cells_words(columns, line, table, language="en"):
    """The key cells of a line of a table in words. table: all its lines."""
    return [_cell(column, line.get(column.name), any(column.name in other for other in table), language) for column in columns]


def _keys(limit, definition):
    """The expressions that are looked up in a limit, of its first use; None where it is not used."""
    for _path, tree in definition.expressions():
        for part in tree.walk():
            if part.op == "limit" and part["name"] == limit.name and part.parts:
                return part.parts
    return None


def _column(catalogue, limit, place, key, definition, language):
    name, unit = limit.by[place]
    label = name.replace("_", " ")
    codes: Callable[[str, str], str] | None = None
    if key is not None and key.op == "get":
        fact = catalogue.household(key["name"]) if key["of"] == "household" else catalogue.person(key["name"])
        if fact is not None:
            label = fact.words(language)
            codes = partial(choice_words, fact)
        elif key["name"] == "role":
            codes = role_words
        else:
            label = _worked_label(definition, key["name"], language) or label
    elif key is not None and key.op == "worked_out":
        label = _worked_label(definition, key["name"], language) or label
    if codes is None and unit in ("choice", "choices"):
        cells = [cell for row in limit.rows for line in row["table"] if (cell := line.get(name)) is not None]
        used = {code for cell in cells for code in (cell if isinstance(cell, list) else [cell])}
        codes = words_for(catalogue, used, facts_named(definition) if definition else (), limit.words)
    return Column(name, unit, label[:1].upper() + label[1:], codes)


def _worked_label(definition, name, language):
    item = definition.worked_out.get(name)
    return definition.text(f"worked_out.{name}.label", language) or (item.label if item else "")


def _cell(column, cell, is_named, language):
    if cell is None:
        return word("anyone_else" if is_named else "everyone", language)

    def told(value):
        return _told(inner_value(column.unit, value), column.unit, language, column.codes)

    if isinstance(cell, dict):
        return word("from", language).format(told(cell["from"]))
    return either([told(value) for value in cell], language) if isinstance(cell, list) else told(cell)
