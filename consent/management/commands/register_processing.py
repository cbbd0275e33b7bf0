"""Registers what an agency does with facts here: the standard activities its data-protection officer starts from."""

import datetime as dt

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from consent.actions.activities import register_standard
from portal.kit.actor import Actor, acting_as
from portal.models import Agency


class Command(BaseCommand):
    """`manage.py register_processing newham-council [--from 2026-12-01]`. What an agency decides on follows from its programmes."""

    help = "Register screening (for the operator) or referrals and counter help (for other agencies)."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("--from", dest="start", type=dt.date.fromisoformat, help="first day (default: today)")

    def handle(self, *args, slug: str, start: dt.date | None, **options):
        agency = Agency.objects.filter(slug=slug).first()
        if agency is None:
            raise CommandError(f"There is no agency “{slug}”. Found it first: manage.py found_agency.")
        by = Actor.machine("register_processing")
        with acting_as(by), transaction.atomic():
            made = register_standard(by=by, agency=agency, starts_on=start or timezone.localdate())
        self.stdout.write(f"{agency.name}: {', '.join(activity.get_purpose_display() for activity in made)}.")
