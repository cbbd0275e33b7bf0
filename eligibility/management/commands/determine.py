"""`manage.py determine --on 2026-11-21 < households.jsonl > results.jsonl`: evaluates households without storing anything."""

import json
import sys
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from eligibility import registry
from eligibility.engine import Rulebook
from eligibility.interchange import determine_lines
from eligibility.language import RuleError
from eligibility.rules import catalogue


class Command(BaseCommand):
    """One household as JSON per line in, one result per line out. Exit code 1 when a line could not be read."""

    help = "Evaluate households given as JSON lines on standard input; nothing is stored."
    requires_system_checks = ()

    def add_arguments(self, parser):
        """--on: the assessment date. --programme: only these, may be given more than once."""
        parser.add_argument("--on", required=True, type=_day, help="Assessment date, like 2026-11-21.")
        parser.add_argument("--programme", action="append", default=[], help="Only this programme (may be repeated).")

    def handle(self, *args, on, programme, **options):
        """Reads, decides and writes line by line."""
        try:
            rulebook = Rulebook(registry.load_all(), registry.shared_files(), catalogue())
        except RuleError as error:
            raise CommandError(str(error)) from None
        if unknown := sorted(set(programme) - set(rulebook.definitions)):
            raise CommandError(f"There is no programme {', '.join(unknown)}. There are: {', '.join(rulebook.definitions)}.")
        failed = False
        for result in determine_lines(sys.stdin, rulebook, on, programme or None):
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            if "errors" in result:
                failed = True
                self.stderr.write(f"line {result['line']}: {'; '.join(result['errors'])}")
        if failed:
            sys.exit(1)


def _day(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a date; write it like 2026-11-21.") from None
