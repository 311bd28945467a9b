"""Planning at scale: `python -m benchmarks.planning [--database sqlite] [--rows 1e6]`.

So many (person, action) pairs become cards in the database itself, five of a hundred are due, and 5,000 people's are
gathered and handed over to a mail server that takes everything at once. On SQLite the database's CPU is that of the
whole process; on PostgreSQL it is that of the process which serves the connection.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks.databases import KINDS, Environment, copies

GOALS = """Goals: issue >= 130,000 rows a CPU second of the database; claim alone, in batches, >= 50,000 a second;
finding what is due is a scan of a partial index, .04-.12 s however many actions there are."""
START = "import sys, django; django.setup(); from benchmarks import plans; getattr(plans, sys.argv[1])()"


def told(what: str, environment: Environment, *, rows: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, what],
        input=f"{rows}\n",
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )


def fill(environment: Environment, *, rows: int) -> None:
    told("fill", environment, rows=rows)


def measure(kind: str, *, rows: int) -> Iterator[dict[str, Any]]:
    with copies(kind, partial(fill, rows=rows)) as databases:
        for line in told("run", databases.filled, rows=rows).stdout.splitlines():
            yield json.loads(line)


def line(*, name: str, rows: int, database: float, **spent: float) -> str:
    rates = [rows / max(seconds, 0.01) for seconds in (database, spent["all"])]
    return f"{name:34}{rows:10,}{database:10.2f}{spent['all']:11.2f}{rates[0]:12,.0f}{rates[1]:12,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planning", description="A million planned actions.")
    parser.add_argument("--database", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rows", type=float, default=1e6)
    asked = parser.parse_args()
    for kind in asked.database:
        print(f"\n{kind}, {int(asked.rows):,} (person, action) pairs")
        print(f"{'':34}{'rows':>10}{'db CPU s':>10}{'all CPU s':>11}{'rows/db s':>12}{'rows/all s':>12}", flush=True)
        for found in measure(kind, rows=int(asked.rows)):
            print(line(**found), flush=True)
    print(f"\n{GOALS}")


if __name__ == "__main__":
    main()
