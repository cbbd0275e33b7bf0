"""`manage.py load_form`: publish the form kept in a TOML file, the one shipped unless told otherwise."""

from pathlib import Path
from tomllib import TOMLDecodeError

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from intake.actions.forms import SHIPPED, publish, read_document
from intake.definition import FormError
from portal.kit.actor import Actor, acting_as


class Command(BaseCommand):
    """Publishes a form revision; does nothing when the newest is the same."""

    help = "Publish the intake form. Does nothing when the newest revision is the same."

    def add_arguments(self, parser):
        parser.add_argument("path", nargs="?", type=Path, default=SHIPPED, help="a TOML file; default: the form shipped")

    def handle(self, *args, path: Path, **options):
        machine = Actor.machine("load_form")
        try:
            document = read_document(path)
            with acting_as(machine), transaction.atomic():
                revision, is_new = publish(by=machine, document=document, at=timezone.now())
        except (OSError, TOMLDecodeError, FormError) as error:
            raise CommandError(f"{path}: {error}") from error
        state = "published" if is_new else "is already published"
        self.stdout.write(f"Form {revision.code} {revision.number} {state} ({revision.sha256[:12]})")
