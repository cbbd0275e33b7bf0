"""The worklist: bounded by agency and queue, read page by page from one index each, without names."""

import datetime as dt
import itertools
import json
from collections.abc import Iterator

import psycopg2
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casework.actions import cases
from casework.models import CaseGrant, ProgrammeCase
from casework.queries import worklist
from portal.kit.actor import acting_as
from portal.services.postgres import OWNER
from portal.services.pytest_plugin import DATABASE
from tests.factories import portal
from tests.factories.casework import PROGRAMME, Scene, make_scene

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def scene() -> Scene:
    return make_scene(screened=False)


def fill(scene: Scene, many: int) -> None:
    """Copies of one case with due days, programmes, states and workers of their own, in two statements."""
    case = scene.case()
    own = {"id", "reference", "programme"}
    shared = ", ".join(field.column for field in ProgrammeCase._meta.concrete_fields if field.column not in own)
    changed = {"id", "content_object_id", "due_on", "programme", "state", "assignee_id", "team_id", "reference"}
    kept = [field.column for field in CaseGrant._meta.concrete_fields if field.column not in changed]
    with acting_as(scene.worker), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"insert into casework_programmecase (id, reference, programme, {shared})"
            f" select gen_random_uuid(), 'COPY-' || n, 'copy_' || n, {shared}"
            " from casework_programmecase, generate_series(1, %s) n where id = %s",
            [many, case.pk],
        )
        cursor.execute(
            "insert into casework_casegrant (content_object_id, due_on, programme, state, assignee_id, team_id, reference, "
            f"{', '.join(kept)}) select c.id, date '2026-12-01' + (n %% 37)::int,"
            " (array['heating_help', 'a', 'b', 'c'])[1 + n %% 4], (array['received', 'decided', 'in_assessment'])[1 + (n / 12) %% 3],"
            " (array[%s::uuid, %s::uuid, null])[1 + n %% 3], case when n %% 2 = 0 then g.team_id end, c.reference, "
            f"{', '.join('g.' + column for column in kept)}"
            " from casework_casegrant g, (select id, reference, row_number() over (order by id) n from casework_programmecase"
            " where reference like 'COPY-%%') c where g.content_object_id = %s",
            [scene.worker.user_id, scene.decider.user_id, case.pk],
        )


def all_pages(scene: Scene, **fields) -> list:
    rows, after = [], ""
    while True:
        page = worklist.page(**{"by": scene.worker, "queue": "all", "today": TODAY, "after": after, "limit": 7} | fields)
        rows += page.rows
        if not page.next_key:
            return rows
        after = page.next_key


def test_pages_hold_every_case_once_in_order_of_due_day(scene):
    fill(scene, 60)
    with acting_as(scene.worker):
        rows = all_pages(scene)
    keys = [(row.grant.due_on, row.case_id) for row in rows]
    assert len(keys) == len(set(keys)) == 61
    assert keys == sorted(keys)


def test_queues_hold_what_they_say(scene):
    case = scene.case()
    with acting_as(scene.worker):

        def queue(name: str, by=scene.worker) -> list:
            return [
                row.case_id for row in worklist.page(by=by, queue=name, today=TODAY, team_id=scene.worker_membership.team_id).rows
            ]

        assert (queue("mine"), queue("team"), queue("unassigned"), queue("all")) == ([], [case.pk], [case.pk], [case.pk])
        cases.assign(by=scene.worker, case_id=case.pk, user_id=scene.worker.user_id, at=timezone.now())
        assert (queue("mine"), queue("unassigned")) == ([case.pk], [])
        assert queue("mine", scene.decider) == []
        assert worklist.counts(by=scene.worker, team_id=scene.worker_membership.team_id) == {
            "mine": 1,
            "team": 1,
            "unassigned": 0,
            "all": 1,
        }


def test_filters_narrow(scene):
    scene.case()
    with acting_as(scene.worker):
        assert len(all_pages(scene, programme=PROGRAMME, state="received")) == 1
        assert not all_pages(scene, programme="other")
        assert not all_pages(scene, state="decided")


def test_an_ended_case_leaves_the_list(scene):
    case = scene.case()
    with acting_as(scene.citizen):
        cases.withdraw(by=scene.citizen, case_id=case.pk, at=timezone.now())
    with acting_as(scene.worker):
        assert not all_pages(scene)


