"""What a person sees of their own record: facts with source, sharing in four lines, who looked, in plain words."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from consent.facts import CATEGORIES, catalogue, fact
from consent.models import AccessLog, CaseRecord, Consent, ProcessingActivity
from consent.models.activities import PURPOSES
from consent.models.consents import EFFECTIVE
from consent.permit import Released
from portal.roles import ROLES

# What most rows of the facts table have not: a template looks long for what is not there.
PLAIN_ROW: Mapping[str, Any] = {"hidden_reason": "", "other_value": None, "url": ""}


def facts_by_category(released: Released) -> list[dict[str, Any]]:
    """[{"label", "facts": [rows of the facts table]}], one group per category that holds something."""
    names = {person["id"]: _person_words(person) for person in released.people}
    groups: dict[str, list[dict[str, Any]]] = {code: [] for code in CATEGORIES}
    for key, value in released.values.items():
        subject, name = key.split(".", 1)
        kind = fact(key if subject == "household" else f"person.{name}")
        if kind.name == "role":
            continue
        about = names.get(subject, "")
        groups[kind.category].append(
            {
                "slug": key.replace(".", "-"),
                "label": _("%(fact)s: %(who)s") % {"fact": kind.words(), "who": about} if about else kind.words(),
                "value": value_words(kind, value),
                "kind": kind.type if kind.type in ("money", "date") else "money" if kind.type == "amount" else "",
                "choices": chosen_words(kind, value),
                "source": source_words(released.provenance.get(key, {})),
                "verification": {"verified": "verified", "disputed": "disputed"}.get(
                    released.provenance.get(key, {}).get("verification", ""), "said"
                ),
                "as_of": _moment(released.provenance.get(key, {}).get("at")),
                **PLAIN_ROW,
            }
        )
    return [{"label": CATEGORIES[code], "facts": rows} for code, rows in groups.items() if rows]


def value_words(kind, value: Any) -> Any:
    """The value as the facts table draws it; what does not apply says so."""
    return _("Does not apply") if value is None else value


def chosen_words(kind, value: Any) -> dict[str, str]:
    """{code: words} of what was chosen of a fact's choices."""
    chosen = value if isinstance(value, list) else [value]
    return {code: kind.choice_words(code) for code in chosen if code in kind.choices}


def source_words(provenance: Mapping[str, Any]) -> str:
    """Who said it: the person, a colleague who typed it for them, an agency, a document."""
    source, name = provenance.get("source", ""), provenance.get("by", "")
    if source == "counter":
        return _("Typed for you by %(name)s") % {"name": name} if name else _("Typed for you at a counter")
    if source == "agency":
        return _("From %(name)s") % {"name": name} if name else _("From an agency")
    if source == "evidence":
        return _("From a document")
    if source == "derived":
        return _("Worked out from other answers")
    return _("You told us")


def _person_words(person: dict[str, Any]) -> str:
    if person["role"] == "applicant":
        return ""
    role = {"partner": _("Partner"), "child": _("Child"), "other_adult": _("Other adult")}[person["role"]]
    return person.get("name") or f"{role} {person['position']}"


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def sharing_cards(record: CaseRecord, consents: Iterable[Consent], now: dt.datetime) -> dict[str, list[dict[str, Any]]]:
    """{"now": [...], "ended": [...]}: cards for the consent component, the latest of each activity only."""
    looks: dict[Any, int] = dict(
        AccessLog.objects.filter(record_id=record.pk, outcome__in=["allow", "partial"])
        .exclude(consent_id=None)
        .values_list("consent_id")
        .annotate(n=Count("id"))
    )
    cards: dict[str, list[dict[str, Any]]] = {"now": [], "ended": []}
    seen: set[Any] = set()
    for consent in consents:
        key = (consent.agency_id, consent.activity.programme, consent.activity.purpose)
        if key in seen:
            continue
        seen.add(key)
        live = consent.state in EFFECTIVE and consent.until > now
        cards["now" if live else "ended"].append(_card(consent, looks.get(consent.pk, 0), live))
    return cards


