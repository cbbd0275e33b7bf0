"""Walls taken down one at a time, to see that a test notices. By hand: `python -m tests.security.mutations [name ...]`.

Each mutation removes one step of the gate, or one policy of the database, and names the tests of which at least one must fail.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CHOSEN = "ONEDOOR_MUTATION"


@dataclass(frozen=True)
class Mutation:
    """apply(patch): takes the wall down. noticed_by: pytest addresses. policy: (table, policy) to drop in the test database."""

    apply: Callable[[pytest.MonkeyPatch], None] | None
    noticed_by: tuple[str, ...]
    policy: tuple[str, str] | None = None


class Everything(frozenset):
    """A set that claims to hold whatever is asked for."""

    def __contains__(self, item: object) -> bool:
        return True


def _gate() -> Any:
    from consent.queries import gate  # read when the settings are ready

    return gate


def skip_involvement(patch: pytest.MonkeyPatch) -> None:
    """Every colleague counts as working with the person."""
    gate = _gate()
    decide = gate._decide_for_agency

    def as_if_involved(by: Any, record: Any, purpose: str, asked: frozenset[str], now: Any, programme: str, as_if: str) -> Any:
        found = decide(by, record, purpose, asked, now, programme, as_if)
        if found.reason != "no_relationship":
            return found
        return decide(by, record, purpose, asked, now, programme, gate.RELATIONSHIPS[purpose][0])

    patch.setattr(gate, "_decide_for_agency", as_if_involved)


def skip_consent_state(patch: pytest.MonkeyPatch) -> None:
    """Any consent that was ever asked for is as good as a given one."""
    gate = _gate()
    patch.setattr(gate, "EFFECTIVE", ("given", "renewed", "refused", "withdrawn", "revoked", "expired"))
    patch.setattr(gate, "_grants_agree", lambda *_args: True)


def skip_role(patch: pytest.MonkeyPatch) -> None:
    from consent.models import ProcessingActivity

    init = ProcessingActivity.from_db.__func__

    def from_db(cls: Any, *args: Any, **options: Any) -> Any:
        found = init(cls, *args, **options)
        found.roles = Everything(found.roles)
        return found

    patch.setattr(ProcessingActivity, "from_db", classmethod(from_db))


def skip_category_grants(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(_gate(), "_grants_agree", lambda *_args: True)


def skip_concept_intersection(patch: pytest.MonkeyPatch) -> None:
    gate = _gate()
    decide = gate._decide_for_agency

    def everything_asked(by: Any, record: Any, purpose: str, asked: frozenset[str], *rest: Any) -> Any:
        found = decide(by, record, purpose, asked, *rest)
        return found if found.is_denied else replace(found, outcome="allow", released=asked, refused={})

    patch.setattr(gate, "_decide_for_agency", everything_asked)


def skip_provenance(patch: pytest.MonkeyPatch) -> None:
    from consent.actions import release

    patch.setattr(release, "provenance_allows", lambda *_args, **_options: "")


def skip_stored_result_check(patch: pytest.MonkeyPatch) -> None:
    from casework.queries import cases

    patch.setattr(cases, "_as_released", lambda item, released: cases.criterion_words(item) | {"kept_back": False})


def say_nobody(patch: pytest.MonkeyPatch) -> None:
    """A preview says that nobody is in a cell when nobody is, which a few are never said to be."""
    from eligibility.queries.preview import disclosure

    count = disclosure.Shield.count

    def counted(self: Any, mask: Any, **options: Any) -> Any:
        return count(self, mask, **options) if mask.any() else disclosure.NOBODY

    patch.setattr(disclosure.Shield, "count", counted)


def same_noise_for_every_rule(patch: pytest.MonkeyPatch) -> None:
    """A number of a preview moves only when the people in it are others."""
    from eligibility.queries.preview import disclosure

    patch.setattr(disclosure, "marked", lambda keys, _mark: keys)


GATE, WALLS = "tests/consent/test_gate.py", "tests/consent/test_walls.py"
PLACES = "tests/security/test_new_places.py"
MUTATIONS: dict[str, Mutation] = {
    "involvement": Mutation(
        skip_involvement, (f"{GATE}::test_every_single_missing_condition_refuses_and_is_logged[involvement]",)
    ),
    "consent state": Mutation(
        skip_consent_state, (f"{GATE}::test_withdrawal_works_at_the_next_click_and_takes_the_stored_grants",)
    ),
    "role": Mutation(skip_role, (f"{GATE}::test_every_single_missing_condition_refuses_and_is_logged[role]",)),
    "category grants": Mutation(skip_category_grants, (f"{GATE}::test_grants_that_contradict_the_consent_close_the_gate",)),
    "concept intersection": Mutation(
        skip_concept_intersection, (f"{GATE}::test_involvement_and_permission_together_open_exactly_what_was_asked_for",)
    ),
    "provenance": Mutation(skip_provenance, (f"{GATE}::test_what_another_agency_supplied_crosses_only_under_an_agreement",)),
    "stored result": Mutation(
        skip_stored_result_check,
        ("tests/security/test_leaks.py::test_what_the_rule_says_tells_nothing_the_gate_keeps_back",),
    ),
    "nobody and a few": Mutation(
        say_nobody, (f"{PLACES}::test_a_rule_that_turns_on_one_person_does_not_tell_whether_they_are_as_it_says",)
    ),
    "noise of a rule": Mutation(
        same_noise_for_every_rule, (f"{PLACES}::test_a_limit_moved_by_a_penny_does_not_tell_who_is_there",)
    ),
    "policy of wishes": Mutation(
        None,
        (f"{PLACES}::test_who_waits_for_an_opening_is_known_to_them_and_to_the_machine_that_tells",),
        ("eligibility_openingreminder", "reminder_seen"),
    ),
    "policy of packed facts": Mutation(
        None,
        (f"{PLACES}::test_packed_facts_are_behind_the_wall_for_whoever_is_not_with_the_person",),
        ("consent_typedfacts", "typed_read"),
    ),
    "policy of records": Mutation(
        None, (f"{WALLS}::test_a_stranger_another_agency_and_a_wrong_machine_see_nothing",), ("consent_caserecord", "record_read")
    ),
    "policy of snapshots": Mutation(
        None, (f"{WALLS}::test_raw_sql_is_behind_the_wall_too",), ("consent_recordsnapshot", "record_all")
    ),
}


@contextmanager
def wall_down(name: str, patch: pytest.MonkeyPatch, policy: Callable[[str, str], AbstractContextManager[None]]) -> Any:
    """Within the block the wall is down. policy(table, name): opens a policy of the database for the block."""
    mutation = MUTATIONS[name]
    with patch.context() as within:
        if mutation.apply is not None:
            mutation.apply(within)
        if mutation.policy is None:
            yield
        else:
            with policy(*mutation.policy):
                yield


@contextmanager
def open_policy(postgres: Any, database: str, table: str, name: str) -> Any:
    """Let a policy allow everything, and put its own words back. postgres: the test session's server."""
    link = postgres.connect(database)
    link.autocommit = True
    cursor = link.cursor()
    try:
        cursor.execute(
            "select coalesce(pg_get_expr(polqual, polrelid), 'true') from pg_policy where polrelid = %s::regclass and polname = %s",
            (table, name),
        )
        [(words,)] = cursor.fetchall()
        cursor.execute(f"alter policy {name} on {table} using (true)")
        try:
            yield
        finally:
            cursor.execute(f"alter policy {name} on {table} using ({words})")
    finally:
        link.close()


