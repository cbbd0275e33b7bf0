"""Says how e-mails fare, and tries the mail server with one to an address of one's own."""

from smtplib import SMTPException
from typing import Any

from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from portal.kit.actor import Actor, acting_as
from portal.queries.outboxes import outboxes


class Command(BaseCommand):
    """`manage.py check_mail you@example.org`."""

    help = "Show how many e-mails wait or could not be sent; with an address, send one there at once and say what happened."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", nargs="?", help="send a test to this address now, past the outbox")

    def handle(self, *args: Any, address: str | None, **options: Any) -> None:
        with acting_as(Actor.machine("command line")), transaction.atomic():
            found = outboxes()
        for box in found:
            since = f", the oldest since {box.oldest:%Y-%m-%d %H:%M} UTC" if box.oldest else ""
            last = f"; last trouble: {box.trouble}" if box.trouble else ""
            self.stdout.write(f"{box.name}: {box.waiting} wait{since}, {box.dead} could not be sent{last}")
        if not address:
            return
        try:
            send_mail("OneDoor: a test", "The mail server takes our e-mails.", None, [address])
        except (SMTPException, OSError) as error:
            raise CommandError(f"The mail server did not take it: {type(error).__name__}: {error}") from error
        self.stdout.write(f"The mail server took a test for {address}.")
