"""A programme's folder goes out and comes back without loss; what comes in is not trusted."""

import io
import json
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from eligibility.definition import Definition
from eligibility.folder import to_folder
from eligibility.models import ProgrammeVersion
from eligibility.packed import LARGEST, UnreadableFolder, data_of, packed, unpacked
from eligibility.registry import load_all, load_folder
from tests.eligibility.test_programme_admin import sign_in
from tests.factories.eligibility import BLANKET, BLANKET_CASES, HEATING, load, make_admin, make_agency, read_definition

ALL = load_all()


def back(definition: Definition) -> Definition:
    return Definition.from_dict(data_of(unpacked([("programme.zip", packed(definition))])))


@pytest.mark.parametrize("code", sorted(ALL))
def test_every_programme_that_ships_comes_back_bit_for_bit(code, tmp_path):
    """Its variants, translations, windows and examples too, as a .zip and as a folder, and so does what comes back."""
    one = ALL[code]
    stored = json.dumps(one.to_dict())
    assert json.dumps(back(one).to_dict()) == stored and back(one).sha256 == one.sha256
    assert packed(back(one)) == packed(one)
    to_folder(one, tmp_path / code)
    assert json.dumps(load_folder(tmp_path / code).to_dict()) == stored


@pytest.mark.django_db
def test_what_the_database_gives_back_is_the_same_folder(tmp_path):
    """Stored JSON has its keys in another order; export, import and export again say the same."""
    load(*ALL.values())
    for version in ProgrammeVersion.objects.select_related("programme"):
        code = version.programme.code
        assert back(Definition.from_dict(version.definition)).to_dict() == version.definition == ALL[code].to_dict()
    call_command("programme", "export", "council_tax_reduction", to=tmp_path)
    folder = tmp_path / "council_tax_reduction"
    admin = make_admin(make_agency(ALL["council_tax_reduction"].agency))
    call_command("programme", "import", str(folder), by=admin.user.email)
    one, two = ProgrammeVersion.objects.filter(programme__code="council_tax_reduction").order_by("number")
    assert (one.definition, one.shared, one.sha256) == (two.definition, two.shared, two.sha256)
    assert two.examples["passed"] == one.examples["passed"] and not two.examples["failed"]


# --- hostile -----------------------------------------------------------------------------------------------------------


def zipped(members, **flags) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a/programme.toml")
    info.external_attr = 0o120777 << 16
    return info


