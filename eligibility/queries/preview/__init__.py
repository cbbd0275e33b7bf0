"""What a changed rule would do to the caseload: who gains, who loses, how much a year, and which condition does it.

`effects` compares exactly and stays inside; `disclosure` decides what may be said; `summary` says it; `examples` shows single cases to those
who may open them anyway.
"""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from eligibility.models import ProgrammeVersion
from eligibility.queries.catalogue import definition_of, in_force, needs_of_version, standing_together
from eligibility.queries.preview.disclosure import FEWEST
from eligibility.queries.preview.effects import Measured, Rules, measured
from eligibility.queries.preview.groups import Dimension, dimensions
from eligibility.queries.preview.reading import councils, extent
from eligibility.queries.preview.summary import Report, summarised
from eligibility.queries.preview.together import Together, summarised_together
from portal.kit.actor import Actor, acting_as

MOST = 100_000  # records one preview reads, some seconds of work; where there are more it reads a part of them, and says so

__all__ = [
    "FEWEST",
    "MOST",
    "Dimension",
    "Report",
    "Rules",
    "Together",
    "dimensions_for",
    "preview",
    "preview_together",
    "rules_of",
]


def rules_of(*versions: ProgrammeVersion, on: dt.date) -> Rules:
    """The rules in force on `on`, and the same with `versions` in place of their programmes' own."""
    return Rules.of(standing_together(in_force(on)), *(definition_of(version) for version in versions))


def dimensions_for(*versions: ProgrammeVersion, on: dt.date, language: str) -> dict[str, Dimension]:
    """The groups one may choose for a preview of `versions`, by code. Places are named where enough households live.

    Of facts about crime only those that each of the versions sees.
    """
    with acting_as(Actor.machine("preview", caseload=True)), transaction.atomic():
        places = {"household.local_authority": councils(FEWEST, extent(2 * MOST), 2 * MOST)}
    rules = rules_of(*versions, on=on)
    names = {code: item.text("name", language) for code, item in rules.before.items()}
    needs = frozenset[str].intersection(*(needs_of_version(version) for version in versions))
    return dimensions(needs, places, dict(sorted(names.items(), key=lambda item: item[1])))


def preview(
    version: ProgrammeVersion,
    *,
    on: dt.date,
    language: str = "en",
    chosen: Mapping[Dimension, str] | None = None,
    split: Dimension | None = None,
    rules: Rules | None = None,
) -> Report:
    """Compare the rules in force on `on` with the same rules and `version` in place of its programme's own.

    chosen: {dimension: option} of the group, all of which must hold; split: a table by this; rules: those of `rules_of`, where they are
    known already. Raises RuleError when the version does not work together with the others.
    """
    rules = rules or rules_of(version, on=on)
    found, share = _measured(rules, on, chosen or {}, split)
    return summarised(found, rules, on=on, language=language, is_group=bool(chosen), split=split, share=share)


def preview_together(
    rules: Rules,
    *,
    on: dt.date,
    language: str = "en",
    chosen: Mapping[Dimension, str] | None = None,
    split: Dimension | None = None,
) -> Together:
    """Compare the rules in force on `on` with the same rules and several versions at once in place of their programmes' own (`rules_of`).

    As `preview`; raises RuleError when they do not work together.
    """
    found, share = _measured(rules, on, chosen or {}, split)
    return summarised_together(found, rules, on=on, language=language, is_group=bool(chosen), split=split, share=share)


def _measured(rules: Rules, on: dt.date, chosen: Mapping[Dimension, str], split: Dimension | None) -> tuple[Measured, float]:
    """The comparison over the caseload, and the part of it that was read."""
    with acting_as(Actor.machine("preview", caseload=True)), transaction.atomic():
        size = extent(2 * MOST)
    share = min(1.0, MOST / size.records) if size.records else 1.0
    found = measured(rules, on=on, chosen=chosen, split=split, size=size, share=share)
    if share < 1 and found.everyone:
        share = min(1.0, found.everyone / size.records)
    return found, share
