"""The settings of the test stack (real database, real broker, debug off), with the controls beside the product."""

from portal.settings.test import *  # noqa: F403  Django's own way to layer settings
from portal.settings.test import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "tests.bench.control"]
ROOT_URLCONF = "tests.bench.urls"
