"""Workers killed while they send 1,500 cards: `python -m benchmarks.crashes [--database sqlite] [--cards 1500]`.

Every line is a series of its own: a worker sends against a real mail server, is killed at one place or at a random
moment, and another goes on in the same minute. What counts are the last four columns: nobody without a mail, nobody
with two different messages, copies only as the same message, and never more mails in a minute than set.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from functools import partial

from tests import processes, smtp
from tests.processes import Came, Worker

from benchmarks.databases import KINDS, Copies, Environment, copies

POINTS = (
    "gather-locked:6",
    "gather-decided:6",
    "gather-applied:6",
    "gather-committed:6",
    "claim-updated:12",
    "claimed:12",
    "written:700",
    "connected:700",
    "accepted:700",
    "marked:700",
)
PER_MINUTE = 120


class FailedError(RuntimeError):
    """Something was lost or doubled."""


def kills(kind: str, *, cards: int, moments: int, seed: int) -> Iterator[tuple[str, Came]]:
    """One series after the other: undisturbed, side by side, killed at each place, killed at random moments."""
    drawn = random.Random(seed)
    with copies(kind, partial(fill, cards=cards)) as databases, smtp.listening() as sink:
        undisturbed = one_series(databases, sink)
        yield "nobody killed", undisturbed
        yield "two side by side", processes.side_by_side(sending(databases.fresh(), sink), sink)
        for point in POINTS:
            yield point, one_series(databases, sink, dies_at=point)
        for _moment in range(moments):
            seconds = drawn.uniform(0, undisturbed.seconds)
            yield f"after {seconds:.2f} s", one_series(databases, sink, dies_after=seconds)


def fill(environment: Environment, *, cards: int) -> None:
    processes.told("seed", str(cards), environment=environment)


def sending(environment: Environment, sink: smtp.Sink) -> Environment:
    mail = {"EMAIL_URL": f"smtp://127.0.0.1:{sink.port}", "BORGING_MAILS_PER_MINUTE": str(PER_MINUTE)}
    return {**environment, **mail}


def one_series(databases: Copies, sink: smtp.Sink, *, dies_at: str = "", dies_after: float = 0) -> Came:
    environment = sending(databases.fresh(), sink)

    def first() -> Worker:
        worker = Worker(environment, dies_at=dies_at)
        if dies_after:
            worker.kill_after(dies_after)
        return worker

    return processes.series(environment, sink, first)


def line(name: str, found: Came, *, cards: int) -> str:
    numbers = (
        found.kills,
        found.minutes,
        found.mails,
        cards - found.people,
        found.doubled,
        found.copies,
        found.fastest,
    )
    return f"{name:20}" + "".join(f"{number:10}" for number in numbers)


def right(found: Came, *, cards: int) -> bool:
    """A copy may come only of what was being handed over at the kill."""
    exactly = found.people == cards and not found.doubled
    return exactly and found.copies <= found.kills and found.fastest <= PER_MINUTE


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crashes", description="Kill workers, count mails.")
    parser.add_argument("--database", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--cards", type=int, default=1500)
    parser.add_argument("--moments", type=int, default=30, help="random moments, beside the places")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    wrong = 0
    for kind in asked.database:
        print(f"\n{kind}: {asked.cards:,} cards, {PER_MINUTE} mails a minute, seed {asked.seed}")
        columns = ("kills", "minutes", "mails", "lost", "doubled", "copies", "fastest")
        print(f"{'killed':20}" + "".join(f"{name:>10}" for name in columns), flush=True)
        for name, found in kills(kind, cards=asked.cards, moments=asked.moments, seed=asked.seed):
            wrong += not right(found, cards=asked.cards)
            print(line(name, found, cards=asked.cards), flush=True)
    print(f"\n{wrong} series went wrong")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
