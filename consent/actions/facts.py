"""Writing facts: one change set, one event; what was there is superseded, never updated."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consent.announcements import RecordChanged
from consent.facts import FactKind, catalogue
from consent.folding import fold
from consent.models import CaseRecord, FactEvent, RecordSnapshot, TypedFacts
from consent.models.fact import SOURCES
from consent.permissions import may_write_facts
from consent.projection import typed_columns
from consent.queries.households import people_of
from consent.values import InvalidFact, parse_value
from portal.kit.access import Refused
from portal.kit.actor import Actor
from portal.kit.announce import announce


class VersionConflict(Exception):
    """Somebody else changed the record since it was read. `current` is its version now."""

    def __init__(self, current: int):
        super().__init__(_("Somebody else changed these answers. Load the page again to see the new ones."))
        self.current = current


@transaction.atomic
def write(
    *,
    by: Actor,
    record: CaseRecord,
    changes: Mapping[str, Any],
    source: str,
    collected_under: str,
    at: dt.datetime,
    expected_version: int | None = None,
    gone: Collection[str] = (),
    confirmed: Collection[str] = (),
    evidence: str = "",
    verification: str = "unverified",
    provenance: Mapping[str, Mapping[str, Any]] | None = None,
) -> FactEvent | None:
    """Write one change set; returns its event, or None when nothing differs from what is known. What had grown old and is
    said again is fresh anew.

    changes: {key: value}, keys as in `RecordSnapshot`; gone: keys whose fact is no longer known. confirmed: keys whose value
    was read out and found right: it is dated anew by who confirmed it, tells what it confirms, and keeps its verification.
    source: one of SOURCES. collected_under: purpose code. expected_version: the version the writer had read.
    provenance: extra provenance per key (e.g. who typed it). Raises Refused, InvalidFact, VersionConflict.
    """
    if not may_write_facts(by, record, at):
        raise Refused(_("You may not change this record."))
    if source not in SOURCES:
        raise ValueError(f"unknown source {source!r}")
    locked = CaseRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if expected_version is not None and expected_version != locked.version:
        raise VersionConflict(locked.version)
    people = people_of(locked, timezone.localdate(at))
    members = {person["id"] for person in people}
    snapshot = RecordSnapshot.objects.get(record=locked)
    parsed = {key: parse_value(kind_of(key, members), raw) for key, raw in changes.items()}
    stamp = stamp_of(by, source, collected_under, at, evidence, verification)
    changed: dict[str, Any] = {
        key: {"value": value, "provenance": stamp | dict((provenance or {}).get(key, {}))}
        for key, value in parsed.items()
        if key not in snapshot.values
        or snapshot.values[key] != value
        or snapshot.provenance.get(key, {}).get("verification") != verification
        or not kind_of(key, members).is_fresh(dt.datetime.fromisoformat(snapshot.provenance[key]["at"]), at)
    }
    for key in set(confirmed) & set(snapshot.values) - set(changed) - set(gone):
        if parsed.get(key, snapshot.values[key]) == snapshot.values[key]:
            kept = _confirmed(snapshot.provenance[key], stamp | dict((provenance or {}).get(key, {})))
            changed[key] = {"value": snapshot.values[key], "provenance": kept}
    changed |= {key: {"gone": True} for key in gone if key in snapshot.values and key not in parsed}
    if not changed:
        return None
    return commit_changes(
        by=by, record=record, locked=locked, changed=changed, source=source, collected_under=collected_under, at=at,
        snapshot=snapshot, people=people,
    )  # fmt: skip


def commit_changes(
    *,
    by: Actor,
    record: CaseRecord,
    locked: CaseRecord,
    changed: Mapping[str, Any],
    source: str,
    collected_under: str,
    at: dt.datetime,
    snapshot: RecordSnapshot | None = None,
    people: list[dict[str, Any]] | None = None,
) -> FactEvent:
    """Write one event and fold it into snapshot and projection, in the caller's transaction with `locked` row-locked.

    changed: as `FactEvent.changes`. `record` is the caller's copy: its version and changed_at follow.
    snapshot, people: as read under that lock, where the caller has read them; people as `people_of` gives them.
    """
    event = FactEvent.objects.create(
        record=locked,
        version=locked.version + 1,
        changes=changed,
        source=source,
        by_user_id=by.user_id,
        by_name=by.name,
        by_agency_id=by.agency_id,
        collected_under=collected_under,
        recorded_at=at,
    )
    snapshot = snapshot or RecordSnapshot.objects.get(record=locked)
    values, provenance = fold(snapshot.values, snapshot.provenance, event.changes)
    people = people_of(locked, timezone.localdate(at)) if people is None else people
    RecordSnapshot.objects.filter(record=locked).update(values=values, provenance=provenance, version=event.version)
    TypedFacts.objects.filter(record=locked).update(version=event.version, **typed_columns(values, people))
    CaseRecord.objects.filter(pk=locked.pk).update(version=event.version, changed_at=at)
    record.version, record.changed_at = event.version, at
    announce(RecordChanged(record_id=locked.pk, version=event.version))
    return event


def kind_of(key: str, members: Collection[str]) -> FactKind:
    """The catalogue entry a key stands for. Raises InvalidFact for an unknown code or a person not in the household."""
    subject, _dot, name = key.partition(".")
    code = key if subject == "household" else f"person.{name}"
    if code not in catalogue() or code == "person.role":
        raise InvalidFact(key, _("There is no fact called %(key)s") % {"key": key})
    if subject != "household" and subject not in members:
        raise InvalidFact(key, _("This person is not in the household."))
    return catalogue()[code]


def _confirmed(before: Mapping[str, Any], stamp: Mapping[str, Any]) -> dict[str, Any]:
    """The provenance of a fact somebody found right: who says so now, and whose word it was first."""
    first = before.get("confirms") or {name: before[name] for name in ("source", "by", "at", "agency") if name in before}
    kept = {name: before[name] for name in ("verification", "evidence", "valid_from") if name in before}
    return {**stamp, **kept, "confirms": first}


def stamp_of(
    by: Actor, source: str, collected_under: str, at: dt.datetime, evidence: str = "", verification: str = "unverified"
) -> dict[str, Any]:
    """The provenance of facts written now, as kept beside each value."""
    stamp = {
        "source": source,
        "by": by.name,
        "kind": by.kind,
        "at": at.isoformat(),
        "collected_under": collected_under,
        "verification": verification,
        "valid_from": timezone.localdate(at).isoformat(),
    }
    if by.agency_id is not None:
        stamp["agency"] = str(by.agency_id)
    if evidence:
        stamp["evidence"] = evidence
    return stamp
