"""What somebody answered on a card, for that person; and the barriers that lie with somebody."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from borging.cards.models import Card
from borging.evidence import reads as evidence
from borging.evidence.models import Entry, Source
from borging.evidence.reads import Standing
from borging.evidence.rules import Given, slot
from borging.people.models import Account, Person
from borging.people.pseudonyms import pseudonym
from borging.programmes.models import Programme

from .content import Filled, Place
from .models import Barrier, Meeting


def answers(card: Card, filled: Filled) -> dict[str, Given]:
    """What the person of a card answered on it, by screen; nothing for an anonymous card: nobody knows."""
    return {name: given(entry, filled.places[name]) for name, entry in entries(card, filled).items()}


def entries(card: Card, filled: Filled) -> dict[str, Standing]:
    """The same, as it is kept."""
    if card.moment.anonymous:
        return {}
    author = pseudonym(card.person)
    slots = {
        slot(
            author=author,
            place=str(card.pk),
            question=place.question.key,
            behaviour_id=place.behaviour.pk if place.behaviour else None,
            item=place.situation.position if place.situation else None,
        ): name
        for name, place in filled.places.items()
    }
    return {slots[key]: entry for key, entry in evidence.in_slots(slots).items()}


def given(entry: Standing, place: Place) -> Given:
    """An entry as it was given on the screen: for a situation the letter of the option that was chosen."""
    if place.situation:
        return Given(choice=next((key for key, option in place.keys.items() if str(option) == entry.choice), ""))
    return Given(number=entry.number, choice=entry.choice, text=entry.text)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What somebody who watched wrote down for the learner: three lines, no score. `again` is a day or empty."""

    by: str
    on: date
    strength: str
    next_try: str
    again: date | None


def told_to(learner: Person) -> QuerySet[Entry]:
    """The lines that who watched somebody at work wrote down for them; for that person only."""
    questions = ("strength", "next-try", "again")
    return evidence.said_about(learner, sources=(Source.OBSERVER,), questions=questions)


def records_of(learner: Person, *, programme: Programme) -> list[Record]:
    """What was written down for somebody by who watched them at work, the latest first; for that person only."""
    told: dict[tuple[str, int], dict[str, Entry]] = {}
    for entry in told_to(learner).filter(programme=programme):
        told.setdefault((entry.step, entry.occurrence), {})[entry.question] = entry
    met = Meeting.objects.filter(enrolment__person=learner, enrolment__cohort__programme=programme)
    hosts = {(row.step, row.occurrence): row.host.name for row in met.select_related("host")}
    found = [_record(lines, by=hosts.get(key, "")) for key, lines in told.items()]
    return sorted((each for each in found if each.strength or each.next_try), key=lambda each: each.on, reverse=True)


def _record(lines: dict[str, Entry], *, by: str) -> Record:
    texts = {question: entry.text for question, entry in lines.items()}
    again = texts.get("again", "")
    return Record(
        by=by,
        on=max(entry.happened_on for entry in lines.values()),
        strength=texts.get("strength", ""),
        next_try=texts.get("next-try", ""),
        again=date.fromisoformat(again) if again else None,
    )


def barriers_for(person: Person) -> QuerySet[Barrier]:
    """What somebody was asked to remove and is still there; it names nobody."""
    return person.barriers.filter(removed_on=None).select_related("cohort__programme")


def barrier_for(viewer: Account, barrier_id: int) -> Barrier:
    """A barrier that lies with the viewer. Raises Barrier.DoesNotExist for all others."""
    if viewer.person is None:
        raise Barrier.DoesNotExist
    return barriers_for(viewer.person).get(pk=barrier_id)


def barriers_laid(organisation_id: int, *, since: date) -> int:
    """How many barriers were laid with somebody who can remove them."""
    laid = Barrier.objects.filter(cohort__programme__organisation=organisation_id, named_on__gte=since)
    return laid.exclude(remover=None).count()
