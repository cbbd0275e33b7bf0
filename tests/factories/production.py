"""Production as it is, with the static files collected into a folder of the test."""

import os
from pathlib import Path

from portal.settings.production import *  # noqa: F403  Django's own way to layer settings

STATIC_ROOT = Path(os.environ["TEST_STATIC_ROOT"])
