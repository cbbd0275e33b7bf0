"""Puts the programmes of the folders into the database: the first version of each, published."""

import datetime as dt

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from eligibility.actions.programmes import AlreadyPublished, load_definition
from eligibility.language import RuleError
from eligibility.management.arguments import day, no_programme
from eligibility.registry import load_folder, programme_folders
from portal.kit.actor import Actor, acting_as
from portal.models import Agency


class Command(BaseCommand):
    """`manage.py load_programmes [--from 2026-04-06] [code ...]`. Running it again changes nothing."""

    help = "Load the first version of each programme folder. Folders whose version is there already are left alone."

    def add_arguments(self, parser):
        parser.add_argument("codes", nargs="*", help="only these programmes")
        parser.add_argument("--from", dest="start", type=day, help="first day they hold (default: today)")

    def handle(self, *args, codes: list[str], start: dt.date | None, **options):
        folders = programme_folders()
        for code in sorted(set(codes) - set(folders)):
            raise CommandError(no_programme(code, folders))
        problems, loaded = [], 0
        by = Actor.machine("load_programmes")
        for code, folder in folders.items():
            if codes and code not in codes:
                continue
            try:
                with acting_as(by), transaction.atomic():
                    version = load_definition(
                        by=by, definition=load_folder(folder), effective_from=start or timezone.localdate(), at=timezone.now()
                    )
            except Agency.DoesNotExist:
                problems.append(f"{code}: the agency named in its programme.toml is not there. Create it first.")
            except (RuleError, AlreadyPublished) as error:
                problems.append(f"{code}: {error}")
            else:
                loaded += version is not None
        looked_at = len(set(codes) or folders)
        self.stdout.write(f"{loaded} {'programme' if loaded == 1 else 'programmes'} loaded, {looked_at} looked at.")
        if problems:
            raise CommandError("\n".join(problems))
