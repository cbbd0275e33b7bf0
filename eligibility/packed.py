"""A programme's folder as one file: out as .zip, in as .zip or as the two files. What comes in is not trusted."""

import io
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from eligibility.definition import Definition
from eligibility.folder import to_files
from eligibility.language.errors import RuleError
from eligibility.rule_words import with_place
from eligibility.scaffold import read_data

RULE, EXAMPLES = "programme.toml", "cases.toml"
LARGEST = 1_000_000  # bytes of one file, unpacked; the largest that ships has 31,000
MOST_FILES = 20
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # no clock: the same version gives the same bytes


class UnreadableFolder(ValueError):
    """What was uploaded is no programme's folder; the message says why."""


def packed(definition: Definition) -> bytes:
    """The folder as a .zip: <code>/programme.toml, <code>/cases.toml and the empty __init__.py."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {"__init__.py": "", **to_files(definition)}.items():
            archive.writestr(zipfile.ZipInfo(f"{definition.code}/{name}", _FIRST_DAY), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpacked(files: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """{"programme.toml": text, "cases.toml": text} of what was uploaded: one .zip, or the files. Raises UnreadableFolder."""
    given = list(files)
    if len(given) == 1 and given[0][1].startswith(b"PK"):
        found = _from_zip(given[0][1])
    else:
        found = {}
        for name, content in given:
            if name not in (RULE, EXAMPLES):
                raise UnreadableFolder(_("Choose a .zip file, or the files programme.toml and cases.toml."))
            if name in found:
                raise UnreadableFolder(_("%(name)s was chosen twice.") % {"name": name})
            found[name] = content
    if RULE not in found:
        raise UnreadableFolder(_("There is no programme.toml in it."))
    texts = {}
    for name, content in found.items():
        if len(content) > LARGEST:
            raise UnreadableFolder(_too_large(name))
        try:
            texts[name] = content.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            raise UnreadableFolder(_("%(name)s is not text in UTF-8. Save it again as UTF-8.") % {"name": name}) from None
    return texts


def data_of(texts: Mapping[str, str]) -> dict[str, Any]:
    """The definition as data, its formulas still text. Raises UnreadableFolder that names the file and the line."""
    try:
        return read_data(texts[RULE], texts.get(EXAMPLES, ""))
    except (tomllib.TOMLDecodeError, RuleError) as problem:
        raise UnreadableFolder(_("The text cannot be read: %(problem)s") % {"problem": with_place(problem)}) from None
    except RecursionError:
        raise UnreadableFolder(_("The text cannot be read: its brackets go too deep.")) from None


def _too_large(name: str) -> str:
    return _("%(name)s is larger than a rule can be (1 MB).") % {"name": name}


def _from_zip(content: bytes) -> dict[str, bytes]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [item for item in archive.infolist() if not item.is_dir()]
        if len(members) > MOST_FILES:
            raise UnreadableFolder(_("The .zip file holds too many files. It should hold one programme’s folder."))
        found: dict[str, bytes] = {}
        for item in members:
            path = PurePosixPath(item.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in item.filename or len(path.parts) > 2:
                raise UnreadableFolder(
                    _("The .zip file holds a path that leads elsewhere: %(name)s") % {"name": item.filename[:80]}
                )
            if (item.external_attr >> 16) & 0o170000 == 0o120000:
                raise UnreadableFolder(_("The .zip file holds a link: %(name)s") % {"name": item.filename[:80]})
            if path.name not in (RULE, EXAMPLES):
                continue  # __init__.py and what else lies in the folder: never written anywhere, never run
            if path.name in found:
                raise UnreadableFolder(_("The .zip file holds more than one %(name)s.") % {"name": path.name})
            if item.flag_bits & 1:
                raise UnreadableFolder(_("The .zip file has a password. Make it without one."))
            with archive.open(item) as member:
                found[path.name] = member.read(LARGEST + 1)  # what the file says of its size is not believed
            if len(found[path.name]) > LARGEST:
                raise UnreadableFolder(_too_large(path.name))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as problem:
        if isinstance(problem, UnreadableFolder):
            raise
        raise UnreadableFolder(_("The .zip file is damaged or of a kind that cannot be read. Make it again.")) from None
    return found
