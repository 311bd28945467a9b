"""Lock the tables of every room between organisations, in PostgreSQL itself; nothing happens on SQLite."""

from django.db import migrations

from borging.people.locks import lock_tables, unlock_tables


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_first_roles"),
        ("programmes", "0002_promise_as_signed"),
        ("evidence", "0001_initial"),
        ("cards", "0002_webhook"),
        ("measure", "0002_release_ledger"),
        ("transfer", "0001_initial"),
        ("effects", "0001_initial"),
    ]
    operations = [migrations.RunPython(lock_tables, unlock_tables)]
