"""Settings: `local` is the default; `test` and `production` are chosen by DJANGO_SETTINGS_MODULE."""

import os

if os.environ.get("DJANGO_SETTINGS_MODULE", "portal.settings") == "portal.settings":
    from portal.settings.local import *  # noqa: F403  Django's own way to layer settings
