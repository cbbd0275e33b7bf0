"""`manage.py demonstration_signins`: who one can sign in as."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.actions.demonstration import PASSWORD, secret_of
from portal.queries.demonstration import sign_ins


class Command(BaseCommand):
    """Prints the demonstration's accounts."""

    help = "Prints the demonstration's sign-ins: e-mail, role, one-time-code secret and the code that is good now."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line each. Raises CommandError outside a demonstration or before it is loaded."""
        if not settings.DEMONSTRATION:
            raise CommandError("These settings are not a demonstration's.")
        found = sign_ins(timezone.localdate())
        if not found:
            raise CommandError("There are no demonstration accounts yet: load the demonstration first.")
        self.stdout.write(f"Password for all: {PASSWORD}\n")
        for one in found:
            roles = "; ".join(f"{role}, {agency}" for role, agency in one.roles) or "Citizen"
            code = f"  code now {one.code}, secret {secret_of(one.email)}" if one.code else ""
            self.stdout.write(f"  {one.email:<42} {one.name:<24} {roles}{code}")
