"""Who looked at whom: one row for a page that was shown, bound to the row before it (trust rule P14).

Nobody is named in it: a person stands there under a mark that only their own secret leads to, so that the rows of
somebody who was removed tell nothing any more, and need not be changed.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from borging.people.models import Account, Organisation, Person
from borging.people.pseudonyms import pseudonym

from .models import Chain, Look

EVERYBODY = "*"
"""For a page that holds the whole organisation, such as a file of people on its way in."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How often one viewer saw somebody on one kind of page, and when for the last time. `viewer` None: is gone."""

    viewer: Account | None
    page: str
    times: int
    latest_at: datetime


@dataclass(frozen=True, kw_only=True)
class Break:
    """The log of an organisation is not as it was written; `number` is the first look that does not fit."""

    organisation: Organisation
    number: int


def mark(person: Person) -> str:
    """How a person stands in the log."""
    return pseudonym(person, purpose="looks").hex[:20]


@transaction.atomic(savepoint=False)
def record(*, viewer: Account, page: str, people: Iterable[Person], everybody: bool = False, now: datetime) -> None:
    """Write down that a page with these people was shown. Nobody looks at themselves.

    The rows of an organisation are written one after the other: of two at once the second waits for the first.
    """
    marks = sorted({mark(person) for person in people if person.pk != viewer.person_id})
    if not marks and not everybody:
        return
    chain = _held(viewer.organisation_id)
    look = Look(
        organisation_id=viewer.organisation_id,
        number=chain.length + 1,
        at=now,
        viewer_id=viewer.pk,
        page=page,
        subjects=EVERYBODY if everybody else " ".join(marks),
    )
    look.seal = _seal(look, before=chain.seal)
    look.save(force_insert=True)
    Chain.objects.filter(pk=chain.pk).update(length=look.number, seal=look.seal)


def _held(organisation_id: int) -> Chain:
    held = Chain.objects.select_for_update().filter(organisation=organisation_id)
    if chain := held.first():
        return chain
    Chain.objects.bulk_create([Chain(organisation_id=organisation_id)], ignore_conflicts=True)
    return held.get()


def _seal(look: Look, *, before: str) -> str:
    """With a key that is not in the database: who can change rows cannot make them fit."""
    at = round(look.at.timestamp() * 1_000_000)
    words = "\n".join(
        map(str, ("look", before, look.organisation_id, look.number, at, look.viewer_id, look.page, look.subjects))
    )
    return hmac.digest(settings.PSEUDONYM_KEY.encode(), words.encode(), hashlib.sha256).hex()


def check(chain: Chain) -> Break | None:
    """Whether every look there was is still there and as it was written; else the first that is not."""
    before, number = chain.pruned_seal, chain.pruned
    for look in Look.objects.filter(organisation=chain.organisation_id).order_by("number").iterator():
        number += 1
        if look.number != number or not hmac.compare_digest(look.seal, _seal(look, before=before)):
            return Break(organisation=chain.organisation, number=number)
        before = look.seal
    if number != chain.length or before != chain.seal:
        return Break(organisation=chain.organisation, number=number + 1)
    return None


def breaks() -> list[Break]:
    """Every organisation whose log does not fit; for the worker and the command line."""
    chains = Chain.objects.select_related("organisation").order_by("pk")
    return [broken for chain in chains if (broken := check(chain))]


def of(person: Person) -> QuerySet[Look]:
    """The looks at one person, the newest first; for that person."""
    found = Q(subjects__contains=mark(person))
    if since := _since(person):
        found |= Q(subjects=EVERYBODY, at__date__gte=since)
    looks = Look.objects.filter(found, organisation=person.organisation_id)
    return looks.exclude(viewer__in=Account.objects.filter(person=person)).order_by("-number")


def _since(person: Person) -> date | None:
    """From when on a page with everybody holds this person too."""
    return person.employments.order_by("start_date").values_list("start_date", flat=True).first()


def told(person: Person) -> Iterator[tuple[Account | None, str, datetime]]:
    """Each look at somebody: by whom, at which kind of page, and when; for that person."""
    rows = list(of(person).values_list("viewer_id", "page", "at"))
    accounts = Account.objects.select_related("person").in_bulk({viewer for viewer, _page, _at in rows})
    return ((accounts.get(viewer), page, at) for viewer, page, at in rows)


def seen(person: Person) -> tuple[Seen, ...]:
    """Who saw somebody, on which kind of page and how often, the latest first; for that person."""
    found: dict[tuple[Account | None, str], tuple[int, datetime]] = {}
    for viewer, page, at in told(person):
        times, latest = found.get((viewer, page), (0, at))
        found[viewer, page] = times + 1, max(latest, at)
    rows = [
        Seen(viewer=viewer, page=page, times=times, latest_at=latest)
        for (viewer, page), (times, latest) in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: row.latest_at, reverse=True))


@transaction.atomic
def prune(*, organisation_id: int, before: datetime) -> int:
    """Remove the looks whose term is over, from the oldest on; what stays can still be checked. Returns how many."""
    chain = _held(organisation_id)
    old = Look.objects.filter(organisation=organisation_id, at__lt=before)
    if (latest := old.order_by("-number").first()) is None:
        return 0
    gone = Look.objects.filter(organisation=organisation_id, number__lte=latest.number)
    Chain.objects.filter(pk=chain.pk).update(pruned=latest.number, pruned_seal=latest.seal)
    return gone.delete()[0]
