"""The rows of a table as lines of JSON and back, the same for every database.

A line holds the values of one row in the order of the columns. Values that JSON does not know are written as text; the
column they belong to says how to read them.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from .rules import Migrations, Part, latest

CHUNK = 4 * 1024 * 1024
"""Characters of rows that are held in memory at once, about."""
FETCH = 2_000
"""Rows asked of the database at once."""
SKIPPED = {"sessions.session"}
"""Who was logged in logs in again."""
LEAP = 10_000_000
"""How far new numbers begin above the highest one that comes back. What was numbered after the backup is gone, but
links with those numbers are in people's mail: they must not come to lead to somebody else's card."""
Model = type[models.Model]

READ: dict[str, Callable[[Any], Any]] = {
    "DateTimeField": datetime.fromisoformat,
    "DateField": date.fromisoformat,
    "TimeField": time.fromisoformat,
    "DurationField": lambda seconds: timedelta(microseconds=round(seconds * 1e6)),
    "DecimalField": Decimal,
    "UUIDField": UUID,
    "BinaryField": base64.b64decode,
    "JSONField": lambda value: value,
}


def applied(loader: MigrationLoader) -> Migrations:
    """The changes this database had so far, of the apps there are."""
    return frozenset(node for node in loader.applied_migrations if node[0] in loader.migrated_apps)


def ends(loader: MigrationLoader, migrations: Migrations) -> list[tuple[str, str]]:
    """The migrations to go to, to have exactly these."""
    parents = {node: {parent.key for parent in found.parents} for node, found in loader.graph.node_map.items()}
    return latest(migrations, before=parents)


def tables(loader: MigrationLoader, migrations: Migrations) -> list[Model]:
    """The models as they were after these changes."""
    apps = loader.project_state(ends(loader, migrations)).apps
    kept = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in SKIPPED
    }
    return [kept[name] for name in sorted(kept)]


def columns(model: Model) -> list[str]:
    return [str(field.column) for field in model._meta.concrete_fields]


@contextmanager
def snapshot() -> Iterator[None]:
    """Inside this the database is read as it was at one moment, while others go on writing."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    with connection.cursor() as cursor:  # Django's own transactions would keep everybody else from writing
        cursor.execute("BEGIN DEFERRED")
        try:
            cursor.execute("SELECT 1 FROM django_migrations")
            yield
        finally:
            cursor.execute("ROLLBACK")


def lines(model: Model) -> Iterator[str]:
    """Every row in the order of the keys."""
    fields = model._meta.concrete_fields
    structured = [place for place, field in enumerate(fields) if field.get_internal_type() == "JSONField"]
    found = model._base_manager.order_by("pk").values_list(*(field.attname for field in fields))
    for row in found.iterator(chunk_size=FETCH):
        values = list(row)
        for place in structured:
            values[place] = settled(values[place])
        yield json.dumps(values, default=written, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def written(value: Any) -> Any:
    """A value that JSON does not know, as one that it does."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return str(value)


def settled(value: Any) -> Any:
    """A structure as each database gives it back: PostgreSQL knows no minus zero and writes large numbers in full."""
    if isinstance(value, float):
        return int(value) if abs(value) >= 1e16 and value.is_integer() else value + 0.0
    if isinstance(value, list):
        return [settled(each) for each in value]
    if isinstance(value, dict):
        return {name: settled(each) for name, each in value.items()}
    return value


def portions(model: Model) -> Iterator[tuple[bytes, Part]]:
    """The rows in compressed portions that begin with the names of the columns; with each, all rows up to there."""
    digest, count = hashlib.sha256(), 0
    for some in _portions(lines(model)):
        digest.update("".join(some).encode())
        count += len(some)
        text = json.dumps(columns(model)) + "\n" + "".join(some)
        yield gzip.compress(text.encode(), compresslevel=1, mtime=0), Part(size=count, sha256=digest.hexdigest())


def _portions(rows: Iterable[str]) -> Iterator[list[str]]:
    some, length = [], 0
    for line in rows:
        some.append(line)
        length += len(line)
        if length >= CHUNK:
            yield some
            some, length = [], 0
    if some:
        yield some


EMPTY = Part(size=0, sha256=hashlib.sha256().hexdigest())


def part(model: Model) -> Part:
    """How many rows there are now, and their hash."""
    digest, count = hashlib.sha256(), 0
    for line in lines(model):
        digest.update(line.encode())
        count += 1
    return Part(size=count, sha256=digest.hexdigest())


def clear(models_: Sequence[Model]) -> None:
    """Remove the rows that making the tables left."""
    with connection.cursor() as cursor:
        for model in models_:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # nosec B608


def load(model: Model, portion: bytes) -> None:
    """Put a portion of rows in. Raises ValueError when its columns are others than the table's."""
    names, *rows = gzip.decompress(portion).decode().removesuffix("\n").split("\n")
    if json.loads(names) != columns(model):
        raise ValueError(model._meta.db_table)
    readers = _readers(model)
    values = (_read(json.loads(line), readers) for line in rows)
    quote = connection.ops.quote_name
    table, into = quote(model._meta.db_table), ", ".join(map(quote, columns(model)))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({into}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(readers))
            cursor.executemany(f"INSERT INTO {table} ({into}) VALUES ({places})", list(values))  # nosec B608


Reader = Callable[[Any], Any] | None


def _readers(model: Model) -> list[Reader]:
    return [_reader(field) for field in model._meta.concrete_fields]


def _reader(field: models.Field[Any, Any]) -> Reader:
    """From the value in a line to the one this database takes; None where they are the same."""
    kind = field.get_internal_type()
    if isinstance(field, models.ForeignKey):
        return _reader(field.target_field)
    if kind not in READ:
        return None
    read = READ[kind]
    return lambda value: None if value is None else field.get_db_prep_save(read(value), connection)


def _read(row: list[Any], readers: list[Reader]) -> list[Any]:
    return [read(value) if read else value for value, read in zip(row, readers, strict=True)]


@contextmanager
def unlocked() -> Iterator[None]:
    """Inside this, in a transaction, the owner of the tables may fill them as fast as PostgreSQL can.

    What ties rows together is checked at the end, for all rows at once instead of one by one; the locks between
    organisations stand open until then.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        forced = _asked(
            cursor,
            "SELECT oid::regclass::text FROM pg_class WHERE relforcerowsecurity"
            " AND relkind = 'r' AND relnamespace = current_schema()::regnamespace",
        )
        ties = _asked(
            cursor,
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace",
        )
        for (table,) in forced:
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        for table, name, _definition in ties:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield
        for table, name, definition in ties:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for (table,) in forced:
            cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _asked(cursor: Any, question: str) -> list[tuple[str, ...]]:
    cursor.execute(question)
    found: list[tuple[str, ...]] = cursor.fetchall()
    return found


def number_on(models_: Iterable[Model]) -> None:
    """Let new rows be numbered well above those there are; see LEAP."""
    with connection.cursor() as cursor:
        for model in models_:
            key = model._meta.pk
            if not isinstance(key, models.AutoField):  # the wide and the narrow ones alike
                continue
            highest = model._base_manager.aggregate(highest=models.Max("pk"))["highest"]
            if highest is not None:
                _number_from(cursor, model, highest + LEAP)


def _number_from(cursor: Any, model: Model, number: int) -> None:
    table, column = model._meta.db_table, model._meta.pk.column
    if connection.vendor == "postgresql":
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', column, number])
    else:
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [number, table])
