"""A second lock between organisations, in PostgreSQL itself: rows of another organisation do not exist for a request.

The first lock is that every question takes the viewer. Should one forget to, this one still holds: a policy on each
table lets a row through when the session setting `borging.organisation` is empty (the worker, the command line, who is
not logged in) or names the organisation of the row. A table without that column is locked through the table it belongs
to. SQLite has no such thing, and needs no query for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, models

SETTING = "borging.organisation"
CURRENT = f"nullif(current_setting('{SETTING}', true), '')"
_held: ContextVar[str] = ContextVar("organisation", default="")
APPS = ("people", "programmes", "evidence", "cards", "measure", "transfer", "effects", "sustain", "privacy")


def available() -> bool:
    """Whether this database has such a lock."""
    return connection.vendor == "postgresql"


@contextmanager
def only(organisation_id: int) -> Iterator[None]:
    """Inside this the database shows the rows of one organisation; where `available`."""
    _set(str(organisation_id))
    mark = _held.set(str(organisation_id))
    try:
        yield
    finally:
        _held.reset(mark)
        if not connection.needs_rollback:  # a rollback takes the setting back with it
            _set("")


@contextmanager
def lifted() -> Iterator[None]:
    """Inside this the lock of `only` does not hold: for who comes with a right of its own, a signed link.

    Whose account happens to be logged in says nothing then.
    """
    held = _held.get()
    if not held:
        yield
        return
    _set("")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _set(held)


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, value])


def one_at_a_time(number: int) -> None:
    """Until the transaction ends nobody else comes past this with the same number.

    On SQLite a transaction has the database to itself anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def lock_tables(apps: Any, schema_editor: Any) -> None:
    """Put the lock on every table there is at this point; for `RunPython` in a migration, and safe to repeat.

    A migration that makes a table ends with `RunPython(lock_tables, unlock_tables)`.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    for model, condition in conditions(apps):
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        schema_editor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        schema_editor.execute(f"DROP POLICY IF EXISTS organisation ON {table}")
        schema_editor.execute(f"CREATE POLICY organisation ON {table} USING ({CURRENT} IS NULL OR {condition})")


def unlock_tables(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for model, _condition in conditions(apps):
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(f"DROP POLICY IF EXISTS organisation ON {table}")
        schema_editor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        schema_editor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def conditions(apps: Any) -> Iterator[tuple[type[models.Model], str]]:
    """Each table that belongs to an organisation, with what must hold for its row."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in APPS and (condition := condition_of(model)):
            yield model, condition


def condition_of(model: type[models.Model]) -> str | None:
    """The row's own organisation, or that of what it belongs to: the policy of that table does the rest."""
    if is_organisation(model):
        return f"id = {CURRENT}::bigint"
    owners = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey) and not field.null]
    if any(field.name == "organisation" for field in owners):
        return f"organisation_id = {CURRENT}::bigint"
    owner = next((field for field in owners if belongs(field.related_model, seen={model})), None)
    if owner is None:
        return None
    above: Any = owner.related_model
    own, table, key = model._meta.db_table, above._meta.db_table, above._meta.pk.column
    # names of our own tables, never anybody's words
    return f'EXISTS (SELECT 1 FROM "{table}" AS above WHERE above."{key}" = "{own}"."{owner.column}")'  # nosec B608


def belongs(model: Any, *, seen: set[Any]) -> bool:
    """Whether a table leads to an organisation."""
    if is_organisation(model):
        return True
    if model in seen or model._meta.app_label not in APPS:
        return False
    return any(
        belongs(field.related_model, seen={*seen, model})
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and not field.null
    )


def is_organisation(model: Any) -> bool:
    return bool(model._meta.label_lower == "people.organisation")
