"""docker-compose.yml and the Dockerfile say what the settings read, and nothing runs as root without a health check."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.services.postgres import OWNER, SERVING, Postgres
from portal.services.preparation import PACKAGES, ROOT
from portal.services.supervisor import Stack

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "onedoor"}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
BASE_NAMES = {"DJANGO_SETTINGS_MODULE"}


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
    stack._name_programs("127.0.0.1", 8000)
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
