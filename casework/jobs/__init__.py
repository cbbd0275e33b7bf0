"""Jobs of casework, one module per subject; imported here so that Celery finds them."""

from casework.jobs import cases, delivery

__all__ = ["cases", "delivery"]
