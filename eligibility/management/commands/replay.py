"""Repeats every determination from what it kept and compares the result bit for bit."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from eligibility.queries.replaying import all_replayed
from portal.kit.actor import Actor, acting_as


class Command(BaseCommand):
    """`manage.py replay`. Fails when one determination does not come out as it was."""

    help = "Repeat all determinations with the version, the day and the facts they kept, and compare."

    def handle(self, *args, **options):
        count, wrong = 0, []
        with acting_as(Actor.machine("replay", caseload=True)), transaction.atomic():
            for result in all_replayed():
                count += 1
                if result.differs:
                    wrong.append(f"{result.id} ({result.code}): {', '.join(result.differs)}")
        self.stdout.write(f"{count} determinations repeated, {count - len(wrong)} came out the same bit for bit.")
        if wrong:
            raise CommandError("\n".join(wrong))
