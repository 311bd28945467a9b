"""Due cards are gathered into contacts: everything of one person together, within their budget, days and hours."""

import logging
import secrets
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce

from borging.cards.models import (
    Appointment,
    Card,
    CardStatus,
    Contact,
    ContactAppointment,
    ContactCard,
    ContactStatus,
    Hitch,
)
from borging.cards.reads import held
from borging.cards.rules import MOST_ATTEMPTS, WINDOW, Decision, Waiting, decide, reminder_at, retry_at
from borging.failpoints import passing
from borging.people import reads as people
from borging.people.models import Person
from borging.programmes.models import Status

from .telling import lock_appointments, told_now

logger = logging.getLogger(__name__)

KEYS = uuid.UUID("b8c1c6de-0c7a-4d3b-8a55-6b0d6d6c5a02")
A_DAY = timedelta(days=1)


def gather(*, now: datetime, most: int) -> int:
    """Turn due cards into contacts, of at most so many people; returns how many contacts were made.

    Everything due of one person goes together, within their budget, hours, days and leave; the rest moves on. When it
    goes wrong for one of them, the others go on without.
    """
    turn = due_people(now=now, most=most)
    try:
        return _gather(turn, now=now)
    except (OperationalError, InterfaceError):  # the database, and nobody in it
        raise
    except Exception:
        return sum(_gather_alone(person_id, now=now) for person_id in turn)


def _gather(turn: list[int], *, now: datetime) -> int:
    with transaction.atomic():
        people_due = _lock_people(turn)
        passing("gather-locked")
        plans = _decide_all(people_due, now=now)
        passing("gather-decided")
        made = _apply(plans, now=now)
        Hitch.objects.filter(person__in=people_due).delete()
        passing("gather-applied")
    passing("gather-committed")
    return made


