"""ATT(g, t): the average effect on the cohort that started at g, at time t, for every cohort and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from borging.stats.did.moments import CrossSums, Floats, Integers, Moments
from borging.stats.did.pooling import Arms, effective_clusters, pool

Control = Literal["never", "notyet"]
Base = Literal["varying", "universal"]
Variance = Literal["auto", "robust", "pooled"]


class NothingToCompareError(ValueError):
    """No cohort has a period before its start and a comparison group, measured in the same periods, with a margin."""


@dataclass(frozen=True, kw_only=True)
class GroupTime:
    """All ATT(g, t), one a cell, ordered by cohort and period.

    group, time, base, att, se, n_treated, n_comparison: (K,); covariance: (K, K). base: the period compared with; a
    cell with base equal to time is the reference of a universal base, zero by definition, with se 0. n: people
    measured at `time`. clusters_treated: in all cohorts with cells. clusters_comparison: in the smallest comparison
    group of any period after the start. df: of the t distribution for few clusters, None for the normal.
    loadings: (G, K, Z), the influences on the vectors that `sums` is about, from which aggregations follow.
    """

    group: Floats
    time: Integers
    base: Integers
    att: Floats
    se: Floats
    covariance: Floats
    n_treated: Integers
    n_comparison: Integers
    clusters_treated: int
    clusters_comparison: int
    control: Control
    base_kind: Base
    anticipation: int
    df: float | None
    moments: Moments
    loadings: Floats
    sums: CrossSums

    @property
    def after(self) -> NDArray[np.bool_]:
        """(K,) cells at or after the start."""
        return np.asarray(self.time >= self.group)

    @property
    def before(self) -> NDArray[np.bool_]:
        """(K,) cells before anyone could anticipate the start, the reference cells left out."""
        return np.asarray((self.time < self.group - self.anticipation) & (self.base != self.time))


@dataclass(frozen=True, kw_only=True)
class Cells:
    """What is compared with what: positions of cohort, period and base period (K,); which cohorts compare (K, G)."""

    control: Control
    base_kind: Base
    anticipation: int
    cohort: Integers
    time: Integers
    base: Integers
    comparison: NDArray[np.bool_]


def estimate(
    moments: Moments,
    *,
    control: Control = "notyet",
    base: Base = "varying",
    anticipation: int = 0,
    variance: Variance = "auto",
) -> GroupTime:
    """ATT(g, t) with their joint covariance (Callaway & Sant'Anna 2021, eq. 2.8 and 2.9 without covariates).

    control: "never" compares with cohorts that start in no measured period; "notyet" also with those that start
    later than the period at hand. Where nobody is never treated the latest cohort serves as a comparison only. The
    comparison cohorts are pooled, weighted by the people measured.
    base: "varying" compares a period before the start with the one before it, "universal" with the latest before
    anyone could anticipate; from `anticipation` periods before the start both use the latter.
    variance: "robust" as published, "pooled" for few clusters (see `pooling`), "auto" whichever the size asks for.
    Cohorts that had started before the second period have no base and are left out, also as a comparison.
    Raises NothingToCompareError when no cell can be compared, or when every cohort is a single cluster.
    """
    cells = plan_cells(moments, control=control, base=base, anticipation=anticipation)
    att, loadings = _map_linearly(moments, cells)
    arms = count_arms(moments, cells)
    few = variance == "pooled" or (variance == "auto" and not arms.enough_for_normal(moments.level))
    if few and moments.nested and np.all(effective_clusters(moments) < 1.0 + 1e-9):
        raise NothingToCompareError("every cohort is a single cluster, so nothing says how much clusters differ")
    sums, df = pool(moments, arms=arms) if few else (moments.sums, None)
    return assemble(moments=moments, cells=cells, arms=arms, att=att, loadings=loadings, sums=sums, df=df)


def assemble(
    *,
    moments: Moments,
    cells: Cells,
    arms: Arms,
    att: Floats,
    loadings: Floats,
    sums: CrossSums,
    df: float | None,
) -> GroupTime:
    """Put estimates (K,) and their influences (G, K, Z) on what `sums` is about together with what they compare."""
    covariance = sums.covariance(loadings, loadings)
    return GroupTime(
        group=moments.cohorts[cells.cohort],
        time=moments.periods[cells.time],
        base=moments.periods[cells.base],
        att=att,
        se=np.sqrt(np.clip(np.diag(covariance), 0.0, None)),
        covariance=covariance,
        n_treated=moments.n[cells.cohort, cells.time],
        n_comparison=np.sum(cells.comparison * moments.n[:, cells.time].T, axis=1),
        clusters_treated=arms.treated,
        clusters_comparison=arms.comparison,
        control=cells.control,
        base_kind=cells.base_kind,
        anticipation=cells.anticipation,
        df=df,
        moments=moments,
        loadings=loadings,
        sums=sums,
    )


def count_arms(moments: Moments, cells: Cells) -> Arms:
    """Clusters in all cohorts with cells, and in the smallest comparison group after a start."""
    after = moments.periods[cells.time] >= moments.cohorts[cells.cohort]
    compared = cells.comparison[after] if after.any() else cells.comparison
    cohorts = np.unique(cells.cohort)
    return Arms(
        treated=int(moments.count_clusters(np.isin(np.arange(len(moments.cohorts)), cohorts))),
        comparison=int(moments.count_clusters(compared).min()),
        cohorts=len(cohorts),
    )


def plan_cells(moments: Moments, *, control: Control, base: Base, anticipation: int) -> Cells:
    """Every cell of the design that can be compared, in the order of cohort and period.

    Raises NothingToCompareError when there is none.
    """
    periods, starts = moments.periods, moments.cohorts - anticipation
    never = starts > periods[-1]
    only_comparison = never if never.any() or control == "never" else starts == starts.max()
    cells, comparisons = [], []
    for cohort in np.flatnonzero((starts > periods[0]) & ~only_comparison & (moments.cohorts <= periods[-1])):
        latest_before = int(np.searchsorted(periods, starts[cohort])) - 1
        for time in range(1 if base == "varying" else 0, len(periods)):
            against = time - 1 if base == "varying" and time <= latest_before else latest_before
            waiting = starts > periods[max(time, against)]
            waiting[cohort] = False
            compared = never if control == "never" else waiting
            if moments.n[cohort, [time, against]].all() and moments.n[compared][:, [time, against]].sum(axis=0).all():
                cells.append((cohort, time, against))
                comparisons.append(compared)
    if not cells:
        raise NothingToCompareError("no cohort can be compared with people who had not started")
    mine, at, base_at = np.array(cells, np.int64).T
    return Cells(
        control=control,
        base_kind=base,
        anticipation=anticipation,
        cohort=mine,
        time=at,
        base=base_at,
        comparison=np.array(comparisons),
    )


def _map_linearly(moments: Moments, cells: Cells) -> tuple[Floats, Floats]:
    """The estimates (K,), and their influences on z: (G, K, Z)."""
    K, T = len(cells.cohort), len(moments.periods)
    first = 1 if moments.balanced else 1 + T
    every = np.arange(K)
    att: Floats = np.zeros(K)
    loadings: Floats = np.zeros((len(moments.cohorts), K, moments.sums.within.shape[1]))
    for time, sign in ((cells.time, 1.0), (cells.base, -1.0)):
        n, mean = moments.n[:, time].astype(float), np.nan_to_num(moments.mean[:, time])  # (G, K)
        share = cells.comparison.T * n
        people = share.sum(axis=0)
        level = np.sum(share * mean, axis=0) / people
        att += sign * (mean[cells.cohort, every] - level)
        loadings[cells.cohort, every, first + time] += sign / n[cells.cohort, every]
        loadings[:, every, first + time] -= sign * cells.comparison.T / people
        # one mean over all comparison people: how far a cohort lies from it is an influence of its people
        seen = np.zeros_like(time) if moments.balanced else 1 + time
        loadings[:, every, seen] -= sign * cells.comparison.T * (mean - level) / people
    return att, loadings
