"""A database of its own beside the one of the tests, of the same kind, which a backup can come back into."""

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection, connections
from django.db.utils import ConnectionHandler
from pytest_django import Settings

from tests.backup import earlier


@pytest.fixture
def elsewhere(db: None, settings: Settings, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, which is the default one for as long as the test lasts."""
    settings.PSEUDONYM_KEY = earlier.PSEUDONYMS
    usual, name = connections["default"], f"elsewhere_{secrets.token_hex(4)}"
    if usual.vendor == "sqlite":
        name = str(tmp_path / "elsewhere.sqlite3")
        address = f"sqlite:///{name}"
    else:
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        _outside(f"CREATE DATABASE {name}")
    made = ConnectionHandler({"default": usual.settings_dict | {"NAME": name}})["default"]
    connections["default"] = made
    try:
        yield address
    finally:
        made.close()
        connections["default"] = usual
        if usual.vendor != "sqlite":
            _outside(f"DROP DATABASE {name} WITH (FORCE)")


def _outside(statement: str) -> None:
    """What cannot be done in a transaction."""
    import psycopg

    parameters = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{n: parameters[n] for n in names if n in parameters}, autocommit=True) as direct:
        direct.execute(statement.encode())
