"""Programme administration from draft to published: four eyes, rows that stay, examples that block, results that change."""

import datetime as dt

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from eligibility.actions import programmes as actions
from eligibility.actions.determinations import screen_as_machine
from eligibility.definition import Definition
from eligibility.drafting import with_limit_row
from eligibility.language import RuleError
from eligibility.models import Programme, ProgrammeVersion
from eligibility.models.programme import CLOSED, DRAFT, PUBLISHED
from eligibility.queries.results import results_for
from eligibility.scaffold import first_rule
from portal.kit.access import Refused
from portal.kit.actor import acting_as
from portal.kit.states import MoveRefused
from tests.factories.consent import make_record
from tests.factories.eligibility import (
    HEATING,
    actor_of,
    allow_screening,
    load,
    make_admin,
    make_agency,
    read_definition,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
TODAY = NOW.date()


def sign_in(client, membership):
    Authenticator.objects.get_or_create(user=membership.user, type=Authenticator.Type.TOTP, defaults={"data": {}})
    client.force_login(membership.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["membership_id"] = str(membership.pk)
    session["second_factor"] = True
    session.save()


def with_higher_limit(version, day="2026-11-21", value="20000"):
    return with_limit_row(version.definition, "savings_limit", {"from": day, "value": value, "law": "Heating Act 2026 s.9"})


def draft_of(version, membership, data=None):
    by = actor_of(membership)
    with acting_as(by):
        draft = actions.begin_draft(by=by, version=version, at=NOW, note="Higher savings limit")
        return actions.save_draft(
            by=by, version_id=draft.pk, data=data or with_higher_limit(draft), lock_version=draft.lock_version, at=NOW
        )


def published(version, writer, second, effective_from=TODAY):
    draft = draft_of(version, writer)
    one, two = actor_of(writer), actor_of(second)
    with acting_as(one):
        actions.send_for_approval(by=one, version_id=draft.pk, at=NOW)
    with acting_as(two):
        return actions.publish(by=two, version_id=draft.pk, effective_from=effective_from, at=NOW, today=TODAY)


# --- actions ---------------------------------------------------------------------------------------------------------


def test_loading_again_changes_nothing_and_a_changed_folder_gets_a_clear_message(versions):
    assert load(read_definition()) == [None]
    with pytest.raises(actions.AlreadyPublished, match="heating_help: the folder differs from version 1"):
        load(read_definition(HEATING.replace("value = 10000", "value = 11000")))
    assert ProgrammeVersion.objects.filter(programme__code="heating_help").count() == 1


def test_a_folder_with_a_failing_example_is_not_loaded():
    with pytest.raises(RuleError, match=r"A worked example fails. rich"):
        load(read_definition(HEATING.replace("value = 10000", "value = 11000")))


def test_a_second_person_publishes_and_the_version_before_ends_the_day_before(versions, writer, second):
    new = published(versions[0], writer, second, TODAY + dt.timedelta(days=10))
    old = ProgrammeVersion.objects.get(pk=versions[0].pk)
    assert (old.state, old.effective_to) == (CLOSED, TODAY + dt.timedelta(days=9))
    assert (new.state, new.effective_from, new.approver_id) == (PUBLISHED, TODAY + dt.timedelta(days=10), second.user_id)
    assert ProgrammeVersion.objects.in_force(TODAY).get(programme__code="heating_help") == old


def test_who_wrote_any_part_cannot_publish(versions, writer, second):
    draft = draft_of(versions[0], writer)
    two = actor_of(second)
    with acting_as(two):
        draft = actions.save_draft(by=two, version_id=draft.pk, data=draft.definition, lock_version=draft.lock_version, at=NOW)
        actions.send_for_approval(by=two, version_id=draft.pk, at=NOW)
        for membership in (writer, second):
            with pytest.raises(Refused, match="second person"):
                actions.publish(by=actor_of(membership), version_id=draft.pk, effective_from=TODAY, at=NOW, today=TODAY)


def test_a_draft_cannot_be_published_without_being_sent(versions, writer, second):
    draft = draft_of(versions[0], writer)
    with acting_as(actor_of(second)), pytest.raises(MoveRefused):
        actions.publish(by=actor_of(second), version_id=draft.pk, effective_from=TODAY, at=NOW, today=TODAY)


def test_another_agency_may_neither_write_nor_publish(versions, writer):
    stranger = actor_of(make_admin(make_agency("other-office")))
    draft = draft_of(versions[0], writer)
    with acting_as(stranger):
        for call in (
            lambda: actions.begin_draft(by=stranger, version=versions[0], at=NOW),
            lambda: actions.save_draft(by=stranger, version_id=draft.pk, data=draft.definition, lock_version=1, at=NOW),
            lambda: actions.publish(by=stranger, version_id=draft.pk, effective_from=TODAY, at=NOW, today=TODAY),
            lambda: actions.discard_draft(by=stranger, version_id=draft.pk, at=NOW),
        ):
            with pytest.raises(Refused):
                call()


def test_a_published_row_cannot_be_overwritten(versions, writer):
    by = actor_of(writer)
    with acting_as(by):
        draft = actions.begin_draft(by=by, version=versions[0], at=NOW)
        data = dict(draft.definition, limits={**draft.definition["limits"]})
        data["limits"]["savings_limit"] = {
            "unit": "GBP",
            "label": "Savings limit",
            "rows": [{"from": "2020-01-01", "value": "20000", "law": "x"}],
        }
        with pytest.raises(RuleError, match="The row from 2020-01-01 was published and stays"):
            actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=0, at=NOW)


def test_a_failing_example_is_kept_with_the_draft_and_blocks_the_way_on(versions, writer):
    by = actor_of(writer)
    with acting_as(by):
        draft = actions.begin_draft(by=by, version=versions[0], at=NOW)
        data = with_limit_row(draft.definition, "least_age", {"from": "2026-01-01", "value": "61", "law": "Heating Act 2026 s.9"})
        draft = actions.save_draft(by=by, version_id=draft.pk, data=data, lock_version=0, at=NOW)
        assert next(failure["case"] for failure in draft.examples["failed"]) == "sixty"
        with pytest.raises(actions.NotReady, match=r"A worked example fails"):
            actions.send_for_approval(by=by, version_id=draft.pk, at=NOW)


def test_two_people_cannot_overwrite_each_other(versions, writer, second):
    draft = draft_of(versions[0], writer)
    two = actor_of(second)
    with acting_as(two), pytest.raises(actions.DraftConflict):
        actions.save_draft(by=two, version_id=draft.pk, data=draft.definition, lock_version=draft.lock_version - 1, at=NOW)


def test_a_published_version_cannot_be_edited_or_thrown_away(versions, writer):
    by = actor_of(writer)
    with acting_as(by):
        with pytest.raises(actions.NotReady):
            actions.save_draft(by=by, version_id=versions[0].pk, data=versions[0].definition, lock_version=0, at=NOW)
        with pytest.raises(actions.NotReady):
            actions.discard_draft(by=by, version_id=versions[0].pk, at=NOW)


def test_throwing_away_the_only_draft_takes_the_programme_with_it(client, office, writer, versions):
    """Else its code would stay taken by a programme nobody can edit."""
    by = actor_of(writer)
    definition = first_rule("warm_coats", office.slug, "income", "Warm coats")
    with acting_as(by):
        first = actions.begin_programme(by=by, definition=definition, at=NOW)
    sign_in(client, writer)
    page = client.post(reverse("eligibility:admin_discard", args=["warm_coats", 1]), follow=True)
    assert page.status_code == 200 and "The draft is gone." in page.content.decode()
    with acting_as(by):
        again = actions.begin_programme(by=by, definition=definition, at=NOW)
        assert again.programme_id != first.programme_id
        later = actions.begin_draft(by=by, version=versions[0], at=NOW)
        actions.discard_draft(by=by, version_id=later.pk, at=NOW)
    assert Programme.objects.filter(code=versions[0].programme.code).exists()


def test_a_formula_that_does_not_work_is_refused_with_its_place(versions, writer):
    by = actor_of(writer)
    with acting_as(by):
        draft = actions.begin_draft(by=by, version=versions[0], at=NOW)
        criteria = [dict(item) for item in draft.definition["criteria"]]
        criteria[1]["when"] = "household.savngs <= limits.savings_limit"
        with pytest.raises(RuleError) as problem:
            actions.save_draft(
                by=by, version_id=draft.pk, data={**draft.definition, "criteria": criteria}, lock_version=0, at=NOW
            )
        assert problem.value.where == "criteria.savings.when" and "savings" in problem.value.message


def test_a_circle_of_results_can_neither_be_saved_nor_published(versions, writer, second):
    draft = draft_of(versions[0], writer, None)
    by, two = actor_of(writer), actor_of(second)
    circle = {
        **draft.definition,
        "criteria": [
            *draft.definition["criteria"],
            {
                "id": "blanket",
                "when": "programmes.blanket_help.likely or applicant.age >= 0",
                "says": "a",
                "says_not": "b",
                "law": "c",
            },
        ],
    }
    with acting_as(by):
        with pytest.raises(RuleError, match="circle: blanket_help → heating_help → blanket_help"):
            actions.save_draft(by=by, version_id=draft.pk, data=circle, lock_version=draft.lock_version, at=NOW)
        stored = Definition.from_dict(circle).to_dict()  # saved while the other programme did not use this one yet
        ProgrammeVersion.objects.filter(pk=draft.pk).update(definition=stored)
        actions.send_for_approval(by=by, version_id=draft.pk, at=NOW)
    with acting_as(two), pytest.raises(RuleError, match="circle"):
        actions.publish(by=two, version_id=draft.pk, effective_from=TODAY, at=NOW, today=TODAY)


def test_going_back_is_a_new_version(versions, writer, second):
    new = published(versions[0], writer, second)
    by, two = actor_of(writer), actor_of(second)
    with acting_as(two):
        back = actions.begin_draft(by=two, version=versions[0], at=NOW, note="Back to version 1")
        actions.send_for_approval(by=two, version_id=back.pk, at=NOW)
    with acting_as(by):
        actions.publish(by=by, version_id=back.pk, effective_from=TODAY, at=NOW, today=TODAY)
    in_force = ProgrammeVersion.objects.in_force(TODAY).get(programme__code="heating_help")
    assert (in_force.number, in_force.definition) == (3, versions[0].definition)
    assert ProgrammeVersion.objects.get(pk=new.pk).effective_to == TODAY - dt.timedelta(days=1)


def test_results_change_after_publishing_also_those_that_rest_on_the_programme(versions, writer, second):
    allow_screening()
    record, citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "15000.00"})
    screen_as_machine(record_id=record.pk, at=NOW)

    def outcomes():
        with acting_as(citizen):
            record.version = 1
            return {card.code: (card.outcome, card.version_number) for card in results_for(record, TODAY).everything}

    assert outcomes() == {"heating_help": ("not_likely", 1), "blanket_help": ("not_likely", 1)}
    published(versions[0], writer, second)
    screen_as_machine(record_id=record.pk, at=NOW)
    assert outcomes() == {"heating_help": ("likely", 2), "blanket_help": ("likely", 1)}


