"""Writes a tree back as text. Reading that text gives the same tree again."""

_BINDING = {"if": 1, "or": 2, "and": 3, "not": 4, "compare": 5, "+": 6, "-": 6, "*": 7, "/": 7, "negative": 8}
_ATOM = 9
WIDE = 110


def to_text(tree):
    """The expression as an author would write it, on one line, or on several where it is long."""
    line = _line(tree)
    if len(line) <= WIDE:
        return line
    return "\n".join(_lines(tree))


def _lines(tree):
    """A long expression broken at its outermost operators."""
    if tree.op == "if":
        test, then, other = tree.parts
        return [
            f"{_inside(then, 2)} if {_inside(test, 2)}",
            *_prefixed("else ", _lines(other) if other.op == "if" else [_line(other)]),
        ]
    if tree.op in ("and", "or"):
        return _joined(tree.op, [_inside(part, _BINDING[tree.op] + 1) for part in tree.parts])
    if tree.op in ("+", "-"):
        terms, signs = _terms(tree)
        return [terms[0], *(f"{sign} {term}" for sign, term in zip(signs, terms[1:], strict=True))]
    return [_line(tree)]


def _terms(tree):
    terms: list[str] = []
    signs: list[str] = []
    while tree.op in ("+", "-"):
        left, right = tree.parts
        terms.insert(0, _inside(right, 7))
        signs.insert(0, tree.op)
        tree = left
    terms.insert(0, _inside(tree, 6))
    return terms, signs


def _joined(word, parts):
    return [parts[0], *(f"{word} {part}" for part in parts[1:])]


def _prefixed(word, lines):
    return [word + lines[0], *lines[1:]]


def _inside(tree, least):
    text = _line(tree)
    return f"({text})" if _BINDING.get(tree.op, _ATOM) < least else text


def _line(tree):
    return _WRITERS[tree.op](tree)


def _list(parts):
    return ", ".join(_line(part) for part in parts)


def _compare(tree):
    parts = [_inside(part, 6) for part in tree.parts]
    return parts[0] + "".join(f" {test} {part}" for test, part in zip(tree["tests"], parts[1:], strict=True))


def _limit(tree):
    return f"limits.{tree['name']}" + (f"[{_list(tree.parts)}]" if tree.parts else "")


def _call(tree):
    days = tree.get("days")
    return f"{tree['name']}({_list(tree.parts)}{f', days={days}' if days else ''})"


def _money(tree):
    return f"pounds({tree['value']})" if tree["per"] == "once" else f"pounds({tree['value']}, '{tree['per']}')"


def _people(tree):
    what, where = tree.parts
    name = tree["name"]
    head = name if tree["how"] == "count" else _line(what)
    always = where.op == "yes_no" and where["value"] is True
    return f"{tree['how']}({head} for {name} in {tree['group']}{'' if always else f' if {_inside(where, 2)}'})"


def _if(tree):
    test, then, other = tree.parts
    return f"{_inside(then, 2)} if {_inside(test, 2)} else {_inside(other, 1)}"


def _binary(tree):
    binding = _BINDING[tree.op]
    left, right = tree.parts
    return f"{_inside(left, binding)} {tree.op} {_inside(right, binding + 1)}"


_WRITERS = {
    "number": lambda tree: tree["value"],
    "money": _money,
    "text": lambda tree: f"'{tree['value']}'",
    "yes_no": lambda tree: str(tree["value"]),
    "date": lambda tree: f"date('{tree['value']}')",
    "list": lambda tree: f"[{_list(tree.parts)}]",
    "on": lambda tree: "on",
    "get": lambda tree: f"{tree['of']}.{tree['name']}",
    "person": lambda tree: tree["name"],
    "worked_out": lambda tree: tree["name"],
    "limit": _limit,
    "programme": lambda tree: f"programmes.{tree['code']}.{tree['what']}",
    "compare": _compare,
    "and": lambda tree: " and ".join(_inside(part, 4) for part in tree.parts),
    "or": lambda tree: " or ".join(_inside(part, 3) for part in tree.parts),
    "not": lambda tree: f"not {_inside(tree.parts[0], 4)}",
    "at_least": lambda tree: f"at_least({tree['n']}, {_list(tree.parts)})",
    "+": _binary,
    "-": _binary,
    "*": _binary,
    "/": _binary,
    "negative": lambda tree: f"-{_inside(tree.parts[0], 8)}",
    "if": _if,
    "call": _call,
    "people": _people,
}