def lying_about_its_size() -> bytes:
    """A member that unpacks to far more than the archive says."""
    content = bytearray(zipped([("a/programme.toml", b"x" * (LARGEST * 20))]))
    for mark, place in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.index(mark) + place
        content[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(content)


HOSTILE = {
    "path": (zipped([("../programme.toml", "")]), "leads elsewhere"),
    "absolute": (zipped([("/etc/programme.toml", "")]), "leads elsewhere"),
    "windows path": (zipped([("..\\programme.toml", "")]), "leads elsewhere"),
    "drive": (zipped([("C:/programme.toml", "")]), "leads elsewhere"),
    "link": (zipped([(link(), "/etc/passwd")]), "holds a link"),
    "many": (zipped([(f"a/{number}.txt", "") for number in range(10_000)]), "too many files"),
    "bomb": (zipped([("a/programme.toml", b"\0" * (LARGEST * 50))]), "larger than a rule can be"),
    "liar": (lying_about_its_size(), "damaged|larger than a rule can be"),
    "not utf-8": (zipped([("a/programme.toml", b"name = '\xff\xfe'")]), "not text in UTF-8"),
    "twice": (zipped([("a/programme.toml", ""), ("b/programme.toml", "")]), "more than one"),
    "none": (zipped([("a/cases.toml", "")]), "no programme.toml"),
    "torn": (zipped([("a/programme.toml", "x" * 5000)])[:60], "damaged"),
    "nothing but a head": (b"PK", "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_clear_answer(name):
    content, words = HOSTILE[name]
    with pytest.raises(UnreadableFolder, match=words):
        unpacked([("programme.zip", content)])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[programme", "cannot be read"),
        ("a = " + "[" * 5000, "cannot be read"),
        ("a = 1e99999999", "not a number a rule can hold"),
        ("a = 1e999999999999999999999", "not a number a rule can hold"),
    ],
)
def test_text_that_is_no_rule_gets_a_clear_answer(text, words):
    with pytest.raises(ValueError, match=words):
        Definition.from_dict(data_of({"programme.toml": text}))


def test_a_number_that_would_fill_the_memory_is_refused():
    for written in ("1e999999999", '"1e999999999"', "1e-999999999", "1e400"):
        text = HEATING.replace("value = 10000", f"value = {written}")
        with pytest.raises(ValueError, match=r"is not a value with the unit GBP|not a number a rule can hold"):
            Definition.from_dict(data_of({"programme.toml": text}))


# --- pages -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(db):
    load(read_definition(), read_definition(BLANKET, BLANKET_CASES))
    return make_admin(make_agency("heat-office"))


def bring(client, *files, **fields):
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(reverse("eligibility:admin_import"), {"folder": uploads, **fields}, follow=True)


def test_the_folder_goes_out_and_in_through_the_page(client, admin):
    sign_in(client, admin)
    out = client.get(reverse("eligibility:admin_folder", args=["heating_help", 1]))
    assert out["Content-Type"] == "application/zip" and 'filename="heating_help-version-1.zip"' in out["Content-Disposition"]
    page = bring(client, ("any name.zip", out.content), note="Back again")
    assert "The folder is a draft now." in page.content.decode()
    draft = ProgrammeVersion.objects.get(programme__code="heating_help", number=2)
    assert (draft.definition, draft.note, draft.state) == (read_definition().to_dict(), "Back again", "draft")
    with zipfile.ZipFile(io.BytesIO(out.content)) as archive:
        files = [(name.rpartition("/")[2], archive.read(name)) for name in archive.namelist() if name.endswith(".toml")]
    assert "The folder is a draft now." in bring(client, *files).content.decode()
    assert ProgrammeVersion.objects.get(programme__code="heating_help", number=3).definition == draft.definition


def test_another_agencys_folder_becomes_a_programme_under_a_code_of_its_own(client, admin):
    stranger = make_admin(make_agency("other-office"))
    sign_in(client, stranger)
    content = packed(read_definition())
    assert "enter a code of its own" in bring(client, ("a.zip", content)).content.decode()
    assert "The folder is a draft now." in bring(client, ("a.zip", content), code="warm_help").content.decode()
    made = ProgrammeVersion.objects.get(programme__code="warm_help")
    assert made.programme.agency == stranger.agency and made.definition["programme"]["agency"] == "other-office"
    assert "There is a problem" in bring(client, ("a.zip", content), code="heating_help").content.decode()
    assert ProgrammeVersion.objects.filter(programme__code="heating_help").count() == 1


def test_another_agencys_published_programme_can_be_copied(client, admin):
    stranger = make_admin(make_agency("other-office"))
    sign_in(client, stranger)
    url = reverse("eligibility:admin_new")
    assert "Heating help (" in client.get(url).content.decode()
    client.post(url, {"code": "warm_help", "name": "Warm help", "area": "housing", "source": "heating_help"})
    made = ProgrammeVersion.objects.get(programme__code="warm_help")
    assert made.programme.agency == stranger.agency and made.state == "draft" and made.examples["passed"] == 3
    head = made.definition["programme"]
    assert (head["agency"], head["name"], head["code"], head["area"]) == ("other-office", "Warm help", "warm_help", "housing")
    assert made.definition["limits"] == read_definition().to_dict()["limits"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (HOSTILE["bomb"][0], "larger than a rule can be"),
        (zipped([("a/programme.toml", "programme = 1")]), "has no [programme]"),
        (zipped([("a/programme.toml", '[programme]\nagency = "heat-office"\ncriteria = 1')]), "There is a problem"),
        (zipped([("a/programme.toml", '[programme]\nagency = "heat-office"\n[limits]\na = 1')]), "There is a problem"),
    ],
)
def test_what_does_not_work_is_said_and_nothing_is_kept(client, admin, content, words):
    sign_in(client, admin)
    page = bring(client, ("a.zip", content))
    assert page.status_code == 200 and words in page.content.decode()
    assert ProgrammeVersion.objects.count() == 2
