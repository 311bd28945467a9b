"""Least squares with the standard errors that fit the way people were drawn, and the wild cluster bootstrap.

Plain numpy: a regression here has a few columns, so what matters is which small-sample convention a standard error
follows. That is written beside each one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]
Kind = Literal["classical", "hc1", "hc2", "hc3", "cluster"]
BootstrapWeights = Literal["webb", "rademacher"]

SIX_POINTS = np.sqrt([1.5, 1.0, 0.5])
BOOTSTRAP_WEIGHTS: dict[BootstrapWeights, Floats] = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.concatenate([-SIX_POINTS, SIX_POINTS[::-1]]),
}
"""Mean zero, variance one. Six points (Webb 2023) because 2^G sign flips are few with few clusters."""


class RegressionError(ValueError):
    """These rows cannot carry this regression; the message says which rows or columns are in the way."""


@dataclass(frozen=True, kw_only=True)
class Regression:
    """A fitted regression with k coefficients on n rows.

    coefficients, se, t, p: (k,). covariance: (k, k). df: degrees of freedom of t. clusters: number of clusters per way,
    empty without clusters. r_squared: share of the weighted variance around the mean that is explained.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    se: Floats
    t: Floats
    df: int
    p: Floats
    n: int
    clusters: tuple[int, ...]
    r_squared: float
    residuals: Floats
    kind: Kind

    def interval(self, *, level: float = 0.95) -> tuple[Floats, Floats]:
        """The lower and upper ends (k,) of each coefficient's confidence interval."""
        reach = stdtrit(self.df, (1 + level) / 2) * self.se
        return self.coefficients - reach, self.coefficients + reach


@dataclass(frozen=True, kw_only=True)
class WildBootstrap:
    """A wild cluster bootstrap test of one coefficient.

    t: the statistic of the data. draws: statistics compared with. enumerated: whether those are all there are.
    low, high: the null values that are not rejected at `level`; infinite where no null value is.
    """

    coefficient: float
    t: float
    p: float
    low: float
    high: float
    level: float
    draws: int
    clusters: int
    enumerated: bool


@dataclass(frozen=True, kw_only=True)
class _Solved:
    """Weighted least squares: X and residuals times the root of the weights, and the inverse of X'WX."""

    X: Floats
    y: Floats
    coefficients: Floats
    residuals: Floats
    bread: Floats


def fit(
    *,
    y: ArrayLike,
    X: ArrayLike,
    names: tuple[str, ...] | None = None,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    kind: Kind = "classical",
    absorbed: int = 0,
) -> Regression:
    """Regress y (n,) on X (n, k), which holds its own column of ones.

    weights: (n,) positive sampling weights. clusters: (n,) or (n, 2) labels, only with kind "cluster".
    absorbed: coefficients already taken out of y and X with `remove_means`; they count in the degrees of freedom.

    Conventions. classical: residual variance over n - k. hc1: White with n / (n - k); hc2, hc3: residuals over
    (1 - leverage) and its square (MacKinnon & White 1985). cluster: G / (G - 1) * (n - 1) / (n - k), t with G - 1
    degrees of freedom. Two-way: V1 + V2 - V12, each with the factor of its own G, and the smaller G for t (Cameron,
    Gelbach & Miller 2011), as `ssc(G_df="conventional")` in pyfixest; negative eigenvalues are set to zero.
    Raises RegressionError for shapes that do not fit, collinear columns and too few rows or clusters.
    """
    rows = _check(y=y, X=X, weights=weights)
    solved = _solve(*rows)
    n, k = solved.X.shape
    labels = _check_clusters(clusters, n=n, kind=kind)
    spare = n - k - absorbed
    if spare < 1:
        raise RegressionError(f"{n} rows are too few for {k + absorbed} coefficients")
    if kind == "cluster":
        covariance, counts = _cluster_covariance(solved, labels=labels, spare=spare)
        df = min(counts) - 1
    else:
        covariance, counts, df = _row_covariance(solved, kind=kind, spare=spare), (), spare
    se = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = solved.coefficients / se
    return Regression(
        names=names or tuple(f"x{i}" for i in range(k)),
        coefficients=solved.coefficients,
        covariance=covariance,
        se=se,
        t=t,
        df=df,
        p=2 * stdtr(df, -np.abs(t)),
        n=n,
        clusters=counts,
        r_squared=_r_squared(*rows, residuals=rows[0] - rows[1] @ solved.coefficients),
        residuals=rows[0] - rows[1] @ solved.coefficients,
        kind=kind,
    )


