"""What a backup says about itself, and when it may not be put back. Nothing here reads a database or a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

FORMAT = 1
"""Raised when a backup of this version could not be read by the version before."""
Migrations = frozenset[tuple[str, str]]
"""Changes of the database as (app, name)."""


class Reason(StrEnum):
    """Why a backup is not put back."""

    FORMAT = "format"
    NEWER = "newer"
    OTHER_KEY = "other-key"


@dataclass(frozen=True, kw_only=True)
class Head:
    """How a backup begins: the version that made it, at which schema, when, and with which pseudonym key."""

    format: int
    version: str
    made_at: str
    migrations: Migrations
    pseudonyms: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"migrations": sorted(self.migrations)}


@dataclass(frozen=True, kw_only=True)
class Part:
    """One table or one file. `size`: rows or bytes; `sha256`: of its rows in the order of their keys, or its bytes."""

    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """How a backup ends: what should be in it. Tables by their name, files by their path in the data folder."""

    tables: Mapping[str, Part]
    files: Mapping[str, Part]

    @property
    def rows(self) -> int:
        return sum(part.size for part in self.tables.values())


def read_head(data: Mapping[str, Any]) -> Head:
    """A head of a newer format still says which version made it."""
    return Head(
        format=int(data["format"]),
        version=str(data["version"]),
        made_at=str(data["made_at"]),
        migrations=frozenset((app, name) for app, name in data.get("migrations", ())),
        pseudonyms=str(data.get("pseudonyms", "")),
    )


def read_manifest(data: Mapping[str, Any]) -> Manifest:
    return Manifest(
        tables={name: Part(**part) for name, part in data["tables"].items()},
        files={name: Part(**part) for name, part in data["files"].items()},
    )


def reason_to_refuse(head: Head, *, known: Migrations, pseudonyms: str) -> Reason | None:
    """Only a backup of this schema or an earlier one comes back, and only with the key its answers were kept under."""
    if head.format > FORMAT:
        return Reason.FORMAT
    if head.migrations - known:
        return Reason.NEWER
    return Reason.OTHER_KEY if head.pseudonyms != pseudonyms else None


def differences(expected: Manifest, found: Manifest) -> tuple[str, ...]:
    """The tables and files that are not what they were, by name."""
    pairs = ((expected.tables, found.tables), (expected.files, found.files))
    return tuple(name for was, now in pairs for name in sorted({*was, *now}) if was.get(name) != now.get(name))


def fingerprint(key: str) -> str:
    """By which a key is known again without being told."""
    return hashlib.sha256(f"borging backup {key}".encode()).hexdigest()[:16]


def latest(
    migrations: Iterable[tuple[str, str]], *, before: Mapping[tuple[str, str], set[tuple[str, str]]]
) -> list[tuple[str, str]]:
    """Of these changes the ones that no other of them builds on. before: for each change what it builds on."""
    given = set(migrations)
    built_on = {earlier for change in given for earlier in before.get(change, ()) if earlier[0] == change[0]}
    return sorted(given - built_on)
