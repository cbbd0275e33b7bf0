"""A new value of a shared limit: a draft for each programme of the agency that uses it. Other agencies publish theirs themselves."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.actions.programmes import NotReady, begin_draft, save_draft
from eligibility.drafting import with_limit_row
from eligibility.models import ProgrammeVersion
from eligibility.queries.shared import newest, using
from portal.kit.actor import Actor


@transaction.atomic
def change_shared(
    *, by: Actor, name: str, limit: str, row: Mapping[str, Any], at: dt.datetime, today: dt.date
) -> tuple[list[ProgrammeVersion], list[ProgrammeVersion]]:
    """Drafts with the new dated row, one for each programme of the actor's agency; and the versions of other agencies that use it too.

    Raises Refused, RuleError where a row begins on that day already or a rule does not work with it, NotReady without a programme to change.
    """
    changed = with_limit_row(newest(name), limit, row)
    versions = using(name, today)
    own = [version for version in versions if version.programme.agency_id == by.agency_id]
    if not own:
        raise NotReady(_("No programme of your agency uses this shared limit. Ask an agency whose programme does."))
    drafts = []
    for version in own:
        draft = begin_draft(
            by=by, version=version, at=at, note=_("New value of a shared limit from %(day)s") % {"day": row["from"]}
        )
        drafts.append(
            save_draft(
                by=by,
                version_id=draft.pk,
                data=draft.definition,
                lock_version=draft.lock_version,
                at=at,
                shared={**draft.shared, name: changed},
            )
        )
    return drafts, [version for version in versions if version.programme.agency_id != by.agency_id]
