"""`manage.py determine --on 2026-11-21 < households.jsonl > results.jsonl`: evaluates households without storing anything."""

import json
import os
import sys
from collections.abc import Iterable
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.interchange import LONGEST_LINE, determine_lines
from eligibility.language import RuleError
from eligibility.management.arguments import day, no_programme
from eligibility.queries.catalogue import in_force, rulebook_of
from eligibility.rules import catalogue


class Command(BaseCommand):
    """One household as JSON per line in, one result per line out. Exit code 1 when a line could not be read."""

    help = "Evaluate households given as JSON lines on standard input; nothing is stored."
    requires_system_checks = ()

    def add_arguments(self, parser):
        """--on: the assessment date. --programme: only these, may be given more than once. --published: rules from the database."""
        parser.add_argument("--on", required=True, type=day, help="Assessment date, like 2026-11-21.")
        parser.add_argument("--programme", action="append", default=[], help="Only this programme (may be repeated).")
        parser.add_argument(
            "--published", action="store_true", help="Use the versions published in this portal's database, not the folders."
        )

    def handle(self, *args, on, programme, published, **options):
        """Reads, decides and writes line by line."""
        try:
            rulebook, versions = _published(on) if published else (_from_folders(), None)
        except RuleError as error:
            raise CommandError(str(error)) from None
        for code in sorted(set(programme) - set(rulebook.definitions)):
            raise CommandError(no_programme(code, rulebook.definitions))
        failed = 0
        try:
            for result in determine_lines(_lines(), rulebook, on, programme or None, remark=self.stderr.write, versions=versions):
                self.stdout.write(json.dumps(result))
                if "errors" in result:
                    failed += 1
                    self.stderr.write(f"line {result['line']}: {'; '.join(result['errors'])}")
            self.stdout.flush()
        except BrokenPipeError:  # who reads has seen enough, as with `| head`
            _write_no_more()
            sys.exit(READER_LEFT)
        if failed:
            self.stderr.write(f"{failed} {'line' if failed == 1 else 'lines'} could not be read; the others have a result.")
            sys.exit(1)


READER_LEFT = 141  # what a shell reports of a program that SIGPIPE ended


def _from_folders() -> Rulebook:
    return Rulebook(registry.load_all(), registry.shared_files(), catalogue())


def _published(on: date) -> tuple[Rulebook, dict[str, int]]:
    """The rules in force on a day in this portal, and the number of the version of each."""
    versions = in_force(on)
    return rulebook_of(versions), {version.programme.code: version.number for version in versions}


def _lines() -> Iterable[bytes | str]:
    """The lines of standard input as bytes, so that each one that is not UTF-8 can be told by its number.

    Of one that is too long only so much that this can be seen.
    """
    stream = getattr(sys.stdin, "buffer", sys.stdin)
    while line := stream.readline(LONGEST_LINE + 1):
        yield line
        while len(line) > LONGEST_LINE and line[-1:] not in ("\n", b"\n"):
            line = stream.readline(LONGEST_LINE + 1)


def _write_no_more() -> None:
    """Lets Python's last flush go nowhere instead of into the closed pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
