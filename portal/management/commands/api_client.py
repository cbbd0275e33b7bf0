"""Give a partner agency's system a token for the API, or end its tokens."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from portal.actions.machines import end_client, register_client
from portal.kit.actor import Actor, acting_as
from portal.models import Agency, MachineClient


class Command(BaseCommand):
    """Prints the token once; only its digest is stored."""

    help = "Register a partner agency's system for the API and print its token, or end a system's token."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("agency", help="slug of the agency")
        parser.add_argument("name", help="what the system is called, as access logs show it")
        parser.add_argument("--end", action="store_true", help="end the tokens of the system with this name")

    def handle(self, *args: Any, agency: str, name: str, end: bool, **options: Any) -> None:
        by = Actor.machine("command line")
        with acting_as(by), transaction.atomic():
            found = Agency.objects.filter(slug=agency).first()
            if found is None:
                raise CommandError(f"There is no agency with the slug {agency!r}.")
            if not end:
                self.stdout.write(register_client(by=by, agency=found, name=name, at=timezone.now())[1])
                return
            clients = list(MachineClient.objects.select_related("agency").filter(agency=found, name=name, is_active=True))
            if not clients:
                raise CommandError(f"{found.name} has no system called {name!r} with a token.")
            for client in clients:
                end_client(by=by, client=client)
            self.stdout.write(f"Ended: {len(clients)}")
