"""Begins the folder of a new programme: a rule and worked examples that run, to be rewritten."""

import re
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

FOLDER = Path(__file__).resolve().parents[2] / "programmes"
NAME = re.compile(r"[a-z][a-z0-9_]{2,59}\Z")

PROGRAMME = """\
# What each part means: docs/rules.md
[programme]
code = "{code}"
agency = "{agency}"
area = "{area}"
name = "{name}"
summary = "One sentence that says what {name} is."
purpose = "To see whether you can get {name}, we need to know your age."
next_steps = "The agency writes to you."

[[law]]
title = "Name the law or the scheme it rests on"

[limits.age_limit]
label = "Age from which it is given"
unit = "years"
rows = [{{ from = 2026-01-01, value = 18, law = "Name the section", note = "to be confirmed" }}]

[[criteria]]
id = "age"
when = "applicant.age >= limits.age_limit"
says = "You are {{limits.age_limit}} or over"
says_not = "You are under {{limits.age_limit}}"
says_unknown = "We need your date of birth"
law = "Name the section"

[service_standard]
working_days = 20

[contacts]
channels = ["online"]

[leaves_out]
everything_else = "This is a first draft and leaves out most of the rule."
"""
CASES = """\
[[case]]
id = "birthday_today"
on = 2026-11-21
applicant = { age = 18 }
expect = { outcome = "likely", criteria = { age = "met" } }

[[case]]
id = "day_before"
on = 2026-11-21
applicant = { born_on = 2008-11-22 }
expect = { outcome = "not_likely", criteria = { age = "not_met" } }

[[case]]
id = "not_known"
on = 2026-11-21
applicant = { born_on = "?" }
expect = { outcome = "unknown", missing = ["people.applicant.born_on"] }
"""


class Command(BaseCommand):
    """`manage.py new_programme rent_help --agency newham-council --area housing`."""

    help = "Begin the folder of a new programme."

    def add_arguments(self, parser):
        parser.add_argument("name", help="its code: small letters, digits and _, for example rent_help")
        parser.add_argument("--agency", default="onedoor", help="slug of the agency that decides")
        parser.add_argument("--area", default="income", help="income, housing, health_care, education, employment or justice")
        parser.add_argument("--into", type=Path, default=FOLDER, help="folder that holds the programmes")

    def handle(self, *args, name: str, agency: str, area: str, into: Path, **options):
        if not NAME.match(name):
            raise CommandError(f"“{name}” cannot be a code. Use 3 to 60 small letters, digits and _, beginning with a letter.")
        folder = into / name
        if folder.exists():
            raise CommandError(f"{folder} is there already.")
        folder.mkdir(parents=True)
        words = name.replace("_", " ").capitalize()
        (folder / "__init__.py").write_text("", encoding="utf-8")
        (folder / "programme.toml").write_text(PROGRAMME.format(code=name, agency=agency, area=area, name=words), encoding="utf-8")
        (folder / "cases.toml").write_text(CASES, encoding="utf-8")
        self.stdout.write(f"Made {folder}. Write the rule in programme.toml and its examples in cases.toml, then run:")
        self.stdout.write("  manage.py load_programmes")
