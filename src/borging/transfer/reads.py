"""What somebody answered on a card, for that person; and the barriers that lie with somebody."""

from datetime import date

from django.db.models import QuerySet

from borging.cards.models import Card
from borging.evidence import reads as evidence
from borging.evidence.reads import Standing
from borging.evidence.rules import Given, slot
from borging.people.models import Account, Person
from borging.people.pseudonyms import pseudonym

from .content import Filled, Place
from .models import Barrier


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
