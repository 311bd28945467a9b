"""How long people stay, when not everyone has left yet: Kaplan-Meier curves and the log-rank test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

from borging.stats.samples import Floats, SampleError, check_sample


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Share still here after each time at which somebody left (m,), with its margin and who was then at risk.

    median, median_low, median_high: time by which half have left, None when fewer than half (or the margin) have.
    """

    n: int
    events: int
    times: tuple[float, ...]
    at_risk: tuple[int, ...]
    left: tuple[int, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    median: float | None
    median_low: float | None
    median_high: float | None

    def share_at(self, time: float) -> float:
        """Share still here at a time; 1 before anybody left."""
        before = int(np.searchsorted(self.times, time, side="right"))
        return self.share[before - 1] if before else 1.0


@dataclass(frozen=True, kw_only=True)
class LogRank:
    """Whether two groups leave at the same rate: observed and expected leavers of the first, chi-square with 1 df."""

    observed: int
    expected: float
    chi2: float
    p: float


def kaplan_meier(*, durations: ArrayLike, left: ArrayLike, level: float = 0.95) -> Retention:
    """Retention from durations (n,) and whether each person left (n,) or was still here (censored).

    Kaplan & Meier (1958); Greenwood's variance on the log-log scale, which keeps the margin between 0 and 1
    (Kalbfleisch & Prentice 1980). The median is the first time at which half or fewer are left.
    Raises SampleError on missing values, unequal lengths or a negative duration.
    """
    time, gone = _check_times(durations, left)
    times, leavers, at_risk = _count(time, gone)
    share: Floats = np.asarray(np.cumprod(1 - leavers / at_risk), dtype=float)
    low, high = _margin(share, leavers=leavers, at_risk=at_risk, z=float(ndtri((1 + level) / 2)))
    return Retention(
        n=len(time),
        events=int(gone.sum()),
        times=tuple(map(float, times)),
        at_risk=tuple(map(int, at_risk)),
        left=tuple(map(int, leavers)),
        share=tuple(map(float, share)),
        low=tuple(map(float, low)),
        high=tuple(map(float, high)),
        median=_first_half(times, share),
        median_low=_first_half(times, low),
        median_high=_first_half(times, high),
    )


def log_rank(*, durations: ArrayLike, left: ArrayLike, other_durations: ArrayLike, other_left: ArrayLike) -> LogRank:
    """Compare the retention of two groups over the whole time (Mantel 1966).

    Raises SampleError on missing values, unequal lengths, or when nobody left while both groups were there.
    """
    time, gone = _check_times(durations, left)
    other_time, other_gone = _check_times(other_durations, other_left)
    times, leavers, at_risk = _count(np.concatenate([time, other_time]), np.concatenate([gone, other_gone]))
    here = (time >= times[:, None]).sum(axis=1)
    expected = float((leavers * here / at_risk).sum())
    chance = leavers * (here / at_risk) * (1 - here / at_risk) * (at_risk - leavers) / np.maximum(at_risk - 1, 1)
    variance = float(chance.sum())
    if not variance:
        raise SampleError("nobody left while both groups were there: their rates cannot be compared")
    chi2 = (int(gone.sum()) - expected) ** 2 / variance
    return LogRank(observed=int(gone.sum()), expected=expected, chi2=chi2, p=float(chdtrc(1, chi2)))


def _check_times(durations: ArrayLike, left: ArrayLike) -> tuple[Floats, Floats]:
    time = check_sample(durations, name="durations", at_least=1)
    gone = check_sample(left, name="left", at_least=1)
    if len(time) != len(gone) or time.min() < 0 or not np.isin(gone, (0, 1)).all():
        raise SampleError("each person has a duration from 0 on, and left (1) or did not (0)")
    return time, gone


def _count(time: Floats, gone: Floats) -> tuple[Floats, Floats, Floats]:
    """The times at which somebody left (m,), how many did, and how many were there until then."""
    times, leavers = np.unique(time[gone == 1], return_counts=True)
    return times, leavers.astype(float), len(time) - np.searchsorted(np.sort(time), times).astype(float)


def _margin(share: Floats, *, leavers: Floats, at_risk: Floats, z: float) -> tuple[Floats, Floats]:
    """Ends (m,) of the margin; once everyone has left there is no variance to speak of and both ends are NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(leavers / (at_risk * (at_risk - leavers)))
        reach = z * np.sqrt(greenwood) / np.log(share)
        return share ** np.exp(-reach), share ** np.exp(reach)


def _first_half(times: Floats, share: Floats) -> float | None:
    reached = np.flatnonzero(share <= 0.5 + 1e-12)
    return float(times[reached[0]]) if len(reached) else None
