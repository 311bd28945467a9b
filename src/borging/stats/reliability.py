"""How much of a score is more than chance: of a questionnaire, of raters, and of one person's change.

Whether a reliability is good enough to show is decided where it is shown; here are the numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtri

from borging.stats.samples import Floats, SampleError, check_sample, check_table, spread

MOST_ROUNDS = 10_000


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """Internal consistency of k items answered by n people.

    alpha: Cronbach's, with Feldt's margin. standardised: of items on one scale. lambda6: Guttman's, NaN where an item
    follows from the others.
    """

    n: int
    k: int
    alpha: float
    low: float
    high: float
    standardised: float
    lambda6: float


@dataclass(frozen=True, kw_only=True)
class Omega:
    """McDonald's omega total of a sum score with one factor; loadings (k,) are standardised.

    bounded: a loading was held at one (Heywood case): too few people or not one factor, so do not trust it.
    """

    omega: float
    loadings: tuple[float, ...]
    bounded: bool


@dataclass(frozen=True, kw_only=True)
class IntraclassCorrelation:
    """The six forms of Shrout & Fleiss (1979), of one rating (icc_x_1) and of the mean of k raters (icc_x_k).

    1: each subject has raters of its own; 2: the raters are a sample of raters; 3: these raters and no others.
    low, high: margin of icc_2_k; low_1, high_1: of icc_2_1.
    """

    n: int
    k: int
    icc_1_1: float
    icc_2_1: float
    icc_3_1: float
    icc_1_k: float
    icc_2_k: float
    icc_3_k: float
    low: float
    high: float
    low_1: float
    high_1: float


@dataclass(frozen=True, kw_only=True)
class ReliableChange:
    """How many of n people changed by more than measurement error explains.

    smallest: the change from which on that is so. There is no value per person on purpose.
    """

    n: int
    smallest: float
    up: int
    same: int
    down: int


@dataclass(frozen=True, kw_only=True)
class Cutoffs:
    """Scores that mark a return to the functioning group: a, two SD beyond the dysfunctional mean; b, within two SD
    of the functional mean; c, where both groups are equally near."""

    a: float
    b: float
    c: float


def consistency(items: ArrayLike, *, level: float = 0.95) -> Reliability:
    """Cronbach's alpha and its kin of items (n, k), reversed ones already turned; n, k >= 2.

    Margin: Feldt (1965); lambda 6 on correlations (Guttman 1945). Raises SampleError on missing or too few values, or
    when the sum score or an item does not vary.
    """
    x = _check_items(items)
    n, k = x.shape
    covariance, correlation, _ = _moments(x)
    value, df = _alpha(covariance), (n - 1, (n - 1) * (k - 1))
    ends = fdtri(*df, np.array([(1 + level) / 2, (1 - level) / 2]))
    return Reliability(
        n=n,
        k=k,
        alpha=value,
        low=float(1 - (1 - value) * ends[0]),
        high=float(1 - (1 - value) * ends[1]),
        standardised=_alpha(correlation),
        lambda6=_lambda6(correlation),
    )


def omega(items: ArrayLike) -> Omega:
    """Omega total of the plain sum of items (n, k), k >= 3, turned alike (McDonald 1999).

    One factor by minimum residuals (Harman & Jones 1966) on the correlations, put back on the items' own scales:
    the squared sum of loadings over that plus the unique variances, so an item that was not turned shows as a low
    omega. Raises SampleError as `consistency` does.
    """
    x = _check_items(items, columns=3)
    _, correlation, sd = _moments(x)
    loadings, bounded = _one_factor(correlation)
    common, unique = float(loadings @ sd) ** 2, float((1 - loadings**2) @ sd**2)
    return Omega(omega=common / (common + unique), loadings=tuple(map(float, loadings)), bounded=bounded)


def icc(ratings: ArrayLike, *, level: float = 0.95) -> IntraclassCorrelation:
    """Intraclass correlations of ratings (n subjects, k raters), complete; n, k >= 2 (Shrout & Fleiss 1979).

    Raises SampleError on missing or too few values, or when nothing varies.
    """
    x = check_table(ratings, name="ratings", columns=2)
    n, k = x.shape
    rows, columns = x.mean(axis=1), x.mean(axis=0)
    bms, jms = k * float(rows.var(ddof=1)), n * float(columns.var(ddof=1))
    rest = x - rows[:, None] - columns + x.mean()
    ems = float((rest**2).sum()) / ((n - 1) * (k - 1))
    wms = float(((x - rows[:, None]) ** 2).sum()) / (n * (k - 1))
    if not bms + wms or not bms or not bms + (jms - ems) / n:
        raise SampleError("the subjects do not differ: agreement about them cannot be told")
    single = (bms - ems) / (bms + (k - 1) * ems + k * (jms - ems) / n)
    low_1, high_1 = _single_margin(bms=bms, jms=jms, ems=ems, single=single, n=n, k=k, level=level)
    return IntraclassCorrelation(
        n=n,
        k=k,
        icc_1_1=(bms - wms) / (bms + (k - 1) * wms),
        icc_2_1=single,
        icc_3_1=(bms - ems) / (bms + (k - 1) * ems),
        icc_1_k=(bms - wms) / bms,
        icc_2_k=(bms - ems) / (bms + (jms - ems) / n),
        icc_3_k=(bms - ems) / bms,
        low=spearman_brown(reliability=low_1, factor=k),
        high=spearman_brown(reliability=high_1, factor=k),
        low_1=low_1,
        high_1=high_1,
    )


def spearman_brown(*, reliability: float, factor: float) -> float:
    """Reliability of a test made `factor` times as long (Spearman 1910; Brown 1910)."""
    return factor * reliability / (1 + (factor - 1) * reliability)


def standard_error(*, sd: float, reliability: float) -> float:
    """Standard error of measurement of one score."""
    _check_reliability(sd=sd, reliability=reliability)
    return sd * math.sqrt(1 - reliability)


def difference_error(*, sd: float, reliability: float) -> float:
    """Standard error of the difference of two scores of one person: S_diff of Jacobson & Truax (1991)."""
    return math.sqrt(2) * standard_error(sd=sd, reliability=reliability)


def reliable_change(
    *, before: ArrayLike, after: ArrayLike, sd: float, reliability: float, z: float = 1.96
) -> ReliableChange:
    """Count people (n,) whose change exceeds z * S_diff (Jacobson & Truax 1991).

    sd, reliability: of the scale before, in this organisation or from its manual. Raises SampleError on missing
    values, unequal lengths, or a reliability outside [0, 1).
    """
    x, y = check_sample(before, name="before", at_least=1), check_sample(after, name="after", at_least=1)
    if len(x) != len(y):
        raise SampleError(f"{len(x)} values before and {len(y)} after: pairs need both")
    smallest = z * difference_error(sd=sd, reliability=reliability)
    up, down = int((y - x > smallest).sum()), int((x - y > smallest).sum())
    return ReliableChange(n=len(x), smallest=smallest, up=up, same=len(x) - up - down, down=down)


def cutoffs(
    *, mean_dysfunctional: float, sd_dysfunctional: float, mean_functional: float, sd_functional: float
) -> Cutoffs:
    """Cut-off scores a, b and c of Jacobson & Truax (1991), for scales where either direction is better."""
    way = math.copysign(1, mean_functional - mean_dysfunctional)
    both = sd_dysfunctional * mean_functional + sd_functional * mean_dysfunctional
    return Cutoffs(
        a=mean_dysfunctional + way * 2 * sd_dysfunctional,
        b=mean_functional - way * 2 * sd_functional,
        c=both / (sd_dysfunctional + sd_functional),
    )


def _check_items(items: ArrayLike, *, columns: int = 2) -> Floats:
    x = check_table(items, name="items", columns=columns)
    if not all(spread(column) for column in x.T):
        raise SampleError("an item has the same answer from everyone: leave it out")
    if not spread(x.sum(axis=1)):
        raise SampleError("everyone has the same total: nothing to tell people apart by")
    return x


def _moments(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Covariances (k, k), correlations (k, k) and standard deviations (k,)."""
    covariance = np.asarray(np.cov(x, rowvar=False))
    sd = np.sqrt(np.diag(covariance))
    return covariance, covariance / np.outer(sd, sd), sd


