"""A caseload of any size in one database: made by the server itself, in bulk, as an import would."""

from typing import Any

from psycopg2 import sql

from portal.models import Agency
from portal.services.postgres import OWNER, SUPERUSER
from tests.bench.furnishing import AGENCY, colleague
from tests.bench.stage import Stage

PROGRAMME, STATE = "housing_benefit", "received"
GRANTS, CASES, UNSCOPED = "casework_casegrant", "casework_programmecase", "bench_unscoped"

# Two fifths of all cases are the measured agency's and three fifths are open, so that every queue and filter fills a page at
# ten thousand too. The rest is spread over the other agencies.
_MADE = """
create temporary table made as
select n, ('b0000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid as id, 'B-' || n as reference,
       case when a < .4 then %(agency)s::uuid else (%(others)s::uuid[])[1 + floor(b * %(many)s)::int] end as agency_id,
       c < .6 as is_open, current_date + floor(d * 400)::int - 100 as due_on,
       case when e < .5 then %(programme)s else 'other_' || floor(e * 10)::int end as programme,
       case when c >= .6 then 'closed' when f < .5 then %(state)s when f < .8 then 'in_assessment' else 'decided' end as state,
       case when g < .34 then %(me)s::uuid when g < .67 then %(colleague)s::uuid end as assignee_id,
       case when h < .5 then %(team)s::uuid end as team_id
  from (select n, random() a, random() b, random() c, random() d, random() e, random() f, random() g, random() h
          from generate_series(1, %(size)s) n) drawn
"""


def database_of(size: int) -> str:
    """The name of the database with a caseload of `size`."""
    return f"bench_{size}"


def make(stage: Stage, size: int) -> None:
    """A copy of the base with `size` more cases and their grants, and the unscoped list as a control."""
    seat = colleague()
    others = list(Agency.objects.exclude(slug=AGENCY).values_list("pk", flat=True))
    drawn = {
        "agency": str(seat.agency_id), "others": [str(pk) for pk in others], "many": len(others), "programme": PROGRAMME,
        "state": STATE, "me": str(seat.user_id), "colleague": str(_other_colleague(seat)), "team": str(seat.team_id),
        "size": size,
    }  # fmt: skip
    stage.copy(database_of(size))
    with stage.driver(database_of(size), SUPERUSER) as cursor:
        cursor.execute("set session_replication_role = replica; set maintenance_work_mem = '256MB'; select setseed(0.42)")
        cursor.execute(_MADE, drawn)
        cursor.execute(sql.SQL("set role {}").format(sql.Identifier(OWNER)))
        indexes = {table: _drop_indexes(cursor, table) for table in (GRANTS, CASES)}
        cursor.execute("reset role; set session_replication_role = replica")
        _copy(cursor, CASES, {"id", "reference", "agency_id", "due_on", "programme", "state", "assignee_id", "team_id"},
              {"closed_on": "case when m.is_open then null else current_date end", "result": "'granted'", "paused_on": "null",
               "received_on": "m.due_on - 30", "clock_from": "m.due_on - 30"})  # fmt: skip
        _copy(cursor, GRANTS, {"reference", "agency_id", "is_open", "due_on", "programme", "state", "assignee_id", "team_id"},
              {"content_object_id": "m.id", "id": "nextval(pg_get_serial_sequence('casework_casegrant', 'id'))",
               "group_id": "(select group_id from portal_agency a where a.id = m.agency_id)", "paused_on": "null",
               "received_on": "m.due_on - 30", "clock_from": "m.due_on - 30"})  # fmt: skip
        for statement in indexes[GRANTS]:
            cursor.execute(statement)
        cursor.execute(
            f"create table {UNSCOPED} as table {GRANTS};"
            f"create index on {UNSCOPED} (due_on, content_object_id) where is_open; alter table {UNSCOPED} owner to {OWNER};"
            f"create index on {CASES} (due_on, id) where closed_on is null"
        )
        # guardian grants to groups: the colleague is in their agency's
        cursor.execute(
            "insert into portal_user_groups (user_id, group_id) select %s, group_id from portal_agency where id = %s"
            " on conflict do nothing",
            [drawn["me"], drawn["agency"]],
        )
        for table in (GRANTS, CASES, UNSCOPED):
            cursor.execute(f"vacuum (analyze) {table}")
        cursor.execute("checkpoint")


def _other_colleague(seat: Any) -> Any:
    seats = type(seat).objects.filter(agency_id=seat.agency_id).exclude(user_id=seat.user_id)
    return seats.values_list("user_id", flat=True).order_by("user_id")[0]


def _drop_indexes(cursor: Any, table: str) -> list[str]:
    """Drop the indexes that no constraint needs; returns the statements that make them again."""
    cursor.execute(
        "select i.indexname, i.indexdef from pg_indexes i where i.tablename = %s and not exists"
        " (select 1 from pg_constraint c where c.conname = i.indexname)",
        [table],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'drop index "{name}"')
    return [definition for _name, definition in found]


def _copy(cursor: Any, table: str, drawn: set[str], worked_out: dict[str, str]) -> None:
    """Rows like the first of the table, with what was drawn or worked out from it (m) in their place."""
    cursor.execute("select column_name from information_schema.columns where table_name = %s", [table])
    columns = [name for (name,) in cursor.fetchall()]
    values = [worked_out.get(name) or (f"m.{name}" if name in drawn else f"one.{name}") for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"insert into {table} ({names}) select {', '.join(values)} from made m, (select * from {table} limit 1) one order by m.n"
    )
