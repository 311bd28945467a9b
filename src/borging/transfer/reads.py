"""What somebody answered on a card, for that person."""

from borging.cards.models import Card
from borging.evidence import reads as evidence
from borging.evidence.models import Entry
from borging.evidence.rules import Given, slot
from borging.people.pseudonyms import pseudonym

from .content import Filled, Place


def answers(card: Card, filled: Filled) -> dict[str, Given]:
    """What the person of a card answered on it, by screen; nothing for an anonymous card: nobody knows."""
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
    return {slots[key]: _given(entry, filled.places[slots[key]]) for key, entry in evidence.in_slots(slots).items()}


def _given(entry: Entry, place: Place) -> Given:
    """An entry as it was given on the screen: for a situation the letter of the option that was chosen."""
    if place.situation:
        return Given(choice=next((key for key, option in place.keys.items() if str(option) == entry.choice), ""))
    return Given(number=entry.number, choice=entry.choice, text=entry.text)
