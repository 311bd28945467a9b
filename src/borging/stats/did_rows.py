"""Staggered difference-in-differences with covariates, from the rows of a small panel.

Outcome regression (Heckman, Ichimura & Todd 1997) and the doubly robust estimator (Sant'Anna & Zhao 2020,
J. Econometrics 219(1), the "traditional" form of R `DRDID`: logit and least squares) for each ATT(g, t). Continuous
covariates have no grouped sums, so this reads every row; below some thousands of people that is quick enough. What
comes out is a `did.GroupTime` like any other, so averages, tests and bands are those of `did`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from borging.stats import did
from borging.stats.did.effects import Base, Cells, Control, assemble, count_arms, plan_cells
from borging.stats.did.moments import Floats, Integers, cross_cohorts, multiply_rows

Method = Literal["regression", "doubly_robust"]
HIGHEST_SHARE = 0.995
"""Comparison people who look this much like the treated are left out: one of them would decide the result (DRDID)."""


class NoOverlapError(ValueError):
    """The covariates tell the groups apart, or each other, so well that nobody is left to compare with."""


def estimate(
    *,
    values: Floats,
    periods: Integers,
    start: Floats,
    covariates: Floats,
    clusters: Integers | None = None,
    method: Method = "doubly_robust",
    control: Control = "notyet",
    base: Base = "varying",
    anticipation: int = 0,
) -> did.GroupTime:
    """ATT(g, t) when trends are parallel among people with the same covariates.

    values, periods, start, clusters: as in `did.summarise`. covariates: (N, p), measured before any start, without a
    constant. control, base, anticipation: as in `did.estimate`. Each cell uses who was measured in both its periods;
    people with an unknown covariate are left out. The variance is the published one; with few clusters it is enlarged
    by C / (C - G - p) for C clusters and G cohorts, with a t distribution on C - G - p.
    Raises did.NothingToCompareError, NoOverlapError.
    """
    known = ~(np.isnan(covariates).any(axis=1) | np.isnan(values).all(axis=1))
    values, start = values[known], np.where(np.isnan(start[known]), np.inf, start[known])
    codes = None if clusters is None else clusters[known]
    moments = did.summarise(values=values, periods=periods, start=start, clusters=codes)
    cells = plan_cells(moments, control=control, base=base, anticipation=anticipation)
    cohort = np.searchsorted(moments.cohorts, start)
    X = np.column_stack([np.ones(len(values)), covariates[known]])
    att, influences = _compare_cells(values, cohort=cohort, X=X, cells=cells, method=method)
    arms, free = count_arms(moments, cells), moments.cluster_counts.sum() - len(moments.cohorts) - covariates.shape[1]
    few = not arms.enough_for_normal(moments.level)
    if few and free < 1:
        raise did.NothingToCompareError("fewer clusters than cohorts and covariates, so nothing says how they differ")
    z = np.column_stack([np.ones(len(values)), influences])
    sums = _add_up(z, cohort=cohort, clusters=codes, factor=moments.cluster_counts.sum() / free if few else 1.0)
    K = len(att)
    return assemble(
        moments=moments,
        cells=cells,
        arms=arms,
        att=att,
        loadings=np.broadcast_to(np.eye(K, K + 1, 1), (len(moments.cohorts), K, K + 1)),
        sums=sums,
        df=float(free) if few else None,
    )


def _compare_cells(
    values: Floats, *, cohort: Integers, X: Floats, cells: Cells, method: Method
) -> tuple[Floats, Floats]:
    """Every cell's estimate (K,) and everyone's influence on it (N, K)."""
    K = len(cells.cohort)
    att, influences = np.zeros(K), np.zeros((len(values), K))
    compare = _adjust_outcomes if method == "regression" else _adjust_doubly
    for cell in np.flatnonzero(cells.time != cells.base):
        change = values[:, cells.time[cell]] - values[:, cells.base[cell]]
        treated = cohort == cells.cohort[cell]
        use = np.flatnonzero((treated | cells.comparison[cell][cohort]) & ~np.isnan(change))
        att[cell], influences[use, cell] = compare(change[use], treated[use].astype(float), X[use])
    return att, influences


def _adjust_outcomes(change: Floats, treated: Floats, X: Floats) -> tuple[float, Floats]:
    """The treated's change, less what their covariates predict from the comparison group's changes."""
    gap, slope_influence = _regress(change, 1.0 - treated, X)
    size = treated.sum()
    att = float(treated @ gap / size)
    return att, (treated * (gap - att) - slope_influence @ (treated @ X)) / size


def _adjust_doubly(change: Floats, treated: Floats, X: Floats) -> tuple[float, Floats]:
    """The same, less what is left of it among comparison people weighted to look like the treated.

    Right when either the regression or the weights are right.
    """
    gap, slope_influence = _regress(change, 1.0 - treated, X)
    share, share_influence = _predict_membership(treated, X)
    weight = (1.0 - treated) * np.where(share < HIGHEST_SHARE, share / (1.0 - share), 0.0)
    size, weighed = treated.sum(), weight.sum()
    if not weighed:
        raise NoOverlapError("nobody in the comparison group looks like the treated")
    mine, theirs = float(treated @ gap / size), float(weight @ gap / weighed)
    on_treated = (treated * (gap - mine) - slope_influence @ (treated @ X)) / size
    on_comparison = weight * (gap - theirs) + share_influence @ ((weight * (gap - theirs)) @ X)
    on_comparison -= slope_influence @ (weight @ X)
    return mine - theirs, on_treated - on_comparison / weighed


def _regress(change: Floats, weight: Floats, X: Floats) -> tuple[Floats, Floats]:
    """Least squares among those with weight: everyone's distance to the fit, and their influence on the slopes."""
    information = (X * weight[:, None]).T @ X
    if np.linalg.matrix_rank(information, hermitian=True) < X.shape[1]:
        raise NoOverlapError("the comparison group is too small or too much alike for these covariates")
    gap = change - X @ np.linalg.solve(information, X.T @ (weight * change))
    return gap, (weight * gap)[:, None] * np.linalg.solve(information, X.T).T


