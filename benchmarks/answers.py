"""A hundred learners who answer at once: `python -m benchmarks.answers [--database sqlite] [--seconds 60]`.

Each learner sends the next request as soon as the one before is answered, so this is the busiest it can be; the readers
share the processor with the server. `cpu ms` is of the server's own processes, a request; PostgreSQL's come on top.
Afterwards the answers that are kept are counted: as many as were said to be kept, each once.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import processes

from benchmarks.databases import KINDS, Environment, copies

GOALS = "Goals: <= 1.0 CPU ms a request, >= 1,400 requests a second, 0 errors, lost or double; plain Django 340-560/s."
LEARNERS = 100
PORT = 18400
SERVE = """
import sys, django
django.setup()
from borging.web import server
numbers = [("port", "processes", "threads")[n : n + 1] + (int(given),) for n, given in enumerate(sys.argv[1:])]
server.run(**dict(numbers), worker=False, ready=lambda address: print(address, flush=True))
"""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Requests a second, ms within which half, 95% and 99% were answered, CPU ms a request, and what went wrong."""

    rate: float
    half: float
    p95: float
    p99: float
    processor: float
    errors: int
    lost: int
    doubled: int


@contextmanager
def serving(environment: Environment, *, shape: tuple[int, ...] = ()) -> Iterator[tuple[int, int]]:
    """The server as `borging serve` starts it: its process id and port. shape: other (processes, threads)."""
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(PORT), *map(str, shape)],
        env={**os.environ, **environment, "BORGING_LOG_LEVEL": "ERROR"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout
        address = server.stdout.readline().strip()
        yield server.pid, int(address.rstrip("/").rpartition(":")[2])
    finally:
        server.terminate()
        server.communicate()


def measure(kind: str, *, seconds: float, shape: tuple[int, ...] = ()) -> Measured:
    with copies(kind, fill) as databases:
        paths = processes.told("paths", environment=databases.filled)
        with serving(databases.filled, shape=shape) as (pid, port):
            before = processor_seconds(pid)
            found = read(port, seconds=seconds, paths=paths)
            used = processor_seconds(pid) - before
        entries, standing = map(int, processes.told("entries", environment=databases.filled))
    took = statistics.quantiles((1000 * each for each in found["took"]), n=100)
    return Measured(
        rate=len(found["took"]) / seconds,
        half=took[49],
        p95=took[94],
        p99=took[98],
        processor=1000 * used / len(found["took"]),
        errors=found["errors"],
        lost=max(0, found["kept"] - entries),
        doubled=max(0, entries - found["kept"]) + max(0, standing - LEARNERS * 9),
    )


def fill(environment: Environment) -> None:
    processes.told("seed_open", str(LEARNERS), environment=environment)


def read(port: int, *, seconds: float, paths: list[str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.readers", str(port), str(seconds)],
        input="\n".join(paths),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def processor_seconds(pid: int) -> float:
    """Of a process and its children, as far as they live."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(words[11]) + int(words[12])) / TICKS
    children = " ".join(path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")).split()
    return own + sum(processor_seconds(int(child)) for child in children)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answers", description="A hundred learners at once.")
    parser.add_argument("--database", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--shape", nargs=2, type=int, default=(), metavar=("PROCESSES", "THREADS"))
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"\n{LEARNERS} learners at once for {asked.seconds:.0f} s, GET and POST in turn; load before it {load:.1f}")
    names = ("requests/s", "half ms", "p95 ms", "p99 ms", "cpu ms", "errors", "lost", "doubled")
    print(f"{'':10}" + "".join(f"{name:>12}" for name in names), flush=True)
    for kind in asked.database:
        found = measure(kind, seconds=asked.seconds, shape=tuple(asked.shape))
        numbers = (found.rate, found.half, found.p95, found.p99, found.processor)
        counts = (found.errors, found.lost, found.doubled)
        print(f"{kind:10}" + "".join(f"{n:12.2f}" for n in numbers) + "".join(f"{n:12}" for n in counts), flush=True)
    print(f"\n{GOALS}")


if __name__ == "__main__":
    main()
