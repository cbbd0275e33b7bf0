"""What a part of a file must look like before it is read: a section, a list, a text. Raises RuleError with the place and an example."""

from eligibility.language.errors import RuleError
from eligibility.language.messages import message as _


def section(value, where):
    """The dict of a section with named values."""
    if not isinstance(value, dict):
        raise RuleError(_("This should be a section with named values."), where=where)
    return value


def items(value, where):
    """The list of a section that comes several times."""
    if not isinstance(value, (list, tuple)):
        raise RuleError(_("This should be a list, each thing in it with its own values."), where=where)
    return value


def text(value, where):
    """A text."""
    if not isinstance(value, str):
        raise RuleError(_('This should be a text in quotation marks, like "example".'), where=where)
    return value


def texts(value, where):
    """A list of texts."""
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise RuleError(_('This should be a list of texts, like ["one", "two"].'), where=where)
    return value


def texts_in(data, names, where):
    """Looks that each of the named values that is there is a text. names: the names. Gives the section back."""
    for name in names:
        if data.get(name) is not None:
            text(data[name], f"{where}.{name}")
    return data
