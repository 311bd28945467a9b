"""What an import did to the tables, so that it can be undone: made, changed and removed rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db import models

from .models import Account, Employment, Membership, Person, Reporting, Team

M = TypeVar("M", bound=models.Model)
BATCH = 500
TABLES: dict[str, type[models.Model]] = {
    "person": Person,
    "team": Team,
    "employment": Employment,
    "membership": Membership,
    "reporting": Reporting,
    "account": Account,
}
SPANS = ("reporting", "membership", "employment")
NAMES = {model: name for name, model in TABLES.items()}


class UsedSinceError(Exception):
    """Something hangs on people this import added (a card, an account, a leave): taking them away would lose it."""


class Ledger:
    """Changes rows in bulk and remembers how they were."""

    def __init__(self) -> None:
        self.created: dict[str, list[int]] = defaultdict(list)
        self.updated: dict[str, list[list[Any]]] = defaultdict(list)
        self.deleted: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def create(self, rows: Sequence[M]) -> None:
        if rows:
            type(rows[0])._default_manager.bulk_create(rows, batch_size=BATCH)
            self.created[NAMES[type(rows[0])]] += [row.pk for row in rows]

    def update(self, rows: Sequence[M], *, old: Sequence[dict[str, Any]]) -> None:
        """`old`: per row what its changed columns held; the row holds the new values."""
        for columns, group in _by_columns(rows, old):
            type(rows[0])._default_manager.bulk_update(group, columns, batch_size=BATCH)
        for row, before in zip(rows, old, strict=True):
            self.updated[NAMES[type(row)]] += [[row.pk, name, was, getattr(row, name)] for name, was in before.items()]

    def delete(self, rows: Sequence[models.Model], *, old: Sequence[dict[str, Any]]) -> None:
        """Only of rows nothing hangs on. `old`: what they held before this import touched them."""
        if rows:
            self.deleted[NAMES[type(rows[0])]] += [_columns(row) | was for row, was in zip(rows, old, strict=True)]
            for part in _batches([row.pk for row in rows]):
                type(rows[0])._default_manager.filter(pk__in=part).delete()

    def as_json(self) -> dict[str, Any]:
        return {"created": dict(self.created), "updated": dict(self.updated), "deleted": dict(self.deleted)}


def revert(changes: dict[str, Any]) -> None:
    """Put everything back; in the caller's transaction. A value somebody changed since stays as they made it.

    Raises UsedSinceError.
    """
    created = changes["created"]
    check_unused(created.get("person", []))
    for name in SPANS:
        for part in _batches(created.get(name, [])):
            TABLES[name]._default_manager.filter(pk__in=part).delete()
    for name, rows in changes["updated"].items():
        _put_back(TABLES[name], rows)
    for name, rows in changes["deleted"].items():
        model = TABLES[name]
        read = {field.attname: field.to_python for field in model._meta.concrete_fields}
        again = [model(**{name: read[name](value) for name, value in row.items()}) for row in rows]
        model._default_manager.bulk_create(again, batch_size=BATCH)
    for part in _batches(created.get("person", [])):
        Person.objects.filter(pk__in=part).delete()
    for pk in sorted(created.get("team", []), reverse=True):  # a part was made after what it is part of
        Team.objects.filter(pk=pk, parts=None, memberships=None).delete()


def _put_back(model: type[models.Model], rows: list[list[Any]]) -> None:
    """Rows that changed in the same way go back in one statement; the columns of a span go together."""
    per_row: dict[int, list[tuple[str, Any, Any]]] = defaultdict(list)
    for pk, column, old, new in rows:
        per_row[pk].append((column, old, new))
    groups: dict[tuple[tuple[str, Any, Any], ...], list[int]] = defaultdict(list)
    for pk, columns in per_row.items():
        groups[tuple(columns)].append(pk)
    read = {field.attname: field.to_python for field in model._meta.concrete_fields}
    for changed, pks in groups.items():
        parts = [changed] if model in (Employment, Membership, Reporting) else [(one,) for one in changed]
        for part in parts:
            new = {column: read[column](value) for column, _old, value in part}
            old = {column: read[column](value) for column, value, _new in part}
            for batch in _batches(pks):
                model._default_manager.filter(pk__in=batch, **new).update(**old)


def check_unused(people: list[int]) -> None:
    """Raises UsedSinceError when a row of another kind than an import makes hangs on one of these people."""
    ours = (Employment, Membership, Reporting)
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.related_model in ours:
            continue
        for part in _batches(people):
            model: Any = relation.related_model
            if model._default_manager.filter(**{f"{relation.field.name}__in": part}).exists():
                raise UsedSinceError(model._meta.label)


def _columns(row: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def _by_columns(rows: Sequence[M], old: Sequence[dict[str, Any]]) -> Iterator[tuple[list[str], list[M]]]:
    groups: dict[tuple[str, ...], list[M]] = defaultdict(list)
    for row, before in zip(rows, old, strict=True):
        groups[tuple(sorted(before))].append(row)
    for columns, group in groups.items():
        if columns:
            yield list(columns), group


def _batches(values: Iterable[int]) -> Iterator[list[int]]:
    waiting = iter(values)
    while part := list(islice(waiting, BATCH)):
        yield part
