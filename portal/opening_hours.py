"""Opening hours: kept as {"days": "mon-fri", "opens": "09:00", "closes": "17:00"} or {"note": words}, shown in words."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DAYS = {
    "mon": gettext_lazy("Monday"),
    "tue": gettext_lazy("Tuesday"),
    "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"),
    "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}
_NAMES = "|".join(DAYS)
_LINE = re.compile(
    rf"(?P<days>(?:{_NAMES})[a-z]*(?: *(?:-|–|to) *(?:{_NAMES})[a-z]*)?) +"
    r"(?P<opens>\d{1,2}:\d\d) *[-–] *(?P<closes>\d{1,2}:\d\d)",
    re.IGNORECASE,
)


def in_words(line: Mapping[str, str]) -> tuple[str, str]:
    """The days and the times of one line, as people read them; a note has no times."""
    if "note" in line:
        return line["note"], ""
    names = [str(DAYS[code]) for code in line["days"].split("-")]
    days = _("%(first)s to %(last)s") % {"first": names[0], "last": names[-1]} if len(names) > 1 else names[0]
    return days, f"{line['opens']}–{line['closes']}"


def as_typed(line: Mapping[str, str]) -> str:
    """One line as an admin types it: `mon-fri 09:00-17:00`, or the note."""
    return line["note"] if "note" in line else f"{line['days']} {line['opens']}-{line['closes']}"


def read(text: str) -> dict[str, str]:
    """What an admin typed, such as `Monday to Friday 9:00-17:00`, in its kept form; anything else is a note."""
    text = text.strip()
    found = _LINE.fullmatch(text)
    if not found:
        return {"note": text}
    codes = [word[:3] for word in re.split(r" *(?:-|–|\bto\b) *", found["days"].lower())]
    return {"days": "-".join(codes), "opens": found["opens"].zfill(5), "closes": found["closes"].zfill(5)}
