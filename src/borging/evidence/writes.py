"""Adding what happened. Rows are never changed: a later answer in the same place marks the earlier one as replaced.

Who said something can have it forgotten.
"""

import secrets
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from borging.failpoints import passing
from borging.people.models import Person
from borging.programmes.models import Cohort, Programme

from .models import Entry, Source
from .reads import kept_of
from .rules import Answered, slot


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """When and from whose eyes something is said. `author` None is: anonymous.

    `place` names the card, so that a second answer to the same question on it takes the place of the first.
    """

    cohort: Cohort
    step: str
    occurrence: int
    source: Source
    subject: uuid.UUID | None
    author: uuid.UUID | None
    place: str
    happened_on: date
    now: datetime


@transaction.atomic(savepoint=False)
def append(*, occasion: Occasion, answers: Iterable[Answered]) -> bool:
    """Add answers; one that was given before is replaced, one that says the same is not added again.

    Returns whether anything was said that did not stand there yet.
    """
    changed = False
    fresh = []
    for answer in answers:
        place = _slot(occasion, answer)
        standing = _standing(place) if occasion.author else None
        if standing and _says(standing) == _values(answer):
            continue
        if standing:
            Entry.objects.filter(pk=standing.pk).update(replaced_at=occasion.now)
            passing("answer-replaced")
            changed = True
        if not answer.given.empty:
            fresh.append(_entry(occasion, answer, place))
    Entry.objects.bulk_create(fresh)
    return changed or bool(fresh)


def append_new(said: Iterable[tuple[Occasion, Iterable[Answered]]]) -> None:
    """Add answers on many occasions at once, of which none was given before."""
    Entry.objects.bulk_create(
        _entry(occasion, answer, _slot(occasion, answer))
        for occasion, answers in said
        for answer in answers
        if not answer.given.empty
    )


def _standing(place: uuid.UUID) -> Entry | None:
    """What stands in a place, held until the transaction ends."""
    return Entry.objects.select_for_update().filter(slot=place, replaced_at=None).order_by().first()


@transaction.atomic
def forget(*, person: Person, programme: Programme | None = None, until: datetime | None = None) -> int:
    """Remove what somebody said, in one programme or everywhere; figures that were released stay. Returns how many.

    until: only what was said up to then. What was said without a name stays too: nobody knows whose it is.
    """
    said = kept_of(person) if programme is None else kept_of(person).filter(programme=programme)
    said = said if until is None else said.filter(recorded_at__lte=until)
    return Entry.objects.filter(pk__in=list(said.values_list("pk", flat=True))).delete()[0]


def forget_about(marks: Collection[uuid.UUID]) -> int:
    """Remove everything said by or about these people, under their pseudonyms. Returns how many answers."""
    gone = 0
    for part in batched(marks):
        gone += Entry.objects.filter(Q(author__in=part) | Q(subject__in=part)).delete()[0]
    return gone


def batched(marks: Iterable[uuid.UUID], *, size: int = 200) -> Iterator[list[uuid.UUID]]:
    waiting = list(marks)
    for start in range(0, len(waiting), size):
        yield waiting[start : start + size]


@transaction.atomic
def shuffle_nameless(*, since: date) -> None:
    """Lay what was said without a name since a day anew, in an order by lot.

    A database keeps rows in the order in which they came: between rows with a time that order would tell a time too.
    """
    nameless = Entry.objects.filter(author=None, happened_on__gte=since)
    for programme in nameless.order_by().values_list("programme", flat=True).distinct():
        said = list(nameless.select_for_update().filter(programme=programme))
        secrets.SystemRandom().shuffle(said)
        Entry.objects.filter(pk__in=[entry.pk for entry in said]).delete()
        Entry.objects.bulk_create(said)


def _slot(occasion: Occasion, answer: Answered) -> uuid.UUID:
    """The place of an answer. An anonymous one has a place of its own: nothing leads from a card to it."""
    if occasion.author is None:
        return uuid.uuid4()
    return slot(
        author=occasion.author,
        place=occasion.place,
        question=answer.question,
        behaviour_id=answer.behaviour_id,
        item=answer.item,
    )


def _values(answer: Answered) -> tuple[float | None, str, str]:
    return answer.given.number, answer.given.choice, answer.given.text


def _says(entry: Entry) -> tuple[float | None, str, str]:
    return entry.number, entry.choice, entry.text


def _entry(occasion: Occasion, answer: Answered, place: uuid.UUID) -> Entry:
    number, choice, text = _values(answer)
    programme = occasion.cohort.programme
    return Entry(
        organisation_id=programme.organisation_id,
        programme=programme,
        cohort=occasion.cohort,
        subject=occasion.subject,
        author=occasion.author,
        source=occasion.source,
        step=occasion.step,
        occurrence=occasion.occurrence,
        question=answer.question,
        family=answer.family,
        behaviour_id=answer.behaviour_id,
        item=answer.item,
        number=number,
        choice=choice,
        text=text,
        happened_on=occasion.happened_on,
        recorded_at=occasion.now if occasion.author else None,
        slot=place,
    )
