"""The acting person as SQL functions, for row-level security policies and column defaults of every package.

`portal.kit.actor` writes the settings when a transaction begins; outside one they are empty and the functions return NULL
(`app_caseload()`: false), so a policy built on them shows nothing. Plain SQL bodies, so that the planner inlines them.
"""

from django.db import migrations

UUIDS = ("user", "person", "agency", "record")


def _function(name: str, returns: str, body: str) -> str:
    return f"create function {name}() returns {returns} language sql stable parallel safe as $$ {body} $$;"


FORWARD = "\n".join(
    [_function(f"app_{name}", "uuid", f"select nullif(current_setting('app.{name}', true), '')::uuid") for name in UUIDS]
    + [
        _function("app_kind", "text", "select nullif(current_setting('app.kind', true), '')"),
        _function("app_caseload", "boolean", "select coalesce(current_setting('app.caseload', true), '') = 'yes'"),
    ]
)
BACKWARD = "\n".join(f"drop function app_{name}();" for name in (*UUIDS, "kind", "caseload"))


class Migration(migrations.Migration):
    dependencies = [("portal", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
