"""The catalogue for programs: every state of a programme is answered, and every answer is what the description says."""

import re
from copy import deepcopy
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft7Validator, FormatChecker, ValidationError

from eligibility.models import ProgrammeVersion
from tests.eligibility.test_windows_pages import loaded, paused, today, told, window, words
from tests.factories.eligibility import HEATING

pytestmark = pytest.mark.django_db
CODE = "heating_help"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def strict(schema: Any) -> Any:
    """The description's schema as JSON Schema: what may be null says so, and nothing undescribed is let through."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(part) for key, part in schema.items()}
    if made.get("type") == "object" and "properties" in made:
        made["additionalProperties"] = False
        made["required"] = sorted(made["properties"])
    return {"anyOf": [made, {"type": "null"}]} if made.pop("nullable", False) else made


def is_as_described(description: dict[str, Any], path: str, answer: Any) -> None:
    """Raises jsonschema's ValidationError where the answer to GET `path` differs from its description."""
    schema = description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    whole = strict({**deepcopy(schema), "components": deepcopy(description["components"])})
    Draft7Validator(whole, format_checker=FormatChecker()).validate(answer)


def one(client: Client) -> dict[str, Any]:
    answer = client.get(reverse("api:programme", args=[CODE]))
    assert answer.status_code == 200
    return answer.json()


def as_on_the_page(client: Client, found: dict[str, Any]) -> None:
    page = client.get(reverse("eligibility:programme", args=[CODE])).content.decode()
    assert found["window_sentence"] in re.sub(r"</?strong>", "", page)


def test_one_in_force(client: Client, description) -> None:
    loaded()
    found = one(client)
    assert (found["window"], found["effective_to"]) == ("open", None)
    is_as_described(description, "/api/programmes/{code}/", found)


def test_one_that_is_still_to_come_answers_with_its_first_rule(client: Client, description) -> None:
    loaded(on=today(30))
    found = one(client)
    assert (found["window"], found["effective_from"]) == ("coming", today(30).isoformat())
    assert found["window_sentence"] == f"It begins on {words(30)}."
    assert found["conditions"]
    as_on_the_page(client, found)
    is_as_described(description, "/api/programmes/{code}/", found)
    assert client.get(reverse("api:programmes")).json() == []


def test_one_that_has_ended_answers_with_its_last_rule(client: Client, description) -> None:
    version = loaded()
    ProgrammeVersion.objects.filter(pk=version.pk).update(state="closed", effective_to=today(-10))
    found = one(client)
    assert (found["window"], found["effective_to"]) == ("ended", today(-10).isoformat())
    as_on_the_page(client, found)
    is_as_described(description, "/api/programmes/{code}/", found)


def test_one_that_never_began_or_is_a_draft_is_unknown(client: Client) -> None:
    version = loaded(on=today(30))
    ProgrammeVersion.objects.filter(pk=version.pk).update(state="closed", effective_to=today(29))
    assert client.get(reverse("api:programme", args=[CODE])).status_code == 404


@pytest.mark.parametrize("kind", ["open", "closed", "paused"])
def test_every_window_is_as_described(client: Client, description, kind: str) -> None:
    version = loaded(HEATING + (window(30, 90) if kind == "closed" else ""))
    if kind == "paused":
        paused(version, expected_on=today(20))
    found = one(client)
    assert found["window"] == kind
    as_on_the_page(client, found)
    is_as_described(description, "/api/programmes/{code}/", found)
    listed = client.get(reverse("api:programmes")).json()
    assert [entry["window"] for entry in listed] == [kind]
    is_as_described(description, "/api/programmes/", listed)


def test_ones_own_results_are_as_described(client: Client, description) -> None:
    loaded()
    told(client)
    found = client.get(reverse("api:own_results")).json()
    assert found["state"] == "ready" and found["results"]
    is_as_described(description, "/api/me/results/", found)


def test_the_check_would_notice_a_field_that_is_not_described_or_missing(client: Client, description) -> None:
    loaded()
    found = one(client)
    for changed in (
        found | {"extra": 1},
        {key: value for key, value in found.items() if key != "window"},
        found | {"window": "ajar"},
    ):
        with pytest.raises(ValidationError, match=r"extra|window|ajar"):
            is_as_described(description, "/api/programmes/{code}/", changed)
