"""Which gates a comparison passes, and so which rung it stands on (statistics: the evidence ladder and its gates)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import stdtr

from borging.effects.estimation.likeness import Likeness
from borging.effects.rules import (
    FEWEST_CLUSTERS,
    LARGEST_ATTRITION_GAP,
    LARGEST_IMBALANCE,
    LARGEST_PLACEBO,
    LEAST_OVERLAP,
    MONTHS_OF_HISTORY,
    EffectAt,
    Estimate,
    Gate,
    Param,
    months_in,
)
from borging.stats import balance

ONE_SIDED = 1.645
"""Standard errors to the 5% point of a normal distribution."""


@dataclass(frozen=True, kw_only=True)
class Placebo:
    """The average difference before the start, where none can be; df None: normal."""

    value: float
    se: float
    df: float | None
    periods: int


def judge_likeness(found: Likeness) -> Gate:
    """Groups that differ by more than a quarter of a standard deviation cannot stand in for each other.

    A characteristic that may not be shown counts, but its difference is not told.
    """
    if (largest := found.largest) is None:
        return Gate(code="likeness", passed=None)
    params: dict[str, Param] = {"name": largest.name}
    if found.largest_shown:
        params |= {"level": largest.level, "smd": abs(largest.difference)}
    return Gate(code="likeness", passed=abs(largest.difference) <= LARGEST_IMBALANCE, params=params)


def judge_overlap(share: float | None) -> Gate:
    """Most of the trained need people like them among those they are compared with."""
    if share is None:
        return Gate(code="overlap", passed=None)
    return Gate(code="overlap", passed=share >= LEAST_OVERLAP, params={"share": share})


def judge_attrition(missing: tuple[float, float]) -> Gate:
    """The share that is missing must not differ between the trained and the others."""
    gap = abs(missing[0] - missing[1])
    params: dict[str, Param] = {"trained": missing[0], "comparison": missing[1], "gap": gap}
    return Gate(code="attrition", passed=gap <= LARGEST_ATTRITION_GAP, params=params)


def judge_clusters(trained: int, comparison: int, *, by_team: bool) -> Gate:
    """Enough separately assigned units in each group."""
    fewest = min(trained, comparison)
    return Gate(code="clusters", passed=fewest >= FEWEST_CLUSTERS, params={"n": fewest, "teams": int(by_team)})


def judge_history(*, unit: str, periods_before: int, enough_share: float) -> Gate:
    """At least six months, and two measurements, before the start; `enough_share` of the trained have that."""
    months = months_in(unit, periods_before)
    params: dict[str, Param] = {"periods": periods_before, "share": enough_share}
    if periods_before < 2:
        return Gate(code="history", passed=False, params=params)
    long_enough = periods_before >= MONTHS_OF_HISTORY if months is None else months >= MONTHS_OF_HISTORY
    return Gate(code="history", passed=long_enough and enough_share >= 0.8, params=params)


def judge_parallel(placebo: Placebo | None, *, estimate: Estimate, pretest_p: float | None) -> Gate:
    """Before the start the groups must demonstrably move alike: two one-sided tests, half the found effect as margin.

    "No significant difference" is not enough: with few people nothing is ever significant. Nor is any difference
    smaller than the effect: a steady drift is always smaller before the start than what it adds up to afterwards.
    """
    if placebo is None or placebo.se <= 0 or not estimate.value:
        return Gate(code="parallel", passed=None, params={} if pretest_p is None else {"p": pretest_p})
    margin = LARGEST_PLACEBO * abs(estimate.value)
    p = balance.equivalence(estimate=placebo.value, se=placebo.se, df=placebo.df or float("inf"), margin=margin)
    params: dict[str, Param] = {"placebo": placebo.value, "margin": margin, "equivalence_p": float(p)}
    if pretest_p is not None:
        params["p"] = pretest_p
    return Gate(code="parallel", passed=p < 0.05, params=params)


def judge_steadiness(points: tuple[EffectAt, ...], placebo: Placebo | None) -> tuple[Gate, ...]:
    """No difference before the start may be seen: not in a single period, with the band for all, nor on average.

    A drift, or a dip just before the start, shows here. No gate at all where there is no period to look at.
    """
    before = [point for point in points if point.at < 0 and point.se > 0]
    if not before or placebo is None or placebo.se <= 0:
        return ()
    p = float(2 * stdtr(placebo.df or math.inf, -abs(placebo.value / placebo.se)))
    apart = any(point.low > 0 or point.high < 0 for point in before)
    return (Gate(code="steady", passed=p >= 0.05 and not apart, params={"placebo": placebo.value, "p": p}),)


def judge_bounds(bounds: balance.LeeBounds, *, se: float) -> Gate:
    """The difference must keep its direction, whoever the missing people of the better measured group are.

    The bounds are widened by the one-sided 5% margin, for they are estimated too (Imbens & Manski 2004).
    """
    low, high = bounds.low - ONE_SIDED * se, bounds.high + ONE_SIDED * se
    return Gate(code="bounds", passed=not low <= 0 <= high, params={"low": low, "high": high})
