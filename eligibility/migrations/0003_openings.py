"""Pauses and ends of programmes, kept as they were, and who waits for an opening: their own to see, and the machine's that tells them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.kit.identity

WALLS = """
alter table eligibility_openingreminder enable row level security;
create policy reminder_seen on eligibility_openingreminder for select using (
    app_caseload() or (app_kind() in ('citizen', 'machine') and consent_sees(record_id))
);
create policy reminder_asked on eligibility_openingreminder for insert with check (app_kind() = 'citizen' and consent_owns(record_id));
create policy reminder_gone on eligibility_openingreminder for delete using (
    (app_kind() = 'citizen' and consent_owns(record_id)) or (app_kind() = 'machine' and record_id = app_record())
);

create function eligibility_pause_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.ended_at is not null
       or row(new.programme_id, new.reason, new.begun_at, new.begun_by_id)
          is distinct from row(old.programme_id, old.reason, old.begun_at, old.begun_by_id) then
        raise exception 'a pause of a programme is kept as it was; it can only end' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create function eligibility_ending_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.confirmed_at is not null or old.dropped_at is not null
       or row(new.programme_id, new.last_day, new.reason, new.translations, new.asked_at, new.asked_by_id)
          is distinct from row(old.programme_id, old.last_day, old.reason, old.translations, old.asked_at, old.asked_by_id) then
        raise exception 'the end of a programme is kept as it was asked for' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger eligibility_ending_is_kept before update or delete on eligibility_programmeending
    for each row execute function eligibility_ending_is_kept();
create trigger eligibility_pause_is_kept before update or delete on eligibility_programmepause
    for each row execute function eligibility_pause_is_kept();
"""
NO_WALLS = """
drop trigger eligibility_ending_is_kept on eligibility_programmeending;
drop function eligibility_ending_is_kept();
drop trigger eligibility_pause_is_kept on eligibility_programmepause;
drop function eligibility_pause_is_kept();
drop policy reminder_gone on eligibility_openingreminder;
drop policy reminder_asked on eligibility_openingreminder;
drop policy reminder_seen on eligibility_openingreminder;
alter table eligibility_openingreminder disable row level security;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0003_packed_facts"),
        ("eligibility", "0002_walls"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OpeningReminder",
            fields=[
                ("id", models.UUIDField(default=portal.kit.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="opening_reminders", to="eligibility.programme"
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="opening_reminders", to="consent.caserecord"
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at"],
                "constraints": [models.UniqueConstraint(fields=("record", "programme"), name="opening_reminder_once")],
            },
        ),
        migrations.CreateModel(
            name="ProgrammeEnding",
            fields=[
                ("id", models.UUIDField(default=portal.kit.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                ("last_day", models.DateField()),
                ("reason", models.CharField(help_text="A sentence that everybody reads", max_length=300)),
                ("translations", models.JSONField(blank=True, default=dict)),
                ("asked_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("dropped_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programme_endings_asked",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programme_endings_confirmed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="endings", to="eligibility.programme"
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("confirmed_at", None), ("dropped_at", None)),
                        fields=("programme",),
                        name="programme_ending_asked_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                        name="programme_ending_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("confirmed_at", None), ("dropped_at", None), _connector="OR"),
                        name="programme_ending_one_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProgrammePause",
            fields=[
                ("id", models.UUIDField(default=portal.kit.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(help_text="A sentence that everybody reads", max_length=300)),
                ("translations", models.JSONField(blank=True, default=dict)),
                ("expected_on", models.DateField(blank=True, null=True)),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "begun_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programme_pauses_begun",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="programme_pauses_ended",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pauses", to="eligibility.programme"
                    ),
                ),
            ],
            options={
                "ordering": ["-begun_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("programme",), name="programme_paused_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_at", None), ("ended_at__gte", models.F("begun_at")), _connector="OR"),
                        name="programme_pause_period",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALLS, NO_WALLS),
    ]