@pytest.fixture(autouse=True, scope="session")
def wall(django_db_setup: None, postgres: Any) -> Any:
    """The wall named in the environment is down for the whole run (this module is then a plugin of pytest's)."""
    from portal.services.pytest_plugin import DATABASE

    with wall_down(os.environ[CHOSEN], pytest.MonkeyPatch(), partial(open_policy, postgres, DATABASE)):
        yield


def run(name: str) -> bool:
    """Run the mutation's tests with its wall down, in a process of their own; True when one failed (an error does not count)."""
    tests = [sys.executable, "-m", "tests.security.mutations", "--under", *MUTATIONS[name].noticed_by]
    done = subprocess.run(tests, cwd=ROOT, env=os.environ | {CHOSEN: name}, capture_output=True, text=True, check=False)
    return done.returncode == 1 and "1 failed" in done.stdout and " error" not in done.stdout.splitlines()[-1]


def main(arguments: list[str]) -> int:
    """Take down the named walls, or all; 1 when one went unnoticed."""
    if arguments[:1] == ["--under"]:
        return int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *arguments[1:]], plugins=[sys.modules[__name__]]))
    unnoticed = []
    for name in arguments or MUTATIONS:
        is_noticed = run(name)
        sys.stdout.write(f"{name}: {'noticed' if is_noticed else 'NOT NOTICED'}\n")
        unnoticed += [] if is_noticed else [name]
    return 1 if unnoticed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
