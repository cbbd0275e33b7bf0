"""A formula as somebody typed or pasted it, in the plain signs of the rule language, and where each of them stood.

Word processors and other keyboards write “ ” ≤ ≥ ≠ × ÷ −, spaces that do not break, Arabic digits and marks nobody sees. They mean what they
look like, so they are read as that. What looks like nothing in the language is left for the parser to refuse by name.
"""

import unicodedata

_ALIKE = {
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛′‹›", "'"),
    **dict.fromkeys("−‒–—―﹣", "-"),
    **dict.fromkeys("×✕✖∗", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("≤≦⩽", "<="),
    **dict.fromkeys("≥≧⩾", ">="),
    "≠": "!=",
    "،": ",",
    "٬": ",",
    "٫": ".",
}
_WIDE = range(0xFF01, 0xFF5F)  # the signs of ASCII as wide as a Chinese one
_UNSEEN = 0x034F, *range(0xFE00, 0xFE10)  # a joiner, and what chooses a picture for the sign before


def plain_sign(sign):
    """One character in plain signs: itself, what it looks like, a space, or "" for a mark that nobody sees."""
    if sign.isascii():
        return " " if sign.isspace() else sign
    if sign in _ALIKE:
        return _ALIKE[sign]
    if ord(sign) in _WIDE:
        return chr(ord(sign) - 0xFEE0)
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    if kind in ("Zs", "Zl", "Zp") or sign.isspace():
        return " "
    return "" if kind == "Cf" or ord(sign) in _UNSEEN else sign


def plain_signs(text):
    """(the text in plain signs on one line, the place in `text` of each of its characters and of its end)."""
    signs, places = [], []
    for place, sign in enumerate(text):
        made = plain_sign(sign)
        signs.append(made)
        places += [place] * len(made)
    return "".join(signs), [*places, len(text)]
