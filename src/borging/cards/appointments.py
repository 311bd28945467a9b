"""Entries in people's calendars on their way there: put, changed and taken out. The outbox tells of them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from borging.people.models import Person
from borging.programmes.models import Enrolment

from .models import Appointment


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is to stand in the calendars of these people; see `cards.models.Appointment`."""

    enrolment: Enrolment
    people: tuple[Person, ...]
    step: str
    uid: uuid.UUID
    sequence: int
    starts_at: datetime
    ends_at: datetime
    place: str = ""


def offer(entries: Iterable[Entry]) -> None:
    """Put entries that nobody was told of yet; they go along with the next contact of each person."""
    rows = [_row(entry, person) for entry in entries for person in entry.people]
    Appointment.objects.bulk_create(rows, ignore_conflicts=True)


def put(entry: Entry, *, now: datetime) -> None:
    """Put or change an entry because somebody asked for it: everybody it is for is told at once."""
    for person in entry.people:
        row = _row(entry, person)
        Appointment.objects.update_or_create(
            person=person,
            uid=entry.uid,
            defaults={name: getattr(row, name) for name in CHANGING} | {"next_at": now},
            create_defaults={name: getattr(row, name) for name in (*CHANGING, *FIXED)} | {"next_at": now},
        )


CHANGING = ("sequence", "starts_at", "ends_at", "place", "cancelled")
FIXED = ("organisation_id", "programme_id", "enrolment", "step")


def change(rows: Iterable[Appointment], *, starts_at: datetime, ends_at: datetime, place: str, now: datetime) -> None:
    """Entries get another time or place; who was told of one is told of the change at once."""
    found = Appointment.objects.filter(pk__in=[row.pk for row in rows])
    found.filter(told__isnull=False).update(next_at=now)
    found.update(starts_at=starts_at, ends_at=ends_at, place=place, cancelled=False, sequence=F("sequence") + 1)


def take_out(found: QuerySet[Appointment], *, now: datetime) -> None:
    """Take entries out of calendars: who was told of one is told at once; of others nothing is left."""
    found.filter(told=None).delete()
    found.filter(cancelled=False).update(cancelled=True, sequence=F("sequence") + 1, next_at=now)


def of(*uids: uuid.UUID) -> QuerySet[Appointment]:
    """These entries, in everybody's calendar."""
    return Appointment.objects.filter(uid__in=uids)


def untold() -> Q:
    """What a person has to be told still: it goes along with their next contact."""
    return Q(told=None) | Q(told__lt=F("sequence"))


def _row(entry: Entry, person: Person) -> Appointment:
    programme = entry.enrolment.cohort.programme
    return Appointment(
        organisation_id=programme.organisation_id,
        programme_id=programme.pk,
        enrolment=entry.enrolment,
        person=person,
        step=entry.step,
        uid=entry.uid,
        sequence=entry.sequence,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        place=entry.place,
    )
