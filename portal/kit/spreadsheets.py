"""Cells of a CSV file that people open in a spreadsheet program: never a formula there, and back again as they were."""

# How a cell begins that a spreadsheet would work out; the wide signs count as the narrow.
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_MARK = "'"


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP ASVS 5.0 1.2.10): a mark stands before what could be one."""
    return f"{_MARK}{text}" if _needs_mark(text) or _is_marked(text) else text


def as_written(text: str) -> str:
    """The cell as it was before `harmless`, whether or not a spreadsheet took the mark away."""
    return text[1:] if _is_marked(text) else text


def _needs_mark(text: str) -> bool:
    return text[:1] in _FORMULA


def _is_marked(text: str) -> bool:
    return text[:1] == _MARK and _needs_mark(text.lstrip(_MARK))
