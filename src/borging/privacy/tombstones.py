"""What was removed for good, as a file beside the database: a backup that is restored does not bring it back."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from borging.people.models import Person
from borging.people.pseudonyms import pseudonym

from .models import Removed


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """One removal. It names nobody: `mark` leads from a person who is back to this line, never the other way."""

    organisation_id: int
    mark: str
    what: str
    programme_id: int | None
    at: str

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


def path() -> Path:
    """The file; it goes with the backups, and is never overwritten by one that is older."""
    return Path(settings.DATA_DIR) / "removed.jsonl"


def mark(person: Person) -> uuid.UUID:
    return pseudonym(person, purpose="removal")


def of(row: Removed) -> Tombstone:
    return Tombstone(
        organisation_id=row.organisation_id,
        mark=row.mark.hex,
        what=row.what,
        programme_id=row.programme_id,
        at=row.at.isoformat(),
    )


def add(stones: Iterable[Tombstone]) -> None:
    """Write lines at the end, on the disk before this returns."""
    lines = "".join(f"{json.dumps(asdict(stone), sort_keys=True)}\n" for stone in stones)
    if not lines:
        return
    path().parent.mkdir(parents=True, exist_ok=True)
    with open(os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def in_file() -> Iterator[Tombstone]:
    """Every whole line; one that was being written when the machine stopped is left out."""
    if not path().exists():
        return
    for line in path().read_text(encoding="utf-8").splitlines():
        try:
            yield Tombstone(**json.loads(line))
        except (ValueError, TypeError):
            continue


def bring_together() -> list[Tombstone]:
    """What the database knows and what the file knows, each put into the other; all of it in the order it happened."""
    kept = {of(row) for row in Removed.objects.all()}
    written = set(in_file())
    add(sorted(kept - written, key=lambda stone: stone.at))
    Removed.objects.bulk_create(
        Removed(
            organisation_id=stone.organisation_id,
            mark=uuid.UUID(stone.mark),
            what=stone.what,
            programme_id=stone.programme_id,
            at=stone.moment,
        )
        for stone in written - kept
    )
    return sorted(kept | written, key=lambda stone: stone.at)
