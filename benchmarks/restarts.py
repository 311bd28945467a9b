"""PostgreSQL falls over while a hundred learners answer: `python -m benchmarks.restarts [--times 20] [--seconds 60]`.

One of its processes is killed with SIGKILL, upon which it throws everybody out, repairs itself and opens again. What
was said to be kept must be there afterwards; meanwhile readers get the page that says nothing was saved, and nobody
restarts anything by hand.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading

from tests import processes

from benchmarks.answers import fill, read, serving
from benchmarks.databases import Environment, copies

OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() LIMIT 1"
GOALS = "Goals: 0 lost; every reader is answered again without a restart by hand."


def fall_over(database: Environment, *, over: threading.Event) -> bool:
    """Kill the process of one connection of the web server; False when it has none at this moment."""
    import psycopg

    try:
        with psycopg.connect(database["DATABASE_URL"], connect_timeout=1) as connection:
            found = connection.execute(OTHERS).fetchone()
    except psycopg.OperationalError:
        return False
    if found and not over.is_set():
        os.kill(found[0], signal.SIGKILL)
    return found is not None


def keep_falling(database: Environment, *, times: int, every: float, over: threading.Event) -> int:
    """How often it fell over."""
    fallen = 0
    while fallen < times and not over.wait(every):
        fallen += fall_over(database, over=over)
    return fallen


def measure(*, seconds: float, times: int) -> None:
    with copies("postgres", fill) as databases:
        paths = processes.told("paths", environment=databases.filled)
        over, fallen = threading.Event(), []
        with serving(databases.filled) as (_pid, port):
            every = seconds / (times + 2)
            killer = threading.Thread(
                target=lambda: fallen.append(keep_falling(databases.filled, times=times, every=every, over=over))
            )
            killer.start()
            found = read(port, seconds=seconds, paths=paths)
            over.set()
            killer.join()
            entries = int(processes.told("entries", environment=databases.filled)[0])
            after = read(port, seconds=2, paths=paths)
    took = f"{len(found['took'])} requests, {found['errors']} told to try again"
    print(f"fell over {fallen[0]} times in {seconds:.0f} s: {took}")
    kept = found["kept"]
    print(
        f"said to be kept {kept}, there {entries}: lost {max(0, kept - entries)}; errors afterwards {after['errors']}"
    )
    print(GOALS)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.restarts", description="The database falls over.")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    asked = parser.parse_args()
    measure(seconds=asked.seconds, times=asked.times)


if __name__ == "__main__":
    main()