def remove_means(
    *, values: ArrayLike, groups: ArrayLike, weights: ArrayLike | None = None, tolerance: float = 1e-12
) -> Floats:
    """Take the (weighted) means of each column of groups (n, m) out of values (n, c), in turn until nothing moves.

    By Frisch-Waugh-Lovell a regression on what is left has the coefficients of one with a dummy per group. Two-way
    fixed effects are here to explain a number somebody brings: with a staggered start they mix already trained people
    into the comparison (Goodman-Bacon 2021), so no study of ours is estimated with them.
    Raises RegressionError when the means have not settled after 10,000 rounds.
    """
    left = np.array(values, dtype=float, ndmin=2)
    left = left.T if np.ndim(values) == 1 else left
    w = np.ones(len(left)) if weights is None else np.asarray(weights, dtype=float)
    ways = [np.unique(column, return_inverse=True)[1] for column in _columns(groups)]
    scale = np.abs(left).max(initial=1.0)
    for _ in range(10_000):
        moved = 0.0
        for way in ways:
            means = _sum_by(left * w[:, None], way) / _sum_by(w[:, None], way)
            left -= means[way]
            moved = max(moved, float(np.abs(means).max()))
        if moved <= tolerance * scale:
            return left[:, 0] if np.ndim(values) == 1 else left
    raise RegressionError("the group means did not settle: the groups hardly overlap")


def wild_bootstrap(
    *,
    y: ArrayLike,
    X: ArrayLike,
    coefficient: int,
    clusters: ArrayLike,
    null: float = 0.0,
    weights: BootstrapWeights = "webb",
    draws: int = 9999,
    seed: int = 0,
    level: float = 0.95,
) -> WildBootstrap:
    """Test one coefficient of y (n,) on X (n, k) with the restricted wild cluster bootstrap (WCR11).

    Residuals under the null are flipped per cluster and the clustered t is computed anew each time (Cameron, Gelbach &
    Miller 2008); all from k sums per cluster (Roodman, MacKinnon, Nielsen & Webb 2019). Every possible flip is used
    when there are no more than `draws`; else p counts the data as one of the draws, so it is never zero.
    `weights`: "rademacher" flips signs, enough from about a dozen clusters; "webb" has six points, for fewer.
    Raises RegressionError as `fit` does.
    """
    y, X, _ones = _check(y=y, X=X, weights=None)
    labels = _check_clusters(clusters, n=len(y), kind="cluster")
    if len(labels) != 1:
        raise RegressionError("the wild bootstrap takes one way of clustering")
    full = fit(y=y, X=X, clusters=clusters, kind="cluster")
    sums = _bootstrap_sums(y=y, X=X, coefficient=coefficient, way=labels[0])
    flips, enumerated = _flips(BOOTSTRAP_WEIGHTS[weights], clusters=full.clusters[0], draws=draws, seed=seed)
    test = _BootstrapTest(sums=sums, flips=flips, enumerated=enumerated)
    estimate, se = float(full.coefficients[coefficient]), float(full.se[coefficient])
    return WildBootstrap(
        coefficient=estimate,
        t=(estimate - null) / se,
        p=test.p(estimate=estimate, null=null),
        low=test.end(estimate=estimate, step=-se, level=level),
        high=test.end(estimate=estimate, step=se, level=level),
        level=level,
        draws=flips.shape[1],
        clusters=full.clusters[0],
        enumerated=enumerated,
    )


