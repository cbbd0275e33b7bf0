"""Begins the folder of a new programme: a rule and worked examples that run, to be rewritten."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from eligibility.registry import PROGRAMMES
from eligibility.scaffold import NAME, files


class Command(BaseCommand):
    """`manage.py new_programme rent_help --agency newham-council --area housing`."""

    help = "Begin the folder of a new programme."

    def add_arguments(self, parser):
        parser.add_argument("name", help="its code: small letters, digits and _, for example rent_help")
        parser.add_argument("--agency", default="onedoor", help="slug of the agency that decides")
        parser.add_argument("--area", default="income", help="income, housing, health_care, education, employment or justice")
        parser.add_argument("--into", type=Path, default=PROGRAMMES, help="folder that holds the programmes")

    def handle(self, *args, name: str, agency: str, area: str, into: Path, **options):
        if not NAME.match(name):
            raise CommandError(f"“{name}” cannot be a code. Use 3 to 60 small letters, digits and _, beginning with a letter.")
        folder = into / name
        if folder.exists():
            raise CommandError(f"{folder} is there already.")
        folder.mkdir(parents=True)
        words = name.replace("_", " ").capitalize()
        (folder / "__init__.py").write_text("", encoding="utf-8")
        for file_name, text in files(name, agency, area, words).items():
            (folder / file_name).write_text(text, encoding="utf-8")
        self.stdout.write(f"Made {folder}. Write the rule in programme.toml and its examples in cases.toml, then run:")
        self.stdout.write("  manage.py load_programmes")