def _alpha(covariance: Floats) -> float:
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def _lambda6(correlation: Floats) -> float:
    """1 - the part of each item that the others do not predict, over the variance of the standardised sum."""
    if np.linalg.cond(correlation) > 1e12:
        return float("nan")
    return float(1 - (1 / np.diag(np.linalg.inv(correlation))).sum() / correlation.sum())


def _one_factor(correlation: Floats) -> tuple[Floats, bool]:
    """Loadings (k,) that leave the least off-diagonal residuals, one at a time, none above one."""
    off = correlation - np.eye(len(correlation))
    values, vectors = np.linalg.eigh(correlation)
    loadings = vectors[:, -1] * math.sqrt(values[-1])
    loadings = np.clip(loadings * np.sign(loadings.sum() or 1), -1, 1)
    for _ in range(MOST_ROUNDS):
        previous = loadings.copy()
        for item in range(len(loadings)):
            others = loadings @ loadings - loadings[item] ** 2
            loadings[item] = np.clip(off[item] @ loadings / others, -1, 1) if others else 0.0
        if np.abs(loadings - previous).max() < 1e-12:
            break
    return loadings, bool((np.abs(loadings) >= 1).any())


def _single_margin(
    *, bms: float, jms: float, ems: float, single: float, n: int, k: int, level: float
) -> tuple[float, float]:
    """Margin of icc(2,1), with Satterthwaite's degrees of freedom (Shrout & Fleiss 1979; McGraw & Wong 1996)."""
    if not ems:
        return single, single
    f, rest = jms / ems, n * (1 + (k - 1) * single) - k * single
    v = (k - 1) * (n - 1) * (k * single * f + rest) ** 2 / ((n - 1) * (k * single * f) ** 2 + rest**2)
    upper, lower = (float(fdtri(*df, (1 + level) / 2)) for df in ((n - 1, v), (v, n - 1)))
    spare = k * jms + (k * n - k - n) * ems
    low = n * (bms - upper * ems) / (upper * spare + n * bms)
    return low, n * (lower * bms - ems) / (spare + n * lower * bms)


def _check_reliability(*, sd: float, reliability: float) -> None:
    if not sd > 0 or not 0 <= reliability < 1:
        raise SampleError(f"a standard deviation is positive and a reliability in [0, 1), not {sd} and {reliability}")
