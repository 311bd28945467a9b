"""Questions to the evidence. A person's own entries are reached through their own pseudonym only."""

import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet

from borging.people.models import Person
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Programme
from borging.statements import Blank, Question

from .models import Entry


def standing(programme: Programme) -> QuerySet[Entry]:
    """What is said in a programme, without what was replaced. For figures, which keep the minimum group sizes."""
    return Entry.objects.filter(programme=programme, replaced_at=None)


def said_by(person: Person) -> QuerySet[Entry]:
    """What somebody said, for that person only."""
    return Entry.objects.filter(author=pseudonym(person), replaced_at=None)


def said_about(person: Person, *, sources: tuple[str, ...], questions: tuple[str, ...]) -> QuerySet[Entry]:
    """What others said about somebody under questions whose answers are meant for that person."""
    about = Entry.objects.filter(subject=pseudonym(person), source__in=sources, replaced_at=None)
    return about.filter(question__in=questions).exclude(author=pseudonym(person)).order_by("recorded_at")


def kept_of(person: Person) -> QuerySet[Entry]:
    """All that is kept of what somebody said, replaced answers too; for that person only."""
    return Entry.objects.filter(author=pseudonym(person)).select_related("programme", "behaviour")


def latest_text(person: Person, *, programme: Programme, questions: tuple[str, ...]) -> str:
    """Somebody's own latest words under one of these questions; empty when there are none."""
    entries = said_by(person).filter(programme=programme, question__in=questions, subject=pseudonym(person))
    return entries.exclude(text="").order_by("-recorded_at").values_list("text", flat=True).first() or ""


def agreed_by(person: Person, *, programme: Programme) -> str:
    """What somebody wrote down last that a team agreed, on the card that was theirs; empty when nothing."""
    entries = said_by(person).filter(programme=programme, question="agreement").exclude(text="")
    return entries.order_by("-recorded_at").values_list("text", flat=True).first() or ""


class Standing(NamedTuple):
    """An answer that stands in its place."""

    pk: uuid.UUID
    slot: uuid.UUID
    number: float | None
    choice: str
    text: str


def in_slots(slots: Iterable[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """What stands in these places; who can name a place knows whose it is."""
    places = {f"slot{n}": place for n, place in enumerate(slots)}
    return {entry.slot: entry for entry in _in_slots(len(places)).ask(**places)} if places else {}


@cache
def _in_slots(n: int) -> Question[Standing]:
    places: Any = [Blank(f"slot{i}", Entry._meta.get_field("slot")) for i in range(n)]
    found = Entry.objects.filter(slot__in=places, replaced_at=None).order_by()
    return Question(lambda: found.values_list(*Standing._fields), into=Standing)
