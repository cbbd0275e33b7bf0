"""A person's own applications: cards, threads, what is asked, who is responsible."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.models import Application, Decision, InformationRequest, ProgrammeCase, StatusEvent
from casework.models.case import CASE_FLOW, OPEN, UNDECIDED
from casework.queries.cases import workers_of
from casework.queries.offers import offer_of, proofs_asked, version_names
from consent.models import CaseRecord, ContactPoint, PersonName
from eligibility.models import Determination, ProgrammeVersion
from portal.kit.actor import Actor
from portal.models import Membership
from portal.opening_hours import in_words
from portal.roles import powers_of
from portal.templatetags.ui import day as day_words

# What the person reads for each state: what is happening, and what it means for them.
STATE_WORDS = {
    "received": (gettext_lazy("We have your application"), gettext_lazy("You do not have to do anything. We will start soon.")),
    "in_assessment": (gettext_lazy("We are checking it"), gettext_lazy("We look at your facts and the rules.")),
    "awaiting_information": (gettext_lazy("We need something from you"), gettext_lazy("We go on as soon as you answer.")),
    "ready_for_decision": (gettext_lazy("Ready to be decided"), gettext_lazy("We have everything we need.")),
    "decided": (gettext_lazy("Decided"), gettext_lazy("Read your letter: it says what we decided and why.")),
    "closed": (gettext_lazy("Finished"), ""),
    "withdrawn": (gettext_lazy("You took it back"), gettext_lazy("You can apply again at any time.")),
    "reopened": (gettext_lazy("Opened again"), gettext_lazy("We look at it once more.")),
}
ICONS = {
    "received": "mail", "in_assessment": "search", "awaiting_information": "help-circle", "ready_for_decision": "list-check",
    "decided": "gavel", "closed": "archive", "withdrawn": "arrow-back-up", "reopened": "refresh",
}  # fmt: skip
TONES = {"awaiting_information": "wait", "decided": "info", "closed": "none", "withdrawn": "none"}


def my_cases(by: Actor) -> list[ProgrammeCase]:
    """All applications of the citizen who acts, newest first; none before they have a record."""
    if not by.is_citizen or by.person_id is None:
        return []
    return list(for_cards(ProgrammeCase.objects.filter(person_id=by.person_id)).order_by("-created_at"))


def for_cards(cases: QuerySet[ProgrammeCase]) -> QuerySet[ProgrammeCase]:
    """The cases with all that `cards` reads, the letters without their PDF."""
    letters = Prefetch("decisions", Decision.objects.select_related("letter").defer("letter__pdf"))
    return cases.select_related("agency", "office").prefetch_related("requests", letters)


def my_case(by: Actor, case_id: UUID) -> ProgrammeCase:
    """One of the citizen's own. Raises ProgrammeCase.DoesNotExist for any other."""
    if not by.is_citizen or by.person_id is None:
        raise ProgrammeCase.DoesNotExist
    return for_cards(ProgrammeCase.objects.filter(person_id=by.person_id)).get(pk=case_id)


# --- applying


def lacks_name(record: CaseRecord) -> bool:
    """Whether the person has told no name yet."""
    return not PersonName.objects.filter(person_id=record.person_id, kind="official", valid_to=None).exists()


def lacks_contact(record: CaseRecord) -> bool:
    """Whether there is no phone or e-mail at which the person may be reached."""
    points = ContactPoint.objects.filter(person_id=record.person_id, valid_to=None, kind__in=["phone", "email"])
    return not points.exclude(safe="no").exists()


def was_sent(record: CaseRecord, key: UUID, programmes: Sequence[str]) -> bool:
    """Whether this very form has been sent before."""
    return Application.objects.filter(key=key, record=record, programmes=list(programmes)).exists()


def running_cases(record: CaseRecord, programmes: Sequence[str]) -> QuerySet[ProgrammeCase]:
    """The open cases of a record for these programmes."""
    return for_cards(ProgrammeCase.objects.filter(record=record, programme__in=programmes, state__in=OPEN))


def application_sent(key: UUID) -> Application:
    """The application sent with `key`, with its record. Raises Application.DoesNotExist where the actor may not know of it."""
    return Application.objects.select_related("record").get(key=key)


def cases_of_receipt(application: Application) -> QuerySet[ProgrammeCase]:
    """The cases an application made, and those that were open already for what it asked."""
    rows = Q(application=application) | Q(record_id=application.record_id, programme__in=application.programmes, state__in=OPEN)
    return for_cards(ProgrammeCase.objects.filter(rows)).order_by("created_at")


