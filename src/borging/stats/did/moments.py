"""The grouped sums: what is left of a panel once nobody in it can be seen any more.

A cluster's vector z is, for one cohort: how many people it has; how many were measured in each period; and per period
the sum of their deviations from the cohort's mean. In a balanced panel the second part repeats the first and is left
out. The third part is centred, so that nothing cancels when an outcome is large beside its spread (a salary).

Sums around one centre follow from those around another by a linear map of z. So the moments of parts of the people
add up exactly to those of all (`combine`), and a database may centre on any constant near the mean (`recentre`).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Level = Literal["person", "team"]
ROWS_AT_ONCE = 8192
ONE_THREAD = 200_000
"""Multiplications in a matrix product below which OpenBLAS stays on one thread. Its other threads wait by spinning:
with larger products these steps took six times the processor time."""


@dataclass(frozen=True, kw_only=True)
class CrossSums:
    """Sums over clusters of z z'.

    within: (G, Z, Z), one matrix a cohort. between: {(k, l): (Z, Z)} for cohorts k < l that share clusters; empty
    where every cluster belongs to one cohort.
    """

    within: Floats
    between: dict[tuple[int, int], Floats] = field(default_factory=dict)

    def covariance(self, left: Floats, right: Floats) -> Floats:
        """Covariance of the estimates with influences left (G, P, Z) and right (G, Q, Z) on z: (P, Q)."""
        total: Floats = np.zeros((left.shape[1], right.shape[1]))
        for mine, theirs, sums in zip(left, right, self.within, strict=True):
            total += multiply(multiply(mine, sums), theirs.T)
        for (k, m), sums in self.between.items():
            total += multiply(multiply(left[k], sums), right[m].T) + multiply(multiply(left[m], sums.T), right[k].T)
        return total

    def recentre(self, shift: Floats, *, spell_out: bool = False) -> CrossSums:
        """The same of deviations from another centre; shift: (G, T) old centre less new, NaN where nobody was measured.

        spell_out: with the seen counts that sums of a balanced panel leave out.
        """
        (G, T), Z = shift.shape, self.within.shape[1]
        maps = np.broadcast_to(np.eye(Z), (G, Z, Z)).copy()
        if Z == 1 + T:
            maps[:, 1:, 0] = np.nan_to_num(shift)
            seen = np.broadcast_to(np.eye(1, Z), (G, T, Z))
            maps = np.concatenate([maps[:, :1], seen, maps[:, 1:]], axis=1) if spell_out else maps
        else:
            maps[:, 1 + T + np.arange(T), 1 + np.arange(T)] = np.nan_to_num(shift)
        return CrossSums(
            within=maps @ self.within @ maps.transpose(0, 2, 1),
            between={(k, m): maps[k] @ sums @ maps[m].T for (k, m), sums in self.between.items()},
        )


@dataclass(frozen=True, kw_only=True)
class Moments:
    """All that the estimators need of a panel.

    cohorts: (G,) start periods, ascending, inf for never treated. periods: (T,), ascending. n, mean: (G, T) people
    measured and their mean, NaN where nobody was. persons: (G,). memberships: (P, G), the different sets of cohorts
    that a cluster can have people in, descending, and cluster_counts: (P,) how many clusters have them; one cohort each
    unless clusters are shared. level: what the clusters are. balanced: everyone was measured in every period.

    Not balanced, a mean is over whoever was measured in that period, as in repeated cross sections: the estimates
    assume that who is missing changes in the same way in both groups. With complete rows only, as in a balanced
    panel, they hold for those who stayed, without that assumption.
    """

    cohorts: Floats
    periods: Integers
    n: Integers
    mean: Floats
    sums: CrossSums
    persons: Integers
    memberships: NDArray[np.bool_]
    cluster_counts: Integers
    level: Level = "person"

    @property
    def balanced(self) -> bool:
        return bool(self.sums.within.shape[1] == 1 + len(self.periods))

    @property
    def nested(self) -> bool:
        """Whether every cluster belongs to one cohort."""
        return not self.sums.between

    def count_clusters(self, cohorts: NDArray[np.bool_]) -> Integers:
        """How many different clusters have people in any of these cohorts: (G,) to a number, (K, G) to (K,)."""
        found: Integers = (self.memberships.astype(np.int64) @ cohorts.T > 0).T @ self.cluster_counts
        return found

    def without(self, cohort: float) -> Moments:
        """The same without one cohort, also as a comparison."""
        keep = np.flatnonzero(self.cohorts != cohort)
        some = self.memberships[:, keep].any(axis=1)
        place = {int(old): new for new, old in enumerate(keep)}
        between = {
            (place[k], place[m]): sums for (k, m), sums in self.sums.between.items() if k in place and m in place
        }
        return Moments(
            cohorts=self.cohorts[keep],
            periods=self.periods,
            n=self.n[keep],
            mean=self.mean[keep],
            sums=CrossSums(within=self.sums.within[keep], between=between),
            persons=self.persons[keep],
            memberships=self.memberships[some][:, keep],
            cluster_counts=self.cluster_counts[some],
            level=self.level,
        )


def summarise(
    *, values: Floats, periods: Integers, start: Floats, clusters: Integers | None = None, level: Level = "team"
) -> Moments:
    """Grouped sums of a panel.

    values: (N, T), NaN where not measured. periods: (T,) ascending. start: (N,) first treated period, inf (or NaN) for
    never. clusters: (N,) codes of what was assigned together or belongs together; None: every person is one.
    People without any value are left out.
    """
    start = np.where(np.isnan(start), np.inf, start)
    gaps = np.isnan(values)
    balanced = not gaps.any()
    rows = np.arange(len(values)) if balanced else np.flatnonzero(~gaps.all(axis=1))
    del gaps
    codes = rows if clusters is None else clusters[rows]
    order = np.lexsort((codes, start[rows]))
    rows, codes = rows[order], codes[order]
    cohorts, edges = np.unique(start[rows], return_index=True)
    shared = clusters is not None and _count_pairs(codes, start[rows]) > len(np.unique(codes))
    parts = [
        _summarise_cohort(values, rows=part, codes=own, balanced=balanced, keep=shared)
        for part, own in zip(np.split(rows, edges[1:]), np.split(codes, edges[1:]), strict=True)
    ]
    kept = [part.z for part in parts if part.z is not None]
    between = cross_cohorts([part.labels for part in parts], kept) if shared else {}
    memberships, counts = _count_memberships([part.labels for part in parts], shared=shared)
    return Moments(
        cohorts=cohorts,
        periods=np.asarray(periods, np.int64),
        n=np.array([part.n for part in parts]).reshape(len(parts), -1),
        mean=np.array([part.mean for part in parts]).reshape(len(parts), -1),
        sums=CrossSums(within=np.array([part.within for part in parts]), between=between),
        memberships=memberships,
        cluster_counts=counts,
        persons=np.diff(np.append(edges, len(rows))).astype(np.int64),
        level="person" if clusters is None else level,
    )


def combine(parts: Iterable[Moments]) -> Moments:
    """The moments of everyone, exactly, from those of parts of them (Chan, Golub & LeVeque 1983, for variances).

    The parts share their periods and no cluster. There must be at least one.
    """
    return functools.reduce(_add, parts)


def _add(left: Moments, right: Moments) -> Moments:
    cohorts = np.union1d(left.cohorts, right.cohorts)
    balanced = left.balanced and right.balanced
    left, right = _make_room(left, cohorts), _make_room(right, cohorts)
    n = left.n + right.n
    total = np.nan_to_num(left.n * left.mean) + np.nan_to_num(right.n * right.mean)
    mean = np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0)
    mine, theirs = (part.sums.recentre(part.mean - mean, spell_out=not balanced) for part in (left, right))
    between = dict(mine.between)
    for pair, sums in theirs.between.items():
        between[pair] = between[pair] + sums if pair in between else sums
    memberships, counts = count_memberships(
        np.concatenate([left.memberships, right.memberships]),
        np.concatenate([left.cluster_counts, right.cluster_counts]),
    )
    return Moments(
        cohorts=cohorts,
        periods=left.periods,
        n=n,
        mean=mean,
        sums=CrossSums(within=mine.within + theirs.within, between=between),
        persons=left.persons + right.persons,
        memberships=memberships,
        cluster_counts=counts,
        level=left.level,
    )


def _make_room(part: Moments, cohorts: Floats) -> Moments:
    """The same with empty cohorts among its own."""
    place = np.searchsorted(cohorts, part.cohorts)

    def spread(own: NDArray[Any], fill: float = 0) -> NDArray[Any]:
        wide = np.full((len(cohorts), *own.shape[1:]), fill, own.dtype)
        wide[place] = own
        return wide

    between = {(int(place[k]), int(place[m])): sums for (k, m), sums in part.sums.between.items()}
    return Moments(
        cohorts=cohorts,
        periods=part.periods,
        n=spread(part.n),
        mean=spread(part.mean, np.nan),
        sums=CrossSums(within=spread(part.sums.within), between=between),
        persons=spread(part.persons),
        memberships=spread(part.memberships.T).T,
        cluster_counts=part.cluster_counts,
        level=part.level,
    )


def _count_pairs(codes: Integers, start: Floats) -> int:
    """How many different combinations of the two there are; sorted by start, then code."""
    return 1 + int(np.sum((np.diff(codes) != 0) | (start[1:] != start[:-1])))


def _count_memberships(labels: list[Integers], *, shared: bool) -> tuple[NDArray[np.bool_], Integers]:
    """The sets of cohorts that clusters have people in, and how many clusters each; labels: each cohort's clusters."""
    if not shared:
        return np.eye(len(labels), dtype=bool), np.array([len(own) for own in labels], np.int64)
    everyone = np.unique(np.concatenate(labels))
    member = np.stack([np.isin(everyone, own, assume_unique=True) for own in labels], axis=1)
    return count_memberships(member, np.ones(len(member), np.int64))


