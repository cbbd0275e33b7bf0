"""Form revisions, submissions and counter sessions."""

from intake.models.counter import CounterSession
from intake.models.form import FormRevision
from intake.models.submission import Submission

__all__ = ["CounterSession", "FormRevision", "Submission"]
