"""Programmes, versions and the people who write them, for tests."""

import datetime as dt
from itertools import count

from django.contrib.auth.models import Group
from django.utils import timezone

from eligibility.models import Programme, ProgrammeVersion
from eligibility.models.programme import CLOSED, PUBLISHED
from portal.kit.actor import Actor
from portal.models import Agency, Membership, User

_number = count(1)
LONG_AGO = dt.date(2020, 1, 1)


def make_agency(slug: str = "", kind: str = Agency.STATUTORY, **fields) -> Agency:
    """An agency, the one with this slug if it is there."""
    slug = slug or f"agency-{next(_number)}"
    found = Agency.objects.filter(slug=slug).first()
    if found:
        return found
    group = Group.objects.create(name=f"agency:{slug}")
    return Agency.objects.create(slug=slug, name=fields.pop("name", slug.replace("-", " ").title()), kind=kind, group=group, **fields)


def make_admin(agency: Agency, role: str = "programme_admin") -> Membership:
    """A new colleague at `agency`."""
    user = User.objects.create_user(f"colleague{next(_number)}@example.org", "correct horse battery", name=f"Colleague {next(_number)}")
    return Membership.objects.create(user=user, agency=agency, role=role, starts_on=LONG_AGO)


def actor_of(membership: Membership) -> Actor:
    """The membership's actor."""
    return Actor(
        "staff", user_id=membership.user_id, agency_id=membership.agency_id, membership_id=membership.pk,
        role=membership.role, name=membership.user.name,
    )


def make_programme(code: str = "", agency: Agency | None = None, **fields) -> Programme:
    """A programme without versions."""
    return Programme.objects.create(
        code=code or f"programme_{next(_number)}", agency=agency or make_agency(), area=fields.pop("area", "income"),
        created_at=timezone.now(), **fields,
    )


def make_version(programme: Programme, **fields) -> ProgrammeVersion:
    """A version as a bare row (a draft from the folder unless told otherwise); its definition need not be a working rule."""
    now = timezone.now()
    state = fields.get("state", "draft")
    fields.setdefault("origin", "folder" if "author" not in fields else "portal")
    if state in (PUBLISHED, CLOSED):
        fields.setdefault("published_at", now)
    return ProgrammeVersion.objects.create(
        programme=programme, number=fields.pop("number", programme.versions.count() + 1),
        definition=fields.pop("definition", {"programme": {"code": programme.code}}), sha256=fields.pop("sha256", "a" * 64),
        created_at=now, changed_at=now, **fields,
    )
