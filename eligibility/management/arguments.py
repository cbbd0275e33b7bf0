"""What commands about programmes are given: a day, the code of a programme; and what is said of a wrong one."""

import argparse
import re
from collections.abc import Iterable
from datetime import date

from eligibility.language.mistakes import meant


def day(text: str) -> date:
    """A day as ISO 8601 writes it. Raises ArgumentTypeError with how to write it."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"“{text}” is not a date; write it like 2026-11-21.")


def no_programme(code: str, known: Iterable[str]) -> str:
    """That there is no programme with this code, what may have been meant, and which there are."""
    near = meant(code, list(known))
    return f"There is no programme {code}.{f' Did you mean {near}?' if near else ''} There are: {', '.join(known)}."
