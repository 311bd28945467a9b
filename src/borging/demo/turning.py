"""Turning the clock of the demonstration: each day what the worker does in it, and people who answer their cards."""

from __future__ import annotations

import heapq
from dataclasses import replace
from datetime import datetime, time, timedelta

from django.db import close_old_connections, connection
from django.db.models import Min
from django.utils import timezone

from borging import clock, tick
from borging.cards.models import Card, Contact, ContactStatus
from borging.cards.writes import ClosedError
from borging.measure.models import Release
from borging.people.writes import demo_account
from borging.transfer import content
from borging.transfer import writes as transfer
from borging.web.demo import progress

from . import habits
from .past import open_cards

DAY = timedelta(days=1)
STRIDE = timedelta(minutes=30)
"""What comes due within half an hour happens together."""
NIGHT = time(3, 30)
Waiting = list[tuple[datetime, int, Card]]


def enqueue(days: int) -> None:
    """Have the worker do it."""
    _turn(days)


def turn(days: int) -> None:
    """Let so many days pass. After each the clock stands a day later, so that whoever stops half-way loses nothing."""
    latest = progress.Turn(days=days)
    try:
        for _day in range(days):
            start = clock.now()
            latest = _pass_day(latest, start=start, end=start + DAY)
            clock.turn(by=DAY)
            progress.keep(latest)
    finally:
        progress.keep(replace(latest, days=latest.done))
        if not connection.in_atomic_block:
            close_old_connections()


def _pass_day(latest: progress.Turn, *, start: datetime, end: datetime) -> progress.Turn:
    sent, released, answers = _sent(), Release.objects.count(), 0
    night = _next_night(start)
    waiting = _answering(after=None)
    now = start
    while now < end:
        tick.minute(now)
        for each in _answering(after=now):
            heapq.heappush(waiting, each)
        answers += _answer(waiting, now=now)
        upcoming = max(_soonest(waiting, end=end), now + STRIDE)
        if now < night <= upcoming:
            tick.night(night)
        now = min(upcoming, end)
    return replace(
        latest,
        done=latest.done + 1,
        mails=latest.mails + _sent() - sent,
        answers=latest.answers + answers,
        figures=latest.figures + Release.objects.count() - released,
    )


def _answering(*, after: datetime | None) -> Waiting:
    """Who is going to answer what, and when; after: only cards that went out at this moment."""
    found = open_cards(demo_account().organisation)
    cards = found.filter(opened_at=after) if after else found
    waiting = [(at, card.pk, card) for card in cards if (at := habits.answers_at(card))]
    heapq.heapify(waiting)
    return waiting


def _answer(waiting: Waiting, *, now: datetime) -> int:
    answered = 0
    while waiting and waiting[0][0] <= now:
        _at, _pk, card = heapq.heappop(waiting)
        try:
            fill_in(card, now=now)
        except ClosedError:
            continue
        answered += 1
    return answered


def fill_in(card: Card, *, now: datetime) -> None:
    """Answer a card to its end, as its page does. Raises ClosedError."""
    filled = content.content_of(card, language=card.programme.language)
    sent = habits.answers(card, filled, at=now)
    if card.moment.anonymous:
        transfer.answer_together(card=card, filled=filled, given=sent, now=now)
        return
    for name, one in sent.items():
        transfer.answer(card=card, filled=filled, name=name, given=one, now=now)


def _soonest(waiting: Waiting, *, end: datetime) -> datetime:
    cards = Card.objects.aggregate(at=Min("next_at"))["at"]
    contacts = Contact.objects.aggregate(at=Min("due_at"))["at"]
    answer = waiting[0][0] if waiting else None
    return min(at for at in (cards, contacts, answer, end) if at)


def _next_night(start: datetime) -> datetime:
    here = timezone.localtime(start)
    night = here.replace(hour=NIGHT.hour, minute=NIGHT.minute, second=0, microsecond=0)
    return night if night > start else night + DAY


def _sent() -> int:
    return Contact.objects.filter(status=ContactStatus.SENT).count()


_turn = tick.queue.task()(turn)
