"""Only actions write, only the kit speaks to the broker, and jobs are thin."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import modules, name, tree

WRITERS = {"actions", "management", "kit"}
ALWAYS = {"bulk_create", "bulk_update", "get_or_create", "update_or_create", "acreate", "asave", "adelete", "aupdate"}
BROKER = {"on_commit", "delay", "apply_async", "delay_on_commit", "apply_async_on_commit", "send_task"}

# Not rows of ours, each with its reason.
EXCEPTIONS = {
    "portal/services": "runs before Django and writes files",
    "portal/database": "prepares roles and rights",
    "portal/models/people.py": "Django's own manager for accounts (create_user)",
    "consent/permit.py": "the gate writes its log before anything is released, in the one place that releases",
    "portal/adapters.py": "allauth saves accounts through its adapter",
}


def chain(node: ast.expr) -> list[str]:
    """The names a call is made on: `A.objects.filter(x).update()` gives A, objects, filter."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Name):
            names.append(node.id)
            return names[::-1]
        else:
            return names[::-1]


def writes(module: ast.Module) -> list[tuple[int, str]]:
    """Line and words of each call that writes a row."""
    found = []
    for node in ast.walk(module):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        method, names = node.func.attr, chain(node.func.value)
        queryset = bool({"objects", "filter", "exclude", "select_for_update", "_default_manager", "all"} & set(names))
        if (
            method in ALWAYS
            or (method == "create" and queryset)
            or (method in {"update", "delete"} and queryset)
            or (method == "save" and names[-1:] not in (["form"], ["super"], ["storage"]))
        ):
            found.append((node.lineno, ".".join([*names, method])))
    return found


def calls(module: ast.Module, wanted: set[str]) -> list[tuple[int, str]]:
    """Line and name of each call of a method with one of these names."""
    return [
        (node.lineno, node.func.attr)
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in wanted
    ]


def allowed(path: Path) -> bool:
    relative = name(path)
    return bool(WRITERS & set(path.parts)) or any(relative.startswith(exception) for exception in EXCEPTIONS)


def test_only_actions_write() -> None:
    found = [f"{name(path)}:{line} {words}" for path in modules() if not allowed(path) for line, words in writes(tree(path))]
    assert not found, "\n".join(found)


def test_only_the_kit_speaks_to_the_broker() -> None:
    found = [
        f"{name(path)}:{line} {words}"
        for path in modules()
        if "kit" not in path.parts and "services" not in path.parts
        for line, words in calls(tree(path), BROKER)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "Case.objects.create(a=1)",
        "Case.objects.filter(pk=1).update(a=1)",
        "case.save()",
        "Case.objects.filter(pk=1).delete()",
        "case.tasks.bulk_create([])",
        "Case.objects.get_or_create(pk=1)",
    ],
)
def test_a_write_is_recognised(line: str) -> None:
    assert writes(ast.parse(line))


@pytest.mark.parametrize(
    "line", ["facts.update(a=1)", "form.save", "Case.objects.filter(pk=1).first()", "hashlib.sha256().update(b)"]
)
def test_a_read_is_not_a_write(line: str) -> None:
    assert not writes(ast.parse(line))


@pytest.mark.parametrize("line", ["transaction.on_commit(f)", "deliver.delay(id=1)", "deliver.apply_async()"])
def test_a_word_to_the_broker_is_recognised(line: str) -> None:
    assert calls(ast.parse(line), BROKER)
