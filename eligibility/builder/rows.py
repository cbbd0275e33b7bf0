"""A condition as rows for people who do not program: groups (all, any, none) of rows (fact, test, value), and back without loss.

Pure. `rows_of` gives None for a formula that says more than rows can; then only the formula is shown. What somebody types is kept in a
`Row` as text, complete or not; `row_tree` and `tree_from` turn it into the tree of the rule language, or say which field is wrong.
"""

from dataclasses import dataclass, replace

from eligibility.language import RuleError, parse, to_text
from eligibility.language.entries import typed_day, typed_number
from eligibility.language.messages import message as _
from eligibility.language.parser import CODE, plain
from eligibility.language.tree import Node, node

MOST_DEEP = 3
KINDS = ("all", "any", "none")
COMPARISONS = {
    "is": "==",
    "is_not": "!=",
    "one_of": "in",
    "none_of": "not in",
    "at_most": "<=",
    "less": "<",
    "at_least": ">=",
    "more": ">",
}
TESTS = ("true", "false", "applies", "applies_not", *COMPARISONS)
PERIODS = ("week", "four_weeks", "month", "year")
SETS = {
    "family": ("family", ""),
    "family child": ("family", "child"),
    "family adult": ("family", "adult"),
    "household": ("household", ""),
    "household adult": ("household", "adult"),
    "household other_adult": ("household", "other_adult"),
}
QUANTIFIERS = ("any", "all", "none")
COUNT = "count"
WHOSE = ("applicant", "partner", *(f"{how} {people}" for how in (*QUANTIFIERS, COUNT) for people in SETS))
MANY = {"at_least": ">=", "at_most": "<=", "is": "=="}
_EACH = "p"
_FLAT = ("true", "false", "applies", "applies_not")
_OPPOSITE = {"true": "false", "applies": "applies_not"}


@dataclass(frozen=True)
class Row:
    """One line: whose fact, the test, and what it is tested against, all as text.

    fact: "household.savings", "person.age", "worked_out.children", "programme.universal_credit", "limit.local_scheme" or "partner".
    whose: one of WHOSE for a fact about a person, else "". per: the period money is read by, for money that comes by a period.
    test: one of TESTS. against: "" (nothing), "number", "money month" (a sum, with its period or "once"), "code", "codes", "date",
    "limit <name>" or "fact <name in the formula>". value: what was typed. keys: names in the formula, for a limit that is a table.
    many: for a row that counts people, how many it must be true for: "at_least 2" (see MANY).
    """

    fact: str = ""
    whose: str = ""
    per: str = ""
    test: str = ""
    against: str = ""
    value: str = ""
    keys: tuple[str, ...] = ()
    many: str = ""

    @property
    def goes_over_people(self) -> bool:
        """Whether it speaks of several people: anybody, everybody, nobody, or so many."""
        return self.whose.partition(" ")[0] in (*QUANTIFIERS, COUNT)

    @property
    def counts(self) -> bool:
        """Whether it says how many people something is true for."""
        return self.whose.partition(" ")[0] == COUNT


@dataclass(frozen=True)
class Group:
    """Rows and groups of which all, any or none must hold."""

    kind: str = "all"
    items: tuple["Row | Group", ...] = ()

    @property
    def deep(self) -> int:
        """How many groups stand in each other, this one counted."""
        return 1 + max((item.deep for item in self.items if isinstance(item, Group)), default=0)


# --- from a formula to rows ---------------------------------------------------------------------------------------------


def rows_of(tree: Node) -> Group | None:
    """The condition as groups of rows; None where it says more than rows can."""
    item = _item(tree)
    group = item if isinstance(item, Group) else Group("all", (item,)) if item else None
    if group is None or group.deep > MOST_DEEP:
        return None
    try:
        return group if tree_from(group) == tree else None
    except RuleError:
        return None


def _item(tree: Node) -> Row | Group | None:
    if tree.op in ("and", "or"):
        return _group("all" if tree.op == "and" else "any", tree.parts)
    if tree.op != "not":
        return _row(tree)
    inner = tree.parts[0]
    if inner.op == "or":
        return _group("none", inner.parts)
    row = _row(inner)
    if row is not None and not row.goes_over_people and row.test in _OPPOSITE:
        return replace(row, test=_OPPOSITE[row.test])
    return _group("none", (inner,))


def _group(kind: str, parts: tuple[Node, ...]) -> Group | None:
    items = [_item(part) for part in parts]
    return None if None in items else Group(kind, tuple(item for item in items if item is not None))


def _row(tree: Node) -> Row | None:
    if tree.op != "people":
        return _plain_row(tree)
    what, where = tree.parts
    whose = next((key for key, (group, who) in SETS.items() if group == tree["group"] and where == _where(who)), None)
    if whose is None or tree["how"] not in QUANTIFIERS or tree["name"] != _EACH:
        return None
    row = _item(what)
    return replace(row, whose=f"{tree['how']} {whose}") if isinstance(row, Row) and row.whose == _EACH else None


