"""A file of people on its way in: received, compared, applied in one piece, and undone while nothing newer came in.

An import that is killed half-way leaves nothing: it is one transaction, and the row that waits for it is still there.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Protocol

from django.db import transaction

from .ledger import Ledger, revert
from .models import Account, ImportStatus, Organisation, PeopleImport
from .reads import known_people
from .roster import Comparison, Kind, Row, compare
from .spans import apply_entries

Json = dict[str, Any]


class NotNowError(Exception):
    """The import is not in a state that allows this change."""


class OlderFileError(ValueError):
    """A file of a later day was applied already; `day` is that day."""

    def __init__(self, day: date) -> None:
        super().__init__(day.isoformat())
        self.day = day


class UnconfirmedError(ValueError):
    """So many people would leave that somebody has to say that it is meant."""


class Upload(Protocol):
    """A file as a form hands it over."""

    name: str | None

    def chunks(self) -> Iterable[bytes]: ...


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The rows of a file as they were read. left_out: rows that could not be read, as the connectors tell it.

    unread: those of them of which it is still known whom they are about.
    """

    rows: tuple[Json, ...]
    unread: tuple[Json, ...] = ()
    left_out: tuple[Json, ...] = ()
    notes: tuple[Json, ...] = ()


def receive(*, account: Account, upload: Upload, day: date, now: datetime) -> PeopleImport:
    """Keep a file until it is applied or put aside."""
    made = PeopleImport(
        organisation_id=account.organisation_id,
        account=account,
        file_name=(upload.name or "")[-200:],
        day=day,
        created_at=now,
    )
    made.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    try:
        with made.path.open("wb") as file:
            for chunk in upload.chunks():
                digest.update(chunk)
                file.write(chunk)
        made.sha256 = digest.hexdigest()
        made.save(force_insert=True)
    except BaseException:
        made.path.unlink(missing_ok=True)
        raise
    return made


def ask_columns(*, found: PeopleImport, inspection: Mapping[str, Any], columns: Mapping[str, Any]) -> None:
    """The file was read: somebody says whether the columns were understood."""
    _change(found, ImportStatus.RECEIVED, inspection=dict(inspection), columns=dict(columns))


def reconsider_columns(*, found: PeopleImport) -> None:
    """Back from the differences to the columns. Raises NotNowError."""
    _change(found, ImportStatus.STAGED, status=ImportStatus.RECEIVED, rows={}, diff={}, counts={})


def stage(*, found: PeopleImport, columns: Mapping[str, Any], sheet: Sheet, everybody: bool, day: date) -> None:
    """Compare the rows with the people there are. Raises OlderFileError, and NotNowError."""
    found.day, found.everybody, found.columns = day, everybody, dict(columns)
    found.rows = json.loads(json.dumps(asdict(sheet)))
    _check_order(found)
    told = tell(found, compare_now(found))
    _change(
        found,
        ImportStatus.RECEIVED,
        status=ImportStatus.STAGED,
        day=day,
        everybody=everybody,
        columns=found.columns,
        rows=found.rows,
        diff=told,
        counts=count(told),
    )


def apply(*, found: PeopleImport, leaving_meant: bool, now: datetime) -> bool:
    """Do what was shown, all of it or nothing; False when people changed meanwhile: then the new differences wait.

    Raises UnconfirmedError, OlderFileError and NotNowError.
    """
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=found.organisation_id)
        locked = PeopleImport.objects.select_for_update().get(pk=found.pk)
        if locked.status != ImportStatus.STAGED:
            raise NotNowError(locked.status)
        _check_order(locked)
        comparison = compare_now(locked)
        told = tell(locked, comparison)
        if told != locked.diff:
            locked.diff, locked.counts = told, count(told)
            locked.save(update_fields=["diff", "counts"])
            return False
        if told["asks"] and not leaving_meant:
            raise UnconfirmedError
        ledger = Ledger()
        apply_entries(comparison.entries, organisation_id=locked.organisation_id, day=locked.day, ledger=ledger)
        earlier = PeopleImport.objects.filter(organisation_id=locked.organisation_id, status=ImportStatus.APPLIED)
        earlier.update(changes={})
        locked.status, locked.applied_at = ImportStatus.APPLIED, now
        locked.changes = ledger.as_json()
        locked.rows = locked.diff = locked.inspection = {}
        locked.save()
        transaction.on_commit(lambda: locked.path.unlink(missing_ok=True))
    return True