def count_memberships(members: NDArray[np.bool_], counts: Integers) -> tuple[NDArray[np.bool_], Integers]:
    """Sets of cohorts (M, G) that may repeat, with their numbers of clusters (M,), as Moments has them."""
    memberships, place = np.unique(members, axis=0, return_inverse=True)
    total = np.zeros(len(memberships), np.int64)
    np.add.at(total, place.reshape(-1), counts)
    return memberships[::-1], total[::-1]


@dataclass(frozen=True, kw_only=True)
class _Cohort:
    """One cohort's sums. labels: (C,) its clusters. z: (C, Z), kept only where clusters return in other cohorts."""

    n: Integers
    mean: Floats
    within: Floats
    labels: Integers
    z: Floats | None


def _summarise_cohort(values: Floats, *, rows: Integers, codes: Integers, balanced: bool, keep: bool) -> _Cohort:
    """Two passes over the cohort's rows, some thousands at a time: its means, then the cross sums around them."""
    labels, first = np.unique(codes, return_index=True)
    n, mean = _average_periods(values, rows, balanced=balanced)
    Z = 1 + len(mean) * (1 if balanced else 2)
    within: Floats = np.zeros((Z, Z))
    kept = []
    step = max(1, ROWS_AT_ONCE * len(first) // len(rows))
    for low in range(0, len(first), step):
        edges = np.append(first, len(rows))[low : low + step + 1]
        z = _deviate(values[rows[edges[0] : edges[-1]]], mean, balanced=balanced)
        if len(z) > len(edges) - 1:
            z = np.add.reduceat(z, edges[:-1] - edges[0], axis=0)
        within += multiply_rows(z, z)
        kept += [z] if keep else []
    return _Cohort(n=n, mean=mean, within=within, labels=labels, z=np.concatenate(kept) if keep else None)


def _average_periods(values: Floats, rows: Integers, *, balanced: bool) -> tuple[Integers, Floats]:
    """People measured and their mean, per period: (T,), (T,)."""
    n = np.zeros(values.shape[1], np.int64)
    total = np.zeros(values.shape[1])
    for low in range(0, len(rows), ROWS_AT_ONCE):
        part = values[rows[low : low + ROWS_AT_ONCE]]
        n += len(part) if balanced else (~np.isnan(part)).sum(axis=0)
        total += part.sum(axis=0) if balanced else np.nansum(part, axis=0)
    return n, np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)


