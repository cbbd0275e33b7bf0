"""Foreign keys point down; money is never a float; nothing is tied to a type generically."""

from django.apps import apps
from django.db import models

from tests.architecture.source import FLOOR


def package(model: type[models.Model]) -> str:
    return model.__module__.split(".")[0]


def ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if package(model) in FLOOR]


def test_there_are_models_on_every_floor() -> None:
    assert {package(model) for model in ours()} == set(FLOOR)


def test_foreign_keys_point_down() -> None:
    found = []
    for model in ours():
        for field in model._meta.get_fields():
            if not field.concrete or field.related_model is None:
                continue
            target = package(field.related_model)  # type: ignore[arg-type]
            here = package(model)
            if target in FLOOR and (FLOOR[target] > FLOOR[here] or (FLOOR[target] == FLOOR[here] and target != here)):
                found.append(f"{model._meta.label}.{field.name} points at {target}")
    assert not found, "\n".join(found)


def test_no_floats() -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for model in ours()
        for field in model._meta.fields
        if isinstance(field, models.FloatField)
    ]
    assert not found, "money and measures are decimals: " + ", ".join(found)


def test_every_model_says_what_it_is() -> None:
    found = [
        model._meta.label
        for model in ours()
        if not (model.__doc__ or "").strip() or model.__doc__.startswith(f"{model.__name__}(")
    ]
    assert not found, "no docstring: " + ", ".join(found)
