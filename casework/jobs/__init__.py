"""Jobs of casework, one module per subject; imported here so that Celery finds them."""

from casework.jobs import delivery

__all__ = ["delivery"]
