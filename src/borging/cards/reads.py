"""Questions about cards: what waits for somebody, and what was done for an organisation."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from borging.people.models import Person
from borging.programmes.models import Status

from .models import Card, CardStatus, Contact, ContactCard, ContactStatus
from .rules import LATE, MOST_ATTEMPTS, too_many_late


def open_cards(person: Person, *, now: datetime) -> QuerySet[Card]:
    """The cards somebody can answer now, the first to close first."""
    found = person.cards.filter(status=CardStatus.OPEN, closes_at__gt=now)
    return found.select_related("person__organisation", "programme", "moment__cohort", "enrolment__person")


def unreachable(organisation_id: int) -> QuerySet[Person]:
    """Whom mail does not reach: it was refused, or could not be made, five times."""
    parked = Contact.objects.filter(organisation_id=organisation_id, status=ContactStatus.PARKED)
    stuck = Q(pk__in=parked.values("person")) | Q(hitch__tries__gte=MOST_ATTEMPTS)
    return Person.objects.filter(stuck, organisation_id=organisation_id)


def late_cards(*, now: datetime) -> QuerySet[Card]:
    """What should have gone out days ago and was not cleared since, see `cards.rules.LATE`."""
    late = Card.objects.filter(next_at__lte=now - LATE, programme__status=Status.LIVE).order_by()
    cleared_at = F("organisation__clearance__cleared_at")
    uncleared = (
        Q(organisation__clearance=None) | Q(next_at__gt=cleared_at) | Q(organisation__clearance__cleared_at__gt=now)
    )
    return late.filter(uncleared)


def held(*, now: datetime) -> dict[int, int]:
    """Organisations in which nothing goes out until somebody has looked, with how many people have something late."""
    late = late_cards(now=now).values_list("organisation").annotate(people=Count("person", distinct=True))
    return {
        organisation_id: people
        for organisation_id, people in late
        if too_many_late(late=people, people=Person.objects.filter(organisation=organisation_id).count())
    }


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
