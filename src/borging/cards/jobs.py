"""What happens with cards by itself: due ones are gathered into contacts, and contacts are sent. Only `tick` starts it.

A contact is fixed before it is sent, with the Message-ID it will always have. So a worker may die anywhere: what it had
claimed comes back when the claim runs out, and a second copy is the same message.
"""

import logging
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from borging.failpoints import passing
from borging.people import reads as people
from borging.people.models import Person
from borging.programmes.models import Status

from .models import Card, CardStatus, Contact, ContactCard, ContactStatus
from .rules import MOST_ATTEMPTS, WINDOW, Decision, Waiting, decide, reminder_at, retry_at

logger = logging.getLogger(__name__)

KEYS = uuid.UUID("b8c1c6de-0c7a-4d3b-8a55-6b0d6d6c5a02")
LEASE = timedelta(minutes=5)
"""How long a claim on a contact holds; longer than sending a batch takes."""
BATCH = 50
"""Contacts claimed at once."""


class AwayError(Exception):
    """The mail server cannot be reached: stop trying for now. What was claimed goes back as it was."""


class RefusedError(Exception):
    """The mail server does not want this one message; others may go well. `permanent`: it never will."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


def gather(*, now: datetime, most: int) -> int:
    """Turn due cards into contacts, of at most so many people; returns how many contacts were made.

    Everything due of one person goes together, within their budget, hours, days and leave; the rest moves on.
    """
    with transaction.atomic():
        people_due = _lock_people(now=now, most=most)
        plans = _decide_all(people_due, now=now)
        passing("gather-decided")
        made = _apply(plans, now=now)
        passing("gather-applied")
    passing("gather-committed")
    return made


def _lock_people(*, now: datetime, most: int) -> list[Person]:
    """People with something due, each for this worker alone until the transaction ends."""
    due = Card.objects.filter(next_at__lte=now, programme__status=Status.LIVE)
    first = due.order_by("next_at").values_list("person", flat=True)[: most * 20]
    wanted = list(dict.fromkeys(first))[:most]
    rows = Person.objects.filter(pk__in=wanted).select_related("organisation").order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows)


@dataclass(frozen=True)
class _Plan:
    person: Person
    decision: Decision
    cards: dict[int, Card]


def _decide_all(waiting: list[Person], *, now: datetime) -> list[_Plan]:
    cards = Card.objects.filter(person__in=waiting, next_at__lt=now + WINDOW, programme__status=Status.LIVE)
    of_person: dict[int, list[Card]] = defaultdict(list)
    for card in cards.select_related("moment"):
        of_person[card.person_id].append(card)
    recent: dict[int, list[datetime]] = defaultdict(list)
    counted = Contact.objects.filter(person__in=waiting, counted=True, made_at__gt=now - WINDOW)
    for pk, at in counted.exclude(status=ContactStatus.WITHDRAWN).values_list("person_id", "made_at"):
        recent[pk].append(at)
    calendars = people.calendars(waiting)
    plans = []
    for person in waiting:
        known = [(card, _waiting(card)) for card in of_person[person.pk]]
        decision = decide(
            now=now,
            calendar=calendars[person.pk],
            due=tuple(item for card, item in known if item.next_at <= now),
            upcoming=tuple(item for card, item in known if item.next_at > now and card.status == CardStatus.PLANNED),
            recent=tuple(recent[person.pk]),
        )
        plans.append(_Plan(person, decision, {card.pk: card for card, _item in known}))
    return plans


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


def _apply(plans: Iterable[_Plan], *, now: datetime) -> int:
    changes = _Changes()
    for plan in plans:
        _lapse(plan, changes)
        for pk, at in plan.decision.move:
            changes.cards[pk] = plan.cards[pk]
            plan.cards[pk].next_at = at
        if plan.decision.send:
            _open(plan, changes, now=now)
    Card.objects.bulk_update(changes.cards.values(), ["status", "next_at", "opened_at", "reminded_at"], batch_size=200)
    Contact.objects.bulk_create(changes.contacts)
    ContactCard.objects.bulk_create(changes.parts)
    return len(changes.contacts)


def _lapse(plan: _Plan, changes: _Changes) -> None:
    for pk in plan.decision.lapse:
        card = plan.cards[pk]
        card.status, card.next_at = CardStatus.LAPSED, None
        changes.cards[pk] = card


def _open(plan: _Plan, changes: _Changes, *, now: datetime) -> None:
    """One contact with all that is to be sent. Its key follows from what is in it."""
    cards = [plan.cards[pk] for pk in plan.decision.send]
    names = " ".join(f"{card.pk}{'r' if card.status == CardStatus.OPEN else ''}" for card in cards)
    contact = Contact(
        organisation_id=plan.person.organisation_id,
        person=plan.person,
        key=uuid.uuid5(KEYS, names),
        counted=plan.decision.counted,
        made_at=now,
        due_at=now,
    )
    changes.contacts.append(contact)
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


def backlog() -> int:
    """Contacts that are made and not yet sent."""
    return Contact.objects.filter(due_at__isnull=False).count()


def deliver(*, now: datetime, send: Callable[[list[Contact]], Iterable[Exception | None]], most: int) -> int:
    """Send contacts that are due, in batches; returns how many went out.

    `send` gets a batch and yields, one by one and in the same order, None for a message that was taken or RefusedError
    for one that was not; or it raises AwayError. A contact whose cards are all answered or withdrawn is not sent.
    """
    sent = 0
    worker = uuid.uuid4()
    while sent < most:
        batch = _claim(now=now, worker=worker, most=min(BATCH, most - sent))
        if not batch:
            break
        passing("claimed")
        try:
            sent += _send(batch, now=now, worker=worker, send=send)
        except AwayError as error:
            logger.warning("the mail server is away: %s", error)
            _give_back(worker=worker, now=now)
            break
    return sent


def _claim(*, now: datetime, worker: uuid.UUID, most: int) -> list[Contact]:
    with transaction.atomic():
        due: QuerySet[Contact] = Contact.objects.filter(due_at__lte=now).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        mine = list(due.values_list("pk", flat=True)[:most])
        Contact.objects.filter(pk__in=mine).update(claimed_by=worker, due_at=now + LEASE)
        passing("claim-updated")
    rows = Contact.objects.filter(pk__in=mine, claimed_by=worker).select_related("person__organisation")
    return list(rows.prefetch_related("parts__card__moment").order_by("made_at", "pk"))


def _send(
    batch: list[Contact],
    *,
    now: datetime,
    worker: uuid.UUID,
    send: Callable[[list[Contact]], Iterable[Exception | None]],
) -> int:
    fresh = [contact for contact in batch if still_asked(contact)]
    stale = [contact for contact in batch if not still_asked(contact)]
    Contact.objects.filter(pk__in=[contact.pk for contact in stale], claimed_by=worker).update(
        status=ContactStatus.WITHDRAWN, due_at=None, claimed_by=None
    )
    sent = 0
    for contact, refusal in zip(fresh, send(fresh), strict=True):
        passing("accepted")
        if refusal is None:
            sent += _mark_sent(contact, now=now, worker=worker)
        else:
            _refused(contact, refusal, now=now, worker=worker)
        passing("marked")
    return sent


def still_asked(contact: Contact) -> list[ContactCard]:
    """The parts of a contact that still wait for an answer."""
    return [part for part in contact.parts.all() if part.card.status == CardStatus.OPEN]


def _mark_sent(contact: Contact, *, now: datetime, worker: uuid.UUID) -> int:
    return Contact.objects.filter(pk=contact.pk, claimed_by=worker, status=ContactStatus.READY).update(
        status=ContactStatus.SENT, sent_at=now, due_at=None, claimed_by=None
    )


def _refused(contact: Contact, refusal: Exception, *, now: datetime, worker: uuid.UUID) -> None:
    attempts = contact.attempts + 1
    mine = Contact.objects.filter(pk=contact.pk, claimed_by=worker)
    if attempts >= MOST_ATTEMPTS or getattr(refusal, "permanent", False):
        logger.error("contact %s is parked after %s refusals", contact.key, attempts)
        mine.update(status=ContactStatus.PARKED, attempts=attempts, due_at=None, claimed_by=None)
    else:
        mine.update(attempts=attempts, due_at=retry_at(now=now, attempts=attempts), claimed_by=None)


def _give_back(*, worker: uuid.UUID, now: datetime) -> None:
    """Nobody took these messages and nobody refused them: they wait a minute and count as no attempt."""
    Contact.objects.filter(claimed_by=worker, status=ContactStatus.READY).update(
        due_at=now + timedelta(minutes=1), claimed_by=None
    )
