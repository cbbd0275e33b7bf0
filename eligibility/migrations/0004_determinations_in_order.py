"""A determination has a number: which of several that a programme's rule made of one record version holds is no matter of clocks.

What a rule said may come back on the same day (the result it rests on goes there and back), so the inputs cannot tell it apart.
"""

from django.db import migrations, models

NUMBERED = """
alter table eligibility_determination disable trigger eligibility_determination_is_final;
update eligibility_determination set number = counted.number
    from (select kept.id, row_number() over (
              partition by kept.record_id, kept.record_version, version.programme_id order by kept.created_at, kept.id) as number
          from eligibility_determination kept join eligibility_programmeversion version on version.id = kept.programme_version_id
         ) as counted
    where counted.id = eligibility_determination.id and counted.number > 1;
alter table eligibility_determination enable trigger eligibility_determination_is_final;
"""


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0003_openings")]
    operations = [
        migrations.AddField(
            model_name="determination",
            name="number",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.RemoveConstraint(model_name="determination", name="determination_once"),
        migrations.RunSQL(NUMBERED, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="determination",
            constraint=models.UniqueConstraint(
                fields=("record", "record_version", "programme_version", "number"), name="determination_once"
            ),
        ),
    ]