def may_undo(found: PeopleImport) -> bool:
    """Only the newest import that was applied can be undone, once."""
    return found.status == ImportStatus.APPLIED and bool(found.changes)


def undo(*, found: PeopleImport, now: datetime) -> None:
    """Put back what the newest import changed. Raises NotNowError, and ledger.UsedSinceError."""
    with transaction.atomic():
        Organisation.objects.select_for_update().get(pk=found.organisation_id)
        locked = PeopleImport.objects.select_for_update().get(pk=found.pk)
        if not may_undo(locked):
            raise NotNowError(locked.status)
        revert(locked.changes)
        locked.status, locked.undone_at, locked.changes = ImportStatus.UNDONE, now, {}
        locked.save(update_fields=["status", "undone_at", "changes"])


def discard(*, found: PeopleImport) -> None:
    """Put an import aside that was not applied. Raises NotNowError."""
    waiting = (ImportStatus.RECEIVED, ImportStatus.STAGED)
    deleted, _kinds = PeopleImport.objects.filter(pk=found.pk, status__in=waiting).delete()
    if not deleted:
        raise NotNowError(found.status)
    found.path.unlink(missing_ok=True)


def forget_rows(*, organisation_id: int) -> None:
    """Keep nothing of any file: those that wait are put aside, those that were applied cannot be undone any more."""
    own = PeopleImport.objects.filter(organisation=organisation_id)
    for found in own.filter(status__in=(ImportStatus.RECEIVED, ImportStatus.STAGED)):
        discard(found=found)
    own.update(changes={}, rows={}, diff={}, inspection={})


def compare_now(found: PeopleImport) -> Comparison:
    """The rows that wait against the people as they are at this moment."""
    return compare(
        [Row(**row) for row in found.rows["rows"]],
        known_people(found.organisation_id),
        columns=frozenset(role for role, header in found.columns.items() if header),
        day=found.day,
        everybody=found.everybody,
        unread=[Row(**row) for row in found.rows["unread"]],
    )


def tell(found: PeopleImport, comparison: Comparison) -> Json:
    """A comparison as it is kept and shown. `asks`: somebody has to say that so many leaving is meant."""
    leaving = comparison.of(Kind.LEAVING)
    nameless = len(found.rows["left_out"]) > len(found.rows["unread"])  # of some rows nobody knows whom they were about
    return {
        "entries": [
            {
                "kind": entry.kind.value,
                "name": entry.name,
                "person": entry.who.pk,
                "row": entry.who.row,
                "changes": [[change.field, change.old, change.new] for change in entry.changes],
            }
            for entry in comparison.entries
        ],
        "faults": [asdict(fault) for fault in comparison.faults],
        "unchanged": comparison.unchanged,
        "employed": comparison.employed,
        "ending": comparison.ending,
        "asks": comparison.asks or (nameless and bool(leaving)),
        "unread": len(found.rows["left_out"]),
    }


def count(told: Json) -> dict[str, int]:
    """How many people in each group of the differences."""
    kinds = [entry["kind"] for entry in told["entries"]]
    counts = {kind.value: kinds.count(kind.value) for kind in Kind}
    left_out = told["unread"] + sum(not fault["kept"] for fault in told["faults"])
    return {**counts, "unchanged": told["unchanged"], "left_out": left_out}


def _check_order(found: PeopleImport) -> None:
    applied = PeopleImport.objects.filter(organisation_id=found.organisation_id, status=ImportStatus.APPLIED)
    newest = applied.order_by("-day").values_list("day", flat=True).first()
    if newest and found.day < newest:
        raise OlderFileError(newest)


def _change(found: PeopleImport, standing: ImportStatus, **values: Any) -> None:
    if not PeopleImport.objects.filter(pk=found.pk, status=standing).update(**values):
        raise NotNowError(standing)
    for name, value in values.items():
        setattr(found, name, value)
