"""In our templates an undefined variable is a mistake, and so is a query."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.template import Engine, Template
from django.template.base import FilterExpression

OURS = Path(__file__).resolve().parent.parent.parent / "templates"
_TOLERANT = {"default", "default_if_none", "yesno"}  # filters that say what to do without a value


class UndefinedVariable(AssertionError):
    """A template asked for something its view did not give."""


class QueryInTemplate(AssertionError):
    """A template made the database work: the view should have fetched it."""


class _Absent(str):
    """What Django puts in the place of a missing value; using it fails."""

    def __new__(cls) -> "_Absent":
        return super().__new__(cls, "undefined")

    def __contains__(self, part: object) -> bool:
        return part == "%s"

    def __mod__(self, variable: Any) -> str:
        raise UndefinedVariable(f"{{{{ {variable} }}}} is undefined. A value that may be missing needs |default or an if.")


class _Now(threading.local):
    """Whether the expression that is worked out in this thread must have a value: tests render in several threads at once."""

    is_strict = False


_ABSENT = _Absent()
_NOW = _Now()


def _is_ours(template: Any) -> bool:
    name = getattr(getattr(template, "origin", None), "name", None)
    return bool(name) and OURS in Path(name).parents


@pytest.fixture(autouse=True)
def undefined_variables_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """`{{ nobody }}` fails; `{% if nobody %}` and `{{ nobody|default:"" }}` say that it may be missing."""
    original = FilterExpression.resolve

    def resolve(self: FilterExpression, context: Any, ignore_failures: bool = False) -> Any:
        tolerant = ignore_failures or any(function.__name__ in _TOLERANT for function, _ in self.filters)
        before = _NOW.is_strict
        _NOW.is_strict = not tolerant and self.is_var and _is_ours(context.render_context.template)
        try:
            return original(self, context, ignore_failures)
        finally:
            _NOW.is_strict = before

    def for_invalid(engine: Engine) -> str:
        return _ABSENT if _NOW.is_strict else str(engine.__dict__["string_if_invalid"])

    def keep(engine: Engine, value: str) -> None:
        engine.__dict__["string_if_invalid"] = value

    monkeypatch.setattr(Engine, "string_if_invalid", property(for_invalid, keep), raising=False)
    monkeypatch.setattr(FilterExpression, "resolve", resolve)


@pytest.fixture(autouse=True)
def queries_in_templates_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one of our templates renders, the database is not asked."""
    original = Template.render

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise QueryInTemplate(sql)

    def render(self: Template, context: Any) -> Any:
        if not _is_ours(self):
            return original(self, context)
        with connection.execute_wrapper(refuse):
            return original(self, context)

    monkeypatch.setattr(Template, "render", render)
