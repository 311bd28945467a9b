"""Whether two groups are alike enough to be compared, and how far an answer moves if they are not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, stdtr

from borging.stats.samples import Floats, SampleError, check_sample, check_table, spread

RIDGE = 1.0
"""Penalty on squared log-odds per standard deviation: keeps the fit finite when groups separate; weighs as much as a
handful of people, so it does nothing in a large sample."""

ENOUGH_FOR_PERCENTILES = 100
ONE_IN_A_HUNDRED = 2.326
"""Standard deviations to the 1st and 99th percentile of a normal distribution."""


@dataclass(frozen=True, kw_only=True)
class Balance:
    """One characteristic in two groups. smd: difference in means over the root of the average variance.

    smd is infinite when neither group varies but they differ. variance_ratio: treated over comparison, None when the
    comparison does not vary.
    """

    mean_treated: float
    mean_comparison: float
    smd: float
    variance_ratio: float | None


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Shares of each group whose propensity lies inside the 1st to 99th percentile of the other group.

    effective_comparison: how many people the comparison is worth once weighted to look like the treated (Kish).
    """

    share_treated_inside: float
    share_comparison_inside: float
    effective_comparison: float


@dataclass(frozen=True, kw_only=True)
class EValue:
    """How strongly something unmeasured must go with both training and outcome to explain the ratio away.

    limit: the same for the end of the interval nearest to one, None without an interval.
    """

    estimate: float
    limit: float | None


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The effect lies between low and high whatever the missing people scored, under the assumption of the method."""

    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class LeeBounds(Bounds):
    """trim_share: which part of the better-observed group ("trimmed") was left out."""

    trim_share: float
    trimmed: Literal["treated", "comparison", "none"]


def standardised_difference(*, treated: ArrayLike, comparison: ArrayLike) -> Balance:
    """Compare a characteristic, measured (n,), (m,) or 0/1, in both groups; at least two values each (Austin 2009).

    Variances over n - 1, for 0/1 as well. Raises SampleError on missing or too few values.
    """
    x, y = check_sample(treated, name="treated"), check_sample(comparison, name="comparison")
    gap, sd = float(x.mean() - y.mean()), math.sqrt((spread(x) ** 2 + spread(y) ** 2) / 2)
    if abs(gap) <= 1e-12 * max(np.abs(x).max(), np.abs(y).max()):
        smd = 0.0
    else:
        smd = gap / sd if sd else math.copysign(math.inf, gap)
    ratio = spread(x) ** 2 / spread(y) ** 2 if spread(y) else None
    return Balance(mean_treated=float(x.mean()), mean_comparison=float(y.mean()), smd=smd, variance_ratio=ratio)


def overlap(*, treated: ArrayLike, comparison: ArrayLike) -> Overlap:
    """How many of the treated (n, k) have people like them in the comparison (m, k), on k characteristics at once.

    One logistic propensity with a light ridge (which keeps it finite when a characteristic separates the groups);
    "like them" is inside the 1st to 99th percentile of the other group's log-odds. A group under a hundred cannot show
    its 1st percentile: there the normal one counts where it lies farther out, or two groups of twelve drawn from the
    same people would look apart more often than not. Raises SampleError on missing values, fewer than two people in a
    group or different columns.
    """
    x, y = check_table(treated, name="treated"), check_table(comparison, name="comparison")
    if x.shape[1] != y.shape[1]:
        raise SampleError(f"{x.shape[1]} characteristics against {y.shape[1]}")
    score = _propensity(np.vstack([x, y]), member=np.repeat([1.0, 0.0], [len(x), len(y)]))
    mine, theirs = score[: len(x)], score[len(x) :]
    weights = np.exp(theirs - theirs.max())
    return Overlap(
        share_treated_inside=_share_inside(mine, of=theirs),
        share_comparison_inside=_share_inside(theirs, of=mine),
        effective_comparison=float(weights.sum() ** 2 / (weights**2).sum()),
    )


def e_value(*, ratio: float, low: float | None = None, high: float | None = None) -> EValue:
    """The E-value of a risk ratio with interval [low, high] (VanderWeele & Ding 2017). 1: anything could explain it.

    Raises SampleError unless 0 < low <= ratio <= high, as far as given.
    """
    if ratio <= 0 or (low is not None and not 0 < low <= ratio) or (high is not None and high < ratio):
        raise SampleError(f"a risk ratio is positive and lies inside its interval: {low}, {ratio}, {high}")
    nearest = low if ratio >= 1 else high
    limit = None if nearest is None else _strength(nearest if (nearest - 1) * (ratio - 1) > 0 else 1.0)
    return EValue(estimate=_strength(ratio), limit=limit)


def e_value_of_difference(*, d: float, se: float) -> EValue:
    """The E-value of a standardised difference d with its standard error, as risk ratio exp(.91 d), +- 1.78 se.

    The approximation VanderWeele & Ding (2017) give for continuous outcomes.
    """
    low, high = math.exp(0.91 * d - 1.78 * se), math.exp(0.91 * d + 1.78 * se)
    return e_value(ratio=math.exp(0.91 * d), low=low, high=high)


def lee_bounds(*, treated: ArrayLike, comparison: ArrayLike, n_treated: int, n_comparison: int) -> LeeBounds:
    """Effect on those who would be measured in either group, when training only moves attrition one way (Lee 2009).

    treated (n,), comparison (m,): outcomes of those measured, of n_treated and n_comparison assigned by lot. The
    better-observed group is trimmed from above and from below by exactly its surplus, a part of a person if need be.
    Raises SampleError on missing values or more measured than assigned.
    """
    x, y = _check_measured(treated, comparison, n_treated=n_treated, n_comparison=n_comparison)
    seen_x, seen_y = len(x) / n_treated, len(y) / n_comparison
    share = abs(seen_x - seen_y) / max(seen_x, seen_y)
    if seen_x >= seen_y:
        low, high = _trimmed_mean(x, share=share, end="high"), _trimmed_mean(x, share=share, end="low")
        low, high = low - float(y.mean()), high - float(y.mean())
    else:
        low, high = _trimmed_mean(y, share=share, end="low"), _trimmed_mean(y, share=share, end="high")
        low, high = float(x.mean()) - low, float(x.mean()) - high
    trimmed: Literal["treated", "comparison"] = "treated" if seen_x > seen_y else "comparison"
    return LeeBounds(low=low, high=high, trim_share=share, trimmed=trimmed if share else "none")


def manski_bounds(
    *,
    treated: ArrayLike,
    comparison: ArrayLike,
    n_treated: int,
    n_comparison: int,
    lowest: float,
    highest: float,
) -> Bounds:
    """Worst case: everyone missing scored `lowest` in one group and `highest` in the other (Manski 1990).

    Raises SampleError on missing values, more measured than assigned, or scores outside [lowest, highest].
    """
    x, y = _check_measured(treated, comparison, n_treated=n_treated, n_comparison=n_comparison)
    if min(x.min(), y.min()) < lowest or max(x.max(), y.max()) > highest:
        raise SampleError(f"a score lies outside the scale from {lowest} to {highest}")
    missing_x, missing_y = n_treated - len(x), n_comparison - len(y)
    low = (x.sum() + missing_x * lowest) / n_treated - (y.sum() + missing_y * highest) / n_comparison
    high = (x.sum() + missing_x * highest) / n_treated - (y.sum() + missing_y * lowest) / n_comparison
    return Bounds(low=float(low), high=float(high))


def equivalence(*, estimate: float, se: float, df: float, margin: float) -> float:
    """p of the claim that the true value lies within +-margin: two one-sided t tests (Schuirmann 1987).

    df may be infinite (normal). Raises SampleError unless se and margin are positive.
    """
    if se <= 0 or margin <= 0:
        raise SampleError(f"equivalence needs a positive standard error and margin, not {se} and {margin}")
    return float(stdtr(df, (abs(estimate) - margin) / se))


def _strength(ratio: float) -> float:
    above = ratio if ratio >= 1 else 1 / ratio
    return above + math.sqrt(above * (above - 1))


def _propensity(X: Floats, *, member: Floats) -> Floats:
    """Log-odds of being treated, by Newton steps on the ridge-penalised likelihood; the intercept goes free."""
    sd = np.array([spread(column) for column in X.T])
    design = np.column_stack([np.ones(len(X)), (X - X.mean(axis=0)) / np.where(sd > 0, sd, np.inf)])
    penalty = np.diag([0.0] + [RIDGE] * X.shape[1])
    beta = np.zeros(design.shape[1])
    beta[0] = math.log(member.mean() / (1 - member.mean()))
    for _ in range(50):
        p = expit(design @ beta)
        gradient = design.T @ (member - p) - penalty @ beta
        information = (design * (p * (1 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(information, gradient)
        beta += step / max(1.0, float(np.abs(step).max()) / 2)  # at most two log-odds at once, or it may overshoot
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(design @ beta)


def _share_inside(scores: Floats, *, of: Floats) -> float:
    low, high = np.quantile(of, [0.01, 0.99])
    if len(of) < ENOUGH_FOR_PERCENTILES:
        reach = ONE_IN_A_HUNDRED * spread(of)
        low, high = min(low, of.mean() - reach), max(high, of.mean() + reach)
    return float(np.mean((scores >= low) & (scores <= high)))


def _check_measured(
    treated: ArrayLike, comparison: ArrayLike, *, n_treated: int, n_comparison: int
) -> tuple[Floats, Floats]:
    x = check_sample(treated, name="treated", at_least=1)
    y = check_sample(comparison, name="comparison", at_least=1)
    if len(x) > n_treated or len(y) > n_comparison:
        raise SampleError(f"{len(x)} and {len(y)} measured of {n_treated} and {n_comparison} assigned")
    return x, y


def _trimmed_mean(values: Floats, *, share: float, end: Literal["low", "high"]) -> float:
    """Mean after leaving out a share of the lowest or highest values; the last one counts for the part that stays."""
    ordered = np.sort(values) if end == "low" else -np.sort(-values)
    cut = share * len(values)
    weights = np.clip(np.arange(1, len(values) + 1) - cut, 0, 1)
    return float(ordered @ weights / weights.sum())
