"""The commands: folders into the database and back, a new folder that runs, replay bit for bit, and the API."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import timezone

from eligibility.actions.determinations import screen_as_machine
from eligibility.models import Determination, Programme, ProgrammeVersion
from eligibility.queries.replaying import repeat
from eligibility.registry import load_all, load_folder
from eligibility.rules import report, shared_of, with_shared
from portal.kit.actor import acting_as
from tests.factories.consent import make_record
from tests.factories.eligibility import BLANKET, BLANKET_CASES, allow_screening, load, make_admin, make_agency, read_definition

pytestmark = pytest.mark.django_db


def test_all_folders_are_loaded_once(capsys):
    for slug in {definition.agency for definition in load_all().values()}:
        make_agency(slug)
    call_command("load_programmes")
    count = Programme.objects.count()
    assert count == len(load_all())
    call_command("load_programmes")
    assert capsys.readouterr().out.splitlines() == [
        f"{count} programmes loaded, {count} looked at.",
        f"0 programmes loaded, {count} looked at.",
    ]
    assert ProgrammeVersion.objects.count() == count


def test_a_missing_agency_is_named_and_the_others_are_loaded():
    definitions = load_all()
    make_agency(definitions["winter_fuel_payment"].agency)
    with pytest.raises(CommandError, match=r"the agency named in its programme\.toml is not there"):
        call_command("load_programmes")
    assert Programme.objects.filter(code="winter_fuel_payment").exists()


def test_a_new_folder_runs_at_once(tmp_path, capsys):
    call_command("new_programme", "rent_help", agency="newham-council", area="housing", into=tmp_path)
    definition = load_folder(tmp_path / "rent_help")
    examples = report(with_shared(definition, shared_of(definition)))
    assert (examples["passed"], examples["failed"]) == (3, [])
    assert examples["never_met"] == examples["never_not_met"] == []
    with pytest.raises(CommandError, match="is there already"):
        call_command("new_programme", "rent_help", into=tmp_path)
    with pytest.raises(CommandError, match="cannot be a code"):
        call_command("new_programme", "Rent-Help", into=tmp_path)


def test_a_version_goes_out_as_a_folder_and_comes_back_as_a_draft(tmp_path):
    version = load(read_definition())[0]
    admin = make_admin(make_agency("heat-office"))
    call_command("programme", "export", "heating_help", to=tmp_path)
    assert load_folder(tmp_path / "heating_help").to_dict() == version.definition
    file = tmp_path / "heating_help" / "programme.toml"
    file.write_text(file.read_text().replace("Money for heating.", "Money for heating in winter."))
    call_command("programme", "import", str(tmp_path / "heating_help"), by=admin.user.email)
    draft = ProgrammeVersion.objects.get(programme__code="heating_help", number=2)
    assert (draft.state, draft.author) == ("draft", admin.user)
    assert draft.definition["programme"]["summary"] == "Money for heating in winter."
    stranger = make_admin(make_agency("other-office"))
    with pytest.raises(CommandError, match="is not a programme admin of heat-office"):
        call_command("programme", "import", str(tmp_path / "heating_help"), by=stranger.user.email)


def test_determinations_are_repeated_bit_for_bit(capsys):
    allow_screening()
    load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    at = dt.datetime(2026, 11, 21, 10, tzinfo=dt.UTC)
    for born, savings in (("1950-04-02", "100.00"), ("1990-04-02", "100.00"), ("1950-04-02", "10000.01")):
        screen_as_machine(record_id=make_record({"me.born_on": born, "household.savings": savings})[0].pk, at=at)
    screen_as_machine(record_id=make_record({"me.born_on": "1950-01-01"})[0].pk, at=at)
    call_command("replay")
    assert capsys.readouterr().out.strip() == "8 determinations repeated, 8 came out the same bit for bit."


def test_replay_finds_what_was_tampered_with():
    allow_screening()
    load(read_definition())
    record, citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "100.00"})
    screen_as_machine(record_id=record.pk, at=timezone.now())
    with acting_as(citizen):
        row = Determination.objects.select_related("programme_version__programme").get()
    assert repeat(row).differs == ()
    row.inputs["facts"]["household"]["savings"] = "20000.00"
    assert {"inputs", "outcome", "stored outcome", "criteria"} <= set(repeat(row).differs)


def test_the_catalogue_is_open_to_programs(client):
    load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    listed = client.get(reverse("api:programmes"), {"q": "blanket"}).json()
    assert [entry["code"] for entry in listed] == ["blanket_help"]
    one = client.get(reverse("api:programme", args=["heating_help"])).json()
    assert one["facts"] == ["household.savings", "person.born_on"] and one["version"] == 1
    assert one["definition"]["programme"]["code"] == "heating_help"
    assert client.get(reverse("api:programme", args=["nothing"])).status_code == 404


def test_own_results_are_for_the_person_alone(client):
    allow_screening()
    load(read_definition())
    record, _citizen = make_record({"me.born_on": "1950-04-02", "household.savings": "100.00"})
    screen_as_machine(record_id=record.pk, at=timezone.now())
    assert client.get(reverse("api:own_results")).status_code in (401, 403)
    session = client.session
    session["person_id"] = str(record.person_id)
    session.save()
    answer = client.get(reverse("api:own_results")).json()
    assert answer["state"] == "ready"
    assert [(item["programme"], item["outcome"]) for item in answer["results"]] == [("heating_help", "likely")]
    assert json.dumps(answer)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["winter_fuel"], "There is no programme winter_fuel. Did you mean winter_fuel_payment? There are: "),
        (["zzzz"], "There is no programme zzzz. There are: "),
        (["--from", "6/4/2026"], "“6/4/2026” is not a date; write it like 2026-11-21."),
    ],
)
def test_a_wrong_code_or_day_is_told_with_what_to_write(given, words):
    with pytest.raises(CommandError) as told:
        call_command("load_programmes", *given)
    assert words in str(told.value) and not Programme.objects.exists()
