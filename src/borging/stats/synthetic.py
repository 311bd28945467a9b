"""Synthetic control: one trained site against a weighted mix of sites that were not, chosen on the time before.

For the single site, plant or region that no group of the same kind can be laid beside (Abadie, Diamond & Hainmueller
2010, Journal of the American Statistical Association 105).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize, nnls

Floats = NDArray[np.float64]


class SyntheticControlError(ValueError):
    """These sites cannot carry a synthetic control; the message says why."""


@dataclass(frozen=True, kw_only=True)
class SyntheticControl:
    """A site and its synthetic control.

    weights: (units,) shares of the mix, summing to one, zero at the treated unit. importance: (k,) weight of each
    predictor in choosing the mix, summing to one. gaps: (T,) the site minus its control. rmspe_before, rmspe_after:
    root mean squared gap before and after the start; a mix that does not follow the time before proves nothing after.
    """

    treated: int
    weights: Floats
    importance: Floats
    gaps: Floats
    rmspe_before: float
    rmspe_after: float

    @property
    def ratio(self) -> float:
        """How much larger the gap is after the start than before: what placebos are compared on."""
        return self.rmspe_after / self.rmspe_before if self.rmspe_before else float("inf")


@dataclass(frozen=True, kw_only=True)
class Placebos:
    """The same analysis as if each other unit had been treated.

    ratios: (units,) after / before, the treated unit's own included. p: share of units with a ratio at least as large;
    never smaller than one over the number of units.
    """

    ratios: Floats
    p: float


def fit_control(
    *,
    outcomes: ArrayLike,
    predictors: ArrayLike,
    treated: int,
    before: int,
    importance: ArrayLike | None = None,
    starts: int = 8,
    seed: int = 0,
) -> SyntheticControl:
    """Mix the other units into a control for unit `treated`.

    outcomes: (T, units), of which the first `before` rows precede the start. predictors: (k, units) characteristics
    from the time before. The mix comes closest to the treated unit in the predictors, each divided by its standard
    deviation and weighted by `importance`; unless given, the importance is the one whose mix follows the outcome before
    the start best. That search has many local optima: it starts from equal importance and from `starts` seeded points.
    Raises SyntheticControlError for missing values, shapes that do not fit, fewer than two donors or no time after.
    """
    Y, X = np.asarray(outcomes, dtype=float), np.asarray(predictors, dtype=float)
    _check(Y=Y, X=X, treated=treated, before=before)
    donors = np.delete(np.arange(Y.shape[1]), treated)
    spread = X.std(axis=1, ddof=1)
    distances = (X[:, donors] - X[:, [treated]]) / np.where(spread > 0, spread, 1.0)[:, None]
    misses = Y[:, [treated]] - Y[:, donors]
    if importance is None:
        v = _find_importance(distances=distances, misses=misses[:before], starts=starts, seed=seed)
    else:
        v = np.asarray(importance, dtype=float)
        if v.shape != (len(X),) or (v < 0).any() or not v.any():
            raise SyntheticControlError("importance is a number of zero or more per predictor, and not all zero")
    weights = np.zeros(Y.shape[1])
    weights[donors] = _mix(distances=distances, importance=v)
    gaps = misses @ weights[donors]
    return SyntheticControl(
        treated=treated,
        weights=weights,
        importance=v / v.sum(),
        gaps=gaps,
        rmspe_before=float(np.sqrt(np.mean(gaps[:before] ** 2))),
        rmspe_after=float(np.sqrt(np.mean(gaps[before:] ** 2))),
    )


def compare_placebos(
    *, outcomes: ArrayLike, predictors: ArrayLike, control: SyntheticControl, before: int, starts: int = 0
) -> Placebos:
    """Treat every other unit as if it were the trained one, each time without the really treated unit as a donor.

    Shapes as in `fit_control`, of which `control` is the outcome.
    """
    Y, X = np.asarray(outcomes, dtype=float), np.asarray(predictors, dtype=float)
    others = np.delete(np.arange(Y.shape[1]), control.treated)
    ratios = np.full(Y.shape[1], control.ratio)
    for place, unit in enumerate(others):
        placebo = fit_control(
            outcomes=Y[:, others], predictors=X[:, others], treated=place, before=before, starts=starts
        )
        ratios[unit] = placebo.ratio
    return Placebos(ratios=ratios, p=float(np.mean(ratios >= control.ratio)))


def _check(*, Y: Floats, X: Floats, treated: int, before: int) -> None:
    if Y.ndim != 2 or X.ndim != 2 or Y.shape[1] != X.shape[1]:
        raise SyntheticControlError(f"outcomes and predictors have other units: {Y.shape}, {X.shape}")
    if not (np.isfinite(Y).all() and np.isfinite(X).all()):
        raise SyntheticControlError("a unit with missing values cannot be in the mix: leave it out")
    if Y.shape[1] < 3 or not 0 <= treated < Y.shape[1]:
        raise SyntheticControlError("a synthetic control needs one treated unit and at least two others")
    if not 0 < before < len(Y):
        raise SyntheticControlError("there are no measurements before, or none after, the start")


def _mix(*, distances: Floats, importance: Floats) -> Floats:
    """Shares (donors,) whose weighted sum of distances (k, donors) is shortest.

    The point of a convex hull nearest to the origin is non-negative least squares with a row of ones, rescaled
    (Wolfe 1976): for u = s * w the best s leaves a function that only rises with the distance of w.
    """
    A = distances * np.sqrt(importance)[:, None]
    scale = np.abs(A).max()
    shares, _rest = nnls(np.vstack([A / scale, np.ones(A.shape[1])]), np.append(np.zeros(len(A)), 1.0))
    return np.asarray(shares / shares.sum())


def _find_importance(*, distances: Floats, misses: Floats, starts: int, seed: int) -> Floats:
    """The importance (k,) whose mix has the smallest squared gap before the start."""

    def gap(roots: Floats) -> float:
        v = roots**2 / (roots @ roots)
        return float(np.mean((misses @ _mix(distances=distances, importance=v)) ** 2))

    k = len(distances)
    points = [np.ones(k), *np.sqrt(np.random.default_rng(seed).dirichlet(np.ones(k), size=starts))]
    tries = [minimize(gap, point, method="Nelder-Mead", options={"maxfev": 300 * k}) for point in points]
    best = min(tries, key=lambda result: float(result.fun))
    return np.asarray(best.x**2 / (best.x @ best.x))
