"""Variances for few clusters: one covariance of cluster means, shared by the cohorts.

The influence-function variance looks at each cohort by itself, so with two or three teams in a cohort it rests on one
or two deviations, and divides by n. Donald & Lang (2007, Rev. Econ. Stat. 89(2)) treat a cluster's mean as one
observation. Here the deviations of cluster means are pooled over the cohorts, with the degrees of freedom that the
cohort means cost. For two groups and two moments this is exactly the pooled t-test on the clusters' change scores; with
more cohorts an estimate mixes several of them, and the same degrees of freedom are a lower bound (Satterthwaite). It
assumes that cluster means vary as much in one cohort as in another. Clusters of unequal size count as their effective
number, N**2 / sum n_c**2 (Kish 1965), and the numbers of people are taken as given rather than drawn.

Clusters with people in several cohorts cannot be pooled so. They keep their own sums, enlarged by C / (C - 1), with the
clusters of the smaller arm less one as degrees of freedom: cautious, but never too many false alarms.

`python -m benchmarks.few_clusters` measures how often each finds an effect that is not there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from borging.stats.did.moments import CrossSums, Floats, Level, Moments

ENOUGH: dict[Level, int] = {"team": 40, "person": 100}
"""Clusters in either arm above which the normal approximation holds."""
ENOUGH_IN_A_COHORT = 10
"""Clusters in a cohort, on average, above which its own deviations are enough."""


@dataclass(frozen=True, kw_only=True)
class Arms:
    """How many clusters are treated, in how many cohorts, and with how many they are compared at the least."""

    treated: int
    comparison: int
    cohorts: int

    def enough_for_normal(self, level: Level) -> bool:
        enough = min(self.treated, self.comparison) > ENOUGH[level]
        return enough and self.treated >= ENOUGH_IN_A_COHORT * self.cohorts


def effective_clusters(moments: Moments) -> Floats:
    """(G,) number of equally large clusters that would say as much."""
    return np.asarray(moments.persons.astype(float) ** 2 / moments.sums.within[:, 0, 0])


def pool(moments: Moments, *, arms: Arms) -> tuple[CrossSums, float]:
    """Cross sums with one covariance of cluster means for all cohorts, and its degrees of freedom."""
    if not moments.nested:
        return _enlarge(moments), float(max(min(arms.treated, arms.comparison) - 1, 1))
    within, T = moments.sums.within, len(moments.periods)
    free = effective_clusters(moments) - 1.0
    deviations = within[:, -T:, -T:].sum(axis=0)
    people = within[:, :1, :1] if moments.balanced else within[:, 1 : 1 + T, 1 : 1 + T]
    seen = np.broadcast_to(people, (len(within), T, T))
    weight = np.einsum("g,gts->ts", free / (free + 1.0), seen)
    omega = np.divide(deviations, weight, out=np.zeros((T, T)), where=weight > 1e-9)
    pooled = np.zeros_like(within)
    pooled[:, -T:, -T:] = seen * omega
    return CrossSums(within=pooled), float(free.sum())


def _enlarge(moments: Moments) -> CrossSums:
    total = int(moments.cluster_counts.sum())
    factor = total / max(total - 1, 1)
    between = {pair: factor * sums for pair, sums in moments.sums.between.items()}
    return CrossSums(within=factor * moments.sums.within, between=between)
