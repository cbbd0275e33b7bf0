"""A table for Django's database cache: rate limits and used one-time codes, shared by all processes.

Unlogged: after a crash of the server it starts empty, and nothing in it must outlive that.
"""

from django.db import migrations

FORWARD = """
create unlogged table portal_cache (
    cache_key varchar(255) primary key,
    value text not null,
    expires timestamptz not null
);
create index portal_cache_expires on portal_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_acting_person")]
    operations = [migrations.RunSQL(FORWARD, "drop table portal_cache")]
