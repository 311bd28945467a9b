"""Real processes that can be killed: workers that are told what time it is, and people who answer a card.

A process of this kind is this module again: `start` runs one of its functions in it.
"""

import json
import os
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from unittest.mock import patch

from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from borging import clock, tick
from borging.cards import links, writes
from borging.cards.models import Actor, Card, CardStatus, Contact
from borging.cards.writes import Planned
from borging.evidence.models import Entry
from borging.transfer.jobs import OPENS
from borging.transfer.playbooks import playbook
from tests import journey, reading, smtp
from tests.journey import TRAINING_DAY, at

START = "import sys, django; django.setup(); from tests import dying; getattr(dying, sys.argv[1])(*sys.argv[2:])"
ROOT = Path(__file__).parent.parent
DUE_ON = TRAINING_DAY - timedelta(days=8)
DUE = at(DUE_ON, OPENS)
MOST_MINUTES = 300
ANSWERED_AT = DUE + timedelta(hours=1)


def start(what: str, *, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START, what],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "borging.web.settings", **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(what: str, *lines: str, environment: Mapping[str, str]) -> list[str]:
    """What a process of this kind says to these lines, until it ends."""
    process = start(what, environment=environment)
    said, _nothing = process.communicate("\n".join(lines))
    if process.returncode:
        raise RuntimeError(f"{what} ended with {process.returncode}")
    return said.splitlines()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Worker:
    """A worker process that does one minute when told to. `dies_at` is where it is killed: a fail point and a count."""

    def __init__(self, environment: Mapping[str, str], *, dies_at: str = "") -> None:
        self._process = start("work", environment={**environment, "BORGING_FAILPOINT": dies_at})
        self._end().readline()

    def begin(self, now: datetime) -> None:
        try:
            self._end("w").write(f"{now.isoformat()}\n")
            self._end("w").flush()
        except BrokenPipeError:
            pass  # it was killed between two minutes; `finish` tells

    def finish(self) -> int | None:
        """How much is still waiting after the minute; None when the worker died in it."""
        said = self._end().readline()
        return int(said) if said else None

    def minute(self, now: datetime) -> int | None:
        self.begin(now)
        return self.finish()

    def kill_after(self, seconds: float) -> None:
        """SIGKILL, wherever it is then."""
        timer = threading.Timer(seconds, self._process.kill)
        timer.daemon = True
        timer.start()

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _end(self, mode: str = "r") -> IO[str]:
        found = self._process.stdout if mode == "r" else self._process.stdin
        assert found
        return found


def work() -> None:
    """In the process: a minute for each line that comes in."""
    _say("up")
    for line in sys.stdin:
        now = datetime.fromisoformat(line.strip())
        tick.minute(now)
        planned = Card.objects.filter(status=CardStatus.PLANNED).count()
        _say(str(planned + Contact.objects.filter(due_at__isnull=False).count()))


@dataclass(frozen=True, kw_only=True)
class Came:
    """What came in after a series of workers. `people` got a mail; `doubled` of them got two different ones.

    `copies` are mails with a Message-ID that came before, `fastest` the most in one minute of the workers' clock.
    """

    mails: int
    people: int
    doubled: int
    copies: int
    kills: int
    minutes: int
    fastest: int


def series(environment: Mapping[str, str], sink: smtp.Sink, *workers: Callable[[], Worker]) -> Came:
    """Let workers do minute after minute until nothing waits. When one dies the next one does that minute again."""
    following = iter(workers)
    worker, kills, minute = next(following)(), 0, 0
    while (waiting := worker.minute(DUE + timedelta(minutes=minute))) != 0:
        if waiting is None:
            worker.stop()
            kills += 1
            worker = next(following, lambda: Worker(environment))()
        else:
            minute += 1
        if minute > MOST_MINUTES:
            raise RuntimeError("it never comes to an end")
    worker.stop()
    return came(sink, kills=kills, minutes=minute + 1)


def side_by_side(environment: Mapping[str, str], sink: smtp.Sink, *, workers: int = 2) -> Came:
    """Let workers do each minute at the same time."""
    working, minute, waiting = [Worker(environment) for _number in range(workers)], 0, 1
    while waiting and minute < MOST_MINUTES:
        for worker in working:
            worker.begin(DUE + timedelta(minutes=minute))
        waiting = [worker.finish() or 0 for worker in working][-1]
        minute += 1
    for worker in working:
        worker.stop()
    return came(sink, kills=0, minutes=minute)


def came(sink: smtp.Sink, *, kills: int, minutes: int) -> Came:
    mails = [(address, str(mail["Message-ID"]), str(mail["Date"])) for address, mail in sink.take()]
    of_person = defaultdict(set)
    for address, key, _date in mails:
        of_person[address].add(key)
    return Came(
        mails=len(mails),
        people=len(of_person),
        doubled=sum(len(keys) > 1 for keys in of_person.values()),
        copies=len(mails) - len({key for _address, key, _date in mails}),
        kills=kills,
        minutes=minutes,
        fastest=max(Counter(date for _address, _key, date in mails).values(), default=0),
    )


@transaction.atomic
def plan(*steps: str, people: int) -> None:
    """So many learners with a card of each of these steps, all due at once."""
    programme = journey.programme(learners=people)
    moments = [
        Planned(
            step=step,
            occurrence=0,
            actor=Actor.LEARNER,
            due_on=DUE_ON,
            closes_on=TRAINING_DAY,
            due_at=DUE,
            closes_at=at(TRAINING_DAY),
            anonymous=playbook(programme.playbook).step(step).anonymous,
        )
        for step in steps
    ]
    writes.schedule(cohort=programme.cohorts.get(), moments=moments)
    writes.issue(now=DUE, programme=programme)


def seed() -> None:
    """In the process: a database with as many cards as the line says."""
    call_command("migrate", verbosity=0)
    plan("baseline-learner", people=int(sys.stdin.readline()))


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept of an answered card: its state, and its entries that stand and that were replaced."""

    status: str
    standing: int
    replaced: int


def answered(environment: Mapping[str, str], *tries: tuple[str, str, str]) -> list[Kept]:
    """Somebody opens the card of a step and answers it to its end with these words, but is killed at a fail point.

    tries: (step, fail point or empty, words), one after the other. Returns what is kept after each.
    """
    lines = told("answer", *map(json.dumps, tries), environment=environment)
    return [Kept(**json.loads(line)) for line in lines]


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
