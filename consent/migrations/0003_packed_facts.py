"""The typed facts as bytes too, for reading a whole caseload as columns."""

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
    ]
