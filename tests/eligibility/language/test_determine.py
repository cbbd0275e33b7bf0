"""`manage.py determine`: a result for every good line, an error for every bad one, and an exit code that says so."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

HOME = {"household": {"nation": "england"}, "people": [{"id": "p1", "role": "applicant", "born_on": "1950-01-01"}]}


def determine(monkeypatch, *lines, **options):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    out, errors = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command("determine", "--on", options.pop("on", "2026-11-21"), stdout=out, stderr=errors, **options)
    except SystemExit as stopped:
        code = stopped.code
    return code, [json.loads(line) for line in out.getvalue().splitlines()], errors.getvalue()


def test_good_lines_give_results(monkeypatch):
    code, results, _ = determine(monkeypatch, json.dumps({"id": "a", **HOME}), json.dumps({"id": "b", **HOME}))
    assert code == 0
    assert [item["id"] for item in results] == ["a", "b"]
    assert results[0]["programmes"]["winter_fuel_payment"]["outcome"] == "unknown"


def test_one_programme_can_be_asked_for(monkeypatch):
    _, results, _ = determine(monkeypatch, json.dumps({"id": "a", **HOME}), programme=["winter_fuel_payment"])
    assert set(results[0]["programmes"]) == {"winter_fuel_payment"}
    with pytest.raises(CommandError, match="There is no programme nothing"):
        determine(monkeypatch, programme=["nothing"])


def test_a_bad_line_is_told_and_the_others_go_on(monkeypatch):
    code, results, errors = determine(monkeypatch, "{}x", json.dumps({"id": "b", **HOME}))
    assert code == 1
    assert [("errors" in item) for item in results] == [True, False]
    assert errors.startswith("line 1: ")


def test_a_date_is_a_date(monkeypatch):
    with pytest.raises(CommandError, match="is not a date"):
        determine(monkeypatch, on="tomorrow")
