"""The outbox of e-mails about accounts. Anybody puts one in, only the machine that carries them reads them."""

import portal.kit.identity
from django.db import migrations, models

WALL = """
alter table portal_accountmail enable row level security;
create policy put_out on portal_accountmail for insert with check (true);
create policy carry on portal_accountmail using (app_kind() = 'machine');
"""
NO_WALL = """
drop policy carry on portal_accountmail;
drop policy put_out on portal_accountmail;
alter table portal_accountmail disable row level security;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0004_membership_added_by_membership_ended_by_and_more'),
    ]

    operations = [
        migrations.CreateModel(
            name='AccountMail',
            fields=[
                ('id', models.UUIDField(default=portal.kit.identity.uuid7, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('pending', 'Waiting'), ('done', 'Sent'), ('dead', 'Could not be sent'), ('recalled', 'Recalled')], default='pending', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField()),
                ('last_error', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('kind', models.CharField(max_length=60)),
                ('sealed', models.TextField()),
                ('good_until', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['next_at'], name='account_mail_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state', 'pending'), ('sealed', ''), _connector='OR'), name='account_mail_keeps_no_secret')],
            },
        ),
        migrations.RunSQL(WALL, NO_WALL),
    ]