def question_to(by: Actor, request_id: UUID) -> InformationRequest:
    """A question to the citizen who acts. Raises InformationRequest.DoesNotExist for any other."""
    if not by.is_citizen or by.person_id is None:
        raise InformationRequest.DoesNotExist
    return InformationRequest.objects.get(pk=request_id, case__person_id=by.person_id)


# --- cards


def cards(found: Iterable[ProgrammeCase], on: dt.date) -> list[dict[str, Any]]:
    """Cards of the overview and of the receipt. found: with agency, office, requests and decisions fetched before."""
    found = list(found)
    names = version_names(case.programme_version_id for case in found)
    workers = workers_of(found, on)
    return [
        _card(case, names, workers.get((case.agency_id, case.assignee_id)) if case.assignee_id else None, on) for case in found
    ]


def _card(case: ProgrammeCase, names: Mapping[UUID, str], worker: Membership | None, on: dt.date) -> dict[str, Any]:
    title, text = STATE_WORDS[case.state]
    return {
        "case": case,
        "programme": names[case.programme_version_id],
        "title": title,
        "text": text,
        "promise": promise(case, on),
        "icon": ICONS[case.state],
        "tone": TONES.get(case.state, "good"),
        "open_requests": [request for request in case.requests.all() if request.state == "open"],
        "decision": next(iter(sorted(case.decisions.all(), key=lambda decision: -decision.number)), None),
        "office": office_card(case, worker),
        "url": reverse("casework:my_case", args=[case.pk]),
    }


def practical(found: Sequence[ProgrammeCase]) -> dict[UUID, dict[str, Any]]:
    """{case id: what its programme says about proof, time, next steps and contacts}, by the version the case is pinned to.

    proofs: those its result named, or all where there is none. Two statements.
    """
    versions = ProgrammeVersion.objects.select_related("programme__agency").in_bulk({case.programme_version_id for case in found})
    results = Determination.objects.filter(pk__in={case.determination_id for case in found if case.determination_id})
    asked: dict[Any, list[str]] = dict(results.values_list("pk", "explanation__evidence").order_by("pk"))
    kept = {}
    for case in found:
        offer = offer_of(versions[case.programme_version_id])
        proofs = proofs_asked(offer, asked.get(case.determination_id))
        kept[case.pk] = {
            "standard": offer.standard, "next_steps": offer.next_steps, "proofs": proofs, "contacts": offer.contacts,
        }  # fmt: skip
    return kept


def thread(case: ProgrammeCase, events: list[StatusEvent], on: dt.date) -> list[dict[str, Any]]:
    """The person's timeline: what happened, newest last, then what is still to come on `on`."""
    lines = []
    for event in events:
        title, _text = STATE_WORDS[event.state]
        lines.append({
            "icon": ICONS[event.state],
            "title": title,
            "text": event.text,
            "at": event.at,
            "meta": event.by_name if event.by_kind == "staff" else "",
            "is_done": True,
        })  # fmt: skip
    if case.state in UNDECIDED:
        waits = _("The time stands still until you have answered.")
        lines.append({"icon": "gavel", "title": _("Decision"), "text": promise(case, on) or waits, "at": None})
    return lines


def promise(case: ProgrammeCase, on: dt.date) -> str:
    """Until when a decision is promised, or that it is late by `on`; empty while the time stands still or after a decision."""
    if case.state not in UNDECIDED or case.paused_on is not None:
        return ""
    if on > case.due_on:
        return _("We wanted to decide by %(day)s. We are late. You can call us and ask.") % {"day": day_words(case.due_on)}
    return _("We aim to decide by %(day)s.") % {"day": day_words(case.due_on)}


def office_card(case: ProgrammeCase, worker: Membership | None) -> dict[str, Any] | None:
    """Who is responsible, with phone and office. The worker's own phone goes before the office's."""
    office = (worker.office if worker and worker.office else None) or case.office
    if office is None and worker is None:
        return None
    return {
        "name": office.name if office else case.agency.name,
        "agency": case.agency.name if office else "",
        "person": str(worker.user) if worker else "",
        "address_lines": [line for line in office.address.splitlines() if line.strip()] if office else [],
        "phone": (worker.phone if worker else "") or (office.phone if office else case.agency.phone),
        "email": office.email if office else case.agency.email,
        "hours": [in_words(line) for line in office.hours] if office else [],
        "note": "" if worker else _("No one person has taken it up yet. This office answers for it."),
    }


def may_take_back(by: Actor, case: ProgrammeCase) -> bool:
    """Whether the person can still withdraw this application."""
    return CASE_FLOW.may(case.state, "withdrawn", powers_of(by.role))
