"""Folding events into the snapshot. Pure: the snapshot is always `fold` over all events from nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

Documents = tuple[dict[str, Any], dict[str, Any]]


def fold(values: Mapping[str, Any], provenance: Mapping[str, Any], changes: Mapping[str, Any]) -> Documents:
    """The two documents after one change set. changes: as `FactEvent.changes`."""
    new_values, new_provenance = dict(values), dict(provenance)
    for key, change in changes.items():
        if change.get("gone"):
            new_values.pop(key, None)
            new_provenance.pop(key, None)
        else:
            new_values[key] = change["value"]
            new_provenance[key] = change["provenance"]
    return new_values, new_provenance


def fold_all(change_sets: Iterable[Mapping[str, Any]]) -> Documents:
    """The two documents after all change sets, in order of version."""
    documents: Documents = ({}, {})
    for changes in change_sets:
        documents = fold(*documents, changes)
    return documents
