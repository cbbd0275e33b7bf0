"""A local rule that another agency proposes, laid upon a programme's common rule. Pure, like `drafting`.

What is proposed is a variant in stored form and a few worked examples. Whatever they say, the common rule and the variants of other
councils stay as they are: `with_proposed` touches nothing else.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from eligibility.drafting import Data
from eligibility.drafting_local import name_from

CONTENT = ("limits", "worked_out", "criteria", "amount", "leaves_out", "translations")


def place_in(data: Mapping[str, Any], variant: Mapping[str, Any]) -> str:
    """The id that a proposed variant has in a definition: its own, unless one with that id holds for other councils too."""
    taken = {item["id"]: item["local_authorities"] for item in data.get("variants", ())}
    if set(taken.get(variant["id"], ())) <= set(variant["local_authorities"]):
        return variant["id"]
    return name_from(variant["name"], taken, "local")


def variant_at(data: Mapping[str, Any], councils: Iterable[str]) -> Data | None:
    """The variant, in stored form, that holds for any of the councils; None where the common rule holds for all."""
    wanted = set(councils)
    return next((item for item in data.get("variants", ()) if wanted & set(item["local_authorities"])), None)


def with_proposed(data: Mapping[str, Any], variant: Mapping[str, Any], cases: Mapping[str, Any]) -> Data:
    """A copy in which `variant` holds for its councils, with its examples. A variant that held for them holds only for its others."""
    changed = with_examples(dict(data), cases)
    mine = {**deepcopy(dict(variant)), "id": place_in(data, variant)}
    councils, kept = set(mine["local_authorities"]), []
    for other in changed.get("variants", ()):
        left = [code for code in other["local_authorities"] if code not in councils]
        if other["id"] == mine["id"]:
            kept.append(mine)
        elif left:
            kept.append({**other, "local_authorities": left})
    changed["variants"] = kept if mine in kept else [*kept, mine]
    return changed


def with_examples(data: Data, cases: Mapping[str, Any]) -> Data:
    """A copy with proposed examples: {"case": those that read otherwise or are new, "gone": ids of those taken out}."""
    changed = deepcopy(data)
    if not cases:
        return changed
    own = {item["id"]: deepcopy(item) for item in cases.get("case", ())}
    held = changed.setdefault("cases", {})
    before = [item for item in held.get("case", ()) if item["id"] not in cases.get("gone", ())]
    held["case"] = [own.pop(item["id"], item) for item in before] + list(own.values())
    return changed


def examples_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Data:
    """What `with_examples` needs to make the examples of `after` of those of `before`; {} where they are the same."""
    old, new = ({item["id"]: item for item in data.get("cases", {}).get("case", ())} for data in (before, after))
    found = {
        "case": [item for id_, item in new.items() if old.get(id_) != item],
        "gone": [id_ for id_ in old if id_ not in new],
    }
    return {name: items for name, items in found.items() if items}


def signed(data: Mapping[str, Any], known: Iterable[Mapping[str, Any]]) -> Data:
    """A copy in which a variant bears another agency's name only as that agency wrote it: as one of `known`, translations apart."""
    written = [_words_apart(item) for item in known]
    changed = deepcopy(dict(data))
    for item in changed.get("variants", ()):
        if item.get("agency") and _words_apart(item) not in written:
            del item["agency"]
    return changed


def is_as_proposed(variant: Mapping[str, Any], proposed: Mapping[str, Any]) -> bool:
    """Whether a variant of a version decides what was proposed, whatever it is called there and said in other languages."""
    aside = ("id", "agency", "local_authorities", "translations")
    one, two = ({name: value for name, value in item.items() if name not in aside} for item in (variant, proposed))
    return one == two and set(proposed["local_authorities"]) == set(variant["local_authorities"])


def _words_apart(variant: Mapping[str, Any]) -> Data:
    return {name: value for name, value in variant.items() if name != "translations"}
