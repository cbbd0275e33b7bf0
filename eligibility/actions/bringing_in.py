"""A programme's folder becomes a draft: of the programme that has its code, or of a new one."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from eligibility.actions.programmes import begin_draft, begin_programme, save_draft
from eligibility.definition import Definition
from eligibility.models import Programme, ProgrammeVersion
from portal.kit.access import Refused
from portal.kit.actor import Actor


@transaction.atomic
def bring_in(*, by: Actor, definition: Definition, at: dt.datetime, note: str = "") -> ProgrammeVersion:
    """The draft, its worked examples run. It begins from the version published last, so that published rows stay as they are.

    Raises Refused for another agency's programme, RuleError for a rule that does not work, NotReady.
    """
    note = note or _("Brought in from the folder %(code)s") % {"code": definition.code}
    programme = Programme.objects.filter(code=definition.code).first()
    if programme is None:
        return begin_programme(by=by, definition=definition, at=at, note=note)
    newest = programme.versions.filter(published_at__isnull=False).order_by("-number").first()
    newest = newest or programme.versions.order_by("-number").first()
    if newest is None:
        raise Refused(_("This programme has no version to go on from."))
    draft = begin_draft(by=by, version=newest, at=at, note=note)
    return save_draft(by=by, version_id=draft.pk, data=definition.to_dict(), lock_version=draft.lock_version, at=at)
