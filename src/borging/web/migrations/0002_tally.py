"""What all web processes count together, and where they keep what must hold for all of them."""

from typing import Any

from django.core.management import call_command
from django.db import migrations, models


def make_cache_table(_apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", "web_cache", database=schema_editor.connection.alias, verbosity=0)


def drop_cache_table(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE web_cache")


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0001_lock_organisations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("n", models.PositiveIntegerField()),
                ("until", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.RunPython(make_cache_table, drop_cache_table),
    ]
