"""Another agency proposes a local rule: its own row, seen by the two agencies, and never a way to change anything else."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import portal.kit.identity

WALLS = """
alter table eligibility_localproposal enable row level security;
create policy proposal_seen on eligibility_localproposal for select using (
    app_kind() = 'staff' and (
        agency_id = app_agency()
        or (sent_at is not null
            and exists (select 1 from eligibility_programme p where p.id = programme_id and p.agency_id = app_agency()))
    )
);
create policy proposal_made on eligibility_localproposal for insert
    with check (app_kind() = 'staff' and agency_id = app_agency());
create policy proposal_moved on eligibility_localproposal for update using (
    app_kind() = 'staff' and (
        agency_id = app_agency()
        or (sent_at is not null
            and exists (select 1 from eligibility_programme p where p.id = programme_id and p.agency_id = app_agency()))
    )
);

create function eligibility_proposal_is_kept() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'a proposal is kept; it can be withdrawn' using errcode = 'restrict_violation';
    end if;
    if tg_op = 'INSERT' then
        if exists (select 1 from eligibility_programme p where p.id = new.programme_id and p.agency_id = new.agency_id) then
            raise exception 'an agency writes the local rules of its own programmes in their versions' using errcode = 'check_violation';
        end if;
        return new;
    end if;
    if old.state in ('in_force', 'withdrawn')
       or row(new.programme_id, new.agency_id, new.author_id, new.created_at)
          is distinct from row(old.programme_id, old.agency_id, old.author_id, old.created_at) then
        raise exception 'a proposal is kept as it ended' using errcode = 'restrict_violation';
    end if;
    if old.state in ('sent', 'taken')
       and row(new.variant, new.cases, new.writers) is distinct from row(old.variant, old.cases, old.writers) then
        raise exception 'what was sent stays as it was sent' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger eligibility_proposal_is_kept before insert or update or delete on eligibility_localproposal
    for each row execute function eligibility_proposal_is_kept();
"""
NO_WALLS = """
drop trigger eligibility_proposal_is_kept on eligibility_localproposal;
drop function eligibility_proposal_is_kept();
drop policy proposal_moved on eligibility_localproposal;
drop policy proposal_made on eligibility_localproposal;
drop policy proposal_seen on eligibility_localproposal;
alter table eligibility_localproposal disable row level security;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("eligibility", "0004_determinations_in_order"),
        ("portal", "0002_acting_person"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="takes_local_rules",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="LocalProposal",
            fields=[
                ("id", models.UUIDField(default=portal.kit.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "Being written"),
                            ("sent", "Waits for an answer"),
                            ("returned", "Sent back"),
                            ("taken", "Taken over, not published yet"),
                            ("in_force", "Published"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="draft",
                        max_length=10,
                    ),
                ),
                ("place", models.CharField(max_length=60)),
                ("variant", models.JSONField()),
                ("cases", models.JSONField(blank=True, default=dict)),
                ("note", models.CharField(blank=True, max_length=500)),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("writers", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("lock_version", models.PositiveIntegerField(default=0)),
                (
                    "agency",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="local_proposals", to="portal.agency"
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="local_proposals_answered",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="local_proposals", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals_upon",
                        to="eligibility.programmeversion",
                    ),
                ),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proposals", to="eligibility.programme"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposals_taken",
                        to="eligibility.programmeversion",
                    ),
                ),
            ],
            options={
                "ordering": ["-changed_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("draft", "sent", "returned", "taken"))),
                        fields=("programme", "agency", "place"),
                        name="local_proposal_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["draft", "withdrawn"]), ("sent_at__isnull", False), _connector="OR"),
                        name="local_proposal_was_sent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "returned"), _negated=True),
                            models.Q(models.Q(("answer", ""), _negated=True), ("answered_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="local_proposal_has_an_answer",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["taken", "in_force"]), ("version__isnull", False)),
                            models.Q(models.Q(("state__in", ["taken", "in_force"]), _negated=True), ("version", None)),
                            _connector="OR",
                        ),
                        name="local_proposal_taken_into",
                    ),
                ],
            },
        ),
        migrations.RunSQL(WALLS, NO_WALLS),
    ]
