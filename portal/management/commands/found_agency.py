"""Founds an agency and its first agency admin, who then adds offices, teams and colleagues in the browser."""

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.actions.agencies import add_member, found_agency
from portal.kit.actor import Actor, acting_as
from portal.models import Agency

KINDS = (Agency.STATUTORY, Agency.COMMUNITY, Agency.OPERATOR)


class Command(BaseCommand):
    """`manage.py found_agency newham-council "Newham Council" --kind statutory --admin ruth@newham.gov.uk "Ruth Adeyemi"`."""

    help = "Found an agency with its first agency admin. The admin sets a password by the 'new password' link."

    def add_arguments(self, parser):
        parser.add_argument("slug", help="short name for addresses and programme folders, never changed")
        parser.add_argument("name", help="name people read")
        parser.add_argument("--kind", choices=KINDS, default=Agency.STATUTORY, help="operator: the agency that runs this portal")
        parser.add_argument("--phone", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--admin", nargs=2, metavar=("EMAIL", "NAME"), required=True, help="the first agency admin")

    def handle(self, *args, slug: str, name: str, kind: str, phone: str, email: str, admin: list[str], **options):
        by = Actor.machine("found_agency")
        now = timezone.now()
        try:
            with acting_as(by), transaction.atomic():
                agency = found_agency(by=by, slug=slug, name=name, kind=kind, phone=phone, email=email)
                add_member(
                    by=by,
                    agency=agency,
                    email=admin[0],
                    name=admin[1],
                    role="agency_admin",
                    starts_on=timezone.localdate(now),
                    at=now,
                )
        except IntegrityError:
            raise CommandError(f"There is an agency “{slug}” already. Choose another short name.") from None
        self.stdout.write(f"{name} is founded. {admin[1]} can set a password at /account/password/forgotten/.")
