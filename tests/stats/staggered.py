"""Panels for the tests of staggered difference-in-differences: read from reference data, or drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from borging.stats import did
from tests.stats.tables import read_rows

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class People:
    """A panel: values (N, T), start (N,), clusters (N,)."""

    values: Floats
    periods: Integers
    start: Floats
    clusters: Integers

    def moments(self, *, by_team: bool = False) -> did.Moments:
        clusters = self.clusters if by_team else None
        return did.summarise(values=self.values, periods=self.periods, start=self.start, clusters=clusters)


def read_panel(name: str, *, person: str, time: str, value: str, start: dict[str, float]) -> People:
    rows = read_rows(name)
    people, periods = sorted({row[person] for row in rows}), sorted({int(float(row[time])) for row in rows})
    values = np.full((len(people), len(periods)), np.nan)
    for row in rows:
        values[people.index(row[person]), periods.index(int(float(row[time])))] = float(row[value])
    return People(
        values=values,
        periods=np.array(periods),
        start=np.array([start[one] for one in people]),
        clusters=np.arange(len(people)),
    )


def read_mpdta() -> People:
    start = {row["countyreal"]: float(row["first.treat"]) or np.inf for row in read_rows("mpdta")}
    return read_panel("mpdta", person="countyreal", time="year", value="lemp", start=start)


def draw_people(*, seed: int, gaps: float = 0.0, mixed: bool = False, never: bool = True) -> People:
    """Nine dozen people in teams of unequal size; `mixed`: a team's people start at different times."""
    rng = np.random.default_rng(seed)
    clusters = np.sort(rng.integers(0, 24, 108))
    starts = np.array([3.0, 4.0, 6.0, np.inf] if never else [3.0, 4.0, 6.0, 7.0])
    start = rng.choice(starts, 108) if mixed else rng.choice(starts, 24)[clusters]
    values = 50_000 + 3 * rng.standard_normal((108, 1)) + 2 * rng.standard_normal((24, 7))[clusters]
    values = values + rng.standard_normal((108, 7)) + 1.5 * (np.arange(1, 8) >= start[:, None])
    values[rng.random(values.shape) < gaps] = np.nan
    return People(values=values, periods=np.arange(1, 8), start=start, clusters=clusters)