def _deviate(part: Floats, mean: Floats, *, balanced: bool) -> Floats:
    """z of each row: 1, what was measured, the deviations; `part` is ours to change."""
    part -= mean
    if balanced:
        return np.column_stack([np.ones(len(part)), part])
    seen = ~np.isnan(part)
    part[~seen] = 0.0
    return np.column_stack([np.ones(len(part)), seen, part])


def cross_cohorts(labels: list[Integers], z: list[Floats]) -> dict[tuple[int, int], Floats]:
    """Cross sums between cohorts that share clusters; per cohort the labels (C,) and vectors (C, Z) of its clusters."""
    between = {}
    for k, m in itertools.combinations(range(len(labels)), 2):
        _, mine, theirs = np.intersect1d(labels[k], labels[m], assume_unique=True, return_indices=True)
        if len(mine):
            between[k, m] = multiply_rows(z[k][mine], z[m][theirs])
    return between


def multiply(left: Floats, right: Floats) -> Floats:
    """left right, a few rows of `left` at a time; see ONE_THREAD."""
    step = max(1, ONE_THREAD // right.size)
    whole = len(left) // step * step
    blocks = np.matmul(left[:whole].reshape(-1, step, left.shape[1]), right)
    return np.concatenate([blocks.reshape(whole, right.shape[1]), left[whole:] @ right])


def multiply_rows(left: Floats, right: Floats) -> Floats:
    """left' right for tall matrices (n, P) and (n, Q), a few rows at a time; see ONE_THREAD."""
    step = max(8, ONE_THREAD // (left.shape[1] * right.shape[1]))
    whole = len(left) // step * step
    blocks = left[:whole].reshape(-1, step, left.shape[1]), right[:whole].reshape(-1, step, right.shape[1])
    total: Floats = np.matmul(blocks[0].transpose(0, 2, 1), blocks[1]).sum(axis=0)
    return total + left[whole:].T @ right[whole:]