def _gather_alone(person_id: int, *, now: datetime) -> int:
    """Gather for one person. What goes wrong is tried again later and later, after five tries once a day."""
    try:
        return _gather([person_id], now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("error %s: what person %s is asked cannot be gathered", secrets.token_hex(4), person_id)
        with transaction.atomic():
            hitch = Hitch.objects.filter(person=person_id).first() or Hitch(person_id=person_id)
            hitch.tries = min(hitch.tries + 1, MOST_ATTEMPTS)
            parked = hitch.tries == MOST_ATTEMPTS
            hitch.again_at = now + A_DAY if parked else retry_at(now=now, attempts=hitch.tries)
            hitch.save()
        return 0


def _lock_people(turn: list[int]) -> list[Person]:
    """These people, each for this worker alone until the transaction ends; who is another worker's is left out."""
    rows = Person.objects.filter(pk__in=turn).select_related("organisation").order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return list(rows)


def due_people(*, now: datetime, most: int) -> list[int]:
    """Whose turn it is, at most so many: who waits longest comes first.

    Who still has a message waiting gets that first: what comes up meanwhile goes together in the next one. Nobody's
    turn it is in an organisation where too much is late: there somebody looks first.
    """
    waiting = Contact.objects.filter(person=OuterRef("person"), due_at__isnull=False)
    hitch = Hitch.objects.filter(person=OuterRef("person"), again_at__gt=now)
    due = Card.objects.filter(~Exists(waiting), ~Exists(hitch), next_at__lte=now, programme__status=Status.LIVE)
    changed = Appointment.objects.filter(~Exists(waiting), ~Exists(hitch), next_at__lte=now)
    if stopped := held(now=now):
        logger.warning("in organisations %s too many people would get late cards at once: nothing is sent", stopped)
        due, changed = due.exclude(organisation__in=stopped), changed.exclude(organisation__in=stopped)
    first = due.order_by("next_at").values_list("person", flat=True)[: most * 20]
    told = changed.order_by("next_at").values_list("person", flat=True)[:most]
    return list(dict.fromkeys((*told, *first)))[:most]


@dataclass(frozen=True)
class _Plan:
    person: Person
    decision: Decision
    cards: dict[int, Card]
    appointments: list[Appointment]


def _decide_all(waiting: list[Person], *, now: datetime) -> list[_Plan]:
    of_person: dict[int, list[Card]] = defaultdict(list)
    for card in _lock_cards(waiting, now=now):
        of_person[card.person_id].append(card)
    upcoming: dict[int, list[Waiting]] = defaultdict(list)
    for pk, person_id, next_at, closes_at in _firm(waiting, now=now):
        upcoming[person_id].append(Waiting(card=pk, next_at=next_at, closes_at=closes_at))
    recent: dict[int, list[datetime]] = defaultdict(list)
    counted = Contact.objects.filter(person__in=waiting, counted=True).exclude(status=ContactStatus.WITHDRAWN)
    counted = counted.annotate(at=Coalesce("sent_at", "made_at")).filter(at__gt=now - WINDOW)
    for pk, at in counted.values_list("person_id", "at"):
        recent[pk].append(at)
    appointments: dict[int, list[Appointment]] = defaultdict(list)
    for appointment in lock_appointments(waiting):
        appointments[appointment.person_id].append(appointment)
    calendars = people.calendars(waiting)
    plans = []
    for person in waiting:
        known = [(card, _waiting(card)) for card in of_person[person.pk]]
        decision = decide(
            now=now,
            calendar=calendars[person.pk],
            due=tuple(item for _card, item in known),
            upcoming=tuple(upcoming[person.pk]),
            recent=tuple(recent[person.pk]),
        )
        told = told_now(appointments[person.pk], decision, calendar=calendars[person.pk], now=now)
        plans.append(_Plan(person, decision, {card.pk: card for card, _item in known}, told))
    return plans


def _lock_cards(of: list[Person], *, now: datetime) -> Iterable[Card]:
    """What is due for these people. A card that is being answered at this moment is left for later."""
    cards = Card.objects.filter(person__in=of, next_at__lte=now, programme__status=Status.LIVE)
    cards = cards.select_related("moment")
    if connection.features.has_select_for_update_skip_locked:
        cards = cards.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return cards


def _firm(of: list[Person], *, now: datetime) -> Iterable[tuple[int, int, datetime, datetime]]:
    """What comes up for these people in the next week and waits for nothing; it may be much, so without models."""
    cards = Card.objects.filter(person__in=of, status=CardStatus.PLANNED, next_at__gt=now, next_at__lt=now + WINDOW)
    cards = cards.filter(moment__yields=False, moment__uncounted=False, programme__status=Status.LIVE).order_by()
    return cards.values_list("pk", "person_id", "next_at", "closes_at")  # type: ignore[return-value]


def _waiting(card: Card) -> Waiting:
    return Waiting(
        card=card.pk,
        next_at=card.next_at or card.closes_at,
        closes_at=card.closes_at,
        yields=card.moment.yields,
        uncounted=card.moment.uncounted and card.status == CardStatus.PLANNED,
        reminder=card.status == CardStatus.OPEN,
    )


@dataclass
class _Changes:
    """Everything a batch changes, collected, so that it is written in a few statements."""

    cards: dict[int, Card] = field(default_factory=dict)
    contacts: list[Contact] = field(default_factory=list)
    parts: list[ContactCard] = field(default_factory=list)
    told: list[ContactAppointment] = field(default_factory=list)


def _apply(plans: Iterable[_Plan], *, now: datetime) -> int:
    changes = _Changes()
    for plan in plans:
        _lapse(plan, changes)
        for pk, at in plan.decision.move:
            changes.cards[pk] = plan.cards[pk]
            plan.cards[pk].next_at = at
        if plan.decision.send or plan.appointments:
            _open(plan, changes, now=now)
    _write(changes.cards.values())
    Contact.objects.bulk_create(changes.contacts)
    ContactCard.objects.bulk_create(changes.parts)
    ContactAppointment.objects.bulk_create(changes.told, ignore_conflicts=True)
    told = [part.appointment_id for part in changes.told]
    Appointment.objects.filter(pk__in=told).update(told=F("sequence"), next_at=None)
    return len(changes.contacts)


def _write(cards: Iterable[Card]) -> None:
    """Most change alike, because they are due and close together: one statement for all that do."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for card in cards:
        alike[card.status, card.next_at, card.opened_at, card.reminded_at].append(card.pk)
    for (status, next_at, opened_at, reminded_at), pks in alike.items():
        Card.objects.filter(pk__in=pks).update(
            status=status, next_at=next_at, opened_at=opened_at, reminded_at=reminded_at
        )


def _lapse(plan: _Plan, changes: _Changes) -> None:
    for pk in plan.decision.lapse:
        card = plan.cards[pk]
        card.status, card.next_at = CardStatus.LAPSED, None
        changes.cards[pk] = card


def _open(plan: _Plan, changes: _Changes, *, now: datetime) -> None:
    """One contact with all that is to be sent. Its key follows from what is in it."""
    cards = [plan.cards[pk] for pk in plan.decision.send]
    names = " ".join(
        (
            *(f"{card.pk}{'r' if card.status == CardStatus.OPEN else ''}" for card in cards),
            *(f"a{each.pk}.{each.sequence}" for each in plan.appointments),
        )
    )
    contact = Contact(
        organisation_id=plan.person.organisation_id,
        person=plan.person,
        key=uuid.uuid5(KEYS, names),
        counted=plan.decision.counted and bool(cards),
        made_at=now,
        due_at=now,
    )
    changes.contacts.append(contact)
    changes.told += [
        ContactAppointment(contact=contact, appointment=each, sequence=each.sequence) for each in plan.appointments
    ]
    for card in cards:
        reminder = card.status == CardStatus.OPEN
        changes.parts.append(ContactCard(contact=contact, card=card, reminder=reminder))
        if reminder:
            card.reminded_at, card.next_at = now, card.closes_at
        else:
            card.status, card.opened_at = CardStatus.OPEN, now
            again = None if card.moment.yields else reminder_at(opened_at=now, closes_at=card.closes_at)
            card.next_at = again or card.closes_at
        changes.cards[card.pk] = card
