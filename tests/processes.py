"""Real processes that can be killed, seen from outside: a worker is told what time it is, and counts are taken.

What runs in them is `tests.dying`. Nothing here needs Django, so a benchmark can use it too.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from tests import smtp

START = "import sys, django; django.setup(); from tests import dying; getattr(dying, sys.argv[1])()"
ROOT = Path(__file__).parent.parent
DUE = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
"""When all cards are due: a Monday morning, eight days before the training."""
MOST_MINUTES = 300


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


@dataclass(frozen=True, kw_only=True)
class Came:
    """What came in after a series of workers. `people` got a mail; `doubled` of them got two different ones.

    `copies` are mails with a Message-ID that came before, `fastest` the most in one minute of the workers' clock, of
    which `minutes` passed. `seconds` is how long the workers took.
    """

    mails: int
    people: int
    doubled: int
    copies: int
    kills: int
    minutes: int
    fastest: int
    seconds: float


def series(environment: Mapping[str, str], sink: smtp.Sink, *workers: Callable[[], Worker]) -> Came:
    """Let workers do minute after minute until nothing waits. When one dies the next one does that minute again."""
    following = iter(workers)
    worker, kills, minute = next(following)(), 0, 0
    began = time.monotonic()
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
    return came(sink, kills=kills, minutes=minute + 1, seconds=time.monotonic() - began)


def side_by_side(environment: Mapping[str, str], sink: smtp.Sink, *, workers: int = 2) -> Came:
    """Let workers do each minute at the same time."""
    working, minute, waiting = [Worker(environment) for _number in range(workers)], 0, 1
    began = time.monotonic()
    while waiting and minute < MOST_MINUTES:
        for worker in working:
            worker.begin(DUE + timedelta(minutes=minute))
        waiting = [worker.finish() or 0 for worker in working][-1]
        minute += 1
    for worker in working:
        worker.stop()
    return came(sink, kills=0, minutes=minute, seconds=time.monotonic() - began)


def came(sink: smtp.Sink, *, kills: int, minutes: int, seconds: float) -> Came:
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
        seconds=seconds,
    )


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
