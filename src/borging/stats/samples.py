"""What every estimator asks of its numbers: enough of them, none missing; and the t margin they share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, stdtr, stdtrit

Floats = NDArray[np.float64]
ROUNDING = 1e-12
"""Spread below this share of the values themselves is rounding error, not spread."""


class SampleError(ValueError):
    """These numbers cannot answer the question; the message says which and why."""


class TTest(NamedTuple):
    """A t margin around an estimate and the two-sided test of zero; t and p are NaN when there is no spread at all."""

    low: float
    high: float
    t: float
    p: float


def check_sample(values: ArrayLike, *, name: str, at_least: int = 2) -> Floats:
    """The values (n,) as floats. Raises SampleError when they are not 1-D, miss a value or are too few."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 1:
        raise SampleError(f"{name}: expected one row of values, not shape {array.shape}")
    if len(array) < at_least:
        raise SampleError(f"{name}: {len(array)} values, {at_least} are needed")
    if not np.isfinite(array).all():
        raise SampleError(f"{name}: a value is missing or infinite")
    return array


def check_table(values: ArrayLike, *, name: str, rows: int = 2, columns: int = 1) -> Floats:
    """The values (n, k) as floats. Raises SampleError when they are not 2-D, miss a value or are too few."""
    array = np.asarray(values, dtype=float)
    if array.ndim != 2:
        raise SampleError(f"{name}: expected rows and columns, not shape {array.shape}")
    if array.shape[0] < rows or array.shape[1] < columns:
        raise SampleError(f"{name}: {array.shape[0]} x {array.shape[1]} values, {rows} x {columns} are needed")
    if not np.isfinite(array).all():
        raise SampleError(f"{name}: a value is missing or infinite")
    return array


def spread(values: Floats, *, scale: float | None = None) -> float:
    """Standard deviation over n - 1; exactly zero when the values differ by rounding error only.

    scale: the size of the numbers the values were computed from, where that is larger than the values themselves.
    """
    size = float(np.abs(values).max()) if scale is None else scale
    return 0.0 if np.ptp(values) <= ROUNDING * size else float(values.std(ddof=1))


def correlate(x: Floats, y: Floats) -> float:
    """Pearson correlation of x (n,) and y (n,); NaN when one of them does not vary."""
    if not spread(x) or not spread(y):
        return float("nan")
    return float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))


def find_margin(*, value: float, se: float, df: float, level: float) -> TTest:
    """The t margin of an estimate; without any spread it has no width and nothing is tested."""
    if not 0 < level < 1:
        raise SampleError(f"a confidence level lies between 0 and 1, not {level}")
    if not se:
        return TTest(low=value, high=value, t=float("nan"), p=float("nan"))
    reach, t = float(stdtrit(df, (1 + level) / 2)) * se, value / se
    return TTest(low=value - reach, high=value + reach, t=t, p=float(2 * stdtr(df, -abs(t))))


def hedges_correction(df: float) -> float:
    """J(df): the factor that takes the small-sample bias out of a standardised difference (Hedges 1981, exact)."""
    if df <= 1:
        return float("nan")
    return float(np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2))


def divide(value: float, by: float) -> float:
    """A ratio; NaN where there is nothing to divide by."""
    return value / by if by else float("nan")
