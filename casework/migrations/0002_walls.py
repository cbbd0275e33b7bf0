"""The second wall around cases: row-level security, append-only histories, and decisions that cannot lack what law demands.

Who may reach a case: the agency it was sent to, the person it is about, a job for its record, and a counter officer whose
agency has that person at its counter now. What hangs on a case is reachable with it; notes only by the agency that wrote them.
"""

from django.db import migrations

CASES = ("casework_coordinationcase", "casework_application", "casework_programmecase")
ON_A_CASE = (
    "casework_statusevent",
    "casework_casetask",
    "casework_informationrequest",
    "casework_decision",
    "casework_letter",
)
HISTORIES = ("casework_statusevent", "casework_decision", "casework_letter", "casework_note")

# Which cases somebody reaches is said here once. As in consent/0002_walls: what a policy asks of a walled table is a function of
# the owner, planned once, because inlined that table's own policies would be planned anew within every statement.
REACHED = """{table}.person_id = app_person() or {table}.record_id = app_record() or {table}.agency_id = app_agency()
    or consent_is_at_counter({table}.record_id)"""


def _whether_reached(name: str, column: str, asked: str) -> str:
    return f"""
create function {name}({asked} uuid) returns boolean language plpgsql stable parallel safe security definer
    set search_path = pg_catalog, public as $$
    begin return exists (select 1 from casework_programmecase c where c.{column} = {asked} and ({REACHED.format(table="c")})); end $$;
"""


FUNCTIONS = (
    _whether_reached("casework_reaches_case", "id", "one")
    + _whether_reached("casework_reaches_frame", "coordination_id", "frame")
    + _whether_reached("casework_reaches_application", "application_id", "application")
)
NO_FUNCTIONS = "".join(f"drop function casework_reaches_{what}(uuid);" for what in ("application", "frame", "case"))
# The frame and the application are reached with any case in them.
OF_A_PERSON = "person_id = app_person() or record_id = app_record() or {function}(id) or consent_is_at_counter(record_id)"


def _policy(table: str, rule: str) -> str:
    rule = rule.format(table=table)
    return f"alter table {table} enable row level security;create policy reach on {table} using ({rule}) with check ({rule});"


WALLS = "\n".join(
    [
        _policy("casework_programmecase", REACHED),
        _policy("casework_coordinationcase", OF_A_PERSON.format(function="casework_reaches_frame")),
        _policy("casework_application", OF_A_PERSON.format(function="casework_reaches_application")),
    ]
    + [_policy(table, "casework_reaches_case(case_id)") for table in ON_A_CASE]
    + [
        _policy("casework_note", "agency_id = app_agency()"),
        _policy("casework_casegrant", "agency_id = app_agency() or casework_reaches_case(content_object_id)"),
    ]
)
NO_WALLS = "\n".join(
    f"drop policy reach on {table}; alter table {table} disable row level security;"
    for table in (*CASES, *ON_A_CASE, "casework_note", "casework_casegrant")
)

APPEND_ONLY = "\n".join(
    f"create trigger append_only before update or delete on {table} for each statement execute function refuse_change();"
    for table in HISTORIES
)
NOT_APPEND_ONLY = "\n".join(f"drop trigger append_only on {table};" for table in HISTORIES)

# Every reason names its criterion, the fact it rests on, the law, and the sentence the person reads.
REASONED = """
create function casework_reasons_complete(reasons jsonb) returns boolean language sql immutable parallel safe as $$
    select jsonb_typeof(reasons) = 'array' and jsonb_array_length(reasons) > 0 and not exists (
        select 1 from jsonb_array_elements(reasons) r
         where coalesce(btrim(r ->> 'criterion'), '') = '' or coalesce(btrim(r ->> 'fact'), '') = ''
            or coalesce(btrim(r ->> 'law'), '') = '' or coalesce(btrim(r ->> 'text'), '') = '')
$$;
alter table casework_decision add constraint decision_adverse_gives_reasons
    check (outcome not in ('partly', 'refused') or casework_reasons_complete(reasons));
"""
NOT_REASONED = """
alter table casework_decision drop constraint decision_adverse_gives_reasons;
drop function casework_reasons_complete(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0001_initial"), ("consent", "0002_walls")]
    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunSQL(WALLS, NO_WALLS),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(REASONED, NOT_REASONED),
    ]
