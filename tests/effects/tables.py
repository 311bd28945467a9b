"""Small studies made in memory, with a known truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from borging.effects.jobs import analyse
from borging.effects.rules import Assignment, Options, OutcomeResult
from borging.lake.schema import COVARIATE_PREFIX, OUTCOMES, StudyTables, TimeScale, TimeUnit


@dataclass
class People:
    """People and their values; every argument per person, values as {period: value or None}."""

    start: list[int | None]
    values: list[dict[int, float | None]]
    team: list[str | None] = field(default_factory=list)
    arm: list[str | None] = field(default_factory=list)
    covariates: Mapping[str, Sequence[str | float | None]] = field(default_factory=dict)
    unit: TimeUnit = "month"

    def write(self, folder: Path) -> StudyTables:
        names = [f"p{n}" for n in range(len(self.start))]
        blank: list[str | None] = [None] * len(names)
        participants = pa.table(
            {
                "person": names,
                "start": pa.array(self.start, pa.int64()),
                "team": pa.array(self.team or blank, pa.string()),
                "arm": pa.array(self.arm or blank, pa.string()),
            }
            | {COVARIATE_PREFIX + name: pa.array(column) for name, column in self.covariates.items()}
        )
        cells = [
            (name, time, value)
            for name, row in zip(names, self.values, strict=True)
            for time, value in row.items()
            if value is not None
        ]
        outcomes = pa.table(
            {
                "person": [name for name, _time, _value in cells],
                "outcome": ["score"] * len(cells),
                "time": [time for _name, time, _value in cells],
                "value": [float(value) for _name, _time, value in cells],
            },
            schema=OUTCOMES,
        )
        pq.write_table(participants, folder / "participants.parquet")
        pq.write_table(outcomes, folder / "outcomes.parquet")
        return StudyTables(
            participants=folder / "participants.parquet",
            outcomes=folder / "outcomes.parquet",
            scale=TimeScale(unit=self.unit),
        )


def study(people: People, folder: Path, *, assignment: Assignment = Assignment.UNKNOWN, cost: float | None = None,
          unit_value: float | None = None) -> OutcomeResult:  # fmt: skip
    options = Options(assignment=assignment, cost=cost, unit_value=unit_value)
    (found,) = analyse(tables=people.write(folder), options=options).outcomes
    return found


def panel(*, people: int, starts: list[int | None], effect: float, months: int = 24, drift: float = 0.0,
          seed: int = 7, teams: int | None = None) -> People:  # fmt: skip
    """Months 1..months; `starts` are dealt out in turn (by team where there are teams).

    drift: what the trained gain each month whether or not there is a training.
    """
    rng = np.random.default_rng(seed)
    team = [n % teams if teams else n for n in range(people)]
    start = [starts[group % len(starts)] for group in team]
    shared = rng.normal(size=(max(team) + 1, months)) * (0.3 if teams else 0.0)
    level = rng.normal(size=people)
    values: list[dict[int, float | None]] = []
    for n in range(people):
        begun = start[n]
        trend = drift if begun is not None else 0.0
        values.append(
            {
                t: level[n] + 0.02 * t + trend * t + shared[team[n], t - 1] + 0.5 * rng.normal()
                + (effect if begun is not None and t >= begun else 0.0)
                for t in range(1, months + 1)
            }
        )  # fmt: skip
    return People(start=start, values=values, team=[f"t{group}" for group in team] if teams else [])