def _predict_membership(treated: Floats, X: Floats) -> tuple[Floats, Floats]:
    """Logit by Newton's method: everyone's chance to be treated, and their influence on the coefficients."""
    slopes: Floats = np.zeros(X.shape[1])
    for _ in range(50):
        share = np.clip(1.0 / (1.0 + np.exp(-np.clip(X @ slopes, -30.0, 30.0))), 1e-12, 1.0 - 1e-6)
        information = (X * (share * (1.0 - share))[:, None]).T @ X
        if np.linalg.cond(information) > 1e14:
            break
        step = np.linalg.solve(information, X.T @ (treated - share))
        if np.max(np.abs(step)) < 1e-10 * (1.0 + np.max(np.abs(slopes))):
            return share, ((treated - share)[:, None] * X) @ np.linalg.inv(information)
        slopes += step
    raise NoOverlapError("the covariates separate the treated from the comparison group")


def _add_up(z: Floats, *, cohort: Integers, clusters: Integers | None, factor: float) -> did.CrossSums:
    """Cross sums of z (N, Z) over clusters, within and between cohorts."""
    codes = np.arange(len(z)) if clusters is None else clusters
    labels, sums = [], []
    for k in range(cohort.max() + 1):
        found, place = np.unique(codes[cohort == k], return_inverse=True)
        total: Floats = np.zeros((len(found), z.shape[1]))
        np.add.at(total, place, z[cohort == k])
        labels.append(found)
        sums.append(total)
    between = cross_cohorts(labels, sums) if clusters is not None else {}
    return did.CrossSums(
        within=factor * np.stack([multiply_rows(total, total) for total in sums]),
        between={pair: factor * total for pair, total in between.items()},
    )
