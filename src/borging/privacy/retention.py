"""Keeping nothing longer than its term: what is over, and removing it. The same question counts and removes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from borging.cards.models import AWAITED, Card, Contact, ContactStatus
from borging.effects import writes as effects
from borging.effects.models import AT_WORK, Status, Study
from borging.evidence.models import Entry
from borging.evidence.writes import batched
from borging.measure.models import Release
from borging.people import imports
from borging.people.models import Employment, ImportStatus, Leave, Organisation, PeopleImport, Person
from borging.people.pseudonyms import pseudonym
from borging.people.writes import administrators
from borging.programmes.models import Programme

from . import looks, writes
from .models import Look, Offer, Removed
from .rules import TERMS, Kind

Rows = QuerySet[Any]
OFFERED = timedelta(days=14)
"""How long before the last day somebody is told to take their own words along."""


@dataclass(frozen=True, kw_only=True)
class Over:
    """How much of a kind is over its term in one organisation."""

    kind: Kind
    n: int


def over(organisation: Organisation, *, now: datetime) -> tuple[Over, ...]:
    """What a night would remove now, and removes nothing."""
    return tuple(Over(kind=kind, n=find(organisation, TERMS[kind].limit(now)).count()) for kind, find in FINDS.items())


def enforce(*, now: datetime) -> dict[Kind, int]:
    """Remove everything whose term is over, of every organisation. Returns how much of each kind."""
    removed = dict.fromkeys(FINDS, 0)
    for organisation in Organisation.objects.order_by("pk"):
        for kind, find in FINDS.items():
            rows = find(organisation, TERMS[kind].limit(now))
            if n := rows.count():
                REMOVES.get(kind, _delete)(organisation, rows, now)
                removed[kind] += n
        _forget_files_of_removed(organisation, now=now)
    return removed


# --- what is over -----------------------------------------------------------------------------------------------------


def _people_files(organisation: Organisation, limit: datetime) -> Rows:
    waiting = (ImportStatus.RECEIVED, ImportStatus.STAGED)
    return PeopleImport.objects.filter(organisation=organisation, status__in=waiting, created_at__lt=limit)


def _own_words(organisation: Organisation, limit: datetime) -> Rows:
    authors: list[uuid.UUID] = [pseudonym(person) for person in left_before(organisation, timezone.localdate(limit))]
    return Entry.objects.filter(organisation=organisation, author__in=authors).exclude(text="")


def _study_files(organisation: Organisation, limit: datetime) -> Rows:
    done = Study.objects.filter(organisation=organisation, created_at__lt=limit).exclude(status__in=AT_WORK)
    return done.filter(Q(finished_at__lt=limit) | Q(finished_at=None)).exclude(status=Status.READY, inspection=None)


def _delivery(organisation: Organisation, limit: datetime) -> Rows:
    """A card that can still be answered keeps its mails, so that it is not sent twice."""
    asked = Exists(Card.objects.filter(contacts__contact=OuterRef("pk"), status__in=AWAITED))
    old = Contact.objects.filter(organisation=organisation, made_at__lt=limit).exclude(status=ContactStatus.READY)
    return old.filter(~asked)


def _away(organisation: Organisation, limit: datetime) -> Rows:
    return Leave.objects.filter(person__organisation=organisation, end_date__lt=timezone.localdate(limit))


def _looks(organisation: Organisation, limit: datetime) -> Rows:
    return Look.objects.filter(organisation=organisation, at__lt=limit)


def _answers(organisation: Organisation, limit: datetime) -> Rows:
    return Entry.objects.filter(programme__in=ended_before(organisation, limit))


def _people(organisation: Organisation, limit: datetime) -> Rows:
    """Not who is the last one that may give roles: somebody has to follow them up first."""
    left = left_before(organisation, timezone.localdate(limit))
    running = administrators(organisation.pk)
    if running.exists() and not running.exclude(person__in=left).exists():
        left = left.exclude(account__in=running)
    return left


def left_before(organisation: Organisation, day: date) -> QuerySet[Person]:
    """Who worked here, but not on this day or later."""
    later = Employment.objects.filter(Q(end_date=None) | Q(end_date__gte=day), person=OuterRef("pk"))
    ever = Employment.objects.filter(person=OuterRef("pk"))
    return Person.objects.filter(~Exists(later), Exists(ever), organisation=organisation)


def ended_before(organisation: Organisation, limit: datetime) -> QuerySet[Programme]:
    """Programmes that were ended, or of which the last question closed, before then."""
    known = Programme.objects.filter(organisation=organisation).annotate(last=Max("cohorts__moments__closes_at"))
    return known.filter(Q(ended_at__lt=limit) | Q(ended_at=None, last__lt=limit)).order_by()


FINDS: dict[Kind, Callable[[Organisation, datetime], Rows]] = {
    Kind.PEOPLE_FILES: _people_files,
    Kind.OWN_WORDS: _own_words,
    Kind.STUDY_FILES: _study_files,
    Kind.DELIVERY: _delivery,
    Kind.AWAY: _away,
    Kind.LOOKS: _looks,
    Kind.ANSWERS: _answers,
    Kind.PEOPLE: _people,
}
"""Every kind but the texts of mails: those are never kept."""


# --- removing it ------------------------------------------------------------------------------------------------------


def _delete(_organisation: Organisation, rows: Rows, _now: datetime) -> None:
    rows.delete()


def _remove_files(_organisation: Organisation, rows: Rows, _now: datetime) -> None:
    for found in rows:
        imports.discard(found=found)


def _remove_study_files(_organisation: Organisation, rows: Rows, _now: datetime) -> None:
    effects.forget_uploads(rows)


def _remove_looks(organisation: Organisation, _rows: Rows, now: datetime) -> None:
    looks.prune(organisation_id=organisation.pk, before=TERMS[Kind.LOOKS].limit(now))


@transaction.atomic
def _remove_answers(organisation: Organisation, rows: Rows, now: datetime) -> None:
    """With the answers go the cards, and the list of whose answers were in a figure: no other figure will be made."""
    programmes = list(ended_before(organisation, TERMS[Kind.ANSWERS].limit(now)))
    rows.delete()
    Card.objects.filter(programme__in=programmes).delete()
    Release.objects.filter(programme__in=programmes).update(ledger=[])


def _remove_people(_organisation: Organisation, rows: Rows, now: datetime) -> None:
    writes.remove_people(people=list(rows), now=now)


REMOVES: dict[Kind, Callable[[Organisation, Rows, datetime], None]] = {
    Kind.PEOPLE_FILES: _remove_files,
    Kind.STUDY_FILES: _remove_study_files,
    Kind.LOOKS: _remove_looks,
    Kind.ANSWERS: _remove_answers,
    Kind.PEOPLE: _remove_people,
}


def _forget_files_of_removed(organisation: Organisation, *, now: datetime) -> None:
    """A study that was being calculated while somebody was removed still had its files then."""
    latest = Removed.objects.filter(organisation=organisation, what=Removed.What.PERSON, at__gt=now - timedelta(days=2))
    if at := latest.aggregate(at=Max("at"))["at"]:
        effects.forget_uploads(Study.objects.filter(organisation=organisation, created_at__lte=at))


# --- offering it first ------------------------------------------------------------------------------------------------


def leaving(*, now: datetime) -> list[Person]:
    """Who leaves within two weeks, wrote own words, has an address, and was not told yet how to take them along."""
    today = timezone.localdate(now)
    soon = Employment.objects.filter(end_date__gte=today, end_date__lte=today + OFFERED, person=OuterRef("pk"))
    later = Employment.objects.filter(Q(end_date=None) | Q(end_date__gt=today + OFFERED), person=OuterRef("pk"))
    found = Person.objects.filter(Exists(soon), ~Exists(later), offer=None).exclude(email="")
    people = {pseudonym(person): person for person in found.select_related("organisation")}
    wrote: set[uuid.UUID | None] = set()
    for part in batched(people):
        wrote |= set(Entry.objects.filter(author__in=part).exclude(text="").values_list("author", flat=True))
    return [person for mark, person in people.items() if mark in wrote]


def offered(*, person: Person, now: datetime) -> bool:
    """Note that somebody was told; False when another worker did already."""
    return Offer.objects.get_or_create(person=person, defaults={"made_at": now})[1]
