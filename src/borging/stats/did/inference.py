"""How sure: critical values, simultaneous bands, the test before the start, and what few clusters cannot carry.

SciPy is loaded where it is used: estimating does not need it, and it takes longer to load than to estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from borging.stats.did.averages import Aggregate
from borging.stats.did.effects import GroupTime

Refusal = Literal["clusters", "assignments"]


class Critical(NamedTuple):
    """Half the width of an interval in standard errors, and the degrees of freedom (None: normal)."""

    value: float
    df: float | None


@dataclass(frozen=True, kw_only=True)
class Pretest:
    """Wald test that all effects before the start are zero."""

    chi2: float
    df: int
    p: float


def critical(estimate: GroupTime | Aggregate, *, level: float = 0.95) -> Critical:
    """The two-sided critical value that belongs to the standard errors: normal, or t where they are pooled."""
    from scipy.special import ndtri, stdtrit

    tail = (1.0 + level) / 2.0
    value = ndtri(tail) if estimate.df is None else stdtrit(estimate.df, tail)
    return Critical(value=float(value), df=estimate.df)


def simultaneous(aggregate: Aggregate, *, level: float = 0.95, draws: int = 20_000, seed: int = 2019) -> float:
    """Critical value of the sup-t band: all points lie inside together with probability `level`.

    Simulated from the joint covariance (Montiel Olea & Plagborg-Moller 2019, J. Appl. Econometrics 34(1)); from a
    multivariate t where the variance is pooled. Reference points, which have no variance, take no part.
    """
    use = aggregate.se > 0
    if not use.any():
        return critical(aggregate, level=level).value
    se = aggregate.se[use]
    values, vectors = np.linalg.eigh(aggregate.covariance[np.ix_(use, use)] / np.outer(se, se))
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    random = np.random.default_rng(seed)
    largest = np.abs(random.standard_normal((draws, len(se))) @ root.T).max(axis=1)
    if aggregate.df is not None:
        largest /= np.sqrt(random.chisquare(aggregate.df, draws) / aggregate.df)
    return float(np.quantile(largest, level))


def pretest(group_time: GroupTime) -> Pretest | None:
    """Wald test of all cells before the start together; not passing it says more than passing it.

    Chi-square as in R `did`; Hotelling's T-square for few clusters. None when there is
    no such cell, or when there are more of them than the clusters can tell apart.
    """
    from scipy.special import chdtrc, fdtrc

    cells = group_time.before & (group_time.se > 0)
    df = int(cells.sum())
    free = math.inf if group_time.df is None else group_time.df - df + 1.0
    if df == 0 or free <= 0:
        return None
    se = group_time.se[cells]
    correlation = group_time.covariance[np.ix_(cells, cells)] / np.outer(se, se)
    if np.linalg.matrix_rank(correlation, hermitian=True) < df:
        return None
    z = group_time.att[cells] / se
    chi2 = float(z @ np.linalg.solve(correlation, z))
    if group_time.df is None:
        return Pretest(chi2=chi2, df=df, p=float(chdtrc(df, chi2)))
    return Pretest(chi2=chi2, df=df, p=float(fdtrc(df, free, chi2 * free / (group_time.df * df))))


def count_assignments(group_time: GroupTime) -> float:
    """In how many ways the clusters could have been divided over the cohorts; inf when beyond counting."""
    counts = group_time.moments.cluster_counts
    log = math.lgamma(counts.sum() + 1.0) - sum(math.lgamma(n + 1.0) for n in counts)
    return float(round(math.exp(log))) if log < 35.0 else math.inf


def refuse(group_time: GroupTime, *, alpha: float = 0.05) -> Refusal | None:
    """Why no p-value may be given: too few clusters in an arm, or too few ways in which they could have been assigned.

    With fewer than 20 / alpha assignments even the most extreme one of all is no surprise at level alpha.
    """
    if min(group_time.clusters_treated, group_time.clusters_comparison) < 2:
        return "clusters"
    return "assignments" if count_assignments(group_time) < 20.0 / alpha else None
