"""What happens with cards by itself: due ones are gathered into contacts, and contacts are sent. Only `tick` starts it.

A contact is fixed before it is sent, with the Message-ID it will always have. So a worker may die anywhere: what it had
claimed comes back when the claim runs out, and a second copy is the same message.
"""

import logging
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Coalesce

from borging.failpoints import passing
from borging.people import reads as people
from borging.people.models import Person
from borging.people.rules import Calendar
from borging.programmes.models import Status

from .appointments import untold
from .models import Appointment, Card, CardStatus, Contact, ContactAppointment, ContactCard, ContactStatus
from .rules import MOST_ATTEMPTS, WINDOW, Decision, Waiting, decide, reminder_at, retry_at

logger = logging.getLogger(__name__)

Send = Callable[[Iterable[Contact]], Iterable[Exception | None]]
"""Hands contacts over; see `deliver`."""
KEYS = uuid.UUID("b8c1c6de-0c7a-4d3b-8a55-6b0d6d6c5a02")
LEASE = timedelta(minutes=5)
"""How long a claim on a contact holds; longer than sending a batch takes."""
BATCH = 50
"""Contacts claimed at once."""
CLAIMING = 4_207_533
"""The lock under which workers on PostgreSQL claim one after the other; any number that is nobody else's."""


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
        passing("gather-locked")
        plans = _decide_all(people_due, now=now)
        passing("gather-decided")
        made = _apply(plans, now=now)
        passing("gather-applied")
    passing("gather-committed")
    return made


def _lock_people(*, now: datetime, most: int) -> list[Person]:
    """People with something due, each for this worker alone until the transaction ends."""
    rows = Person.objects.filter(pk__in=due_people(now=now, most=most)).select_related("organisation").order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return list(rows)


def due_people(*, now: datetime, most: int) -> list[int]:
    """Whose turn it is, at most so many: who waits longest comes first.

    Who still has a message waiting gets that first: what comes up meanwhile goes together in the next one.
    """
    waiting = Contact.objects.filter(person=OuterRef("person"), due_at__isnull=False)
    due = Card.objects.filter(~Exists(waiting), next_at__lte=now, programme__status=Status.LIVE)
    first = due.order_by("next_at").values_list("person", flat=True)[: most * 20]
    changed = Appointment.objects.filter(~Exists(waiting), next_at__lte=now)
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
    for appointment in _lock_appointments(waiting):
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
        told = _told_now(appointments[person.pk], decision, calendar=calendars[person.pk], now=now)
        plans.append(_Plan(person, decision, {card.pk: card for card, _item in known}, told))
    return plans


def _told_now(
    waiting: list[Appointment], decision: Decision, *, calendar: Calendar, now: datetime
) -> list[Appointment]:
    """Which entries in a calendar go now: all that wait along with a card, else those that may not wait.

    What somebody changed is no nudge: it costs nothing of the budget, but keeps the hours and days like everything.
    """
    if decision.send:
        return waiting
    changed = [each for each in waiting if each.next_at and each.next_at <= now]
    if not changed:
        return []
    allowed = calendar.next_allowed(now)
    if allowed == now:
        return changed
    later = {"next_at": allowed} if allowed else {"next_at": None, "told": F("sequence")}
    Appointment.objects.filter(pk__in=[each.pk for each in changed]).update(**later)
    return []


def _lock_cards(of: list[Person], *, now: datetime) -> Iterable[Card]:
    """What is due for these people. A card that is being answered at this moment is left for later."""
    cards = Card.objects.filter(person__in=of, next_at__lte=now, programme__status=Status.LIVE)
    cards = cards.select_related("moment")
    if connection.features.has_select_for_update_skip_locked:
        cards = cards.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return cards


