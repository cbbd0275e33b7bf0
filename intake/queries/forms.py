"""Published forms, parsed."""

from functools import lru_cache
from uuid import UUID

from consent.facts import catalogue
from intake.definition import Form, read_form
from intake.models import FormRevision

MAIN = "main"


def newest_revision(code: str = MAIN) -> FormRevision | None:
    """The revision that new drafts pin, or None before a form was loaded."""
    return FormRevision.objects.filter(code=code).order_by("-number").first()


def form_of(revision_id: UUID) -> Form:
    """The form of a revision, parsed once per process: revisions never change."""
    return _parsed(revision_id)


@lru_cache(maxsize=16)
def _parsed(revision_id: UUID) -> Form:
    return read_form(FormRevision.objects.get(pk=revision_id).definition, catalogue())
