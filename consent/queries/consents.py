"""Consents for showing: what a person is asked, in which words, and what became of it."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from consent.facts import CATEGORIES, catalogue, fact, in_language
from consent.models import CaseRecord, Consent, ProcessingActivity


def request_text(activity: ProcessingActivity, *, until: dt.datetime, language: str) -> dict[str, Any]:
    """The consent block in `language`: who, may_see, may_not_see, only_to, until, without, sentence.

    These are the words the person sees and the words that are kept with the consent. may_see and may_not_see are lists
    of labels; `without` says what happens on a no: an equal way.
    """
    with translation.override(language):
        mine = [fact(code) for code in activity.concepts]
        inside = {kind.category for kind in mine}
        day = formats.date_format(timezone.localtime(until).date(), "j F Y")
        purpose = in_language(activity.text, language) if activity.text else str(activity.get_purpose_display())
        return {
            "who": activity.agency.name,
            "may_see": [
                {"category": str(CATEGORIES[category]), "facts": [k.words() for k in mine if k.category == category]}
                for category in CATEGORIES
                if category in inside
            ],
            "may_not_see": [str(label) for code, label in CATEGORIES.items() if code not in inside],
            "only_to": purpose,
            "until": day,
            "without": _("If you do not allow it, you can still apply. %(agency)s will ask you for these answers itself.")
            % {"agency": activity.agency.name},
            "sentence": _(
                "%(agency)s wants to see the facts below. Only for this: %(purpose)s. Until %(day)s, or the day you stop it."
            )
            % {"agency": activity.agency.name, "purpose": purpose, "day": day},
            "gate": activity.release_gate,
            "legal_reference": activity.legal_reference,
        }


def consents_of(record: CaseRecord) -> list[Consent]:
    """All consents of the record with agency and activity, newest first."""
    return list(record.consents.select_related("agency", "activity").order_by("-created_at", "-id"))


def concepts_by_category(codes) -> list[dict[str, Any]]:
    """[{"category": label, "facts": [labels]}] of concept codes, in catalogue order."""
    wanted = [kind for code, kind in catalogue().items() if code in set(codes)]
    return [
        {"category": label, "facts": [kind.words() for kind in wanted if kind.category == code]}
        for code, label in CATEGORIES.items()
        if any(kind.category == code for kind in wanted)
    ]


def consent_of(record: CaseRecord, consent_id: UUID) -> Consent | None:
    """One consent of the record, with agency and activity; None when it is not this record's."""
    return record.consents.select_related("agency", "activity", "record__person").filter(pk=consent_id).first()
