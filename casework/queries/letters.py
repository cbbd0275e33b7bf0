"""What a decision letter says, in the recipient's language. The page and the PDF are both drawn from these words."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import get_language_info, override
from django.utils.translation import gettext as _

from casework import permissions
from casework.letterpress import REVISION
from casework.models import Decision, Letter, ProgrammeCase
from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import definition_of
from portal.kit.actor import Actor
from portal.templatetags.ui import money_per


def words_of(
    decision: Decision,
    case: ProgrammeCase,
    *,
    programme: str,
    to_lines: Sequence[str],
    language: str,
    translated: Mapping[str, str],
) -> dict[str, Any]:
    """The words of the letter on `decision`, plain text throughout.

    programme: its name in `language`. to_lines: name and address of the recipient, or what stands for them. translated:
    {sentence as the decision maker saw it: the same in `language`}, for sentences that come from the programme.
    """
    with override(language):
        office = case.office
        lead, title = _what_we_decided(decision, programme)
        return {
            "revision": REVISION,
            "language": language,
            "direction": "rtl" if get_language_info(language)["bidi"] else "ltr",
            "from_name": case.agency.name,
            "from_lines": [line for line in (office.address.splitlines() if office else []) if line.strip()],
            "to_lines": list(to_lines),
            "date": _day(decision.sent_on),
            "reference": _("Our reference: %(reference)s") % {"reference": case.reference},
            "title": title,
            "lead": lead,
            "sections": [_why(decision, translated), _who(decision, case), _look_again(decision, case)],
            "contact": _contact(case),
        }


def _day(day: dt.date) -> str:
    return date_format(day, "j F Y")


def _what_we_decided(decision: Decision, programme: str) -> tuple[list[str], str]:
    names = {"programme": programme, "day": _day(decision.effective_from) if decision.effective_from else ""}
    if decision.outcome == "refused":
        return [], _("We decided: you do not get %(programme)s.") % names
    lead = []
    if decision.amount_pence is not None:
        lead.append(money_per(Decimal(decision.amount_pence) / 100, decision.per) + ".")
    if decision.effective_to:
        lead.append(_("It runs until %(day)s.") % {"day": _day(decision.effective_to)})
    if decision.outcome == "partly":
        return lead, _("We decided: you get part of %(programme)s from %(day)s.") % names
    return lead, _("We decided: you get %(programme)s from %(day)s.") % names


def _why(decision: Decision, translated: Mapping[str, str]) -> dict[str, Any]:
    items = []
    for reason in decision.reasons:
        notes = []
        if reason.get("fact_words"):
            notes.append(_("What we used: %(fact)s") % {"fact": reason["fact_words"]})
        notes.append(_("The law: %(law)s") % {"law": reason["law"]})
        items.append({"text": translated.get(reason["text"], reason["text"]), "notes": notes})
    return {"heading": _("Why"), "paragraphs": [], "items": items}


def _who(decision: Decision, case: ProgrammeCase) -> dict[str, Any]:
    paragraphs = [
        _("%(name)s made this decision for %(agency)s on %(day)s.")
        % {"name": decision.decided_by_name, "agency": case.agency.name, "day": _day(decision.decided_on)}
    ]
    if decision.assisted_by:
        paragraphs.append(_("A computer compared your facts with the rules. A person checked it and decided."))
    return {"heading": _("Who decided"), "paragraphs": paragraphs, "items": []}


def _look_again(decision: Decision, case: ProgrammeCase) -> dict[str, Any]:
    office = case.office
    until = _day(decision.challenge_until) if decision.challenge_until else ""
    paragraphs = [
        _("You can ask us to look again until %(day)s. It costs nothing.") % {"day": until},
        _("Tell us your reference, what you think is wrong, and send anything that shows it."),
    ]
    if office:
        paragraphs.append(
            _("Call %(phone)s, or write to %(address)s.")
            % {"phone": office.phone, "address": ", ".join(line.strip() for line in office.address.splitlines())}
        )
    paragraphs.append(_("If you cannot do it in time, tell us why: we may still look again."))
    return {"heading": _("If you think this is wrong"), "paragraphs": paragraphs, "items": []}


def _contact(case: ProgrammeCase) -> str:
    if case.office is None:
        return _("You can ask %(agency)s about this letter.") % {"agency": case.agency.name}
    return _("You can ask about this letter: %(office)s, phone %(phone)s.") % {
        "office": case.office.name,
        "phone": case.office.phone,
    }


def sentences_in(version: ProgrammeVersion, language: str) -> dict[str, str]:
    """{English sentence of a criterion: the same in `language`}, for the sentences a decision may take over."""
    definition = definition_of(version)
    pairs = {}
    for criterion in definition.criteria:
        for part in ("says", "says_not"):
            path = f"criteria.{criterion.id}.{part}"
            pairs[definition.text(path, "en")] = definition.text(path, language)
    return pairs


def letter_for(by: Actor, letter_id: UUID) -> Letter:
    """A letter, for the person and the agency that wrote it. Raises Letter.DoesNotExist for anybody else."""
    letter = Letter.objects.select_related("case__agency", "decision").get(pk=letter_id)
    if not permissions.may_read_letter(by, letter.case):
        raise Letter.DoesNotExist
    return letter