def _lock_appointments(of: list[Person]) -> Iterable[Appointment]:
    """The entries that people in this batch have to be told of."""
    rows = Appointment.objects.filter(untold(), person__in=of).order_by("starts_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return rows


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


def backlog(*, now: datetime) -> int:
    """Contacts that wait to be sent about now, or are being sent."""
    return Contact.objects.filter(due_at__lte=now + LEASE).count()


def deliver(*, now: datetime, send: Send, most: int) -> int:
    """Send contacts that are due, in batches, at most so many in a minute over all workers; returns how many went out.

    `send` gets a batch and yields, one by one and in the same order, None for a message that was taken or RefusedError
    for one that was not; or it raises AwayError. It should take a contact from the batch only when it is about to send
    it: whether the claim on it still holds is checked then. What is no longer asked is not sent, and nobody is written
    to when they may not be.
    """
    sent = 0
    worker = uuid.uuid4()
    while batch := _claim(now=now, worker=worker, most=most):
        passing("claimed")
        try:
            sent += _send(_sort_out(batch, now=now, worker=worker), now=now, worker=worker, send=send)
        except AwayError as error:
            logger.warning("the mail server is away: %s", error)
            _give_back(worker=worker, now=now)
            break
    return sent


def _claim(*, now: datetime, worker: uuid.UUID, most: int) -> list[Contact]:
    with transaction.atomic():
        _one_at_a_time()
        room = max(0, most - _gone_this_minute(now))
        due = Contact.objects.filter(due_at__lte=now).order_by("due_at", "pk")
        mine = list(due.values_list("pk", flat=True)[: min(BATCH, room)])
        Contact.objects.filter(pk__in=mine).update(claimed_by=worker, due_at=now + LEASE)
        passing("claim-updated")
    parts = ContactCard.objects.select_related(
        "card__moment", "card__programme", "card__person__organisation", "card__enrolment__person"
    )
    told = ContactAppointment.objects.select_related("appointment__enrolment__person", "appointment__programme")
    rows = Contact.objects.filter(pk__in=mine, claimed_by=worker).select_related("person__organisation")
    prefetched = rows.prefetch_related(Prefetch("parts", parts), Prefetch("appointments", told))
    return list(prefetched.order_by("made_at", "pk"))


def _one_at_a_time() -> None:
    """Until the transaction ends no other worker claims. On SQLite a transaction has the database to itself anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIMING])


def _gone_this_minute(now: datetime) -> int:
    """Messages sent in this minute of the clock, or claimed in it: who claimed them may have sent them and died."""
    minute = now.replace(second=0, microsecond=0)
    claimed = Q(claimed_by__isnull=False, due_at__gte=minute + LEASE)
    return Contact.objects.filter(Q(sent_at__gte=minute) | claimed).count()


def _sort_out(batch: list[Contact], *, now: datetime, worker: uuid.UUID) -> list[Contact]:
    """What may be sent now. A message that waited while the mail server was away may have become pointless, or it may
    be night: the first is withdrawn, the second goes later."""
    calendars = people.calendars(contact.person for contact in batch)
    ready, pointless = [], []
    for contact in batch:
        wanted = still_asked(contact, now=now) or (not contact.parts.all() and still_told(contact, now=now))
        allowed = calendars[contact.person_id].next_allowed(now) if wanted else None
        if allowed is None:
            pointless.append(contact.pk)
        elif allowed > now:
            Contact.objects.filter(pk=contact.pk, claimed_by=worker).update(due_at=allowed, claimed_by=None)
        else:
            ready.append(contact)
    Contact.objects.filter(pk__in=pointless, claimed_by=worker).update(
        status=ContactStatus.WITHDRAWN, due_at=None, claimed_by=None
    )
    _tell_later(pointless, now=now)
    return ready


def _tell_later(pointless: list[int], *, now: datetime) -> None:
    """What would have gone along with these contacts waits for the next; what somebody changed goes by itself."""
    parts = ContactAppointment.objects.filter(contact__in=pointless)
    waiting = Appointment.objects.filter(pk__in=list(parts.values_list("appointment", flat=True)), starts_at__gt=now)
    waiting.filter(sequence=0).update(told=None)
    waiting.filter(sequence__gt=0).update(told=F("sequence") - 1, next_at=now)
    parts.delete()


def _send(batch: list[Contact], *, now: datetime, worker: uuid.UUID, send: Send) -> int:
    going: deque[Contact] = deque()

    def still_mine() -> Iterator[Contact]:
        """A worker that was held up longer than its claim holds leaves the rest to who took it over."""
        for contact in batch:
            if Contact.objects.filter(pk=contact.pk, claimed_by=worker).exists():
                going.append(contact)
                yield contact

    sent = 0
    for refusal in send(still_mine()):
        passing("accepted")
        contact = going.popleft()
        if refusal is None:
            sent += _mark_sent(contact, now=now, worker=worker)
        else:
            _refused(contact, refusal, now=now, worker=worker)
        passing("marked")
    return sent


def still_asked(contact: Contact, *, now: datetime) -> list[ContactCard]:
    """The parts of a contact that still wait for an answer and can still get one."""
    return [part for part in contact.parts.all() if part.card.status == CardStatus.OPEN and part.card.closes_at > now]


def still_told(contact: Contact, *, now: datetime) -> list[Appointment]:
    """The entries in a calendar that a contact tells of and that are still to come, as they stand now."""
    told = [part.appointment for part in contact.appointments.all()]
    return [each for each in told if each.starts_at > now]


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
