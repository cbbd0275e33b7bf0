"""`manage.py demonstration_signins`: who one can sign in as."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from portal.actions.demonstration import PASSWORD, secret_of
from portal.queries.demonstration import first_to_meet, sign_ins


class Command(BaseCommand):
    """`manage.py demonstration_signins [--all]`. Prints the demonstration's accounts."""

    help = "Prints the demonstration's sign-ins: e-mail, role, one-time-code secret and the code that is good now."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--all`: every account, not only one of each kind."""
        parser.add_argument("--all", action="store_true", dest="everybody", help="every account, not only one of each kind")

    def handle(self, *args: Any, everybody: bool, **options: Any) -> None:
        """Print one line each. Raises CommandError outside a demonstration or before it is loaded."""
        if not settings.DEMONSTRATION:
            raise CommandError("These settings are not a demonstration's.")
        found = sign_ins(timezone.localdate())
        if not found:
            raise CommandError("There are no demonstration accounts yet: load the demonstration first.")
        self.stdout.write(f"Password for all: {PASSWORD}\n")
        shown = found if everybody else first_to_meet(found)
        for one in shown:
            roles = "; ".join(f"{role}, {agency}" for role, agency in one.roles) or "Citizen"
            code = f"  code now {one.code}, secret {secret_of(one.email)}" if one.code else ""
            self.stdout.write(f"  {one.email:<42} {one.name:<24} {roles}{code}")
        if len(shown) < len(found):
            address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('portal:demonstration')}"
            self.stdout.write(f"\nAll {len(found)}, with the codes that are good now: {address}\n")
