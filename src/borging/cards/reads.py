"""Questions about cards: what waits for somebody, and what was done for an organisation."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from borging.people.models import Person

from .models import Card, CardStatus, Contact, ContactCard, ContactStatus


def open_cards(person: Person, *, now: datetime) -> QuerySet[Card]:
    """The cards somebody can answer now, the first to close first."""
    found = person.cards.filter(status=CardStatus.OPEN, closes_at__gt=now)
    return found.select_related("person__organisation", "programme", "moment__cohort", "enrolment__person")


def unreachable(organisation_id: int) -> QuerySet[Person]:
    """Whom mail does not reach: it was refused until nobody tried any more."""
    parked = Contact.objects.filter(organisation_id=organisation_id, status=ContactStatus.PARKED)
    return Person.objects.filter(organisation_id=organisation_id, pk__in=parked.values("person"))


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How much went out: mails, cards that came back as a reminder, and talks that were asked for."""

    mails: int
    reminders: int
    talks: int


def sent_since(organisation_id: int, *, since: datetime, talks: tuple[str, ...]) -> Sent:
    """What went out for an organisation. talks: the steps that ask for a talk."""
    mails = Contact.objects.filter(organisation_id=organisation_id, status=ContactStatus.SENT, sent_at__gte=since)
    parts = ContactCard.objects.filter(contact__in=mails)
    return Sent(
        mails=mails.count(),
        reminders=parts.filter(reminder=True).count(),
        talks=parts.filter(reminder=False, card__moment__step__in=talks).count(),
    )
