"""The product's own programs for the rig, with beats of a second instead of a minute and short sweeps: there is more to kill."""

import django

from portal.celery import app

django.setup()

from eligibility import jobs  # noqa: E402  (Django is ready only now)

__all__ = ["app", "celery"]

app.conf.beat_schedule = {
    name: {**line, "schedule": 1.0, "options": {"expires": 2}}
    for name, line in app.conf.beat_schedule.items()
    if name in ("screening", "notifications")
}
jobs.CHUNK = 20
celery = app