def _card(consent: Consent, looks: int, live: bool) -> dict[str, Any]:
    stopped = {"withdrawn": "stopped", "refused": "refused"}
    return {
        "slug": str(consent.pk),
        "agency": consent.agency.name,
        "may_see": shared_words(consent.concepts),
        "may_not_see": pgettext("between the things of a list", ", ").join(consent.text_shown.get("may_not_see", [])),
        "only_to": consent.text_shown.get("only_to", ""),
        "until": timezone.localtime(consent.until).date(),
        "state": "allowed" if live else stopped.get(consent.state, "ended"),
        "action": reverse("consent:decide", args=[consent.pk]),
        "note": consent.text_shown.get("without", "") if live else "",
        "can_allow_again": not live,
        "decision_name": "",
        "state_words": "",
        "until_words": "",
        "law_url": "",
        "hidden_fields": (),
        "looks": looks,
        "log_url": reverse("consent:log") if looks else "",
    }


def shared_words(codes: Iterable[str]) -> list[str]:
    """What is shared, in few words: the fact itself, or "Your money (5 facts)" where there are many of one kind."""
    words: list[str] = []
    for code, label in CATEGORIES.items():
        mine = [fact(one) for one in codes if fact(one).category == code]
        if len(mine) > 2:
            words.append(_("%(group)s (%(n)s facts)") % {"group": label, "n": len(mine)})
        else:
            words += [kind.words() for kind in mine]
    return words


def lawful_sharing(activities: Iterable[ProcessingActivity]) -> list[dict[str, Any]]:
    """What happens by law among the given activities (gate "notice"): agency, purpose, facts, law."""
    return [
        {
            "agency": activity.agency.name,
            "only_to": activity.get_purpose_display(),
            "may_see": shared_words(activity.concepts),
            "law": activity.legal_reference,
        }
        for activity in activities
        if activity.release_gate == "notice"
    ]


def log_days(entries: Iterable[AccessLog]) -> list[dict[str, Any]]:
    """[{"day", "events"}] for the thread component, newest first: who, what, when, why, under which permission."""
    days: list[dict[str, Any]] = []
    for entry in entries:
        day = timezone.localtime(entry.at).date()
        if not days or days[-1]["day"] != day:
            days.append({"day": day, "events": []})
        days[-1]["events"].append(_log_event(entry))
    return days


def _log_event(entry: AccessLog) -> dict[str, Any]:
    purpose = purpose_words(entry)
    seen = pgettext("between the things of a list", ", ").join(_categories(entry.concepts_released))
    if entry.outcome == "deny":
        text = _("Wanted to see your data and was refused.")
    else:
        text = _("Saw: %(groups)s.") % {"groups": seen}
    return {
        "icon": "circle-minus" if entry.outcome == "deny" else "cpu" if entry.actor_kind == "machine" else "eye",
        "title": who_words(entry),
        "text": text,
        "at": entry.at,
        "meta": _("Why: %(purpose)s. %(permission)s") % {"purpose": purpose, "permission": permission_words(entry)},
        "tone": "",
        "tag_text": _("Refused") if entry.outcome == "deny" else "",
        "tag_tone": "none",
    }


def purpose_words(entry: AccessLog) -> str:
    """What somebody looked for, in the reader's language."""
    return str(dict(PURPOSES).get(entry.purpose, _("See your own record")))


def role_words(entry: AccessLog) -> str:
    """The role of a colleague who looked, in the reader's language; empty for a person or a computer."""
    return str(ROLES[entry.actor_role].label) if entry.actor_role in ROLES else ""


def who_words(entry: AccessLog) -> str:
    """Who looked, with the agency: a colleague by name, the computer as such."""
    if entry.actor_kind == "citizen":
        return _("You")
    if entry.actor_kind == "machine":
        return _("A computer check by %(agency)s; no person looked") % {"agency": entry.agency_name}
    return _("%(name)s, %(agency)s") % {"name": entry.actor_name, "agency": entry.agency_name}


def permission_words(entry: AccessLog) -> str:
    """What it rested on."""
    if entry.outcome == "deny":
        return _("Nothing was shown.")
    if entry.gate == "consent":
        return _("You allowed it.")
    if entry.gate == "explicit_request":
        return _("You asked for it. The law: %(law)s.") % {"law": entry.legal_reference}
    if entry.gate == "own":
        return _("It is your own record.")
    return _("The law: %(law)s.") % {"law": entry.legal_reference}


def _categories(codes: Iterable[str]) -> list[str]:
    inside = {catalogue()[code].category for code in codes if code in catalogue()}
    return [str(label) for code, label in CATEGORIES.items() if code in inside]
