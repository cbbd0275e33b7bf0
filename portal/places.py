"""Names of councils as people write them, and the codes they stand for. Pure."""

import re

BEFORE_NAME = re.compile(r"^(the )?((royal |london |metropolitan )*borough|city|county) of (?!london\b)")
AFTER_NAME = re.compile(r"( (city|borough|metropolitan borough|district|county|combined))? (council|corporation)$")
_SMALL = frozenset({"and", "upon", "on", "in", "the"})


def place_code(text: str) -> str:
    """The code of a place's name: small letters, without titles, joined by underscores."""
    plain = re.sub(r"['’.]", "", text.lower().replace("&", " and "))
    plain = " ".join(re.findall(r"[^\W_]+", plain))
    return AFTER_NAME.sub("", BEFORE_NAME.sub("", plain)).replace(" ", "_")[:80].strip("_")


def place_words(code: str | None) -> str:
    """A place's code as a name: "tower_hamlets" is "Tower Hamlets"."""
    return " ".join(word if word in _SMALL else word.capitalize() for word in (code or "").split("_"))
