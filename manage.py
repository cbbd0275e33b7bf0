#!/usr/bin/env python
"""Django's command line. Commands that change the schema run as the owner role, all others as the serving role."""

import os
import sys

OWNER_COMMANDS = {"migrate", "showmigrations", "makemigrations", "sqlmigrate", "sqlsequencereset"}


def main() -> None:
    """Choose the settings module and the database role, then hand over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["DATABASE_ROLE"] = "owner"
    from django.core.management import execute_from_command_line  # after the environment is set

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
