"""Publishing forms."""

import datetime as dt
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Max

from consent.facts import catalogue
from intake.definition import digest, read_form
from intake.models import FormRevision
from intake.queries.forms import newest_revision
from portal.kit.actor import Actor

SHIPPED = Path(__file__).parent.parent / "forms" / "main.toml"


def read_document(path: Path = SHIPPED) -> dict[str, Any]:
    """The document in a TOML file. Raises OSError, tomllib.TOMLDecodeError."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


@transaction.atomic
def publish(*, by: Actor, document: Mapping[str, Any], at: dt.datetime) -> tuple[FormRevision, bool]:
    """Store `document` as the next revision of its form and return it with True; the newest one and False when it is the same.

    Raises FormError when the document is wrong. Drafts keep the revision they began with.
    """
    form = read_form(document, catalogue())
    sha256 = digest(document)
    newest = newest_revision(form.code)
    if newest is not None and newest.sha256 == sha256:
        return newest, False
    number = (FormRevision.objects.filter(code=form.code).aggregate(last=Max("number"))["last"] or 0) + 1
    revision = FormRevision.objects.create(
        code=form.code, number=number, definition=json.loads(json.dumps(document)), sha256=sha256, published_at=at
    )
    return revision, True
