"""docs/install.md, done: its commands on empty servers under production's settings, and a backup that is really restored."""

import http.client
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from portal.services.images import copy_demonstration
from portal.services.postgres import OWNER, SERVING, Postgres, find_binaries
from portal.services.preparation import ROOT, clean_environment
from portal.services.processes import listen
from portal.services.programs import Program
from portal.services.valkey import Valkey
from tests.factories.mail_server import MailServer
from tests.portal.test_settings import SAFE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("install")]
INSTALL = (ROOT / "docs" / "install.md").read_text()
HOST = "onedoor.example"


def documented() -> list[list[str]]:
    """The commands in the page's blocks of shell, in their order."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", INSTALL, re.M | re.S)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.strip()]


class House:
    """An installation on servers of its own, under production's settings."""

    def __init__(self, server: Postgres, valkey: Valkey, mail: MailServer, folder: Path) -> None:
        of_tests = ("PORTAL_", "DJANGO_ALLOW_ASYNC_UNSAFE")  # the second is the browser's, in the same process
        ours = {name: value for name, value in clean_environment().items() if not name.startswith(of_tests)}
        self.environment = ours | SAFE | {
            "DJANGO_SETTINGS_MODULE": "tests.factories.production",
            "TEST_STATIC_ROOT": str(folder / "static"),
            "MEDIA_DIR": str(folder / "media"),
            "DATABASE_URL": server.url("portal", SERVING),
            "REDIS_URL": valkey.url(),
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(mail.port),
            "EMAIL_TLS": "no",
        }  # fmt: skip
        self.owner = {"DATABASE_OWNER_URL": server.url("portal", OWNER)}
        self.folder = folder
        self.mail = mail
        self.cookies: dict[str, str] = {}
        self.port = 0

    def manage(self, *words: str, **more: str) -> str:
        """`manage.py` with its words; fails the test with what it said when it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment | more, capture_output=True, text=True
        )
        assert done.returncode == 0, f"manage.py {' '.join(words)}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """(status, where it sends one, body) as a browser behind the TLS proxy gets it."""
        browser = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4", "Referer": f"https://{HOST}/"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is None:
            browser.request("GET", path, headers=headers)
        else:
            token = {"csrfmiddlewaretoken": self.cookies.get("__Host-csrf", "")}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            browser.request("POST", path, urlencode(form | token), headers)
        answer = browser.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()


@pytest.fixture(scope="module")
def house(services_folder: Path, valkey: Valkey) -> Iterator[House]:
    """Empty servers with the two roles, and the schema as `migrate` makes it."""
    folder = services_folder / "install"
    server = Postgres(folder / "pg", durable=False).start()
    mail = MailServer().start()
    try:
        server.create_database("portal")
        made = House(server, valkey, mail, folder)
        made.manage("migrate", "--noinput", **made.owner)
        made.manage("collectstatic", "--noinput", "-v0")
        yield made
    finally:
        mail.stop()
        server.stop()


@pytest.fixture(scope="module")
def served(house: House) -> Iterator[House]:
    """The house after every command of the page, with the web server as the image starts it."""
    for words in documented():
        assert words[0] == "manage.py"
        house.manage(*words[1:])
    command = json.loads(re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.M)[1])
    listener = listen("127.0.0.1", 0)
    house.port = listener.getsockname()[1]
    command[command.index("--bind") + 1] = f"fd://{listener.fileno()}"
    web = Program("web", ["-m", *command], house.folder / "web.log", hands_over=(listener.fileno(),))
    web.start(house.environment)
    try:
        yield house
    finally:
        web.ask_to_end()
        web.await_end(20)
        listener.close()


def test_the_page_names_commands_that_exist_and_all_that_an_installation_needs() -> None:
    names = [words[1] for words in documented()]
    assert set(names) >= {
        "check",
        "check_mail",
        "found_agency",
        "register_processing",
        "load_form",
        "load_programmes",
        "api_client",
    }
    for path in re.findall(r"\]\((\.\.?/[^)#]+)\)", INSTALL):
        assert (ROOT / "docs" / path).exists(), path
    for path in re.findall(r"`((?:deploy|portal|requirements)/[\w./-]+)", INSTALL):
        assert (ROOT / path).exists(), path


def test_after_the_commands_the_house_serves(served: House) -> None:
    status, _there, body = served.ask("/healthz")
    assert (status, json.loads(body)) == (200, {"ok": True, "database": "up", "broker": "up"})
    assert served.ask("/")[0] == 200
    assert {one["code"] for one in json.loads(served.ask("/api/programmes/")[2])} >= {"council_tax_reduction", "debt_advice"}
    register = served.ask("/privacy/")[2]
    assert "OneDoor East London" in register and "Newham Council" in register
    assert [message["Subject"] for message in served.mail.received][:1] == ["OneDoor: a test"]


def test_the_first_person_can_begin_the_form(served: House) -> None:
    status, _there, page = served.ask("/apply/")
    assert status == 200
    assert "<form" in page
    status, there, _page = served.ask("/apply/", {})
    assert status in {200, 302}, there


def test_the_first_admin_sets_a_password_by_the_link_in_the_email(served: House) -> None:
    served.mail.received.clear()
    served.ask("/account/password/forgotten/")
    status, there, _page = served.ask("/account/password/forgotten/", {"email": "ruth@example.org"})
    assert (status, there) == (302, "/account/password/forgotten/sent/")
    served.manage("shell", "-v0", "-c", "from portal.jobs import carry_mails; carry_mails()")
    (message,) = served.mail.received
    link = re.search(r"https://\S+", message.get_payload(decode=True).decode())[0]
    assert urlsplit(link).netloc == HOST
    status, there, _page = served.ask(urlsplit(link).path)
    assert status == 302
    status, there, _page = served.ask(there, {"password1": "seven green bottles standing"})
    assert (status, there) == (302, "/account/password/new/done/")


def test_a_partners_referral_gets_the_persons_number_at_that_agency(served: House) -> None:
    """The key for those numbers is asked for when the first referral leaves; production must have it."""
    code = "from django.conf import settings; print(len(settings.PSEUDONYM_KEY))"
    assert int(served.manage("shell", "-v0", "-c", code)) >= 50


def test_an_upgrade_with_nothing_to_migrate_changes_nothing(house: House) -> None:
    assert "No migrations to apply" in house.manage("migrate", "--noinput", **house.owner)


# --- backup ---------------------------------------------------------------------------------------------------------

CATALOGUE = {
    "policies": "select tablename, policyname, permissive, roles::text, cmd, qual, with_check from pg_policies order by 1, 2",
    "row-level security": (
        "select relname, relrowsecurity, relforcerowsecurity from pg_class"
        " where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1"
    ),
    "rights": (
        "select table_name, grantee, privilege_type from information_schema.table_privileges"
        " where table_schema = 'public' order by 1, 2, 3"
    ),
    "rights on columns": (
        "select table_name, column_name, grantee, privilege_type from information_schema.column_privileges"
        " where table_schema = 'public' order by 1, 2, 3, 4"
    ),
    "triggers": "select tgrelid::regclass::text, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1, 2",
    "functions": (
        "select p.oid::regprocedure::text, pg_get_userbyid(proowner), prosecdef, proconfig, prosrc from pg_proc p"
        " where pronamespace = 'public'::regnamespace and not exists"
        " (select from pg_depend where objid = p.oid and deptype = 'e') order by 1"
    ),
    "constraints": "select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint order by 1, 2",
    "indexes": "select indexdef from pg_indexes where schemaname = 'public' order by 1",
    "owners": (
        "select relname, pg_get_userbyid(relowner) from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'S', 'v') order by 1"
    ),
    "rights of tables to come": "select defaclobjtype, defaclacl::text from pg_default_acl order by 1",
}


def contents(server: Postgres) -> dict[str, tuple[int, str]]:
    """{table: (rows, digest of all rows)}, but for the cache, which a backup leaves out."""
    tables = [
        row[0]
        for row in server.run(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p'",
            database="portal",
        )
    ]
    asked = "select count(*), coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {} t"
    return {table: tuple(server.run(asked.format(table), database="portal")[0]) for table in tables}


@pytest.fixture(scope="module")
def restored(services_folder: Path) -> Iterator[tuple[Postgres, Postgres]]:
    """(the house of the demonstration, another server on which its dump was restored with the page's own options)."""
    commands = re.findall(r"(pg_(?:dump|restore) [^<>\n]*?)(?: [<>]|$)", INSTALL, re.M)
    assert [command.split()[0] for command in commands] == ["pg_dump", "pg_restore"]
    programs = find_binaries()
    source = copy_demonstration(services_folder / "backup-from").start()
    target = Postgres(services_folder / "backup-to" / "pg", durable=False).start()
    try:
        target.create_database("portal")
        dump = services_folder / "onedoor.dump"
        for server, command, words in zip((source, target), commands, (["-f", str(dump)], [str(dump)]), strict=True):
            program, *options = shlex.split(command)
            place = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGPASSWORD": server.passwords[OWNER]}
            done = subprocess.run(
                [programs / program, *options, *words], env=clean_environment() | place, capture_output=True, text=True
            )
            assert done.returncode == 0, done.stderr
        yield source, target
    finally:
        target.stop()
        source.stop()


def test_a_restored_house_has_every_row(restored: tuple[Postgres, Postgres]) -> None:
    source, target = restored
    before = contents(source)
    assert contents(target) == before
    assert before["consent_caserecord"][0] > 10 and before["casework_referral"][0] > 0


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_restored_house_has_the_same_walls(restored: tuple[Postgres, Postgres], name: str) -> None:
    source, target = restored
    before = [plain(row) for row in source.run(CATALOGUE[name], database="portal")]
    assert before
    assert [plain(row) for row in target.run(CATALOGUE[name], database="portal")] == before


def plain(row: tuple[object, ...]) -> str:
    """Without the casts and brackets, which PostgreSQL writes in two ways for the same expression."""
    return re.sub(r"::(?:text|character varying)(?:\[\])?|[()]", "", repr(row))


def test_a_restored_house_serves_behind_its_walls(restored: tuple[Postgres, Postgres], valkey: Valkey, tmp_path: Path) -> None:
    _source, target = restored
    house = House(target, valkey, MailServer(), tmp_path)
    assert "No migrations to apply" in house.manage("migrate", "--noinput", **house.owner)
    assert "submitted =" in house.manage("reconcile_referrals")
    connection = target.connect("portal", SERVING)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from consent_caserecord")
        assert cursor.fetchone() == (0,), "nobody acts, so nothing is seen"
    connection.close()
    house.manage("found_agency", "new-agency", "New Agency", "--admin", "new@example.org", "New Admin")


def test_the_serving_role_cannot_make_a_backup(restored: tuple[Postgres, Postgres]) -> None:
    """A dump by it would silently lack what the walls hide; PostgreSQL refuses it instead."""
    source, _target = restored
    place = {"PGHOST": "127.0.0.1", "PGPORT": str(source.port), "PGPASSWORD": source.passwords[SERVING]}
    done = subprocess.run(
        [find_binaries() / "pg_dump", "-U", SERVING, "-Fc", "-f", "/dev/null", "portal"],
        env=clean_environment() | place, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "row-level security" in done.stderr or "permission denied" in done.stderr


def test_a_dump_holds_no_waiting_secret_in_plain_text(house: House) -> None:
    """Links that wait in the outbox are sealed: a stolen backup without `.env` opens no account."""
    house.mail.stop()
    try:
        code = (
            "from django.utils import timezone; from portal.actions.mails import put_out; from portal.kit.actor import Actor;"
            "put_out(by=Actor.anonymous(), kind='test', to='someone@example.org', subject='s',"
            " body='https://x/a-secret-link', at=timezone.now())"
        )
        house.manage("shell", "-v0", "-c", code)
        parts = urlsplit(house.owner["DATABASE_OWNER_URL"])
        place = {"PGHOST": "127.0.0.1", "PGPORT": str(parts.port), "PGPASSWORD": parts.password or ""}
        done = subprocess.run(
            [find_binaries() / "pg_dump", "-U", OWNER, "-t", "portal_accountmail", "portal"],
            env=clean_environment() | place, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert "gAAAA" in done.stdout and "a-secret-link" not in done.stdout and "someone@example.org" not in done.stdout
    finally:
        house.mail.start()
