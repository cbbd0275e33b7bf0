"""Setting letters as PDF with typst: tagged (PDF/UA-1, ISO 14289-1), with the fonts of `templates/letters/fonts`, no system library.

Every word reaches the template as data (one JSON text in `sys.inputs`); nothing a person wrote is ever part of its source.
"""

import datetime as dt
import json
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

logger = logging.getLogger(__name__)

REVISION = "decision-1"


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "templates" / "letters"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(_folder() / "fonts")])


def typeset(words: Mapping[str, Any], *, at: dt.datetime) -> bytes:
    """The PDF of a letter. words: see `casework.queries.letters.words_of`. at: the moment written into the document.

    A letter with characters that none of our fonts can draw is still made, tagged, but does not claim PDF/UA-1, which forbids it.
    """
    source = str(_folder() / "decision.typ")
    options: dict[str, Any] = {
        "root": str(_folder()),
        "font_paths": _fonts(),
        "sys_inputs": {"words": json.dumps(words, ensure_ascii=False)},
        "timestamp": int(at.timestamp()),
    }
    try:
        return typst.compile(source, pdf_standards="ua-1", **options)
    except typst.TypstError as error:
        if "PDF/UA-1 error" not in str(error):
            raise
        logger.warning("a letter could not be PDF/UA-1: a character has no glyph in our fonts")
        return typst.compile(source, **options)
