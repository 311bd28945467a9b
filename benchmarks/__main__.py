"""Compare our speed with the alternatives: `python -m benchmarks [--rows ...] [--repeats ...] [--runs ...]`.

Every run is a process of its own, we and the peers in turn, so that a busy machine is busy for all. Printed are
medians: CPU of the work alone (ours with reading Parquet, the peers' without loading their data), CPU and wall of the
whole process with its imports, and the peak of its memory. Read ratios and CPU; on a shared machine the wall clock says
little.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.runs import RUNS

GOALS = """Goals at 1e7 rows: work <= 2.5 CPU s and 0.4 GB (by team <= 5 CPU s); >= 3x diff-diff, >= 20x csdid."""
MOST_REPEATS_OF_SLOW = 2
SLOW = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One process: CPU seconds of the work and of all, wall seconds, peak memory in MB, and what it found."""

    work: float
    processor: float
    wall: float
    memory: float
    answer: dict[str, float]


class RunFailedError(RuntimeError):
    """A measured process did not end well."""


def prepare_panel(rows: int) -> Path:
    """Written by another process: a child's peak memory starts at its parent's size, so this one stays small."""
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.data", str(rows)], check=True, stdout=subprocess.PIPE, text=True
    )
    return Path(made.stdout)


def measure(name: str, folder: Path) -> Measurement:
    """Run one alternative in a process of its own."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.runs", name, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if process.returncode:
        raise RunFailedError(f"{name} ended with {process.returncode}")
    found = json.loads(printed.strip().splitlines()[-1])
    return Measurement(
        work=found["work"],
        processor=usage.ru_utime + usage.ru_stime,
        wall=wall,
        memory=usage.ru_maxrss / 1024,
        answer=found["answer"],
    )


def alternate(names: list[str], folder: Path, *, repeats: int, rows: int) -> dict[str, list[Measurement]]:
    """All in turn, `repeats` rounds; the slowest peer on the largest panels fewer."""
    found: dict[str, list[Measurement]] = {name: [] for name in names}
    for turn in range(repeats):
        for name in names:
            if name == "csdid" and rows > SLOW and turn >= MOST_REPEATS_OF_SLOW:
                continue
            found[name].append(measure(name, folder))
    return found


def describe(found: dict[str, list[Measurement]]) -> Iterator[str]:
    """The table of one panel, and how far the answers lie apart."""
    yield f"{'':20}{'work CPU s':>12}{'all CPU s':>12}{'wall s':>10}{'peak MB':>10}{'x ours':>9}{'runs':>6}"
    ours = statistics.median(run.work for run in found["borging"])
    for name, runs in found.items():
        work, processor, wall, memory = (
            statistics.median(getattr(run, field) for run in runs) for field in ("work", "processor", "wall", "memory")
        )
        columns = f"{work:12.3f}{processor:12.2f}{wall:10.2f}{memory:10.0f}{work / ours:9.2f}{len(runs):6}"
        yield f"{name:20}{columns}"
    for name, runs in found.items():
        reference = found["borging by team" if "team" in name else "borging"][0].answer
        same = {key: abs(value - reference[key]) for key, value in runs[0].answer.items() if key in reference}
        if same and not name.startswith("borging"):
            yield f"  |{name} - ours|: " + ", ".join(f"{key} {gap:.1e}" for key, gap in same.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Staggered DiD: us and the alternatives.")
    parser.add_argument("--rows", nargs="+", type=float, default=[1e5, 1e6, 1e7], help="person-months")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--runs", nargs="+", choices=RUNS, default=list(RUNS))
    asked = parser.parse_args()
    names = [name for name in RUNS if name in {*asked.runs, "borging", "borging by team"}]
    for rows in map(int, asked.rows):
        folder = prepare_panel(rows)
        print(f"\n{rows:,} rows, 420 ATT(g, t), four averages, medians", flush=True)
        for line in describe(alternate(names, folder, repeats=asked.repeats, rows=rows)):
            print(line, flush=True)
    print(f"\n{GOALS}")


if __name__ == "__main__":
    main()
