"""docker-compose.yml and the Dockerfile say what the settings read, and nothing runs as root without a health check."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml

from portal.services.postgres import OWNER, SERVING, Postgres
from portal.services.preparation import PACKAGES, ROOT
from portal.services.supervisor import Stack

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "onedoor"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
INSTALL = (ROOT / "docs" / "install.md").read_text()
BASE_NAMES = {"DJANGO_SETTINGS_MODULE"}
# What a service of docker-compose.yml is not given, and why.
LEFT_OUT = {
    "DEBUG": "production refuses it",
    "PLAIN_HTTP_COOKIES": "production refuses it",
    "PORTAL_DEMONSTRATION": "a real house has none",
    "PORTAL_DATA": "the folder of the embedded servers, which the image has not",
    "PORT": "the port on the host; in its container the web server is always at 8000",
    "DATABASE_OWNER_URL": "for the migration alone",
}


def names_read() -> set[str]:
    """Every environment name that the settings read."""
    text = "".join(path.read_text() for path in (ROOT / "portal" / "settings").glob("*.py"))
    return set(re.findall(r'(?:text|flag|number|words)\(\s*"([A-Z_]+)"', text)) | BASE_NAMES


def names_demanded() -> set[str]:
    """Those that production cannot do without."""
    text = (ROOT / "portal" / "settings" / "production.py").read_text()
    return set(re.findall(r'(?:text|words)\("([A-Z_]+)"\)', text))


def test_the_house_has_its_services() -> None:
    assert set(SERVICES) >= {"web", "worker", "beat", "postgres", "valkey", "mailbox"}
    assert set(OURS) == {"web", "worker", "delivery", "beat", "migrate"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_service_gets_what_production_demands_and_only_what_it_reads(name: str) -> None:
    given = set(OURS[name]["environment"])
    assert names_demanded() >= {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "EMAIL_HOST"}
    assert names_demanded() <= given
    assert given <= names_read()


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_setting_that_is_read_reaches_the_service_and_is_explained(name: str) -> None:
    given = set(OURS[name]["environment"])
    assert names_read() - set(LEFT_OUT) <= given
    assert given & set(LEFT_OUT) == ({"DATABASE_OWNER_URL"} if name == "migrate" else set())
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", INSTALL, re.M))
    assert explained == names_read() - set(LEFT_OUT) - BASE_NAMES | {"DATABASE_OWNER_URL"}


def test_what_the_environment_file_sets_is_what_compose_asks_for() -> None:
    """`deploy/make-env.sh` gives all that compose cannot do without, with keys that production takes, and nothing unknown."""
    done = subprocess.run(["sh", "deploy/make-env.sh", "onedoor.example"], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [line.lstrip("#") for line in done.stdout.splitlines() if re.match(r"#?[A-Z_]+=", line)]
    values = {name: value for name, _equals, value in (line.partition("=") for line in lines)}
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{([A-Z_]+):\?\}", text)) <= {line.partition("=")[0] for line in done.stdout.splitlines()}
    assert set(values) <= set(re.findall(r"\$\{([A-Z_]+)[:}]", text))
    for name in ("SECRET_KEY", "PSEUDONYM_KEY", "APP_PASSWORD"):
        assert re.fullmatch(r"[\w-]{64}", values[name]) and len(set(values[name])) >= 20
    assert len({value for name, value in values.items() if name.endswith(("KEY", "_PASSWORD"))}) >= 6
    assert subprocess.run(["sh", "deploy/make-env.sh"], cwd=ROOT, capture_output=True).returncode == 2


def test_the_health_check_asks_under_the_first_host() -> None:
    code = SERVICES["web"]["healthcheck"]["test"][3]
    asked: list[Any] = []
    opened = mock.patch("urllib.request.urlopen", lambda request, timeout: asked.append(request))
    with opened, mock.patch.dict(os.environ, ALLOWED_HOSTS="onedoor.example, www.onedoor.example"):
        exec(code, {})
    assert asked[0].get_header("Host") == "onedoor.example"


def test_only_the_migration_knows_the_owner() -> None:
    assert {name for name, service in OURS.items() if "DATABASE_OWNER_URL" in service["environment"]} == {"migrate"}
    assert "portal_app:" in OURS["web"]["environment"]["DATABASE_URL"]


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_says_how_it_is(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_nothing_of_ours_runs_as_root() -> None:
    assert re.findall(r"^USER (\w+)$", DOCKERFILE, re.M) == ["onedoor"]
    for service in OURS.values():
        assert service["cap_drop"] == ["ALL"] and service["read_only"] is True and "user" not in service
    assert SERVICES["valkey"]["user"] and SERVICES["mailbox"]["user"]


def test_named_volumes_are_declared() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith((".", "/"))
    }
    assert used == set(COMPOSE["volumes"])


def test_every_queue_has_a_worker_here_and_in_make_run(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {})
    stack._name_programs(0)
    here = {words[words.index("-Q") + 1] for words in (program.arguments for program in stack.programs) if "-Q" in words}
    there = {words[words.index("-Q") + 1] for words in (service.get("command", []) for service in OURS.values()) if "-Q" in words}
    assert here == there == {"celery", "delivery"}


def test_the_image_holds_every_package_and_no_test() -> None:
    copied = set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.M))
    assert copied >= {*PACKAGES, "templates", "static", "assets"}
    assert "tests" not in copied
    assert "--require-hashes -r requirements/base.txt" in DOCKERFILE and "embedded" not in DOCKERFILE.replace("no embedded", "")


def test_the_cluster_is_made_like_the_embedded_one() -> None:
    options = SERVICES["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
    embedded = (ROOT / "portal" / "services" / "postgres.py").read_text()
    for option in ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"):
        assert option in options and option in embedded
    roles = (ROOT / "deploy" / "create-roles.sh").read_text()
    for role in ("portal_owner", "portal_app"):
        assert f"create role {role} login nosuperuser nocreatedb nocreaterole nobypassrls" in roles
    assert "./deploy/create-roles.sh:/docker-entrypoint-initdb.d/create-roles.sh:ro" in SERVICES["postgres"]["volumes"]


def test_the_role_script_works_on_a_fresh_cluster(services_folder: Path, tmp_path: Path) -> None:
    """The script's own SQL, run on a cluster that has neither role."""
    script = (ROOT / "deploy" / "create-roles.sh").read_text()
    statements = script.split("<<'SQL'\n")[1].split("\nSQL")[0]
    server = Postgres(services_folder / "fresh" / "pg", durable=False).start()
    try:
        for role in (OWNER, SERVING):
            server.run(f"drop role {role}")
        for statement in statements.replace(":'owner_password'", "'one'").replace(":'app_password'", "'two'").split(";\n"):
            server.run(statement.rstrip(";"))
        server.passwords |= {OWNER: "one", SERVING: "two"}
        connection = server.connect("portal", OWNER)
        with connection.cursor() as cursor:
            cursor.execute("create extension btree_gist")
            cursor.execute("select pg_catalog.pg_get_userbyid(datdba), datlocale from pg_database where datname = 'portal'")
            assert cursor.fetchone() == (OWNER, "C.UTF-8")
        connection.close()
        server.connect("portal", SERVING).close()
    finally:
        server.stop()
