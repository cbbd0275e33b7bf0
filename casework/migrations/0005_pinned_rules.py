"""The rule a case is pinned to, and the guide it began with, are held by foreign keys: neither can vanish under a case."""

import django.db.models.deletion
from django.db import migrations, models

KEYS = (
    ("programme_version_id", "eligibility_programmeversion", "case_of_version"),
    ("determination_id", "eligibility_determination", "case_of_determination"),
)
FORWARD = "\n".join(
    [
        f"alter table casework_programmecase add constraint {name} foreign key ({column}) references {table} (id)"
        f" deferrable initially deferred; create index {name} on casework_programmecase ({column});"
        for column, table, name in KEYS
    ]
    + ["alter table casework_programmecase alter column programme_version_id set not null;"]
)
BACKWARD = "\n".join(
    ["alter table casework_programmecase alter column programme_version_id drop not null;"]
    + [f"alter table casework_programmecase drop constraint {name}; drop index {name};" for _column, _table, name in KEYS]
)


class Migration(migrations.Migration):
    dependencies = [("casework", "0004_referral_walls"), ("eligibility", "0001_initial")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(FORWARD, BACKWARD)],
            state_operations=[
                migrations.RemoveField("programmecase", "programme_version_id"),
                migrations.RemoveField("programmecase", "determination_id"),
                migrations.AddField(
                    "programmecase",
                    "programme_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="cases", to="eligibility.programmeversion"
                    ),
                    preserve_default=False,
                ),
                migrations.AddField(
                    "programmecase",
                    "determination",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="eligibility.determination",
                    ),
                ),
            ],
        )
    ]
