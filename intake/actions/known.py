"""What a record already knows, taken over into a draft: shown with source and date to confirm, or asked again when stale."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from consent.actions.release import release
from consent.facts import catalogue, fact
from consent.models import CaseRecord
from intake.definition import HOUSEHOLD, YOU
from portal.kit.actor import Actor
from portal.models import Agency

EVERYTHING = frozenset(code for code, kind in catalogue().items() if kind.type != "identity") | {"identity.name"}


@dataclass(frozen=True)
class Known:
    """known: as in `intake.draft`. people: the others of the household, [{"id", "role", "name"}]."""

    known: Mapping[str, Any]
    people: Sequence[Mapping[str, str]]


def known_of(*, by: Actor, record: CaseRecord, at: dt.datetime) -> Known:
    """What the gate gives `by`: the person their own record, an officer what the counter activity names.

    Writes the access log, so it is called from actions only. Raises AccessRefused.
    """
    purpose = "own" if by.is_citizen else "counter"
    released = release(by=by, record=record, purpose=purpose, concepts=EVERYTHING, at=at)
    applicant = str(record.person_id)
    ids = {source["agency"] for source in released.provenance.values() if source.get("agency")}
    agencies = {str(agency.pk): agency.name for agency in Agency.objects.filter(pk__in=ids)} if ids else {}
    known = {}
    for key, value in released.values.items():
        subject, name = key.split(".", 1)
        if name == "role":  # told by the household itself
            continue
        kind = fact(key if subject == HOUSEHOLD else f"person.{name}")
        source = released.provenance[key]
        told_at = dt.datetime.fromisoformat(source["at"])
        known[f"{YOU}.{name}" if subject == applicant else key] = {
            "value": value,
            "at": source["at"],
            "source": source["source"],
            "by": source.get("by", ""),
            "agency": agencies.get(source.get("agency", ""), ""),
            "fresh": kind.is_fresh(told_at, at),
        }
    others = [person for person in released.people if person["id"] != applicant]
    return Known(known, [{"id": one["id"], "role": one["role"], "name": one.get("name", "")} for one in others])


def members_of(known: Known, entered: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The members of a draft: those entered (under their known id where they are the same person), then the known others.

    The same person: same role and date of birth; a partner is always the partner.
    """
    left = list(known.people)
    members: list[dict[str, Any]] = []
    for one in entered:
        same = next((person for person in left if _is_same(person, one, known.known)), None)
        if same is not None:
            left.remove(same)
        members.append(dict(one) | ({"id": same["id"], "known": True} if same else {}) | {"entered": True})
    for person in left:
        born_on = known.known.get(f"{person['id']}.born_on", {}).get("value")
        members.append(dict(person) | {"born_on": born_on, "known": True, "rev": 0})
    return members


def _is_same(person: Mapping[str, str], one: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    if person["role"] != one["role"]:
        return False
    born_on = known.get(f"{person['id']}.born_on", {}).get("value")
    return one["role"] == "partner" or (born_on is not None and born_on == one.get("born_on"))
