"""Averages of ATT(g, t): simple, by time since the start, by cohort, by calendar period.

The weights are shares of cohorts among the people studied. They are estimated, so people influence an average also by
being counted (the weight influence function of Callaway & Sant'Anna 2021, section 4): a constant per cohort on z's
first element.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from borging.stats.did.effects import Base, Control, GroupTime, NothingToCompareError, estimate
from borging.stats.did.moments import Floats, Moments, multiply

Kind = Literal["simple", "dynamic", "group", "calendar"]


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """An average of ATT(g, t). at, att, se: (P,); covariance: (P, P) of the points; empty for "simple".

    at: periods since the start (dynamic), the cohort (group) or the period (calendar). df: as in GroupTime.
    """

    kind: Kind
    overall: float
    overall_se: float
    at: Floats
    att: Floats
    se: Floats
    covariance: Floats
    df: float | None


@dataclass(frozen=True, kw_only=True)
class _Average:
    """weights (K,) on the cells, drift (G,) on being counted, and the value."""

    weights: Floats
    drift: Floats
    value: float


def aggregate(group_time: GroupTime, *, kind: Kind = "simple", window: tuple[int, int] | None = None) -> Aggregate:
    """Average the cells in one of four ways, as R `did::aggte`.

    simple: all cells after the start, weighted by cohort size. dynamic: per number of periods since the start, within
    `window` (fewest, most) where given; overall the plain mean of those from the start on. group: per cohort, overall
    weighted by cohort size. calendar: per period, overall the plain mean.
    Raises NothingToCompareError when there is no cell after a start.
    """
    labels, cells = _choose(group_time, kind=kind, window=window)
    points = [_average(group_time, cells & (labels == at)) for at in np.unique(labels[cells])]
    at = np.unique(labels[cells])
    chosen = at >= 0 if kind == "dynamic" else np.ones(len(at), bool)
    if not chosen.any():
        raise NothingToCompareError("no period after a start can be compared")
    if kind == "simple":
        overall, points, at = points[0], [], at[:0]
    elif kind == "group":
        overall = _average_cohorts(group_time, cohorts=at, points=points)
    else:
        overall = _mean([point for point, use in zip(points, chosen, strict=True) if use])
    influences = _influences(group_time, [*points, overall])
    covariance = group_time.sums.covariance(influences, influences)
    se = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    return Aggregate(
        kind=kind,
        overall=overall.value,
        overall_se=float(se[-1]),
        at=at,
        att=np.array([point.value for point in points]),
        se=se[:-1],
        covariance=covariance[:-1, :-1],
        df=group_time.df,
    )


def pre_average(group_time: GroupTime) -> tuple[float, float]:
    """The average of all cells before the start, weighted by cohort size, and its standard error.

    With a universal base: how far the groups lay apart on average, compared with just before the start; with a varying
    base: how much they drift apart per period. An equivalence test on it asks whether a difference of some size can be
    excluded (Hartman & Hidalgo 2018). Raises NothingToCompareError when there is no such cell.
    """
    if not group_time.before.any():
        raise NothingToCompareError("no period before a start can be compared")
    average = _average(group_time, group_time.before)
    influence = _influences(group_time, [average])
    return average.value, float(np.sqrt(max(group_time.sums.covariance(influence, influence)[0, 0], 0.0)))


def leave_one_cohort_out(
    moments: Moments, *, control: Control = "notyet", base: Base = "varying", anticipation: int = 0
) -> tuple[tuple[float, Aggregate], ...]:
    """The simple average without each treated cohort in turn: (cohort left out, average)."""
    found = []
    for cohort in moments.cohorts[moments.cohorts <= moments.periods[-1]]:
        try:
            rest = estimate(moments.without(cohort), control=control, base=base, anticipation=anticipation)
            found.append((float(cohort), aggregate(rest)))
        except NothingToCompareError:
            continue
    return tuple(found)


def _choose(group_time: GroupTime, *, kind: Kind, window: tuple[int, int] | None) -> tuple[Floats, NDArray[np.bool_]]:
    """The label of each cell, and which cells take part."""
    since = group_time.time - group_time.group
    if kind == "dynamic":
        low, high = window or (-np.inf, np.inf)
        return since, (since >= low) & (since <= high)
    if not group_time.after.any():
        raise NothingToCompareError("no period after a start can be compared")
    labels = {"simple": np.zeros(len(since)), "group": group_time.group, "calendar": group_time.time.astype(float)}
    return labels[kind], group_time.after


def _average(group_time: GroupTime, cells: NDArray[np.bool_]) -> _Average:
    """Weighted by the size of each cell's cohort."""
    cohort = np.searchsorted(group_time.moments.cohorts, group_time.group)
    size = np.where(cells, group_time.moments.persons[cohort], 0.0)
    weights = size / size.sum()
    value = float(weights @ group_time.att)
    drift: Floats = np.zeros(len(group_time.moments.cohorts))
    np.add.at(drift, cohort[cells], (group_time.att[cells] - value) / size.sum())
    return _Average(weights=weights, drift=drift, value=value)


def _mean(points: list[_Average]) -> _Average:
    return _Average(
        weights=np.mean([point.weights for point in points], axis=0),
        drift=np.mean([point.drift for point in points], axis=0),
        value=float(np.mean([point.value for point in points])),
    )


def _average_cohorts(group_time: GroupTime, *, cohorts: Floats, points: list[_Average]) -> _Average:
    """Weighted by the size of each cohort."""
    place = np.searchsorted(group_time.moments.cohorts, cohorts)
    total = group_time.moments.persons[place].sum()
    share = group_time.moments.persons[place] / total
    value = float(share @ [point.value for point in points])
    drift: Floats = share @ np.stack([point.drift for point in points])
    drift[place] += (np.array([point.value for point in points]) - value) / total
    return _Average(weights=share @ [point.weights for point in points], drift=drift, value=value)


def _influences(group_time: GroupTime, averages: list[_Average]) -> Floats:
    """(G, P, Z) influences of averages on z."""
    weights = np.stack([average.weights for average in averages])
    influences: Floats = np.stack([multiply(weights, loadings) for loadings in group_time.loadings])
    influences[:, :, 0] += np.stack([average.drift for average in averages], axis=1)
    return influences
