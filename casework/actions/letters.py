"""Writing the letter on a decision: its words, its PDF, and the PDF's digest."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from casework.letterpress import REVISION, typeset
from casework.models import Decision, Letter, ProgrammeCase
from casework.queries.letters import sentences_in, words_of
from casework.queries.offers import offer_of
from consent.actions.release import release
from consent.permit import AccessRefused
from portal.kit.actor import Actor

ADDRESSEE = ("identity.name", "identity.contact", "identity.language_and_needs")


def write(decision: Decision, case: ProgrammeCase, *, by: Actor, at: dt.datetime) -> Letter:
    """Write and typeset the letter on an issued decision, in the person's language. Part of the decision's transaction."""
    words = compose(decision, case, by=by, at=at, operation="export")
    pdf = typeset(words, at=at)
    return Letter.objects.create(
        case=case, decision=decision, revision=REVISION, language=words["language"], words=words, pdf=pdf,
        sha256=hashlib.sha256(pdf).hexdigest(), made_at=at,
    )  # fmt: skip


def compose(decision: Decision, case: ProgrammeCase, *, by: Actor, at: dt.datetime, operation: str) -> dict[str, Any]:
    """The words of the letter on a decision, issued or drafted. operation: how the access log names the look at the address."""
    language = case.record.person.preferred_language
    version = case.programme_version
    return words_of(
        decision,
        case,
        programme=offer_of(version, language).name,
        to_lines=_addressee(case, language, by=by, at=at, operation=operation),
        language=language,
        translated=sentences_in(version, language),
    )


def _addressee(case: ProgrammeCase, language: str, *, by: Actor, at: dt.datetime, operation: str) -> list[str]:
    """Name and safe address as the gate releases them; the reference stands in where it does not."""
    try:
        released = release(
            by=by, record=case.record, purpose="determination", programme=case.programme, concepts=ADDRESSEE,
            operation=operation, at=at,
        )  # fmt: skip
    except AccessRefused as refusal:
        refusal.keep_trace()
        who: Mapping[str, Any] = {}
    else:
        who = released.identity.get(str(case.person_id), {})
    lines = [who["name"]] if who.get("name") else []
    address = who.get("contact", {}).get("address")
    if address and address["safe"] != "no":
        lines += [line for line in address["value"].splitlines() if line.strip()]
    with override(language):
        return lines or [_("To the person with the reference %(reference)s") % {"reference": case.reference}]
