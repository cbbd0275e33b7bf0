"""What the database itself refuses about programmes: two people, one version in force, nothing changed after publication."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from eligibility.models import ProgrammeVersion
from eligibility.models.programme import CLOSED, DRAFT, PUBLISHED
from tests.factories.eligibility import make_admin, make_programme, make_version

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 11, 21)


def refused():
    """A block that must end in the database's refusal, inside a savepoint so that the test can go on."""
    return _Refused()


class _Refused:
    def __enter__(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, kind, error, trace):
        self.atomic.__exit__(kind, error, trace)
        assert kind is not None and issubclass(kind, IntegrityError), f"the database let it pass: {error!r}"
        return True


def test_author_cannot_be_the_approver():
    programme = make_programme()
    author = make_admin(programme.agency).user
    with refused():
        make_version(programme, state=PUBLISHED, effective_from=DAY, author=author, approver=author, writers=[])


def test_no_writer_can_be_the_approver():
    programme = make_programme()
    author, helper = make_admin(programme.agency).user, make_admin(programme.agency).user
    with refused():
        make_version(
            programme,
            state=PUBLISHED,
            effective_from=DAY,
            author=author,
            approver=helper,
            writers=[str(author.pk), str(helper.pk)],
        )


def test_a_version_from_the_editor_needs_two_people_to_be_published():
    programme = make_programme()
    with refused():
        make_version(programme, state=PUBLISHED, effective_from=DAY, origin="portal")


def test_two_published_versions_cannot_hold_on_the_same_day():
    programme = make_programme()
    make_version(programme, state=PUBLISHED, effective_from=DAY)
    with refused():
        make_version(programme, state=PUBLISHED, effective_from=DAY + dt.timedelta(days=30))


def test_a_version_may_follow_the_day_after_another_ends():
    programme = make_programme()
    make_version(programme, state=CLOSED, effective_from=DAY, effective_to=DAY + dt.timedelta(days=29))
    make_version(programme, state=PUBLISHED, effective_from=DAY + dt.timedelta(days=30))
    assert ProgrammeVersion.objects.in_force(DAY + dt.timedelta(days=29)).get().number == 1
    assert ProgrammeVersion.objects.in_force(DAY + dt.timedelta(days=30)).get().number == 2


def test_a_version_replaced_on_its_own_first_day_leaves_room_for_its_follower():
    programme = make_programme()
    make_version(programme, state=CLOSED, effective_from=DAY, effective_to=DAY - dt.timedelta(days=1))
    make_version(programme, state=PUBLISHED, effective_from=DAY)
    assert ProgrammeVersion.objects.in_force(DAY).get().number == 2


@pytest.mark.parametrize(
    "change",
    [
        {"definition": {"other": True}},
        {"shared": {"pension_age": {}}},
        {"sha256": "0" * 64},
        {"effective_from": DAY - dt.timedelta(days=1)},
        {"number": 9},
        {"note": "Changed afterwards"},
        {"state": DRAFT},
        {"examples": {"passed": 99}},
    ],
)
def test_a_published_version_never_changes(change):
    version = make_version(make_programme(), state=PUBLISHED, effective_from=DAY)
    with refused():
        ProgrammeVersion.objects.filter(pk=version.pk).update(**change)


def test_a_published_version_can_end_but_not_be_prolonged_or_deleted():
    version = make_version(make_programme(), state=PUBLISHED, effective_from=DAY)
    chosen = ProgrammeVersion.objects.filter(pk=version.pk)
    chosen.update(state=CLOSED, effective_to=DAY + dt.timedelta(days=9))
    chosen.update(effective_to=DAY + dt.timedelta(days=5))
    with refused():
        chosen.update(effective_to=DAY + dt.timedelta(days=20))
    with refused():
        chosen.update(effective_to=None)
    with refused():
        chosen.update(state=PUBLISHED)
    with refused():
        chosen._raw_delete(chosen.db)


def test_a_draft_changes_freely():
    version = make_version(make_programme())
    ProgrammeVersion.objects.filter(pk=version.pk).update(definition={"other": True}, note="x")
    assert ProgrammeVersion.objects.get(pk=version.pk).definition == {"other": True}
