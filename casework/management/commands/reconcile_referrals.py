"""Prove that no referral was lost: submitted = delivered + pending + dead + recalled, and no row contradicts its task."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from casework.queries.deliveries import books
from portal.kit.actor import Actor, acting_as


class Command(BaseCommand):
    """Prints the books; fails when they do not balance."""

    help = "Check that every referral was delivered, waits, is a dead letter or was recalled."

    def handle(self, *args: Any, **options: Any) -> None:
        with acting_as(Actor.machine("books")), transaction.atomic():
            found = books()
        if found.faults:
            raise CommandError("The books of referrals do not balance. " + "; ".join(found.faults))
        self.stdout.write(
            f"{found.submitted} submitted = {found.delivered} delivered + {found.pending} pending + {found.dead} dead "
            f"+ {found.recalled} recalled"
        )
