"""Finds the programme folders and the shared files beside this module, and reads them. Pure: no Django, no database.

A folder counts when it has a programme.toml; adding a programme edits nothing else. Settings use `app_names` to install each folder as a
Django app of its own.
"""

import tomllib
from pathlib import Path

from eligibility.definition import Definition, SharedFile
from eligibility.language.errors import RuleError
from eligibility.language.limits import toml_number
from eligibility.language.messages import message as _
from eligibility.sections import plain_data

HERE = Path(__file__).parent
PROGRAMMES = HERE / "programmes"
LIMITS = HERE / "limits"


def programme_folders(root=PROGRAMMES):
    """The programme folders under `root`, by code, in alphabetical order."""
    return {path.parent.name: path.parent for path in sorted(Path(root).glob("*/programme.toml"))}


def app_names(root=PROGRAMMES):
    """Dotted names of the programme folders, for INSTALLED_APPS."""
    return [f"eligibility.programmes.{code}" for code in programme_folders(root)]


def read_toml(path):
    """A TOML file with exact decimals. Raises RuleError that names the file and the line."""
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"), parse_float=toml_number)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(_("This file cannot be read: %(problem)s", problem=error), where=Path(path).name) from None


def load_folder(folder):
    """The Definition of one programme folder, its worked examples included. Raises RuleError."""
    folder = Path(folder)
    data = read_toml(folder / "programme.toml")
    if (folder / "cases.toml").exists():
        data["cases"] = plain_data(read_toml(folder / "cases.toml"))
    definition = Definition.from_dict(data)
    if definition.code != folder.name:
        said = _("The code is %(code)s, but the folder is called %(folder)s.", code=definition.code, folder=folder.name)
        raise RuleError(said, where="programme.code")
    return definition


def load_all(root=PROGRAMMES):
    """{code: Definition} of all folders. Raises RuleError that names the folder."""
    found = {}
    for code, folder in programme_folders(root).items():
        try:
            found[code] = load_folder(folder)
        except RuleError as error:
            raise error.within(code) from None
    return found


def shared_files(root=LIMITS):
    """{name: SharedFile} of the shared limits. Raises RuleError."""
    return {path.stem: SharedFile.from_dict(path.stem, plain_data(read_toml(path))) for path in sorted(Path(root).glob("*.toml"))}
