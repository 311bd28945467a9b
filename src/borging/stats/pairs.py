"""The same people at two moments: how much changed, with its margin, and for ordinal and pass-fail scores too.

A change within one group is a difference between two measurements; what caused it these functions cannot say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bdtr, chdtrc, ndtr, ndtri

from borging.stats.samples import (
    Floats,
    SampleError,
    check_sample,
    correlate,
    divide,
    find_margin,
    hedges_correction,
    spread,
)

MOST_EXACT_PAIRS = 50
"""Changed pairs up to which every assignment of signs is counted; beyond, the normal approximation is as good."""


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean of n values with its t margin."""

    n: int
    mean: float
    sd: float
    se: float
    df: int
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class PairedChange:
    """The average change (after - before) of n people, in the unit of the scores, with its paired t margin.

    r: correlation of before and after. d_z: change in standard deviations of the change. d_av, g_av: in the average
    of the two standard deviations, raw and with Hedges' correction; this one compares with studies of two groups.
    common_language: chance that a person scores higher after than before. What no spread leaves undefined is NaN.
    """

    n: int
    mean_before: float
    mean_after: float
    sd_before: float
    sd_after: float
    difference: float
    se: float
    df: int
    low: float
    high: float
    t: float
    p: float
    r: float
    d_z: float
    d_av: float
    g_av: float
    common_language: float


@dataclass(frozen=True, kw_only=True)
class SignedRank:
    """Wilcoxon's test: `changed` of n people scored differently; rank sums of those up and down.

    z: None when every assignment of signs was counted. rank_biserial: from -1 (all down) to 1 (all up).
    """

    n: int
    changed: int
    rank_sum_up: float
    rank_sum_down: float
    rank_biserial: float
    z: float | None
    p: float
    exact: bool


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """Whether more people gained than lost: exact binomial p, and chi-square (1 df) without and with correction."""

    gained: int
    lost: int
    p_exact: float
    chi2: float
    p_chi2: float
    chi2_corrected: float
    p_corrected: float


@dataclass(frozen=True, kw_only=True)
class ShareChange:
    """Change of a share among n people, as a share (0.05 is five percentage points), with its margin."""

    n: int
    difference: float
    low: float
    high: float


def mean_with_margin(values: ArrayLike, *, level: float = 0.95) -> Mean:
    """The mean of values (n,), n >= 2, with its t margin. Raises SampleError on missing or too few values."""
    x = check_sample(values, name="values")
    n, mean, sd = len(x), float(x.mean()), spread(x)
    se = sd / math.sqrt(n)
    margin = find_margin(value=mean, se=se, df=n - 1, level=level)
    return Mean(n=n, mean=mean, sd=sd, se=se, df=n - 1, low=margin.low, high=margin.high)


def change(*, before: ArrayLike, after: ArrayLike, level: float = 0.95) -> PairedChange:
    """Compare before (n,) and after (n,) of the same n >= 2 people, in the same order.

    Effect sizes as in Lakens (2013), Frontiers in Psychology 4:863; d_av is corrected with J(2(n - 1)), as there.
    Raises SampleError on missing values, unequal lengths or fewer than two people.
    """
    x, y, moved = _check_pairs(before, after)
    n, df = len(moved), len(moved) - 1
    difference, sd = float(moved.mean()), spread(moved, scale=float(max(np.abs(x).max(), np.abs(y).max())))
    se = sd / math.sqrt(n)
    margin = find_margin(value=difference, se=se, df=df, level=level)
    d_z, d_av = divide(difference, sd), divide(difference, (spread(x) + spread(y)) / 2)
    return PairedChange(
        n=n,
        mean_before=float(x.mean()),
        mean_after=float(y.mean()),
        sd_before=spread(x),
        sd_after=spread(y),
        difference=difference,
        se=se,
        df=df,
        low=margin.low,
        high=margin.high,
        t=margin.t,
        p=margin.p,
        r=correlate(x, y),
        d_z=d_z,
        d_av=d_av,
        g_av=d_av * hedges_correction(2 * df),
        common_language=float(ndtr(d_z)),
    )