def _check(*, y: ArrayLike, X: ArrayLike, weights: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """y (n,), X (n, k) and weights (n,) as floats."""
    outcome, design = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    w = np.ones(outcome.shape) if weights is None else np.asarray(weights, dtype=float)
    if outcome.ndim != 1 or design.ndim != 2 or len(design) != len(outcome) or w.shape != outcome.shape:
        raise RegressionError(f"y, X and weights do not fit: {outcome.shape}, {design.shape}, {w.shape}")
    if not (np.isfinite(outcome).all() and np.isfinite(design).all() and np.isfinite(w).all()):
        raise RegressionError("y, X or weights hold a missing value")
    if (w <= 0).any():
        raise RegressionError("weights are positive: leave rows without weight out")
    return outcome, design, w


def _check_clusters(clusters: ArrayLike | None, *, n: int, kind: Kind) -> list[NDArray[np.intp]]:
    """Each way of clustering as integers 0 .. G - 1."""
    if (clusters is None) == (kind == "cluster"):
        raise RegressionError('clusters go with kind "cluster", and only with it')
    if clusters is None:
        return []
    columns = _columns(clusters)
    if len(columns) > 2 or len(columns[0]) != n:
        raise RegressionError(f"clusters are one or two columns of {n} rows")
    ways = [np.unique(column, return_inverse=True)[1] for column in columns]
    if any(way.max() < 1 for way in ways):
        raise RegressionError("one cluster says nothing about the differences between clusters")
    return ways


def _columns(labels: ArrayLike) -> list[NDArray[Any]]:
    array = np.asarray(labels)
    return [array] if array.ndim == 1 else list(array.T)


def _solve(y: Floats, X: Floats, weights: Floats) -> _Solved:
    root = np.sqrt(weights)
    Xw, yw = X * root[:, None], y * root
    n, k = Xw.shape
    if n < k:
        raise RegressionError(f"{n} rows are too few for {k} coefficients")
    Q, R = np.linalg.qr(Xw)
    if (np.abs(np.diag(R)) <= 1e-10 * np.linalg.norm(Xw, axis=0)).any():
        raise RegressionError("a column of X follows from the others")
    inverse = np.linalg.inv(R)
    coefficients = inverse @ (Q.T @ yw)
    return _Solved(X=Xw, y=yw, coefficients=coefficients, residuals=yw - Xw @ coefficients, bread=inverse @ inverse.T)


def _r_squared(y: Floats, X: Floats, weights: Floats, *, residuals: Floats) -> float:
    around = y - np.average(y, weights=weights)
    total = float(weights @ around**2)
    return 1 - float(weights @ residuals**2) / total if total else 0.0


def _row_covariance(solved: _Solved, *, kind: Kind, spare: int) -> Floats:
    """The covariance when rows are independent."""
    e = solved.residuals
    if kind == "classical":
        return np.asarray(solved.bread * (e @ e) / spare)
    if kind == "hc1":
        scores = solved.X * e[:, None] * np.sqrt(len(e) / spare)
    else:
        room = 1 - np.einsum("ij,jk,ik->i", solved.X, solved.bread, solved.X)
        if (room <= 1e-10).any():
            raise RegressionError("a row decides a coefficient on its own: hc2 and hc3 do not exist")
        scores = solved.X * (e / (room if kind == "hc3" else np.sqrt(room)))[:, None]
    return np.asarray(solved.bread @ (scores.T @ scores) @ solved.bread)


def _cluster_covariance(
    solved: _Solved, *, labels: list[NDArray[np.intp]], spare: int
) -> tuple[Floats, tuple[int, ...]]:
    """One-way or two-way clustered covariance, and the number of clusters of each way."""
    counts = tuple(int(way.max()) + 1 for way in labels)
    covariance = sum((_one_way(solved, way=way, spare=spare) for way in labels), np.zeros(solved.bread.shape))
    if len(labels) == 2:
        both = np.unique(labels[0] * counts[1] + labels[1], return_inverse=True)[1]
        covariance = _without_negative_parts(covariance - _one_way(solved, way=both, spare=spare))
    return covariance, counts


def _one_way(solved: _Solved, *, way: NDArray[np.intp], spare: int) -> Floats:
    scores = _sum_by(solved.X * solved.residuals[:, None], way)
    G, n = len(scores), len(solved.X)
    factor = G / (G - 1) * (n - 1) / spare
    return np.asarray(factor * solved.bread @ (scores.T @ scores) @ solved.bread)


def _without_negative_parts(covariance: Floats) -> Floats:
    """The nearest covariance without negative variances: subtracting V12 can leave some in small samples."""
    values, vectors = np.linalg.eigh(covariance)
    return covariance if (values >= 0).all() else (vectors * values.clip(min=0)) @ vectors.T


def _sum_by(values: Floats, way: NDArray[np.intp]) -> Floats:
    """Sums (G, c) of values (n, c) per group."""
    size = int(way.max()) + 1
    return np.stack([np.bincount(way, weights=column, minlength=size) for column in values.T], axis=1)


@dataclass(frozen=True, kw_only=True)
class _BootstrapSums:
    """What a draw of flips v (G,) is multiplied with, as a straight line in the null value h.

    Numerator of t: (lift_y - h * lift_x) v. Each cluster's share in its variance: (spread_y - h * spread_x) v.
    """

    lift_y: Floats
    lift_x: Floats
    spread_y: Floats
    spread_x: Floats
    factor: float


def _bootstrap_sums(*, y: Floats, X: Floats, coefficient: int, way: NDArray[np.intp]) -> _BootstrapSums:
    """Fit without the tested column; residuals of y and of that column give the restricted residuals for any null."""
    solved = _solve(y, X, np.ones(len(y)))
    others = np.delete(X, coefficient, axis=1)
    pair = np.column_stack([y, X[:, coefficient]])
    if others.shape[1]:
        pair = pair - others @ np.linalg.lstsq(others, pair, rcond=None)[0]
    row = solved.bread[coefficient]
    direction = X @ row
    reach = _sum_by(X * direction[:, None], way) @ solved.bread
    lifts, spreads = [], []
    for residual in pair.T:
        lift = _sum_by((direction * residual)[:, None], way)[:, 0]
        lifts.append(lift)
        spreads.append(np.diag(lift) - reach @ _sum_by(X * residual[:, None], way).T)
    G, (n, k) = len(reach), X.shape
    factor = G / (G - 1) * (n - 1) / (n - k)
    return _BootstrapSums(lift_y=lifts[0], lift_x=lifts[1], spread_y=spreads[0], spread_x=spreads[1], factor=factor)


def _flips(points: Floats, *, clusters: int, draws: int, seed: int) -> tuple[Floats, bool]:
    """Weights (G, draws), and whether they are all the possible ones."""
    if len(points) ** clusters <= draws:
        return np.array(list(product(points, repeat=clusters))).T, True
    return np.random.default_rng(seed).choice(points, size=(clusters, draws)), False


class _BootstrapTest:
    """The p value of any null value, with the same draws for each."""

    def __init__(self, *, sums: _BootstrapSums, flips: Floats, enumerated: bool) -> None:
        self._lift = sums.lift_y @ flips, sums.lift_x @ flips
        self._spread = sums.spread_y @ flips, sums.spread_x @ flips
        # The data are the draw in which nothing is flipped; their variance is the same under every null.
        own = sums.spread_y.sum(axis=1)
        self._variance = sums.factor * float(own @ own)
        self._factor, self._enumerated = sums.factor, enumerated

    def p(self, *, estimate: float, null: float) -> float:
        """Share of draws at least as far from zero as the data; ties, and draws without variance, count."""
        spread = self._spread[0] - null * self._spread[1]
        variances = self._factor * np.einsum("gb,gb->b", spread, spread)
        squares = (self._lift[0] - null * self._lift[1]) ** 2
        extreme = squares * self._variance >= (estimate - null) ** 2 * variances * (1 - 1e-10)
        if self._enumerated:
            return float(extreme.mean())
        return float((1 + extreme.sum()) / (1 + extreme.size))

    def end(self, *, estimate: float, step: float, level: float) -> float:
        """Where p falls to 1 - level, going from the estimate in the direction of step; infinite if it never does."""
        inside, outside = estimate, estimate + 2 * step
        for _ in range(12):
            if self.p(estimate=estimate, null=outside) <= 1 - level:
                break
            inside, outside = outside, estimate + 2 * (outside - estimate)
        else:
            return math.copysign(math.inf, step)
        while abs(outside - inside) > 1e-5 * abs(step):
            middle = (inside + outside) / 2
            if self.p(estimate=estimate, null=middle) <= 1 - level:
                outside = middle
            else:
                inside = middle
        return outside