# --- pages -----------------------------------------------------------------------------------------------------------


def page(client, name, *args, **query):
    return client.get(reverse(f"eligibility:{name}", args=args), query)


def test_the_whole_way_in_the_browser(client, versions, writer, second):
    sign_in(client, writer)
    assert "Heating help" in page(client, "admin_list").content.decode()
    response = client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]), {"note": "Higher limit"})
    assert response["Location"] == "/staff/programmes/heating_help/2/"
    assert page(client, "admin_limit", "heating_help", 2, "savings_limit").status_code == 200
    response = client.post(
        reverse("eligibility:admin_limit", args=["heating_help", 2, "savings_limit"]),
        {"lock_version": 0, "starts_on": timezone.localdate().isoformat(), "value_0": "20,000", "law": "Heating Act 2026 s.9"},
    )
    assert response.status_code == 302, response.context["form"].errors
    shown = page(client, "admin_version", "heating_help", 2).content.decode()
    assert "£20,000" in shown and "Heating Act 2026 s.9" in shown and "Send to a second person" in shown
    client.post(reverse("eligibility:admin_send", args=["heating_help", 2]))
    assert "a colleague has to publish it" in page(client, "admin_version", "heating_help", 2).content.decode()
    sign_in(client, second)
    assert "Publish</button>" in page(client, "admin_version", "heating_help", 2).content.decode()
    client.post(
        reverse("eligibility:admin_publish", args=["heating_help", 2]), {"effective_from": timezone.localdate().isoformat()}
    )
    assert ProgrammeVersion.objects.get(programme__code="heating_help", number=2).state == PUBLISHED
    compared = page(client, "admin_programme", "heating_help", before=1, after=2).content.decode()
    assert "<ins>£20,000</ins>" in compared and "<del>£10,000</del>" in compared and "Limits" in compared
    assert "£20,000" in client.get(reverse("eligibility:programme", args=["heating_help"])).content.decode()


