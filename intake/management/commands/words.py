"""`manage.py words`: what is not translated yet, per language: the form, the fact catalogue, and the texts of pages and code."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation.template import templatize

from consent.facts import catalogue
from intake.actions.forms import read_document
from intake.definition import read_form

# Names of gettext's functions and which of their arguments is the English text.
FUNCTIONS = {
    "_": 0,
    "gettext": 0,
    "gettext_lazy": 0,
    "ngettext": 0,
    "ngettext_lazy": 0,
    "gettext_noop": 0,
    "pgettext": 1,
    "pgettext_lazy": 1,
    "npgettext": 1,
    "npgettext_lazy": 1,
}
IN_TEMPLATE = re.compile(
    r"\bn?(p?)gettext\(u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?:, *u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"))?"
)
PACKAGES = ("portal", "consent", "intake", "eligibility", "casework")


@dataclass
class Count:
    """How many texts of one kind are there, and which are missing in the language."""

    name: str
    total: int = 0
    missing: list[str] = field(default_factory=list)

    @property
    def share(self) -> int:
        """Per cent that is done, rounded down: 100 means everything."""
        return 100 if not self.total else (self.total - len(self.missing)) * 100 // self.total


class Command(BaseCommand):
    """Prints a table; fails with --complete when something is missing."""

    help = "Report what is not translated yet: form, fact catalogue, pages and code, per language."

    def add_arguments(self, parser):
        parser.add_argument("--language", action="append", help="only this language (may be repeated)")
        parser.add_argument("--complete", action="store_true", help="fail when form or facts lack a word of these languages")

    def handle(self, *args, language, complete, **options):
        languages = language or [code for code, _name in settings.LANGUAGES if code != "en"]
        if unknown := set(languages) - {code for code, _name in settings.LANGUAGES}:
            raise CommandError(f"OneDoor does not speak {', '.join(sorted(unknown))}")
        texts = set(texts_of_the_house(Path(settings.BASE_DIR)))
        incomplete = []
        for code in languages:
            counts = [form_words(code), fact_words(code), page_words(code, texts)]
            for count in counts:
                self.stdout.write(
                    f"{code}  {count.name:<16} {count.total - len(count.missing):>5} of {count.total:>5}  {count.share:>3} %"
                )
                if options["verbosity"] > 1:
                    self.stdout.writelines(f"      {line}" for line in count.missing)
            incomplete += [f"{code} {count.name}" for count in counts[:2] if count.missing]
        if complete and incomplete:
            raise CommandError(f"Words are missing: {', '.join(incomplete)}")


def form_words(code: str) -> Count:
    """The texts of the form shipped."""
    return _counted("form", read_form(read_document(), catalogue()).words(), code)


def fact_words(code: str) -> Count:
    """The labels of facts and of their choices."""
    labels = [(kind.code, kind.label) for kind in catalogue().values()]
    labels += [
        (f"{kind.code}: {choice}", kind.choice_labels.get(choice, {})) for kind in catalogue().values() for choice in kind.choices
    ]
    return _counted("facts", labels, code)


def page_words(code: str, texts: set[str]) -> Count:
    """The texts of templates and code, held against the gettext catalogues of the language."""
    root = Path(settings.BASE_DIR)
    done: set[str] = set()
    for path in sorted(root.glob(f"**/locale/{code}/LC_MESSAGES/*.po")):
        if not {".venv", "node_modules"} & set(path.parts):
            done |= {entry.msgid for entry in polib.pofile(str(path)).translated_entries()}
    return Count("pages and code", len(texts), sorted(texts - done))


def texts_of_the_house(root: Path) -> Iterator[str]:
    """Every text marked for translation in our templates and code."""
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield from texts_of_template(path.read_text(encoding="utf-8"))
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            yield from texts_of_code(path.read_text(encoding="utf-8"))


def texts_of_template(source: str) -> Iterator[str]:
    """Texts in translate, blocktranslate and _() of a template."""
    for context, first, second in IN_TEMPLATE.findall(templatize(source)):
        yield ast.literal_eval(second if context else first)


def texts_of_code(source: str) -> Iterator[str]:
    """Texts in calls of gettext's functions; a text that is not written out cannot be found."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            place = FUNCTIONS[node.func.id]
            if len(node.args) > place and isinstance(text := node.args[place], ast.Constant) and isinstance(text.value, str):
                yield text.value


def _counted(name: str, words: Iterable[tuple[str, Mapping[str, str]]], code: str) -> Count:
    count = Count(name)
    for place, texts in words:
        count.total += 1
        if not texts.get(code):
            count.missing.append(place)
    return count
