"""Questions to the evidence. A person's own entries are reached through their own pseudonym only."""

import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from borging.people.models import Person
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Programme

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


def in_slots(slots: Iterable[uuid.UUID]) -> dict[uuid.UUID, Entry]:
    """What stands in these places; who can name a place knows whose it is."""
    return {entry.slot: entry for entry in Entry.objects.filter(slot__in=list(slots), replaced_at=None)}