def test_a_wrong_formula_is_shown_where_it_is_and_nothing_typed_is_lost(client, versions, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    response = client.post(
        reverse("eligibility:admin_criterion", args=["heating_help", 2, "savings"]),
        {"lock_version": 0, "when": "household.savngs <= limits.savings_limit", "says": "A", "says_not": "B", "law": "C"},
    )
    shown = response.content.decode()
    assert (response.status_code == 200 and "<mark>household.savngs</mark>" in shown) or "<mark>savngs</mark>" in shown
    assert "household.savngs &lt;= limits.savings_limit</textarea>" in shown
    assert "Error:" in shown


def test_the_condition_page_says_what_people_read(client, versions, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    shown = page(client, "admin_criterion", "heating_help", 2, "savings").content.decode()
    assert "Your savings of £100 are not above £10,000" in shown and "Your savings of £10,000.01 are above £10,000" in shown


def test_texts_are_changed_and_translated(client, versions, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    url = reverse("eligibility:admin_texts", args=["heating_help", 2])
    form = client.get(url, {"language": "cy"}).context["form"]
    data = {"lock_version": 0} | {name: form.fields[name].initial for name in form.paths}
    name = next(name for name, path in form.paths.items() if path == "summary")
    response = client.post(f"{url}?language=cy", data | {name: "Arian at wresogi."})
    assert response.status_code == 302, response.context["form"].errors
    draft = ProgrammeVersion.objects.get(programme__code="heating_help", number=2)
    assert draft.definition["translations"]["cy"] == {"name": "Cymorth Gwresogi", "summary": "Arian at wresogi."}


def test_the_rule_as_text_goes_both_ways_without_loss(client, versions, writer):
    sign_in(client, writer)
    client.post(reverse("eligibility:admin_begin", args=["heating_help", 1]))
    url = reverse("eligibility:admin_files", args=["heating_help", 2])
    initial = client.get(url).context["form"].initial
    assert client.post(url, initial).status_code == 302
    draft = ProgrammeVersion.objects.get(programme__code="heating_help", number=2)
    assert draft.definition == versions[0].definition and draft.sha256 == versions[0].sha256
    broken = client.post(url, {**initial, "lock_version": 1, "programme": "[programme"})
    assert broken.status_code == 200 and "The text cannot be read" in broken.content.decode()


def test_a_new_programme_from_nothing_runs_at_once(client, versions, writer):
    sign_in(client, writer)
    response = client.post(
        reverse("eligibility:admin_new"), {"code": "rent_help", "name": 'Rent "help"', "area": "housing", "source": ""}
    )
    assert response["Location"] == "/staff/programmes/rent_help/1/"
    draft = ProgrammeVersion.objects.get(programme__code="rent_help")
    assert (draft.state, draft.examples["passed"], draft.examples["failed"]) == (DRAFT, 3, [])
    assert "Rent &quot;help&quot;" in page(client, "admin_version", "rent_help", 1).content.decode()
    assert page(client, "admin_preview", "rent_help", 1).status_code == 200


@pytest.mark.parametrize("name", ["admin_list", "admin_programme", "admin_version", "admin_preview"])
def test_pages_of_another_agency_are_refused(client, versions, name):
    sign_in(client, make_admin(make_agency("other-office")))
    args = {"admin_list": [], "admin_programme": ["heating_help"]}.get(name, ["heating_help", 1])
    response = page(client, name, *args)
    if name == "admin_list":
        assert "Heating help" not in response.content.decode()
    else:
        assert response.status_code == 403


def test_an_auditor_reads_the_history_and_changes_nothing(client, versions, office):
    auditor = make_admin(office, role="auditor")
    sign_in(client, auditor)
    assert "New draft" not in page(client, "admin_programme", "heating_help").content.decode()
    assert page(client, "admin_version", "heating_help", 1).status_code == 200
    assert client.post(reverse("eligibility:admin_begin", args=["heating_help", 1])).status_code == 403


def test_citizens_have_no_way_in(client, versions):
    assert page(client, "admin_list").status_code == 302
