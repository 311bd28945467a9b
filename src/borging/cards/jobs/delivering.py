"""Contacts are claimed for a few minutes, sent and marked. Which mail server took them is the caller's to tell."""

import logging
import secrets
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Prefetch, Q

from borging.cards.models import Card, CardStatus, Contact, ContactAppointment, ContactCard, ContactStatus
from borging.cards.rules import MOST_ATTEMPTS, retry_at
from borging.failpoints import passing
from borging.people import reads as people
from borging.people.locks import one_at_a_time
from borging.people.models import Person
from borging.people.rules import Calendar
from borging.programmes.models import Status

from .telling import still_told, tell_later

logger = logging.getLogger(__name__)

Send = Callable[[Iterable[Contact]], Iterable[Exception | None]]
"""Hands contacts over; see `deliver`."""
LEASE = timedelta(minutes=5)
"""How long a claim on a contact holds; longer than sending a batch takes."""
BATCH = 50
"""Contacts claimed at once."""
CLAIMING = 4_207_533
"""The lock under which workers claim one after the other; any number that is nobody else's."""


class AwayError(Exception):
    """The mail server cannot be reached: stop trying for now. What was claimed goes back as it was."""


class RefusedError(Exception):
    """The mail server does not want this one message; others may go well. `permanent`: it never will."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class BrokenError(Exception):
    """The connection broke while this message was handed over. Whether that is its fault, the next ones tell."""


def backlog(*, now: datetime) -> int:
    """Contacts that wait to be sent about now, or are being sent."""
    return Contact.objects.filter(due_at__lte=now + LEASE).count()


def deliver(*, now: datetime, send: Send, most: int) -> int:
    """Send contacts that are due, in batches, at most so many in a minute over all workers; returns how many went out.

    `send` gets a batch and yields, one by one and in the same order, None for a message that was taken or RefusedError
    or BrokenError for one that was not; or it raises AwayError. It should take a contact from the batch only when it is
    about to send it: whether the claim on it still holds is checked then. What is no longer asked is not sent, and
    nobody is written to when they may not be.
    """
    worker = _Worker(now=now, send=send)
    while batch := _claim(now=now, worker=worker.key, most=most):
        passing("claimed")
        try:
            worker.send_all(_sort_out(batch, now=now, worker=worker.key))
        except AwayError as error:
            logger.warning("the mail server is away: %s", error)
            break
    _give_back(worker=worker.key, now=now)
    return worker.sent


def _claim(*, now: datetime, worker: uuid.UUID, most: int) -> list[Contact]:
    """Contacts for this worker alone. `claimed_by` of each is who had it before, and may have sent it."""
    before = take(now=now, worker=worker, most=most)
    parts = ContactCard.objects.select_related(
        "card__moment", "card__programme", "card__person__organisation", "card__enrolment__person"
    )
    rows = Contact.objects.filter(pk__in=before, claimed_by=worker).select_related("person__organisation")
    told = ContactAppointment.objects.select_related("appointment__enrolment__person", "appointment__programme")
    rows = rows.prefetch_related(Prefetch("parts", parts), Prefetch("appointments", told))
    contacts = list(rows.order_by("made_at", "pk"))
    for contact in contacts:
        contact.claimed_by = before[contact.pk]
    return contacts


@transaction.atomic
def take(*, now: datetime, worker: uuid.UUID, most: int) -> dict[int, uuid.UUID | None]:
    """Claim the next batch; returns who had each of its contacts before, by primary key."""
    one_at_a_time(CLAIMING)
    room = max(0, most - _gone_this_minute(now))
    due = Contact.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    before = dict(due.values_list("pk", "claimed_by")[: min(BATCH, room)])
    Contact.objects.filter(pk__in=before).update(claimed_by=worker, due_at=now + LEASE)
    passing("claim-updated")
    return before


def _gone_this_minute(now: datetime) -> int:
    """Messages sent in this minute of the clock, or claimed in it: who claimed them may have sent them and died."""
    minute = now.replace(second=0, microsecond=0)
    claimed = Q(claimed_by__isnull=False, due_at__gte=minute + LEASE)
    return Contact.objects.filter(Q(sent_at__gte=minute) | claimed).count()


def _sort_out(batch: list[Contact], *, now: datetime, worker: uuid.UUID) -> list[Contact]:
    """What may be sent now. A message that waited while the mail server was away may have become pointless, or it may
    be night: the first is withdrawn, the second goes later. One about which that cannot be told counts as refused."""
    calendars = _calendars(contact.person for contact in batch)
    ready = []
    for contact in batch:
        if not _keep_unpaused(contact, now=now):
            continue
        mine = Contact.objects.filter(pk=contact.pk, claimed_by=worker)
        try:
            allowed = calendars[contact.person_id].next_allowed(now) if _is_wanted(contact, now=now) else None
        except Exception as error:
            logger.exception("error %s: contact %s has no moment", secrets.token_hex(4), contact.key)
            _refused(contact, error, now=now, worker=worker)
            continue
        if allowed is None:
            mine.update(status=ContactStatus.WITHDRAWN, due_at=None, claimed_by=None)
            tell_later([contact.pk], now=now)
        elif allowed > now:
            mine.update(due_at=allowed, claimed_by=None)
        else:
            ready.append(contact)
    return ready


def _is_wanted(contact: Contact, *, now: datetime) -> bool:
    """Whether it still asks something, or was made to tell of a calendar alone."""
    return bool(still_asked(contact, now=now) or (not contact.parts.all() and still_told(contact, now=now)))


def _calendars(readers: Iterable[Person]) -> dict[int, Calendar]:
    """When each may be written to; somebody of whom that cannot be read is left out."""
    readers = list(readers)
    try:
        return people.calendars(readers)
    except ValueError:
        return {} if len(readers) == 1 else {k: v for each in readers for k, v in _calendars([each]).items()}


def _keep_unpaused(contact: Contact, *, now: datetime) -> bool:
    """What was asked in a programme that is paused goes back, to be gathered when it is resumed. Whether more is left.

    A message that somebody may have sent already is not taken apart: its cards must never come under another name.
    """
    paused = [part for part in contact.parts.all() if part.card.programme.status == Status.PAUSED]
    if not paused or contact.claimed_by or contact.attempts:
        return True
    return _take_apart(contact, paused, now=now)


@transaction.atomic
def _take_apart(contact: Contact, paused: list[ContactCard], *, now: datetime) -> bool:
    """Take these cards out of a message that nobody sent. Whether more is left."""
    for part in paused:
        card = Card.objects.filter(pk=part.card_id, status=CardStatus.OPEN)
        if part.reminder:
            card.update(next_at=now, reminded_at=None)
        else:
            card.update(status=CardStatus.PLANNED, next_at=now, opened_at=None)
    ContactCard.objects.filter(pk__in=[part.pk for part in paused]).delete()
    left = len(paused) < len(contact.parts.all())
    if not left:
        tell_later([contact.pk], now=now)
        Contact.objects.filter(pk=contact.pk).delete()
    return left


class _Worker:
    """One run of sending: what it claims is under its key."""

    def __init__(self, *, now: datetime, send: Send) -> None:
        self.key = uuid.uuid4()
        self.sent = 0
        self._now, self._hand_over = now, send
        self._broken: list[Contact] = []

    def send_all(self, batch: list[Contact]) -> None:
        going: deque[Contact] = deque()
        for refusal in self._hand_over(self._still_mine(batch, going)):
            passing("accepted")
            self._settle(going.popleft(), refusal)
            passing("marked")

    def _still_mine(self, batch: list[Contact], going: deque[Contact]) -> Iterator[Contact]:
        """A worker that was held up longer than its claim holds leaves the rest to who took it over."""
        for contact in batch:
            if Contact.objects.filter(pk=contact.pk, claimed_by=self.key).exists():
                going.append(contact)
                yield contact

    def _settle(self, contact: Contact, refusal: Exception | None) -> None:
        """A connection that broke counts against a message once a later one goes well: until then it may be the
        server's fault, and what nobody refused waits as long as it must."""
        if isinstance(refusal, BrokenError):
            self._broken.append(contact)
        elif refusal is not None:
            _refused(contact, refusal, now=self._now, worker=self.key)
        else:
            self.sent += _mark_sent(contact, now=self._now, worker=self.key)
            for each in self._broken:
                _refused(each, BrokenError(), now=self._now, worker=self.key)
            self._broken.clear()


def still_asked(contact: Contact, *, now: datetime) -> list[ContactCard]:
    """The parts of a contact that still wait for an answer and can still get one."""
    return [part for part in contact.parts.all() if _still_asked(part.card, now=now)]


def _still_asked(card: Card, *, now: datetime) -> bool:
    return card.status == CardStatus.OPEN and card.closes_at > now and card.programme.status == Status.LIVE


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
