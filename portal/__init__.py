"""The ground floor: who is here, and the wiring of the house.

Owns users, agencies, offices, teams, roles and notifications, the kit every package builds with, the settings and the
command that runs everything. Names the packages above it only as strings. Never reads a case record.
"""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
