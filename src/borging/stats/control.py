"""Control charts: is a series moving, or only wobbling? After Shewhart (1931) and NHS "Making data count"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from borging.stats.samples import Floats, SampleError, check_sample, check_table

SCREEN = 3.267
"""Moving ranges above this many times their mean are left out: they are shifts, not noise (D4 of two values)."""
REACH = 2.66
"""3 / d2 of two values: from average moving range to three standard deviations."""
RUN = 7

Masks = NDArray[np.bool_]


class Assurance(StrEnum):
    """What the process will do to a target if nothing changes."""

    PASSES = "passes"
    FAILS = "fails"
    HIT_AND_MISS = "hit_and_miss"


@dataclass(frozen=True, kw_only=True)
class Signals:
    """Which points (n,) are part of a signal, by rule.

    outside: beyond a limit. shift: one of seven in a row on one side of the mean. trend: one of seven in a row that
    rise, or fall. near_limit: one of two in three in a row on one side, beyond two thirds of the way to the limit.
    """

    outside: Masks
    shift: Masks
    trend: Masks
    near_limit: Masks

    @property
    def any(self) -> Masks:
        """Points of special cause; the others are common cause."""
        return np.asarray(self.outside | self.shift | self.trend | self.near_limit)


@dataclass(frozen=True, kw_only=True)
class XmrChart:
    """A series (n,) with its mean and natural limits, in the unit of the values.

    baseline: how many points, from the first on, the limits rest on. screened: moving ranges left out.
    """

    values: tuple[float, ...]
    mean: float
    lower: float
    upper: float
    moving_range: float
    screened: int
    baseline: int
    signals: Signals


@dataclass(frozen=True, kw_only=True)
class XbarChart:
    """Means (m,) of samples of equal size with limits at three standard errors; sd: within samples."""

    means: tuple[float, ...]
    centre: float
    lower: float
    upper: float
    sd: float
    size: int
    signals: Signals


def xmr(values: ArrayLike, *, screen: bool = True, baseline: int | None = None) -> XmrChart:
    """Individuals chart of a series (n,) in order of time: mean +- 2.66 x average moving range.

    screen: leave out moving ranges of 3.267 times their mean or more, once (Nelson 1982). baseline: rest the limits
    on the first so many points, as for a series from before a start. Raises SampleError on missing values or fewer
    than three points to rest on; below twelve the limits are still rough.
    """
    x = check_sample(values, name="values", at_least=3)
    used = len(x) if baseline is None else baseline
    if not 3 <= used <= len(x):
        raise SampleError(f"limits cannot rest on {used} of {len(x)} points")
    moves = np.abs(np.diff(x[:used]))
    kept = moves[moves < SCREEN * moves.mean()] if screen and moves.any() else moves
    mean, average = float(x[:used].mean()), float(kept.mean())
    lower, upper = mean - REACH * average, mean + REACH * average
    return XmrChart(
        values=tuple(map(float, x)),
        mean=mean,
        lower=lower,
        upper=upper,
        moving_range=average,
        screened=len(moves) - len(kept),
        baseline=used,
        signals=find_signals(x, mean=mean, lower=lower, upper=upper),
    )


def xbar(samples: ArrayLike) -> XbarChart:
    """Chart of the means of samples (m, size), m, size >= 2, in order of time.

    sd: average range / d2(size), so differences between samples do not widen the limits (Montgomery).
    Raises SampleError on missing or too few values.
    """
    x = check_table(samples, name="samples", columns=2)
    size, means = x.shape[1], x.mean(axis=1)
    sd, centre = float(np.ptp(x, axis=1).mean()) / _expected_range(size), float(x.mean())
    reach = 3 * sd / math.sqrt(size)
    return XbarChart(
        means=tuple(map(float, means)),
        centre=centre,
        lower=centre - reach,
        upper=centre + reach,
        sd=sd,
        size=size,
        signals=find_signals(means, mean=centre, lower=centre - reach, upper=centre + reach),
    )


def find_signals(values: ArrayLike, *, mean: float, lower: float, upper: float) -> Signals:
    """The four rules of "Making data count" on a series (n,), as NHSRplotthedots applies them.

    A point on the mean breaks a shift, an equal value breaks a trend; of two in three all three lie on one side.
    """
    x = check_sample(values, name="values", at_least=1)
    side = np.sign(x - mean)
    outside = (x > upper) | (x < lower)
    near = ~outside & ((x > mean + 2 / 3 * (upper - mean)) | (x < mean - 2 / 3 * (mean - lower)))
    return Signals(
        outside=outside,
        shift=_in_window(_all_alike(side, length=RUN), length=RUN, n=len(x)),
        trend=_in_window(_all_alike(np.sign(np.diff(x)), length=RUN - 1), length=RUN, n=len(x)),
        near_limit=near & _in_window(_all_alike(side, length=3) & _two_of_three(near), length=3, n=len(x)),
    )


def assure(chart: XmrChart | XbarChart, *, target: float, higher_is_better: bool) -> Assurance:
    """Whether the limits lie wholly on one side of a target; a target on a limit is hit and missed."""
    if chart.lower <= target <= chart.upper:
        return Assurance.HIT_AND_MISS
    return Assurance.PASSES if (chart.lower > target) == higher_is_better else Assurance.FAILS


def _all_alike(signs: Floats, *, length: int) -> Masks:
    """For each window of `length`: whether all signs are plus, or all minus."""
    if len(signs) < length:
        return np.zeros(0, bool)
    sums = np.lib.stride_tricks.sliding_window_view(signs, length).sum(axis=1)
    return np.asarray(np.abs(sums) == length)


def _two_of_three(near: Masks) -> Masks:
    if len(near) < 3:
        return np.zeros(0, bool)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(near, 3).sum(axis=1) >= 2)


def _in_window(windows: Masks, *, length: int, n: int) -> Masks:
    """Points (n,) that lie in a marked window of `length` points."""
    marked = np.zeros(n, bool)
    for start in np.flatnonzero(windows):
        marked[start : start + length] = True
    return marked


def _expected_range(size: int) -> float:
    """d2: the expected range of `size` standard normal values (Tippett 1925), by the trapezium rule."""
    x = np.linspace(-9, 9, 3601)
    return float(np.trapezoid(1 - ndtr(x) ** size - ndtr(-x) ** size, x))
