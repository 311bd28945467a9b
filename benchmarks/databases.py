"""Databases to measure on: filled once, then copied as often as is needed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from tools import postgres

KINDS = ("sqlite", "postgres")
Environment = Mapping[str, str]
FILLED = "borging_bench"


class Copies:
    """One filled database, and copies of it. `filled` and what `fresh` returns are what a process needs to use them."""

    def __init__(self, *, folder: Path, server: str = "") -> None:
        self._folder, self._server, self._made = folder, server, 0
        self.filled = self._environment(FILLED)
        if server:
            self._execute(f"CREATE DATABASE {FILLED}")

    def fresh(self) -> Environment:
        self._made += 1
        name = f"{FILLED}_{self._made}"
        if self._server:
            self._execute(f"CREATE DATABASE {name} TEMPLATE {FILLED}")
        else:
            shutil.copy(self._folder / f"{FILLED}.sqlite3", self._folder / f"{name}.sqlite3")
        return self._environment(name)

    def drop(self) -> None:
        """Leave nothing behind on a server that is not ours."""
        for name in (FILLED, *(f"{FILLED}_{number}" for number in range(1, self._made + 1))):
            self._execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _environment(self, name: str) -> Environment:
        if self._server:
            url = urlsplit(self._server)._replace(path=f"/{name}").geturl()
        else:
            url = f"sqlite:///{self._folder / name}.sqlite3"
        return {
            "DATABASE_URL": url,
            "BORGING_DATA_DIR": str(self._folder),
            "DJANGO_SETTINGS_MODULE": "borging.web.settings",
        }

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def copies(kind: str, fill: Callable[[Environment], object]) -> Iterator[Copies]:
    """A database that `fill` filled. It and its copies are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="borging-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            made = Copies(folder=folder)
            fill(made.filled)
            yield made
            return
        with postgres.serving() as server:
            made = Copies(folder=folder, server=server)
            try:
                fill(made.filled)
                yield made
            finally:
                made.drop()
