"""A case for its worker: found and authorised in one step, then shaped for the page."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import FilteredRelation, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from casework import clocks, permissions
from casework.models import ProgrammeCase
from casework.models.case import CASE_FLOW, OPEN, CaseGrant
from casework.queries.offers import needs_of
from consent.facts import FactKind, catalogue, fact
from consent.models import ProcessingActivity
from consent.permit import REASONS, Released
from consent.queries.own import PLAIN_ROW, chosen_words
from eligibility.models import Determination
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.models import Membership
from portal.roles import powers_of

SOURCES = {
    "self": gettext_lazy("The person"),
    "counter": gettext_lazy("The person, at a counter"),
    "agency": gettext_lazy("An agency"),
    "evidence": gettext_lazy("A document"),
    "derived": gettext_lazy("Worked out"),
}
ROLES = {
    "applicant": gettext_lazy("Applicant"),
    "partner": gettext_lazy("Partner"),
    "child": gettext_lazy("Child"),
    "other_adult": gettext_lazy("Other adult"),
}
# A guide in the words of colleagues, until a decision is recorded.
OUTCOME_WORDS = {
    "likely": (gettext_lazy("Likely fits"), "good"),
    "unknown": (gettext_lazy("One answer missing"), "wait"),
    "not_likely": (gettext_lazy("Does not fit"), "none"),
}
_FIRST = ("not_met", "missing", "met")  # what stands in the way comes first
_VERIFICATION = {"verified": "verified", "disputed": "disputed", "rejected": "disputed"}


def case_for_worker(by: Actor, case_id: UUID) -> ProgrammeCase:
    """The case, if the actor's agency works on it and their role may.

    Row-level security hides other agencies' cases (ProgrammeCase.DoesNotExist). Raises Refused when the role may not, or when
    the agency's stored grant on the case is missing.
    """
    # The grants beside the join, not in it, and no table more than a page needs: planning the join costs more than reading it.
    granted = CaseGrant.objects.filter(content_object_id=OuterRef("pk"), group_id=OuterRef("agency__group_id"))
    rows = ProgrammeCase.objects.select_related("agency", "team", "assignee", "application", "programme_version__programme")
    rows = rows.defer("programme_version__definition", "programme_version__shared", "programme_version__examples")
    case = rows.annotate(granted=ArraySubquery(granted.values("permission__codename"))).get(pk=case_id)
    programme = case.programme_version.programme
    if programme.agency_id == case.agency_id:
        programme.agency = case.agency
    if case.agency_id != by.agency_id:
        raise ProgrammeCase.DoesNotExist
    if not permissions.may_work(by, case):
        raise Refused(_("Your role does not open cases."))
    if "open_case" not in case.granted:
        raise Refused(_("Your agency may no longer open this case."))
    return case


def clock_of(case: ProgrammeCase, today: dt.date) -> dict[str, Any]:
    """What the clock component needs: days_left, limit, stopped_on_day; days_left None once the case is decided or ended."""
    subdivision = case.agency.subdivision
    if not case.is_open or case.state == "decided":
        return {"days_left": None, "limit": case.standard_days, "stopped_on_day": None}
    stopped = None
    if case.paused_on is not None:
        stopped = clocks.day_of_clock(case.due_on, case.standard_days, case.paused_on, subdivision)
    left = clocks.days_left(case.due_on, today, subdivision)
    return {"days_left": left, "limit": case.standard_days, "stopped_on_day": stopped}


def moves_for(by: Actor, case: ProgrammeCase) -> set[str]:
    """The states this worker may move the case to now."""
    return set(CASE_FLOW.onward(case.state, powers_of(by.role)))


def colleagues(agency_id: UUID, on: dt.date) -> list[Membership]:
    """Members of the agency who work on cases, one row for each, by name."""
    rows = Membership.objects.in_force(on).filter(agency_id=agency_id).select_related("user").order_by("user__name", "user_id")
    found = {row.user_id: row for row in rows if "work_cases" in powers_of(row.role)}
    return list(found.values())


def workers_of(found: Iterable[ProgrammeCase], on: dt.date) -> dict[tuple[UUID, UUID], Membership]:
    """{(agency, user): membership} of the workers responsible for these cases: their offices and phones. One query."""
    found = [case for case in found if case.assignee_id is not None]
    rows = Membership.objects.in_force(on).filter(
        agency_id__in={case.agency_id for case in found}, user_id__in={case.assignee_id for case in found}
    )
    return {(row.agency_id, row.user_id): row for row in rows.select_related("office", "user").order_by("pk")}


# --- facts


def fact_rows(released: Released, used_by: Mapping[str, int]) -> list[dict[str, Any]]:
    """Rows of the facts table: the known facts in catalogue order, then those that stay hidden with the reason."""
    order = {code: position for position, code in enumerate(catalogue())}
    people = {person["id"]: person for person in released.people}
    rows = [
        (order[_concept(key)], position, _row(key, value, released.provenance.get(key, {}), people, used_by))
        for position, (key, value) in enumerate(released.values.items())
    ]
    rows.sort(key=lambda row: row[:2])
    hidden = [
        {"slug": f"hidden-{position}", "label": _label(code, people), "hidden_reason": str(REASONS.get(reason, reason))}
        for position, (code, reason) in enumerate(sorted(released.refused.items()))
    ]
    return [row for _order, _position, row in rows] + hidden


def used_by(case: ProgrammeCase, own: Iterable[str]) -> dict[str, int]:
    """{concept: how many of the agency's open programmes for this person read it}. own: what the case's programme reads."""
    counted = Counter(set(own))
    others = ProgrammeCase.objects.filter(record_id=case.record_id, agency_id=case.agency_id, state__in=OPEN).exclude(pk=case.pk)
    for read in needs_of(set(others.values_list("programme", flat=True))).values():
        counted.update(read)
    return dict(counted)


def _concept(key: str) -> str:
    subject, name = key.split(".", 1)
    return key if subject in ("household", "identity", "person") else f"person.{name}"


def _label(key: str, people: Mapping[str, Mapping[str, Any]]) -> str:
    subject = key.split(".", 1)[0]
    words = fact(_concept(key)).words()
    person = people.get(subject)
    if person is None:
        return words
    who = person.get("name") or str(ROLES.get(person["role"], person["role"]))
    return _("%(fact)s: %(who)s") % {"fact": words, "who": who}


def _row(key: str, value: Any, provenance: Mapping[str, Any], people, used_by: Mapping[str, int]) -> dict[str, Any]:
    concept = _concept(key)
    kind = fact(concept)
    at = parse_datetime(provenance["at"]) if provenance.get("at") else None
    return {
        "slug": key.replace(".", "-"),
        "label": _label(key, people),
        "value": value,
        "kind": {"amount": "money", "date": "date"}.get(kind.type, ""),
        "choices": chosen_words(kind, value),
        "source": _source(provenance),
        "verification": _VERIFICATION.get(provenance.get("verification", ""), "said"),
        "as_of": timezone.localdate(at) if at else None,
        "used_by": used_by.get(concept),
        **PLAIN_ROW,
    }


def _source(provenance: Mapping[str, Any]) -> str:
    words = str(SOURCES.get(provenance.get("source", ""), _("Not known")))
    checked = {"verified": _("checked"), "disputed": _("disputed")}.get(provenance.get("verification", ""))
    return f"{words}, {checked}" if checked else words


# --- the person


def person_line(case: ProgrammeCase, released: Released | None, today: dt.date) -> dict[str, Any]:
    """What the top of the page says about the person, as far as it was released."""
    key = str(case.person_id)
    who = released.identity.get(key, {}) if released else {}
    born = (released.values.get(f"{key}.born_on") if released else None) or None
    born_on = dt.date.fromisoformat(born) if born else None
    tags = []
    if who.get("interpreter_needed"):
        tags.append({"text": _("Interpreter needed"), "tone": "wait", "icon": "language"})
    if who.get("needs"):
        tags.append({"text": who["needs"], "tone": "info", "icon": "message"})
    contact = who.get("contact", {})
    if any(point["safe"] == "no" for point in contact.values()):
        tags.append({"text": _("Some ways to reach this person are not safe"), "tone": "bad", "icon": "shield-lock"})
    return {
        "name": who.get("name") or _("Name not shown"),
        "reference": case.reference,
        "born": born_on,
        "age": _age(born_on, today) if born_on else None,
        "languages": get_language_info(who["language"])["name_translated"] if who.get("language") else "",
        "needs": tags,
        "contact": [(kind, point) for kind, point in contact.items() if point["safe"] != "no"],
    }


def _age(born_on: dt.date, today: dt.date) -> int:
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


# --- what the rule said, and whether the person allows it


def result_of(determination: Determination | None, released: Released | None) -> dict[str, Any] | None:
    """The guide for the worker: outcome, version, day, amount, criteria with values and law. It was worked out from facts, so
    there is none for somebody to whom the gate has `released` nothing; a criterion that rests on a fact which was not released
    keeps its sentence and values to itself, and so does the amount then. is_old: the record has changed since."""
    if determination is None or released is None:
        return None
    words, tone = OUTCOME_WORDS[determination.outcome]
    criteria = [_as_released(item, released) for item in determination.explanation.get("explanation", [])]
    is_whole = not any(criterion["kept_back"] for criterion in criteria)
    # Of a result that fits, what is not met is an alternative that was not needed.
    order = _FIRST[::-1] if determination.outcome == "likely" else _FIRST
    return {
        "words": str(words),
        "tone": tone,
        "is_old": determination.record_version < released.version,
        "version": determination.programme_version.number,
        "on": determination.on,
        "amount_pence": determination.amount if is_whole else None,
        "per": determination.amount_per if is_whole else "",
        "criteria": sorted(criteria, key=lambda criterion: order.index(criterion["state"])),
    }


def _as_released(item: Mapping[str, Any], released: Released) -> dict[str, Any]:
    """One criterion, as far as the facts behind it were released: `kept_back` says that they were not."""
    words = criterion_words(item) | {"kept_back": False}
    for value in item.get("values", []):
        key = value["key"].removeprefix("people.")
        is_fact = key != value["key"] or key.startswith("household.")
        if is_fact and not key.endswith(".role") and key not in released.values:
            reason = released.refused.get(key) or released.refused.get(_concept(key))
            why = str(REASONS[reason]) if reason is not None and reason in REASONS else _("The facts have changed since")
            return words | {"kept_back": True, "state": "missing", "text": why, "said": ""}
    return words


def criterion_words(item: Mapping[str, Any]) -> dict[str, Any]:
    """One criterion of an explanation for the page and for the reasons of a decision."""
    values = item.get("values", [])
    limits = "; ".join(f"{limit['label']}: {limit['words']}" for limit in item.get("limits", []) if limit.get("words"))
    return {
        "id": item["id"],
        "state": {"met": "met", "not_met": "not_met"}.get(item["result"], "missing"),
        "text": item["sentence"],
        "said": "; ".join(f"{value['label']}: {value['words']}" for value in values),
        "rule": ", ".join(part for part in (limits, item.get("law", "")) if part),
        "law": item.get("law", ""),
        "fact": ", ".join(value["key"] for value in values) or ", ".join(item.get("missing", [])) or item["id"],
    }


def consent_state(case: ProgrammeCase, released: Released | None, on: dt.date) -> dict[str, Any]:
    """What stands between the agency and the facts: as the gate found it when it `released` them, else read in one statement.

    activity: {"legal_reference"}, None without one in force; is_choice: whether the person decides; last: {"state", "until"} of
    their last word on it, None where there is none or it is not theirs to say.
    """
    if released is not None:
        found_by = released.decision
        allowed = {"state": "given", "until": found_by.consent_until} if found_by.consent_id else None
        return {"activity": {"legal_reference": found_by.reference}, "last": allowed, "is_choice": allowed is not None}
    said = FilteredRelation("consents", condition=Q(consents__record=case.record_id))
    found = (
        ProcessingActivity.objects.in_force(on)
        .filter(agency_id=case.agency_id, purpose="determination", programme=case.programme)
        .annotate(said=said)
        .order_by("-said__created_at", "-said__id")
        .values("legal_reference", "release_gate", "said__state", "said__until")
        .first()
    )
    if found is None:
        return {"activity": None, "last": None, "is_choice": False}
    is_choice = found["release_gate"] in ("consent", "explicit_request")
    has_said = is_choice and found["said__state"] is not None
    return {
        "activity": {"legal_reference": found["legal_reference"]},
        "last": {"state": found["said__state"], "until": found["said__until"]} if has_said else None,
        "is_choice": is_choice,
    }


def askable_facts(concepts: Iterable[str]) -> list[FactKind]:
    """The facts a question can fill in: those the programme may see, about the household or the applicant."""
    wanted = set(concepts)
    return [kind for code, kind in catalogue().items() if code in wanted and kind.type != "identity" and code != "person.role"]


def timeline(case: ProgrammeCase) -> list[dict[str, Any]]:
    """The case's history in the words of colleagues, newest last."""
    return [
        {
            "icon": "check",
            "title": CASE_FLOW.labels[event.state],
            "text": event.text,
            "at": event.at,
            "meta": _("The person") if event.by_kind == "citizen" else event.by_name,
            "is_done": True,
        }
        for event in case.events.all()
    ]
