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
from eligibility.queries.preview.effects import Rules, measured
from eligibility.queries.preview.groups import Dimension, dimensions
from eligibility.queries.preview.reading import councils, extent
from eligibility.queries.preview.summary import Report, summarised
from portal.kit.actor import Actor, acting_as

MOST = 100_000  # records one preview reads, some seconds of work; where there are more it reads a part of them, and says so

__all__ = ["FEWEST", "MOST", "Dimension", "Report", "dimensions_for", "preview", "rules_of"]


def rules_of(version: ProgrammeVersion, *, on: dt.date) -> Rules:
    """The rules in force on `on`, and the same with `version` in place of its programme's own."""
    return Rules.of(standing_together(in_force(on)), definition_of(version))


def dimensions_for(version: ProgrammeVersion, *, on: dt.date, language: str) -> dict[str, Dimension]:
    """The groups one may choose for a preview of `version`, by code. Places are named where enough households live."""
    with acting_as(Actor.machine("preview", caseload=True)), transaction.atomic():
        places = {"household.local_authority": councils(FEWEST, extent(2 * MOST), 2 * MOST)}
    rules = rules_of(version, on=on)
    names = {code: item.text("name", language) for code, item in rules.before.items()}
    return dimensions(needs_of_version(version), places, dict(sorted(names.items(), key=lambda item: item[1])))


def preview(
    version: ProgrammeVersion,
    *,
    on: dt.date,
    language: str = "en",
    chosen: Mapping[Dimension, str] | None = None,
    split: Dimension | None = None,
) -> Report:
    """Compare the rules in force on `on` with the same rules and `version` in place of its programme's own.

    chosen: {dimension: option} of the group, all of which must hold; split: a table by this. Raises RuleError when the version does
    not work together with the others.
    """
    rules = rules_of(version, on=on)
    with acting_as(Actor.machine("preview", caseload=True)), transaction.atomic():
        size = extent(2 * MOST)
    share = min(1.0, MOST / size.records) if size.records else 1.0
    found = measured(rules, on=on, chosen=chosen or {}, split=split, size=size, share=share)
    if share < 1 and found.everyone:
        share = min(1.0, found.everyone / size.records)
    return summarised(found, rules, on=on, language=language, is_group=bool(chosen), split=split, share=share)
