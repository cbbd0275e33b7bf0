"""The typed facts as bytes too, for reading a whole caseload as columns.

The bytes stay in the row as they are: where a row grows too long, the documents move out of it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0002_walls"),
    ]

    operations = [
        migrations.AddField(
            model_name="typedfacts",
            name="packed",
            field=models.BinaryField(default=bytes),
        ),
        migrations.RunSQL(
            "ALTER TABLE consent_typedfacts ALTER COLUMN packed SET STORAGE PLAIN",
            "ALTER TABLE consent_typedfacts ALTER COLUMN packed SET STORAGE EXTENDED",
        ),
    ]
