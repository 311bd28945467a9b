"""Whether raters see the same thing, beyond what chance would make them agree on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from borging.stats.samples import Floats, SampleError, check_table

Level = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Krippendorff's alpha: 1 agrees, 0 is chance, below 0 is worse. units: rated by at least two; pairable ratings."""

    alpha: float
    level: Level
    units: int
    ratings: int


def krippendorff(ratings: ArrayLike, *, level: Level) -> Agreement:
    """Krippendorff's alpha of ratings (units, raters), NaN where a rater did not rate; categories as numbers.

    Coincidences as in Krippendorff (2011), Computing Krippendorff's alpha-reliability. Raises SampleError when fewer
    than two units have two ratings, when all ratings are equal (chance agreement is then undefined), or for a ratio
    below zero.
    """
    table = np.asarray(ratings, dtype=float)
    if table.ndim != 2 or np.isinf(table).any():
        raise SampleError(f"ratings: expected units by raters, not shape {table.shape}")
    table = table[(~np.isnan(table)).sum(axis=1) >= 2]
    if len(table) < 2:
        raise SampleError(f"{len(table)} units have two ratings, 2 are needed")
    values = np.unique(table[~np.isnan(table)])
    if len(values) < 2:
        raise SampleError("all ratings are equal: whether raters can agree on a difference is not known")
    if level == "ratio" and values[0] < 0:
        raise SampleError("a ratio scale has no values below zero")
    counts = (table[:, :, None] == values).sum(axis=1).astype(float)
    weights = counts / (counts.sum(axis=1, keepdims=True) - 1)
    coincidences = weights.T @ counts - np.diag(weights.sum(axis=0))
    totals = coincidences.sum(axis=0)
    distance = DISTANCES[level](values, totals)
    n = float(totals.sum())
    observed, expected = (coincidences * distance).sum(), totals @ distance @ totals
    return Agreement(alpha=float(1 - (n - 1) * observed / expected), level=level, units=len(table), ratings=round(n))


def fleiss_kappa(counts: ArrayLike) -> float:
    """Fleiss' kappa (1971) of counts (subjects, categories): how many raters chose each; equally many per subject.

    Raises SampleError when they are not equally many, fewer than two, or all chose one category.
    """
    table = check_table(counts, name="counts", columns=2)
    raters = table.sum(axis=1)
    if raters.min() < 2 or np.ptp(raters):
        raise SampleError("Fleiss' kappa needs the same number of raters, at least two, for every subject")
    m, chance = raters[0], float(((table.sum(axis=0) / table.sum()) ** 2).sum())
    if chance >= 1:
        raise SampleError("all ratings are equal: whether raters can agree on a difference is not known")
    agreed = float(((table**2).sum(axis=1) - m).mean() / (m * (m - 1)))
    return (agreed - chance) / (1 - chance)


def _nominal(values: Floats, _totals: Floats) -> Floats:
    return 1 - np.eye(len(values))


def _ordinal(_values: Floats, totals: Floats) -> Floats:
    """Squared number of ratings between two ranks, each end counting for half."""
    middle = np.cumsum(totals) - totals / 2
    return np.asarray(np.subtract.outer(middle, middle) ** 2)


def _interval(values: Floats, _totals: Floats) -> Floats:
    return np.asarray(np.subtract.outer(values, values) ** 2)


def _ratio(values: Floats, _totals: Floats) -> Floats:
    both = np.add.outer(values, values)
    return np.asarray((np.subtract.outer(values, values) / np.where(both > 0, both, 1)) ** 2)


DISTANCES: dict[Level, Callable[[Floats, Floats], Floats]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}
