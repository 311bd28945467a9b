"""What runs in a process that may be killed: a worker, somebody who answers a card, and what they work on.

`tests.processes` starts these, and tells them by lines on their input.
"""

import json
import os
import sys
from datetime import datetime, timedelta
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from borging import clock, tick
from borging.cards import links, writes
from borging.cards.models import Actor, Card, CardStatus, Contact
from borging.cards.writes import Planned
from borging.evidence.models import Entry
from borging.transfer import meetings
from borging.transfer.playbooks import playbook
from tests import journey, reading
from tests.journey import TRAINING_DAY, at
from tests.processes import DUE, Kept

ANSWERED_AT = DUE + timedelta(hours=1)


@transaction.atomic
def plan(*steps: str, people: int) -> None:
    """So many learners with a card of each of these steps, all due at once."""
    programme = journey.programme(learners=people)
    moments = [
        Planned(
            step=step,
            occurrence=0,
            actor=Actor.LEARNER,
            due_on=DUE.date(),
            closes_on=TRAINING_DAY,
            due_at=DUE,
            closes_at=at(TRAINING_DAY),
            anonymous=playbook(programme.playbook).step(step).anonymous,
        )
        for step in steps
    ]
    writes.schedule(cohort=programme.cohorts.get(), moments=moments)
    writes.issue(now=DUE, programme=programme)


def meet() -> None:
    """In the process: for each line (a card, a time, and now) try to get that time for the meeting of the card."""
    _say("ready")
    for line in sys.stdin:
        pk, start, now = line.split()
        card = Card.objects.select_related("programme", "person", "moment", "enrolment__person").get(pk=pk)
        try:
            meetings.agree(card=card, start=datetime.fromisoformat(start), now=datetime.fromisoformat(now))
            _say("got")
        except meetings.SlotTakenError:
            _say("taken")


def seed() -> None:
    """In the process: a database with as many cards as the line says."""
    call_command("migrate", verbosity=0)
    plan("baseline-learner", people=int(sys.stdin.readline()))


def seed_open() -> None:
    """In the process: the same, with cards that can be answered today."""
    seed()
    Card.objects.update(status=CardStatus.OPEN, next_at=None, closes_at=timezone.now() + timedelta(days=30))


def paths() -> None:
    """In the process: where the cards are answered."""
    for card in Card.objects.order_by("pk"):
        _say(reverse("card", args=[links.token(card)]))


def entries() -> None:
    """In the process: how many answers are kept, and how many of them stand."""
    _say(str(Entry.objects.count()))
    _say(str(Entry.objects.filter(replaced_at=None).count()))


def work() -> None:
    """In the process: a minute for each line that comes in."""
    _say("up")
    for line in sys.stdin:
        now = datetime.fromisoformat(line.strip())
        tick.minute(now)
        planned = Card.objects.filter(status=CardStatus.PLANNED).count()
        _say(str(planned + Contact.objects.filter(due_at__isnull=False).count()))


def answer() -> None:
    """In the process: a child for each line, because that may die."""
    for line in sys.stdin:
        step, dies_at, words = json.loads(line)
        card = Card.objects.get(moment__step=step)
        connection.close()
        child = os.fork()
        if not child:
            _answer(card, dies_at=dies_at, words=words)
        os.waitpid(child, 0)
        entries = Entry.objects.filter(step=step)
        card.refresh_from_db()
        kept = Kept(
            status=card.status,
            standing=entries.filter(replaced_at=None).count(),
            replaced=entries.filter(replaced_at__isnull=False).count(),
        )
        _say(json.dumps(vars(kept)))


def _answer(card: Card, *, dies_at: str, words: str) -> None:
    os.environ["BORGING_FAILPOINT"] = dies_at
    path = reverse("card", args=[links.token(card)]) + ("?q=1" if card.status == CardStatus.ANSWERED else "")
    with patch.object(clock, "now", lambda: ANSWERED_AT):
        reading.answer(path, lambda _name, values: (values or [words])[0], client=Client(HTTP_HOST="localhost"))
    os._exit(0)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
