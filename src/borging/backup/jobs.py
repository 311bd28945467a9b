"""Making a backup, putting one back, and trying whether one would come back. Only the command line starts it."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

import borging
from borging import upgrade
from borging.privacy.writes import replay_tombstones

from . import archive, rows
from .rules import FORMAT, Head, Manifest, Migrations, Part, Reason, differences, fingerprint, read_head, read_manifest
from .rules import reason_to_refuse as reason_of

HEAD, MANIFEST, ROWS, FILES = "head.json", "manifest.json", "rows", "files"


class NothingThereError(Exception):
    """This database has no tables of ours."""


class NotEmptyError(Exception):
    """There is something already where a backup would come back: tables, or files in the data folder."""


class RefusedError(Exception):
    """This backup does not come back here; `reason` says why, `head` where it is from."""

    def __init__(self, reason: Reason, head: Head) -> None:
        super().__init__(reason.value)
        self.reason, self.head = reason, head


class DiffersError(Exception):
    """What came back is not what was kept; `names` are the tables and files."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(", ".join(names))
        self.names = names


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A backup: where it is or was, its beginning and its end."""

    path: Path
    head: Head
    manifest: Manifest


def make(path: Path, *, keys: list[str], now: datetime) -> Kept:
    """Keep every row and every file as they are at this moment, while others go on working.

    keys: the public keys of who may open it. Raises NothingThereError and TooNewError.
    """
    loader = MigrationLoader(connection)
    upgrade.check(loader)
    migrations = rows.applied(loader)
    if not migrations:
        raise NothingThereError
    head = Head(
        format=FORMAT,
        version=borging.__version__,
        made_at=now.isoformat(timespec="seconds"),
        migrations=migrations,
        pseudonyms=fingerprint(settings.PSEUDONYM_KEY),
    )
    with archive.writing(path, keys=keys) as tar:
        archive.add(tar, HEAD, json.dumps(head.as_json()).encode())
        with rows.snapshot():
            tables = {model._meta.db_table: _keep_rows(tar, model) for model in rows.tables(loader, migrations)}
        manifest = Manifest(tables=tables, files=dict(_keep_files(tar)))
        archive.add(tar, MANIFEST, json.dumps(asdict(manifest)).encode())
    return Kept(path=path, head=head, manifest=manifest)


def _keep_rows(tar: tarfile.TarFile, model: rows.Model) -> Part:
    so_far = rows.EMPTY
    for number, (portion, so_far) in enumerate(rows.portions(model)):  # noqa: B007 - the last one is what we want
        archive.add(tar, f"{ROWS}/{model._meta.db_table}/{number:06}.gz", portion)
    return so_far


def _keep_files(tar: tarfile.TarFile) -> Iterator[tuple[str, Part]]:
    """What lies in the folders of the data folder; the databases and the keys beside them are not files of ours.

    A file that somebody removes meanwhile is not kept: they wanted it gone.
    """
    for path in files():
        name = path.relative_to(settings.DATA_DIR).as_posix()
        try:
            with path.open("rb") as source:
                entry = tar.gettarinfo(name=str(path), arcname=f"{FILES}/{name}", fileobj=source)
                read = _Hashing(source)
                tar.addfile(entry, read)
        except FileNotFoundError:
            continue
        yield name, read.part


def files() -> list[Path]:
    folder = Path(settings.DATA_DIR)
    return sorted(path for path in folder.glob("*/**/*") if path.is_file() and not path.is_symlink())


class _Hashing:
    """A file that knows the hash of what was read of it."""

    def __init__(self, source: Any) -> None:
        self._source, self._digest, self._size = source, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self._source.read(size)
        self._digest.update(piece)
        self._size += len(piece)
        return piece

    @property
    def part(self) -> Part:
        return Part(size=self._size, sha256=self._digest.hexdigest())


def restore(path: Path, *, key: str, now: datetime) -> Kept:
    """Put a backup back into an empty database and an empty data folder, and bring it up to this version.

    Who was removed after it was made is removed again, by the list that lies in the data folder.

    Raises NotEmptyError, RefusedError, DiffersError, and what reading an archive raises; nothing is written before
    the key, the version and the place are found right.
    """
    check_empty()
    with archive.reading(path, key=key) as tar:
        entries = iter(tar)
        head = _head(tar, next(entries, None))
        loader = MigrationLoader(connection)
        if reason := reason_of(head, known=known(loader), pseudonyms=fingerprint(settings.PSEUDONYM_KEY)):
            raise RefusedError(reason, head)
        upgrade.make_tables(rows.ends(loader, head.migrations))
        tables = {model._meta.db_table: model for model in rows.tables(loader, head.migrations)}
        manifest, found = _put_back(tar, entries, tables)
    with rows.snapshot():
        came = {name: rows.part(model) for name, model in tables.items()}
    _compare(manifest, Manifest(tables=came, files=found))
    rows.number_on(tables.values())
    upgrade.migrate()
    rows.number_on(apps.get_models())  # again: a table that a migration makes anew is numbered from its rows
    replay_tombstones(now=now)
    return Kept(path=path, head=head, manifest=manifest)


def known(loader: MigrationLoader) -> Migrations:
    """What this version knows to change in a database."""
    return frozenset(loader.disk_migrations)


def check_empty() -> None:
    """Raises NotEmptyError."""
    Path(settings.DATA_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
    if connection.introspection.table_names() or files():
        raise NotEmptyError


def _head(tar: tarfile.TarFile, entry: tarfile.TarInfo | None) -> Head:
    if entry is None or entry.name != HEAD:
        raise archive.NotOpenedError
    return read_head(json.loads(archive.content(tar, entry)))


def _put_back(
    tar: tarfile.TarFile, entries: Iterator[tarfile.TarInfo], tables: dict[str, rows.Model]
) -> tuple[Manifest, dict[str, Part]]:
    """All rows in one transaction; the files as they come."""
    manifest, found = None, {}
    with transaction.atomic(), rows.unlocked():
        rows.clear(list(tables.values()))
        for entry in entries:
            kind, _slash, rest = entry.name.partition("/")
            if kind == ROWS:
                rows.load(tables[rest.partition("/")[0]], archive.content(tar, entry))
            elif kind == FILES:
                found[rest] = _put_file(tar, entry, name=rest)
            elif entry.name == MANIFEST:
                manifest = read_manifest(json.loads(archive.content(tar, entry)))
        if manifest is None:
            raise archive.NotOpenedError
    return manifest, found


def _put_file(tar: tarfile.TarFile, entry: tarfile.TarInfo, *, name: str) -> Part:
    """Only plain files, only inside the data folder: who made a backup is not known from the backup."""
    if not entry.isreg() or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise archive.NotOpenedError
    path = Path(settings.DATA_DIR) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        os.fchmod(target.fileno(), 0o600)
        for piece in archive.pieces(tar, entry):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return Part(size=size, sha256=digest.hexdigest())


def _compare(expected: Manifest, found: Manifest) -> None:
    if names := differences(expected, found):
        raise DiffersError(names)


def drill(path: Path, *, key: str) -> subprocess.CompletedProcess[str]:
    """Run `borging restore` into a temporary place, on SQLite, in a process of its own, and remove that again."""
    with tempfile.TemporaryDirectory(prefix="borging-drill-") as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{folder}/drill.sqlite3",
            "BORGING_DATA_DIR": folder,
            "BORGING_PSEUDONYM_KEY": settings.PSEUDONYM_KEY,
            "BORGING_BACKUP_KEY": key,
        }
        return subprocess.run(
            [sys.executable, "-m", "borging.cli", "restore", str(path)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
