"""What a group of this size can show, said before it starts: smallest effects and needed numbers, by noncentral t."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy.special import nctdtr, stdtrit

from borging.stats.samples import SampleError


def smallest_effect(
    *,
    n_treated: float,
    n_comparison: float,
    power: float = 0.8,
    alpha: float = 0.05,
    sd: float = 1.0,
    correlation: float = 0.0,
    icc: float = 0.0,
    cluster_size: float = 1,
) -> float:
    """Smallest true difference, in the unit of sd, that a two-sided test finds with this power.

    n_treated, n_comparison: people. correlation: of baseline and outcome, when the baseline is adjusted for
    (Borm et al. 2007). icc, cluster_size: alikeness and size of the teams when whole teams are assigned; degrees of
    freedom are then those of team means (Donner & Klar 2000). Raises SampleError with too few people or teams.
    """
    _check(power=power, alpha=alpha, correlation=correlation, icc=icc, cluster_size=cluster_size)
    units = (n_treated + n_comparison) / cluster_size
    df = units - 2 - (1 if correlation else 0)
    if min(n_treated, n_comparison) <= 0 or df < 1:
        raise SampleError(f"{n_treated} and {n_comparison} people are too few to tell anything apart")
    variance = _inflation(correlation=correlation, icc=icc, cluster_size=cluster_size)
    return multiplier(df=df, power=power, alpha=alpha) * sd * math.sqrt(variance * (1 / n_treated + 1 / n_comparison))


def smallest_change(*, n: float, power: float = 0.8, alpha: float = 0.05, sd_change: float = 1.0) -> float:
    """Smallest true average change n people measured twice can show, in the unit of sd_change.

    sd_change: standard deviation of the individual changes, sd * sqrt(2 (1 - r)) for equal spreads correlated r.
    """
    _check(power=power, alpha=alpha)
    if n < 2:
        raise SampleError("a change needs at least two people")
    return multiplier(df=n - 1, power=power, alpha=alpha) * sd_change / math.sqrt(n)


def group_needed(
    *,
    effect: float,
    power: float = 0.8,
    alpha: float = 0.05,
    sd: float = 1.0,
    correlation: float = 0.0,
    icc: float = 0.0,
    cluster_size: float = 1,
) -> float:
    """People needed in each of two equal groups to find `effect`; a fraction, to be rounded up.

    Teams and baseline multiply the number for individuals by the design effect 1 + (size - 1) icc and by
    1 - correlation^2, the textbook rule; with few teams check with smallest_effect, which also pays for the lost
    degrees of freedom. Raises SampleError when the effect is zero.
    """
    _check(power=power, alpha=alpha, correlation=correlation, icc=icc, cluster_size=cluster_size, effect=effect)
    d = abs(effect) / sd
    n = _cross(lambda n: d * math.sqrt(n / 2) - multiplier(df=2 * n - 2, power=power, alpha=alpha), low=2)
    return n * _inflation(correlation=correlation, icc=icc, cluster_size=cluster_size)


def pairs_needed(*, effect: float, power: float = 0.8, alpha: float = 0.05, sd_change: float = 1.0) -> float:
    """People measured twice needed to find an average change of `effect`; a fraction, to be rounded up."""
    _check(power=power, alpha=alpha, effect=effect)
    d = abs(effect) / sd_change
    return _cross(lambda n: d * math.sqrt(n) - multiplier(df=n - 1, power=power, alpha=alpha), low=2)


def multiplier(*, df: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """Standard errors a true effect must measure to be found: about 2.8 with many degrees of freedom (Bloom 1995).

    Counts findings in the right direction only, as R's power.t.test does. By bisection: scipy's own inverse
    (nctdtrinc) does not return for small alpha. Raises SampleError below one degree of freedom.
    """
    if df < 1:
        raise SampleError(f"{df} degrees of freedom are too few to tell anything apart")
    limit = stdtrit(df, 1 - alpha / 2)
    return _cross(lambda errors: 1 - nctdtr(df, errors, limit) - power, low=0.0)


def _inflation(*, correlation: float, icc: float, cluster_size: float) -> float:
    return (1 - correlation**2) * (1 + (cluster_size - 1) * icc)


def _cross(surplus: Callable[[float], float], *, low: float) -> float:
    """Where `surplus`, which rises, turns positive; `low` when it already is."""
    high = low + 2
    if surplus(low) >= 0:
        return low
    while (reached := surplus(high)) < 0:
        low, high = high, 2 * high
    if math.isnan(reached):
        raise SampleError("so strict a test with so few people is beyond what can be computed")
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if surplus(middle) < 0 else (low, middle)
    return high


def _check(
    *,
    power: float,
    alpha: float,
    correlation: float = 0.0,
    icc: float = 0.0,
    cluster_size: float = 1,
    effect: float = 1.0,
) -> None:
    if not (0 < alpha < 1 and alpha / 2 < power < 1):
        raise SampleError(f"no test has power {power} at alpha {alpha}")
    if not (-1 < correlation < 1 and 0 <= icc <= 1 and cluster_size >= 1):
        raise SampleError(f"correlation {correlation}, icc {icc} or cluster size {cluster_size} cannot be")
    if not effect or not math.isfinite(effect):
        raise SampleError("an effect of zero is never found")
