"""Writing facts: one change set, one event; what was there is superseded, never updated."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

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
from portal.kit.whole import whole


class VersionConflict(Exception):
    """Somebody else changed the record since it was read. `current` is its version now."""

    def __init__(self, current: int):
        super().__init__(_("Somebody else changed these answers. Load the page again to see the new ones."))
        self.current = current


@dataclass
class Held:
    """A record locked for writing, with what is known of it and who belongs to it, as `people_of` gives them."""

    record: CaseRecord
    snapshot: RecordSnapshot
    people: list[dict[str, Any]]

    def change(self, *, by: Actor, changed: Mapping[str, Any], source: str, collected_under: str, at: dt.datetime) -> FactEvent:
        """Write one event and fold it into what is held. changed: as `FactEvent.changes`."""
        event = FactEvent.objects.create(
            record=self.record,
            version=self.record.version + 1,
            changes=changed,
            source=source,
            by_user_id=by.user_id,
            by_name=by.name,
            by_agency_id=by.agency_id,
            collected_under=collected_under,
            recorded_at=at,
        )
        known = self.snapshot
        known.values, known.provenance = fold(known.values, known.provenance, event.changes)
        known.version = self.record.version = event.version
        self.record.changed_at = at
        announce(RecordChanged(record_id=self.record.pk, version=event.version))
        return event


@contextmanager
def holding(record: CaseRecord, at: dt.datetime) -> Iterator[Held]:
    """Within the block (and the open transaction) nobody else writes to the record; what changed in it is stored at its end.

    `record` is the caller's copy: its version and changed_at follow.
    """
    locked = CaseRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    held = Held(locked, RecordSnapshot.objects.get(record=locked), people_of(locked, timezone.localdate(at)))
    before = locked.version
    yield held
    if locked.version == before:
        return
    known = held.snapshot
    RecordSnapshot.objects.filter(record=locked).update(values=known.values, provenance=known.provenance, version=locked.version)
    columns = typed_columns(known.values, held.people)
    TypedFacts.objects.filter(record=locked).update(version=locked.version, **columns)
    CaseRecord.objects.filter(pk=locked.pk).update(version=locked.version, changed_at=locked.changed_at)
    record.version, record.changed_at = locked.version, locked.changed_at


@whole()
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
    held: Held | None = None,
) -> FactEvent | None:
    """Write one change set; returns its event, or None when nothing differs from what is known. What had grown old and is
    said again is fresh anew.

    changes: {key: value}, keys as in `RecordSnapshot`; gone: keys whose fact is no longer known. confirmed: keys whose value
    was read out and found right: it is dated anew by who confirmed it, tells what it confirms, and keeps its verification.
    source: one of SOURCES. collected_under: purpose code. expected_version: the version the writer had read.
    provenance: extra provenance per key (e.g. who typed it). held: where the caller holds the record already. Raises Refused,
    InvalidFact, VersionConflict.
    """
    if not may_write_facts(by, record, at):
        raise Refused(_("You may not change this record."))
    if source not in SOURCES:
        raise ValueError(f"unknown source {source!r}")
    with nullcontext(held) if held else holding(record, at) as held:
        if expected_version is not None and expected_version != held.record.version:
            raise VersionConflict(held.record.version)
        changed = _changed(
            by, held, changes, source, collected_under, at, gone, confirmed, evidence, verification, provenance or {}
        )
        return held.change(by=by, changed=changed, source=source, collected_under=collected_under, at=at) if changed else None


def _changed(
    by: Actor, held: Held, changes: Mapping[str, Any], source: str, collected_under: str, at: dt.datetime, gone: Collection[str],
    confirmed: Collection[str], evidence: str, verification: str, provenance: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    """What differs from what is known, as in `FactEvent.changes`."""
    members, snapshot = {person["id"] for person in held.people}, held.snapshot
    parsed = {key: parse_value(kind_of(key, members), raw) for key, raw in changes.items()}
    stamp = stamp_of(by, source, collected_under, at, evidence, verification)
    changed: dict[str, Any] = {
        key: {"value": value, "provenance": stamp | dict(provenance.get(key, {}))}
        for key, value in parsed.items()
        if key not in snapshot.values
        or snapshot.values[key] != value
        or snapshot.provenance.get(key, {}).get("verification") != verification
        or not kind_of(key, members).is_fresh(dt.datetime.fromisoformat(snapshot.provenance[key]["at"]), at)
    }
    for key in set(confirmed) & set(snapshot.values) - set(changed) - set(gone):
        if parsed.get(key, snapshot.values[key]) == snapshot.values[key]:
            kept = _confirmed(snapshot.provenance[key], stamp | dict(provenance.get(key, {})))
            changed[key] = {"value": snapshot.values[key], "provenance": kept}
    changed |= {key: {"gone": True} for key in gone if key in snapshot.values and key not in parsed}
    return changed


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
