"""Goal attainment, normalised gain and the forgetting curve: scores that need their own arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from borging.stats.samples import Floats, SampleError, check_sample

CEILING = 0.8
"""Share of the maximum before, above which a gain says more about the test than about learning."""
EBBINGHAUS_K, EBBINGHAUS_C = 1.84, 1.25
MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Normalised gain of a group: the part that was learnt of what could still be learnt.

    band: of Hake. near_ceiling: the group knew more than 80% before, so the gain is not to be trusted.
    """

    gain: float
    band: Literal["low", "medium", "high"]
    near_ceiling: bool


@dataclass(frozen=True, kw_only=True)
class ForgettingCurve:
    """Share saved after t minutes: k / ((log10 t)^c + k). error: root mean square of what it misses."""

    k: float
    c: float
    error: float


def goal_attainment(*, scores: ArrayLike, weights: ArrayLike | None = None, correlation: float = 0.3) -> float:
    """T-score of goals (g,) on the scale -2 to +2: 50 when they come out as expected on balance, SD 10.

    weights (g,): importance, equal unless said. correlation: assumed between goals (Kiresuk & Sherman 1968).
    Raises SampleError on missing values, scores off the scale or weights that are not positive.
    """
    x = check_sample(scores, name="scores", at_least=1)
    w = np.ones_like(x) if weights is None else check_sample(weights, name="weights", at_least=1)
    if len(w) != len(x) or w.min() <= 0 or np.abs(x).max() > 2:
        raise SampleError("goals score from -2 to +2 and each has a positive weight")
    spread = (1 - correlation) * float(w @ w) + correlation * float(w.sum()) ** 2
    if spread <= 0:
        raise SampleError(f"{len(x)} goals cannot all be correlated {correlation}")
    return 50 + 10 * float(w @ x) / math.sqrt(spread)


def normalised_gain(*, before: float, after: float, maximum: float = 100) -> Gain:
    """(after - before) / (maximum - before) of the means of a group, never of a person (Hake 1998).

    Raises SampleError when the means are off the scale or nothing was left to learn.
    """
    if not (0 <= before < maximum and 0 <= after <= maximum):
        raise SampleError(f"from {before} to {after} is not a gain on a scale of 0 to {maximum}")
    gain = (after - before) / (maximum - before)
    band: Literal["low", "medium", "high"] = "low" if gain < 0.3 else "medium" if gain < 0.7 else "high"
    return Gain(gain=gain, band=band, near_ceiling=before > CEILING * maximum)


def savings(minutes: ArrayLike, *, k: float = EBBINGHAUS_K, c: float = EBBINGHAUS_C) -> Floats:
    """Share of learning time saved after minutes (n,) > 1, by Ebbinghaus' own equation and parameters (1885).

    For nonsense syllables learnt by one man: a shape for knowledge, never for behaviour.
    """
    t = check_sample(minutes, name="minutes", at_least=1)
    if t.min() <= 1:
        raise SampleError("the curve starts after one minute")
    return np.asarray(k / (np.log10(t) ** c + k))


def fit_forgetting(*, minutes: ArrayLike, saved: ArrayLike) -> ForgettingCurve:
    """Least-squares k and c of Ebbinghaus' equation on shares saved (n,) at minutes (n,), n >= 3.

    Starts from the straight line that the equation is in logarithms. Raises SampleError on missing values, shares
    outside (0, 1) or times up to one minute.
    """
    t = check_sample(minutes, name="minutes", at_least=3)
    b = check_sample(saved, name="saved", at_least=3)
    if len(t) != len(b) or t.min() <= 1 or b.min() <= 0 or b.max() >= 1:
        raise SampleError("each time is over one minute and each share between 0 and 1")
    logs = np.log(np.log10(t))
    log_k, c = np.polynomial.polynomial.polyfit(logs, np.log(b / (1 - b)), 1) * (1, -1)
    for _ in range(MOST_STEPS):
        curve = savings(t, k=math.exp(log_k), c=c)
        # Gauss-Newton: the curve is logistic in log k - c log(log10 t).
        slopes = (curve * (1 - curve))[:, None] * np.column_stack([np.ones_like(logs), -logs])
        step = np.linalg.lstsq(slopes, b - curve, rcond=None)[0]
        log_k, c = log_k + step[0], c + step[1]
        if np.abs(step).max() < 1e-10:
            break
    misses = savings(t, k=math.exp(log_k), c=c) - b
    return ForgettingCurve(k=math.exp(log_k), c=float(c), error=math.sqrt(float(misses @ misses) / len(t)))
