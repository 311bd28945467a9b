"""How people develop over time: one growth curve per person, and the average of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]


class GrowthError(ValueError):
    """These measurements cannot carry a growth curve per person; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The average straight line over people, and how much people differ around it.

    intercept: average value at `origin`; slope: average change per unit of time. low, high: the slope's interval at
    `level`; t with df = people - 1, which is exact when all are measured at the same times.
    sd_intercept, sd_slope, correlation: spread between people; sd_residual: spread within a person around their line.
    boundary: people do not differ measurably in level or in slope, and the correlation means nothing.
    """

    intercept: float
    se_intercept: float
    slope: float
    se_slope: float
    low: float
    high: float
    level: float
    df: int
    p: float
    sd_intercept: float
    sd_slope: float
    correlation: float
    sd_residual: float
    origin: float
    people: int
    measurements: int
    boundary: bool


class _Sums(NamedTuple):
    """Per person, with z = (1, time): sums of z z' (people, 2, 2), of z y (people, 2) and of y y; n measurements."""

    zz: Floats
    zy: Floats
    yy: float
    n: int


class _Mixed(NamedTuple):
    """A fit: fixed effects (2,), their covariance (2, 2), covariance between people (2, 2), residual variance."""

    average: Floats
    covariance: Floats
    between: Floats
    variance: float


def fit_growth(
    *, person: ArrayLike, time: ArrayLike, value: ArrayLike, origin: float = 0.0, level: float = 0.95
) -> Growth:
    """Fit value (n,) on time (n,) with a random intercept and slope per person (n,), by restricted maximum likelihood.

    The linear mixed model of Laird & Ware (1982); missing measurements are simply absent rows (missing at random).
    Only averages and spreads come out: no line of one person.
    Raises GrowthError with fewer than three people measured twice, equal times, missing values or no convergence.
    """
    labels, times, values = np.asarray(person), np.asarray(time, dtype=float), np.asarray(value, dtype=float)
    _check(person=labels, times=times, values=values)
    # Centred and scaled: calendar months (year * 12 + month) stay well conditioned, and the likelihood is the same.
    middle, unit, centre, spread = times.mean(), times.std(), values.mean(), values.std()
    people, who = np.unique(labels, return_inverse=True)
    fitted = _fit_mixed(_sum_per_person(who=who, z=(times - middle) / unit, y=(values - centre) / spread))
    back = spread * np.array([[1.0, (origin - middle) / unit], [0.0, 1 / unit]])
    average = back @ fitted.average + [centre, 0.0]
    se = np.sqrt(np.diag(back @ fitted.covariance @ back.T))
    between = back @ fitted.between @ back.T
    sds = np.sqrt(np.diag(between))
    df = len(people) - 1
    reach = float(stdtrit(df, (1 + level) / 2) * se[1])
    return Growth(
        intercept=float(average[0]),
        se_intercept=float(se[0]),
        slope=float(average[1]),
        se_slope=float(se[1]),
        low=float(average[1]) - reach,
        high=float(average[1]) + reach,
        level=level,
        df=df,
        p=2 * float(stdtr(df, -abs(average[1] / se[1]))),
        sd_intercept=float(sds[0]),
        sd_slope=float(sds[1]),
        correlation=float(between[0, 1] / sds.prod()) if sds.prod() else 0.0,
        sd_residual=float(spread * np.sqrt(fitted.variance)),
        origin=origin,
        people=len(people),
        measurements=len(values),
        boundary=bool(np.linalg.eigvalsh(fitted.between)[0] < 1e-6 * fitted.variance),
    )


def _check(*, person: NDArray[Any], times: Floats, values: Floats) -> None:
    if not person.shape == times.shape == values.shape or values.ndim != 1:
        raise GrowthError(f"person, time and value do not fit: {person.shape}, {times.shape}, {values.shape}")
    if not (np.isfinite(times).all() and np.isfinite(values).all()):
        raise GrowthError("time or value is missing: leave such measurements out")
    _names, counts = np.unique(person, return_counts=True)
    if (counts >= 2).sum() < 3:
        raise GrowthError("fewer than three people were measured twice")
    if np.ptp(times) == 0 or np.ptp(values) == 0:
        raise GrowthError("all times, or all values, are the same")


def _sum_per_person(*, who: NDArray[np.intp], z: Floats, y: Floats) -> _Sums:
    """The likelihood needs no more than these sums, so its cost depends on people, not on measurements."""
    parts = (np.ones_like(z), z, z * z, y, z * y)
    count, sum_z, sum_zz, sum_y, sum_zy = (np.bincount(who, weights=part).astype(float) for part in parts)
    zz = np.stack([np.stack([count, sum_z], axis=-1), np.stack([sum_z, sum_zz], axis=-1)], axis=-2)
    return _Sums(zz, np.stack([sum_y, sum_zy], axis=-1), float(y @ y), len(y))


def _fit_mixed(sums: _Sums) -> _Mixed:
    """Minimise the restricted deviance over the triangular root of the spread between people, in residual units.

    Written as in Bates et al. (2015): a triangle may be zero, so people who do not differ need no special case.
    """
    starts = ([1.0, 0.0, 1.0], [0.2, 0.0, 0.2])
    options = {"xatol": 1e-7, "fatol": 1e-10, "maxiter": 4000}
    tries = [
        minimize(lambda at: _profile(sums, at)[0], start, method="Nelder-Mead", options=options) for start in starts
    ]
    best = min(tries, key=lambda result: float(result.fun))
    if not (best.success and np.isfinite(best.fun)):
        raise GrowthError("the growth curves did not converge: too few measurements a person")
    return _profile(sums, best.x)[1]


def _profile(sums: _Sums, triangle: Floats) -> tuple[float, _Mixed]:
    """The restricted deviance with everything but the triangle at its best, and that best."""
    L = np.array([[triangle[0], 0.0], [triangle[1], triangle[2]]])
    inner = np.eye(2) + L.T @ sums.zz @ L
    shrink = L @ np.linalg.solve(inner, np.broadcast_to(L.T, inner.shape))
    pulled = np.einsum("pij,pj->pi", shrink, sums.zy)
    A = (sums.zz - sums.zz @ shrink @ sums.zz).sum(axis=0)
    b = (sums.zy - np.einsum("pij,pj->pi", sums.zz, pulled)).sum(axis=0)
    average = np.linalg.solve(A, b)
    rest = sums.yy - float(np.einsum("pi,pi->", sums.zy, pulled)) - float(b @ average)
    variance = max(rest, np.finfo(float).tiny) / (sums.n - 2)
    deviance = np.linalg.slogdet(inner)[1].sum() + np.linalg.slogdet(A)[1] + (sums.n - 2) * np.log(variance)
    return float(deviance), _Mixed(average, np.linalg.inv(A) * variance, L @ L.T * variance, variance)
