"""The past of the demonstration: day by day what the worker would have done, with people who answered."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from borging import tick
from borging.cards import jobs
from borging.cards.models import Card, CardStatus, Contact, ContactStatus, Moment
from borging.measure import jobs as measure
from borging.people.models import Organisation, Person
from borging.programmes.models import Programme, Session
from borging.transfer import content
from borging.transfer import jobs as plans
from borging.transfer import writes as transfer
from borging.transfer.content import Filled
from borging.transfer.writes import Whole

from . import habits

EVERYBODY = 100_000
ROUND = time(9, 30)
"""When the mail of a day goes out in the past: after the cards of that day came due, and before the quiet hours."""
A_DAY = timedelta(days=1)
SESSION_END = timedelta(minutes=5)
KEPT_MAIL = timedelta(days=8)
"""Mail of these last days stands in the inbox; older mail was sent, but is not there to be read."""
LEFT_OPEN = timedelta(days=16)
"""What people with an account were asked in these last days is left for whoever looks around."""


@dataclass
class Filling:
    """Cards as they are filled in, each kind once: what is asked does not depend on who reads it."""

    known: dict[tuple[int, str, str, int], Filled] = field(default_factory=dict)

    def of(self, card: Card) -> Filled:
        moment = card.moment
        key = (card.programme_id, moment.step, moment.actor, moment.occurrence)
        if key not in self.known:
            self.known[key] = content.content_of(card, language=card.programme.language)
        return self.known[key]


@dataclass
class Past:
    """Everything between two moments. `visitors` have accounts: what they were asked of late stays open."""

    organisation: Organisation
    until: datetime
    visitors: Collection[int]
    filling: Filling = field(default_factory=Filling)
    waiting: list[tuple[datetime, int, Card]] = field(default_factory=list)

    def live(self, *, since: date, releases: Iterable[tuple[datetime, Programme]]) -> None:
        """Let it pass; on the moments given figures of a programme are made."""
        figures = sorted(releases, key=lambda each: each[0])
        due = Moment.objects.filter(cohort__programme__organisation=self.organisation).order_by("-due_at")
        moments = list(due.values_list("due_at", flat=True))
        for now in self._rounds(since):
            if moments and moments[-1] <= now + A_DAY:
                plans.look_ahead(now=now)
                moments = [at for at in moments if at > now + A_DAY]
            self._answer(now)
            self._send(now)
            while figures and figures[0][0] <= now:
                at, programme = figures.pop(0)
                measure.pair(programme=programme, now=at)
        self._answer(self.until)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.organisation.time_zone)

    def _rounds(self, since: date) -> list[datetime]:
        """One each work day, and one at the end of each session, when cards are handed out."""
        days = [since + timedelta(days=n) for n in range((self.until.date() - since).days + 1)]
        work_days = {int(number) for number in self.organisation.work_days}
        rounds = [datetime.combine(d, ROUND, tzinfo=self._zone) for d in days if d.isoweekday() in work_days]
        sessions = Session.objects.filter(cohort__programme__organisation=self.organisation)
        ends = [ends_at - SESSION_END for ends_at in sessions.values_list("ends_at", flat=True)]
        return sorted({at.astimezone(UTC) for at in (*rounds, *ends) if at <= self.until})

    def _send(self, now: datetime) -> None:
        jobs.gather(now=now, most=EVERYBODY)
        if now > self.until - KEPT_MAIL:
            jobs.deliver(now=now, send=lambda contacts: tick.post(contacts, now=now), most=EVERYBODY)
        else:
            Contact.objects.filter(due_at__isnull=False).update(status=ContactStatus.SENT, sent_at=now, due_at=None)
        fresh = _whole_cards().filter(status=CardStatus.OPEN, opened_at=now)
        for card in fresh:
            left = card.person_id in self.visitors and now > self.until - LEFT_OPEN
            if not left and (at := habits.answers_at(card)):
                heapq.heappush(self.waiting, (at, card.pk, card))

    def _answer(self, now: datetime) -> None:
        wholes = []
        while self.waiting and self.waiting[0][0] <= now:
            at, _pk, card = heapq.heappop(self.waiting)
            filled = self.filling.of(card)
            wholes.append(Whole(card=card, filled=filled, given=habits.answers(card, filled, at=at), now=at))
        still = Card.objects.filter(pk__in=[whole.card.pk for whole in wholes], status=CardStatus.OPEN)
        asked = set(still.values_list("pk", flat=True))
        transfer.answer_many(whole for whole in wholes if whole.card.pk in asked)


def open_cards(organisation: Organisation) -> QuerySet[Card]:
    """Every card that went out and waits for an answer, of people without an account."""
    visitors = Person.objects.filter(account__isnull=False)
    waiting = _whole_cards().filter(organisation=organisation, status=CardStatus.OPEN)
    return waiting.exclude(person__in=visitors)


def _whole_cards() -> QuerySet[Card]:
    return Card.objects.select_related(
        "moment__cohort__programme", "person__organisation", "enrolment__person", "programme__organisation"
    ).order_by("pk")
