"""Variances for few clusters: one covariance of cluster means, shared by the cohorts.

The influence-function variance looks at each cohort by itself, so with two or three teams in a cohort it rests on one
or two deviations, and divides by n. Donald & Lang (2007, Rev. Econ. Stat. 89(2)) treat a cluster's mean as one
observation. Here the deviations of cluster means are pooled over the cohorts, with the degrees of freedom that the
cohort means cost. For two groups and two moments this is exactly the pooled t-test on the clusters' change scores; with
more cohorts an estimate mixes several of them, and the same degrees of freedom are a lower bound (Satterthwaite).

Clusters of unequal size count as their effective number, N**2 / sum n_c**2 (Kish 1965), and the numbers of people are
taken as given rather than drawn.
"""

from __future__ import annotations

import numpy as np

from borging.stats.did.moments import CrossSums, Floats, Moments

ENOUGH_CLUSTERS = 40
ENOUGH_PEOPLE = 100


def enough_for_normal(moments: Moments, *, control: str) -> bool:
    """Whether the normal approximation holds: more than 40 teams, or 100 people in both arms (our simulations)."""
    never = moments.cohorts > moments.periods[-1]
    if moments.level == "team":
        return bool(moments.clusters.sum() > ENOUGH_CLUSTERS)
    arms = moments.persons[~never].sum(), moments.persons[never if control == "never" else slice(None)].sum()
    return bool(min(arms) > ENOUGH_PEOPLE)


def effective_clusters(moments: Moments) -> Floats:
    """(G,) number of equally large clusters that would say as much."""
    return moments.persons.astype(float) ** 2 / moments.sums.within[:, 0, 0]


def pool(moments: Moments) -> tuple[CrossSums, float | None]:
    """Cross sums with one covariance of cluster means for all cohorts, and its degrees of freedom.

    Where clusters are shared by cohorts nothing can be pooled: the sums as they are, with clusters - 1.
    """
    if not moments.nested:
        return moments.sums, float(moments.clusters.max() - 1)
    within, T = moments.sums.within, len(moments.periods)
    free = effective_clusters(moments) - 1.0
    df = float(free.sum())
    if df <= 1e-9:
        return moments.sums, None
    deviations = within[:, -T:, -T:].sum(axis=0)
    seen = (
        np.repeat(within[:, :1, :1], T, axis=1).repeat(T, axis=2)
        if moments.balanced
        else within[:, 1 : 1 + T, 1 : 1 + T]
    )
    share = free / (free + 1.0)
    weight = np.einsum("g,gts->ts", share, seen)
    omega = np.divide(deviations, weight, out=np.zeros_like(deviations), where=weight > 0)
    pooled = np.zeros_like(within)
    pooled[:, -T:, -T:] = seen * omega
    return CrossSums(within=pooled), df
