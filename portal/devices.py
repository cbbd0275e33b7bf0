"""What a browser says about itself, in words a person knows their own devices by: "Firefox on Windows".

A browser may say anything, so this only helps a person to recognise what is theirs; nothing is decided by it.
"""

from django.utils.translation import gettext as _

# (part of the header, name), the first that fits: most browsers also call themselves by an older one's name.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """The browser and the kind of device of a User-Agent header, in the reader's language."""
    names = {
        "browser": next((name for part, name in BROWSERS if part in user_agent), ""),
        "system": next((name for part, name in SYSTEMS if part in user_agent), ""),
    }
    if all(names.values()):
        return _("%(browser)s on %(system)s") % names
    return names["browser"] or names["system"] or _("A device we do not know")
