"""What previews asked of the caseload, and who let more be asked: kept as it was, seen by the agency's own colleagues only."""

from django.db import migrations, models

import portal.kit.identity

WALLS = "".join(
    f"""
alter table {table} enable row level security;
create policy {name}_seen on {table} for select using (app_kind() = 'staff' and agency_id = (select app_agency()));
create policy {name}_made on {table} for insert
    with check (app_kind() = 'staff' and agency_id = (select app_agency()) and user_id = (select app_user()));
create trigger append_only before update or delete on {table} for each statement execute function refuse_change();
"""
    for table, name in (("eligibility_previewasked", "preview_asked"), ("eligibility_previewrelease", "preview_release"))
)
NO_WALLS = "".join(
    f"""
drop trigger append_only on {table};
drop policy {name}_made on {table};
drop policy {name}_seen on {table};
alter table {table} disable row level security;
"""
    for table, name in (("eligibility_previewasked", "preview_asked"), ("eligibility_previewrelease", "preview_release"))
)


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_walls"), ("eligibility", "0005_local_proposals")]

    operations = [
        migrations.CreateModel(
            name="PreviewAsked",
            fields=[
                ("id", models.UUIDField(default=portal.kit.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
                ("user_id", models.UUIDField()),
                ("user_name", models.CharField(blank=True, max_length=200)),
                ("user_role", models.CharField(blank=True, max_length=30)),
                ("agency_id", models.UUIDField()),
                ("programme", models.CharField(max_length=60)),
                ("version", models.PositiveIntegerField()),
                ("together", models.PositiveIntegerField(default=1, help_text="How many drafts were worked out at once")),
                ("mark", models.CharField(max_length=64)),
                ("is_changed", models.BooleanField()),
                ("question", models.CharField(max_length=64)),
                ("rules_on", models.DateField()),
                ("groups", models.JSONField(default=dict)),
                ("split", models.CharField(blank=True, max_length=100)),
            ],
            options={
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["agency_id", "-at", "-id"], name="preview_asked_of_agency")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "programme", "mark", "question", "user_id"), name="preview_asked_once_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PreviewRelease",
            fields=[
                ("id", models.UUIDField(default=portal.kit.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("day", models.DateField()),
                ("user_id", models.UUIDField()),
                ("user_name", models.CharField(blank=True, max_length=200)),
                ("agency_id", models.UUIDField()),
                ("programme", models.CharField(max_length=60)),
                ("reason", models.CharField(max_length=300)),
            ],
            options={
                "ordering": ["-at"],
                "constraints": [models.UniqueConstraint(fields=("day", "programme"), name="preview_released_once_a_day")],
            },
        ),
        migrations.RunSQL(WALLS, NO_WALLS),
    ]
