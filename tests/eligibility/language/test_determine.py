"""`manage.py determine`: a result for every good line, an error for every bad one, and an exit code that says so."""

import contextlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command

from eligibility import interchange
from tests.factories.eligibility import load, read_definition

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
    assert errors.endswith("1 line could not be read; the others have a result.\n")


def test_a_date_is_a_date(monkeypatch):
    for day in ("tomorrow", "20261121", "2026-02-30"):
        with pytest.raises(CommandError, match="is not a date; write it like 2026-11-21"):
            determine(monkeypatch, on=day)


@pytest.mark.django_db
def test_the_published_versions_can_be_used_instead_of_the_folders(monkeypatch):
    version = load(read_definition())[0]
    _, results, _ = determine(monkeypatch, json.dumps({"id": "a", **HOME}), published=True, on=version.effective_from.isoformat())
    assert {code: entry["version"] for code, entry in results[0]["programmes"].items()} == {
        version.programme.code: version.number
    }


ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "manage.py", "determine", "--on", "2026-11-21", "--programme", "child_benefit"]


def run(given, **options):
    """The command as a shell runs it: (exit code, standard output, standard error)."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    done = subprocess.run(COMMAND, input=given, capture_output=True, cwd=ROOT, env=environment, timeout=120, **options)
    return done.returncode, done.stdout, done.stderr


def test_bytes_of_every_kind_come_through_the_shell():
    good = json.dumps({"id": "café", **HOME}, ensure_ascii=False).encode()
    code, out, errors = run(b"\xef\xbb\xbf" + good + b'\r\n\r\n{"id": "caf\xe9"}\r\n' + good)
    assert code == 1
    results = [json.loads(line) for line in out.splitlines()]
    assert [item.get("id") for item in results] == ["café", None, "café"]
    assert results[1] == {"line": 3, "errors": ["This line is not UTF-8: save the file as UTF-8"]}
    assert errors.decode().splitlines()[0].startswith("line 3: This line is not UTF-8")


def test_a_reader_who_leaves_early_ends_it_quietly():
    line = json.dumps({"id": "h1", **HOME}).encode() + b"\n"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environment, bufsize=0, **pipes) as command:
        command.stdin.write(line * 300)
        assert json.loads(_first_line(command.stdout))["id"] == "h1"
        command.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            command.stdin.write(line * 3000)
        command.stdin.close()
        errors = command.stderr.read()
        assert command.wait(60) == 141
    assert b"Traceback" not in errors
    assert b"Broken" not in errors


def _first_line(pipe):
    found = b""
    while b"\n" not in found:
        found += pipe.read(4096) or b"\n"
    return found.split(b"\n")[0]


def test_a_line_without_end_is_told_and_memory_stays_flat():
    """Sixty megabytes in one line, then many households: the process never holds more than a little of it."""
    line = json.dumps({"id": "h1", **HOME}).encode() + b"\n"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings.test"}
    with subprocess.Popen(
        COMMAND, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        command.stdin.write(line)
        command.stdin.flush()
        assert json.loads(command.stdout.readline())["id"] == "h1"
        before = psutil.Process(command.pid).memory_info().rss
        for _part in range(60):
            command.stdin.write(b"[" * 1_000_000)
        command.stdin.write(b"\n" + line)
        command.stdin.flush()
        told, after = json.loads(command.stdout.readline()), json.loads(command.stdout.readline())
        assert told == {
            "line": 2,
            "errors": ["This line is longer than 1,000,000 characters: write each household on a line of its own"],
        }
        assert after["id"] == "h1"
        assert psutil.Process(command.pid).memory_info().rss - before < 20 * 1024**2
        command.stdin.close()
        assert command.wait(60) == 1


def test_ids_are_remembered_for_as_long_as_there_is_room(monkeypatch):
    monkeypatch.setattr(interchange, "_MOST_IDS", 2)
    lines = [json.dumps({"id": id_, **HOME}) for id_ in ("a", "a", "b", "c", "d", "d")]
    code, results, errors = determine(monkeypatch, *lines, programme=["child_benefit"])
    assert (code, len(results)) == (0, 6)
    assert [line.split(":")[0] for line in errors.splitlines()] == ["line 2", "line 6"]