def _plain_row(tree: Node) -> Row | None:
    if tree.op == "call" and tree["name"] == "applies":
        if tree.parts[0].op == "person":
            return Row(fact="partner", test="applies")
        return _about(tree.parts[0], test="applies")
    if tree.op == "compare" and len(tree.parts) == 2:
        left, right = tree.parts
        if left.op == "people":
            return _count_row(left, right, tree["tests"][0])
        test = next(test for test, sign in COMPARISONS.items() if sign == tree["tests"][0])
        against = _against(right)
        return _about(left, test=test, **against) if against is not None else None
    return _about(tree, test="true")


def _count_row(people: Node, number: Node, sign: str) -> Row | None:
    """A row that counts: for how many people of a set a test is true."""
    how_many = next((name for name, known in MANY.items() if known == sign), None)
    if people["how"] != COUNT or people["name"] != _EACH or number.op != "number" or how_many is None:
        return None
    where = people.parts[1]
    for key, (group, who) in SETS.items():
        is_part = who and where.op == "and" and len(where.parts) == 2 and where.parts[0] == _where(who)
        if group != people["group"] or (who and not is_part):
            continue
        row = _item(where.parts[1] if is_part else where)
        if isinstance(row, Row) and row.whose == _EACH:
            return replace(row, whose=f"{COUNT} {key}", many=f"{how_many} {number['value']}")
    return None


def _about(tree: Node, **rest) -> Row | None:
    """A row about the fact a tree names, perhaps read by a period."""
    per = ""
    if tree.op == "call" and tree["name"].startswith("per_") and tree.get("days") is None:
        per, tree = tree["name"].removeprefix("per_"), tree.parts[0]
    if tree.op == "get":
        if tree["of"] == "household":
            return Row(fact=f"household.{tree['name']}", per=per, **rest)
        return Row(fact=f"person.{tree['name']}", whose=tree["of"], per=per, **rest)
    if tree.op == "worked_out":
        return Row(fact=f"worked_out.{tree['name']}", per=per, **rest)
    if tree.op == "limit" and not tree.parts:
        return Row(fact=f"limit.{tree['name']}", per=per, **rest)
    if tree.op == "programme" and tree["what"] == "likely":
        return Row(fact=f"programme.{tree['code']}", per=per, **rest)
    return None


def _against(tree: Node) -> dict | None:
    if tree.op == "number":
        return {"against": "number", "value": tree["value"]}
    if tree.op == "money":
        return {"against": f"money {tree['per']}", "value": tree["value"]}
    if tree.op == "text":
        return {"against": "code", "value": tree["value"]}
    if tree.op == "date":
        return {"against": "date", "value": tree["value"]}
    if tree.op == "list" and all(part.op == "text" for part in tree.parts):
        return {"against": "codes", "value": ", ".join(part["value"] for part in tree.parts)}
    if tree.op == "limit" and all(_is_name(part) for part in tree.parts):
        return {"against": f"limit {tree['name']}", "keys": tuple(to_text(part) for part in tree.parts)}
    return {"against": f"fact {to_text(tree)}"} if _is_name(tree) else None


def _is_name(tree: Node) -> bool:
    """Whether a tree only names one fact that is known outside of any walk over people."""
    if tree.op == "call" and tree["name"].startswith("per_") and tree.get("days") is None:
        tree = tree.parts[0]
    return tree.op in ("on", "worked_out") or (tree.op == "get" and tree["of"] in ("household", "applicant", "partner"))


def _where(who: str) -> Node:
    if not who:
        return node("yes_no", value=True)
    test, role = ("!=", "child") if who == "adult" else ("==", who)
    return node("compare", node("get", of=_EACH, name="role"), node("text", value=role), tests=[test])


# --- from rows to a formula ---------------------------------------------------------------------------------------------


def tree_from(group: Group) -> Node:
    """The formula of a group. Raises RuleError whose `where` is the field that is wrong ("value") or "items" for an empty group."""
    parts = [tree_from(item) if isinstance(item, Group) else row_tree(item) for item in group.items]
    if not parts:
        raise RuleError(_("This group is empty. Add a row to it, or take the group out."), where="items")
    if group.kind not in KINDS:
        raise RuleError(_("Select whether all, any or none must be true."), where="kind")
    joined = parts[0] if len(parts) == 1 else node("and" if group.kind == "all" else "or", *parts)
    return node("not", joined) if group.kind == "none" else joined


def row_tree(row: Row) -> Node:
    """The formula of one row. Raises RuleError whose `where` is the field that is wrong."""
    if row.test not in TESTS:
        raise RuleError(_("Select a test."), where="test")
    if not row.goes_over_people:
        return _tested(row, row.whose)
    how, _space, people = row.whose.partition(" ")
    if people not in SETS or not row.fact.startswith("person."):
        raise RuleError(_("Select whose fact it is."), where="whose")
    group, who = SETS[people]
    if row.counts:
        name, _space, number = row.many.partition(" ")
        if name not in MANY:
            raise RuleError(_("Select at least, at most or exactly."), where="many_test")
        held = _tested(row, _EACH)
        where = node("and", _where(who), held) if who else held
        people_tree = node("people", node("yes_no", value=True), where, how=COUNT, group=group, name=_EACH)
        return node("compare", people_tree, node("number", value=_number(number.strip(), "many")), tests=[MANY[name]])
    return node("people", _tested(row, _EACH), _where(who), how=how, group=group, name=_EACH)


