"""Writes a version of a programme out as its folder, and reads a folder in as a draft: the same form both ways."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from eligibility.actions.bringing_in import bring_in
from eligibility.actions.programmes import NotReady
from eligibility.definition import Definition
from eligibility.folder import to_folder
from eligibility.language import RuleError
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import current_or_coming
from eligibility.registry import load_folder
from portal.kit.access import Refused
from portal.kit.actor import Actor, acting_as
from portal.models import Membership


class Command(BaseCommand):
    """`manage.py programme export CODE [--number N] --to FOLDER` and `manage.py programme import FOLDER --by E-MAIL`."""

    help = "Export a version of a programme as its folder, or import a folder as a draft that two people then publish."

    def add_arguments(self, parser):
        steps = parser.add_subparsers(dest="step", required=True)
        out = steps.add_parser("export", help="write a version as its folder")
        out.add_argument("code")
        out.add_argument("--number", type=int, help="which version (default: the published one that none replaces)")
        out.add_argument("--to", type=Path, required=True, help="folder to put the programme's folder in")
        into = steps.add_parser("import", help="read a folder as a draft")
        into.add_argument("folder", type=Path)
        into.add_argument("--by", required=True, help="e-mail address of the programme admin who brings it in")

    def handle(self, *args, step: str, **options):
        if step == "export":
            self._export(options["code"], options["number"], options["to"])
        else:
            self._import(options["folder"], options["by"])

    def _export(self, code: str, number: int | None, to: Path) -> None:
        if number is None:
            version = next((version for version in current_or_coming() if version.programme.code == code), None)
        else:
            version = ProgrammeVersion.objects.filter(programme__code=code, number=number).first()
        if version is None:
            raise CommandError(f"There is no such version of {code}.")
        folder = to_folder(Definition.from_dict(version.definition), to / code)
        self.stdout.write(f"Version {version.number} of {code} is in {folder}.")

    def _import(self, folder: Path, email: str) -> None:
        now = timezone.now()
        try:
            definition = load_folder(folder)
        except (RuleError, OSError) as problem:
            raise CommandError(str(problem)) from None
        membership = (
            Membership.objects.in_force(timezone.localdate(now))
            .select_related("user", "agency")
            .filter(user__email__iexact=email, role="programme_admin", agency__slug=definition.agency)
            .first()
        )
        if membership is None:
            raise CommandError(f"{email} is not a programme admin of {definition.agency}.")
        by = Actor(
            "staff",
            user_id=membership.user_id,
            agency_id=membership.agency_id,
            membership_id=membership.pk,
            role=membership.role,
            name=membership.user.name,
        )
        try:
            with acting_as(by), transaction.atomic():
                draft = bring_in(by=by, definition=definition, at=now)
        except (RuleError, Refused, NotReady) as problem:
            raise CommandError(str(problem)) from None
        failed = len({failure["case"] for failure in draft.examples["failed"]})
        self.stdout.write(f"Draft {draft.number} of {definition.code}: {draft.examples['passed']} examples pass, {failed} fail.")