def test_another_agency_sees_nothing_even_when_it_asks_for_everything(scene):
    scene.case()
    stranger = portal.actor_for(portal.make_membership(portal.make_agency(), "caseworker"))
    with acting_as(stranger):
        assert not worklist.page(by=stranger, queue="all", today=TODAY).rows
        assert not worklist.page(by=scene.worker, queue="all", today=TODAY).rows  # a forgotten filter: the second wall


@pytest.mark.parametrize("key", ["x", "2026-13-01.x", f"2026-12-01.{'0' * 8}", "'; drop table"])
def test_a_broken_key_is_refused(scene, key):
    with acting_as(scene.worker), pytest.raises(worklist.BadKey):
        worklist.page(by=scene.worker, queue="all", today=TODAY, after=key)


def test_counting_stops(scene, monkeypatch):
    monkeypatch.setattr(worklist, "MOST_COUNTED", 20)
    fill(scene, 60)
    with acting_as(scene.worker):
        assert worklist.counts(by=scene.worker, team_id=None)["all"] == 21


@pytest.mark.django_db(transaction=True)
def test_every_combination_of_queue_and_filters_is_read_from_its_index(postgres):
    """With statistics as in service: the plan is one index in the order of the list, and 50 rows cost 50 rows."""
    scene = make_scene(screened=False)
    fill(scene, 6000)
    with psycopg2.connect(postgres.url(DATABASE, OWNER)) as owner, owner.cursor() as cursor:
        cursor.execute("analyze casework_casegrant")
    team = scene.worker_membership.team_id
    with acting_as(scene.worker), transaction.atomic():
        for queue, programme, state in itertools.product(worklist.QUEUES, ("", PROGRAMME), ("", "received")):
            after = ""
            for _page in range(2):
                with CaptureQueriesContext(connection) as queries:
                    page = worklist.page(
                        by=scene.worker, queue=queue, today=TODAY, team_id=team, programme=programme, state=state, after=after
                    )
                assert len(queries) == 1
                assert len(page.rows) == 50
                nodes = list(_nodes(_plan(queries[0]["sql"])))
                found = (queue, programme, state, after, [node["Node Type"] for node in nodes])
                assert not [node for node in nodes if "Sort" in node["Node Type"]], found
                scan = next(node for node in nodes if node.get("Relation Name") == "casework_casegrant")
                assert scan["Node Type"] == "Index Scan", found
                assert scan.get("Rows Removed by Filter", 0) == 0, found
                assert nodes[0]["Shared Hit Blocks"] + nodes[0]["Shared Read Blocks"] <= 60, found
                after = page.next_key


def _plan(sql: str) -> dict:
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, buffers, format json) " + sql)
        found = cursor.fetchone()[0]
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def _nodes(plan: dict) -> Iterator[dict]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)


# --- the page


def test_the_page_needs_few_queries_however_many_rows(scene, client, django_assert_max_num_queries):
    fill(scene, 60)
    portal.sign_in(client, scene.worker_membership.user)
    client.get("/staff/cases/?queue=all")
    with django_assert_max_num_queries(14):
        page = client.get("/staff/cases/?queue=all")
    assert page.content.decode().count('name="pick"') == 50


def test_the_page_shows_no_name_and_logs_nothing(scene, client):
    scene.case()
    portal.sign_in(client, scene.worker_membership.user)
    page = client.get("/staff/cases/?queue=unassigned").content.decode()
    assert "Heating help" in page
    assert "Amina" not in page


def test_a_counter_officer_sees_the_list_without_links(scene, client):
    case = scene.case()
    officer = portal.make_membership(scene.council, "counter_officer")
    portal.sign_in(client, officer.user)
    page = client.get("/staff/cases/?queue=all").content.decode()
    assert case.reference in page
    assert str(case.pk) not in page


def test_picked_cases_are_assigned_at_once(scene, client):
    case = scene.case()
    portal.sign_in(client, scene.worker_membership.user)
    answer = client.post(
        "/staff/cases/assign/",
        {"pick": [str(case.pk), "nonsense"], "user": str(scene.decider.user_id), "back": "https://elsewhere.example/"},
    )
    assert answer.headers["Location"] == "/staff/cases/"
    assert scene.fresh(case).assignee_id == scene.decider.user_id
