"""Adding what happened. Rows are never changed: a later answer in the same place marks the earlier one as replaced.

Who said something can have it forgotten.
"""

import secrets
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from django.db import transaction
from django.db.models import Q

from borging.failpoints import passing
from borging.people.models import Person
from borging.programmes.models import Cohort, Programme
from borging.statements import Addition, Blank, Change

from .models import Entry, Source
from .reads import Standing, kept_of
from .rules import Answered, slot

_ADD = Addition(Entry)
_REPLACE = Change(
    lambda: Entry.objects.filter(pk=Blank("pk", Entry._meta.pk)),
    replaced_at=Blank("now", Entry._meta.get_field("replaced_at")),
)


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
def append(
    *, occasion: Occasion, answers: Iterable[Answered], standing: Mapping[uuid.UUID, Standing] = MappingProxyType({})
) -> bool:
    """Add answers; one that was given before is replaced, one that says the same is not added again.

    standing: what stands in these places, read while the card was held, so that nobody answers it at the same time.
    Returns whether anything was said that did not stand there yet.
    """
    changed = False
    for answer in answers:
        place = _slot(occasion, answer)
        before = standing.get(place)
        if before and _says(before) == _values(answer):
            continue
        if before:
            _REPLACE.do(pk=before.pk, now=occasion.now)
            passing("answer-replaced")
        if not answer.given.empty:
            _ADD.add(_entry(occasion, answer, place))
        changed = changed or before is not None or not answer.given.empty
    return changed


def append_new(said: Iterable[tuple[Occasion, Iterable[Answered]]]) -> None:
    """Add answers on many occasions at once, of which none was given before."""
    Entry.objects.bulk_create(
        _entry(occasion, answer, _slot(occasion, answer))
        for occasion, answers in said
        for answer in answers
        if not answer.given.empty
    )


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


def _says(entry: Standing) -> tuple[float | None, str, str]:
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