def _tested(row: Row, of: str) -> Node:
    if row.fact == "partner":
        made = node("call", node("person", name="partner"), name="applies")
        if row.test not in ("applies", "applies_not"):
            raise RuleError(_("Select whether there is a partner or not."), where="test")
        return made if row.test == "applies" else node("not", made)
    left = fact_tree(row, of)
    if row.test in _FLAT:
        held = node("call", left, name="applies") if row.test.startswith("applies") else left
        return node("not", held) if row.test in _OPPOSITE.values() else held
    return node("compare", left, _right(row), tests=[COMPARISONS[row.test]])


def fact_tree(row: Row, of: str = "") -> Node:
    """The formula of the fact a row speaks of, with its period; the person is called `of`. Raises RuleError."""
    kind, _dot, name = row.fact.partition(".")
    if not CODE.match(name) or kind not in ("household", "person", "worked_out", "limit", "programme"):
        raise RuleError(_("Select a fact."), where="fact")
    if kind == "person":
        if not of:
            raise RuleError(_("Select whose fact it is."), where="whose")
        made = node("get", of=of, name=name)
    elif kind == "household":
        made = node("get", of="household", name=name)
    elif kind == "programme":
        made = node("programme", code=name, what="likely")
    else:
        made = node(kind, name=name)
    if row.per and row.per not in PERIODS:
        raise RuleError(_("Select by which period the money is counted."), where="per")
    return node("call", made, name=f"per_{row.per}") if row.per else made


def _right(row: Row) -> Node:
    kind, _space, rest = row.against.partition(" ")
    value = row.value.strip()
    if kind == "limit" and CODE.match(rest):
        return node("limit", *(_named(key, "keys") for key in row.keys), name=rest)
    if kind == "fact" and rest:
        return _named(rest, "against")
    if kind == "date":
        return node("date", value=typed_day(value, "value").isoformat())
    if kind in ("code", "codes"):
        codes = [part.strip() for part in value.split(",") if part.strip()]
        if not codes or not all(CODE.match(code) for code in codes):
            raise RuleError(_("Select or enter at least one answer."), where="value")
        if kind == "code" and len(codes) > 1:
            raise RuleError(_("Select one answer only, or the test “is one of”."), where="value")
        texts = [node("text", value=code) for code in codes]
        return texts[0] if kind == "code" else node("list", *texts)
    if kind in ("number", "money"):
        return node(kind, value=_number(value), **({"per": rest or "once"} if kind == "money" else {}))
    raise RuleError(_("Select what it is compared with."), where="against")


def _number(text: str, where: str = "value") -> str:
    return plain(typed_number(text, where))


def _named(text: str, field: str) -> Node:
    tree = parse(text) if text else None
    if tree is None or not _is_name(tree):
        raise RuleError(_("Select a fact."), where=field)
    return tree


def neat(group: Group) -> Group:
    """The same condition in the one form `rows_of` gives: no group around a single thing."""
    item = _neat(group)
    return item if isinstance(item, Group) else Group("all", (item,))


def _neat(item: Row | Group) -> Row | Group:
    if isinstance(item, Row):
        return item
    items = tuple(_neat(part) for part in item.items)
    if len(items) != 1:
        return replace(item, items=items)
    only = items[0]
    if item.kind != "none":
        return only
    if isinstance(only, Group) and only.kind == "any":
        return replace(only, kind="none")
    if isinstance(only, Row) and only.test in _OPPOSITE and not only.goes_over_people:
        return replace(only, test=_OPPOSITE[only.test])
    return Group("none", items)


# --- changes, while somebody writes -------------------------------------------------------------------------------------

Path = tuple[int, ...]


def item_at(group: Group, path: Path) -> Row | Group:
    """What stands at a path of positions; the empty path is the group itself. Raises IndexError."""
    item: Row | Group = group
    for place in path:
        if not isinstance(item, Group):
            raise IndexError
        item = item.items[place]
    return item


def with_item(group: Group, path: Path, new: Row | Group | None) -> Group:
    """A copy in which `new` stands at the path; None takes out what stands there, and a group left empty with it."""
    if not path:
        return new if isinstance(new, Group) else Group("all", (new,) if new else ())
    place, rest = path[0], path[1:]
    old = group.items[place]
    if rest and isinstance(old, Group):
        new = with_item(old, rest, new)
        new = new if new.items else None
    items = (*group.items[:place], *((new,) if new is not None else ()), *group.items[place + 1 :])
    return replace(group, items=items)


def with_added(group: Group, path: Path, new: Row | Group) -> Group:
    """A copy in which the group at the path has one more item at its end. Raises IndexError where no group stands there."""
    held = item_at(group, path)
    if not isinstance(held, Group):
        raise IndexError
    return with_item(group, path, replace(held, items=(*held.items, new)))


def with_wrapped(group: Group, path: Path) -> Group:
    """A copy in which what stands at the path is in a group of alternatives of its own."""
    return with_item(group, path, Group("any", (item_at(group, path),)))
