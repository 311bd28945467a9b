"""Bringing a database up to this version: all of it or nothing, and once, however many processes start together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from borging.failpoints import passing

UPGRADING = 4_207_534
"""The lock under which processes on PostgreSQL bring the database up to date one after the other."""
PATIENCE = "5s"
"""How long a change waits for a table that is in use. Everybody who wants that table waits behind it."""


class TooNewError(Exception):
    """A newer version of Borging has worked with this database; this one does not know what it changed."""


class InUseError(Exception):
    """Somebody holds a table that has to change for long, a backup perhaps. Nothing was changed."""


def migrate() -> None:
    """One transaction for all changes: who is killed in it has changed nothing. Raises TooNewError and InUseError.

    Where another process is at it, this one waits, and then finds nothing to do.
    """
    with _alone():
        check(MigrationLoader(connection))
        call_command("migrate", verbosity=0, interactive=False)
        passing("upgraded")


def make_tables(targets: Iterable[tuple[str, str]]) -> None:
    """In an empty database the tables as they were after these changes; all of them or none."""
    with _alone():
        MigrationExecutor(connection).migrate(list(targets))


def check(loader: MigrationLoader) -> None:
    """Raises TooNewError. A version that drops an app of migrations also removes their names from the database."""
    if set(loader.applied_migrations) - set(loader.disk_migrations):
        raise TooNewError


@contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor != "postgresql":
        connection.disable_constraint_checking()  # SQLite makes tables anew to change them; it can only do so outside
        try:
            with transaction.atomic():  # which nobody else writes during
                yield
        finally:
            connection.enable_constraint_checking()
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [UPGRADING])
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "55P03":  # lock_not_available
            raise InUseError from error
        raise
