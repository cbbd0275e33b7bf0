"""Fills an empty portal with the demonstration: agencies, staff, programmes, people at every stage, referrals."""

import datetime as dt

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from casework.demonstration.cast import citizens
from casework.demonstration.houses import agree_terms, let_councils_write, move_in
from casework.demonstration.lives import live
from portal.kit.actor import Actor, acting_as
from portal.models import Agency

STANDING = dt.timedelta(days=240)  # how long the agencies and their rules have been there


class Command(BaseCommand):
    """`manage.py load_demonstration [--people N]`. Refuses outside a demonstration; does nothing when it is loaded."""

    help = "Load the demonstration into an empty database."

    def add_arguments(self, parser):
        parser.add_argument("--people", type=int, default=None, help="only the first N people (for tests)")

    def handle(self, *args, people: int | None, **options):
        if not settings.DEMONSTRATION:
            raise CommandError("This is not a demonstration. Nothing was loaded.")
        if Agency.objects.exists():
            self.stdout.write("The demonstration is there already.")
            return
        with connection.cursor() as cursor:
            cursor.execute("set synchronous_commit to off")  # this session only: a load that is cut short begins anew
        now = timezone.now()
        since = timezone.localdate(now) - STANDING
        by = Actor.machine("load_demonstration")
        with acting_as(by), transaction.atomic():
            move_in(by, now, since)
        call_command("load_programmes", start=since, stdout=self.stdout)
        with acting_as(by), transaction.atomic():
            agree_terms(by, since)
            let_councils_write()
        cast = citizens(timezone.localdate(now))[:people]
        for citizen in cast:
            with acting_as(by):
                live(citizen, by, now)
        self.stdout.write(f"{len(cast)} people have told their stories.")