def signed_rank(*, before: ArrayLike, after: ArrayLike) -> SignedRank:
    """Wilcoxon's signed-rank test of before (n,) and after (n,), for scores whose steps need not be equally large.

    People without change are left out (Wilcoxon 1945); equal changes share their rank. Up to 50 changed pairs the
    exact distribution given those ranks, ties or not; above, normal with tie and continuity correction.
    Raises SampleError on missing values, unequal lengths, or when nobody changed.
    """
    x, y, moved = _check_pairs(before, after)
    scale = float(max(np.abs(x).max(), np.abs(y).max()))
    steps = moved[np.abs(moved) > 1e-9 * scale]
    if not len(steps):
        raise SampleError("nobody changed: there is nothing to rank")
    ranks = _rank(np.round(np.abs(steps) / scale, 9))
    up, total = float(ranks[steps > 0].sum()), float(ranks.sum())
    exact = len(steps) <= MOST_EXACT_PAIRS
    z = None if exact else _signed_rank_z(ranks, up=up)
    return SignedRank(
        n=len(x),
        changed=len(steps),
        rank_sum_up=up,
        rank_sum_down=total - up,
        rank_biserial=(2 * up - total) / total,
        z=z,
        p=_exact_signed_rank(ranks, up=up) if z is None else float(2 * ndtr(-abs(z))),
        exact=exact,
    )


def mcnemar(*, gained: int, lost: int) -> McNemar:
    """Test whether those who came to pass (gained) outnumber those who no longer do (lost) (McNemar 1947).

    The exact p is the one to show; the correction of the chi-square is Edwards' (1948).
    Raises SampleError when a count is negative or nobody changed.
    """
    changed = gained + lost
    if min(gained, lost) < 0 or not changed:
        raise SampleError(f"{gained} gained and {lost} lost: nothing to compare")
    gap = abs(gained - lost)
    chi2, corrected = gap**2 / changed, max(gap - 1, 0) ** 2 / changed
    return McNemar(
        gained=gained,
        lost=lost,
        p_exact=min(1.0, 2 * float(bdtr(min(gained, lost), changed, 0.5))),
        chi2=chi2,
        p_chi2=float(chdtrc(1, chi2)),
        chi2_corrected=corrected,
        p_corrected=float(chdtrc(1, corrected)),
    )


def share_change(*, gained: int, lost: int, n: int, level: float = 0.95) -> ShareChange:
    """How much the share that passes changed among n people measured twice: (gained - lost) / n.

    The margin is the adjusted Wald interval of Bonett & Price (2012): one gained and one lost are added, so it keeps
    its width when nobody moved. Raises SampleError when the counts do not fit n.
    """
    if min(gained, lost) < 0 or n < max(gained + lost, 1):
        raise SampleError(f"{gained} gained and {lost} lost of {n} people")
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    reach = float(ndtri((1 + level) / 2)) * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    return ShareChange(
        n=n, difference=(gained - lost) / n, low=max(up - down - reach, -1.0), high=min(up - down + reach, 1.0)
    )


def expected_regression(*, mean_population: float, mean_selected: float, rho: float) -> float:
    """Change to expect without any effect when people were selected on a low or high score: (1 - rho)(mu - m).

    rho: correlation between two measurements without training in between, or the reliability (Barnett et al. 2005).
    Raises SampleError when rho is not between -1 and 1.
    """
    if not -1 <= rho <= 1:
        raise SampleError(f"a correlation lies between -1 and 1, not {rho}")
    return (1 - rho) * (mean_population - mean_selected)


def _check_pairs(before: ArrayLike, after: ArrayLike) -> tuple[Floats, Floats, Floats]:
    x, y = check_sample(before, name="before"), check_sample(after, name="after")
    if len(x) != len(y):
        raise SampleError(f"{len(x)} values before and {len(y)} after: pairs need both")
    return x, y, y - x


def _rank(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse])


def _exact_signed_rank(ranks: Floats, *, up: float) -> float:
    """Two-sided p over all 2^n assignments of signs, counted by adding one rank at a time."""
    halves = np.rint(2 * ranks).astype(int)  # midranks are halves: twice them are whole numbers
    ways = np.zeros(halves.sum() + 1)
    ways[0] = 1
    for step in halves:
        ways[step:] += ways[:-step].copy()
    furthest = max(round(2 * up), halves.sum() - round(2 * up))
    return min(1.0, 2 * float(ways[furthest:].sum() / ways.sum()))


def _signed_rank_z(ranks: Floats, *, up: float) -> float:
    away = up - ranks.sum() / 2
    return float(np.sign(away) * max(abs(away) - 0.5, 0) / np.sqrt((ranks**2).sum() / 4))
