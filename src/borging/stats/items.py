"""Quality of test items: difficulty, how each goes with the rest, and the one-parameter logistic model."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_expit, logsumexp

from borging.stats.samples import Floats, SampleError, check_table, correlate

NODES = 61
"""Quadrature points over ability; 21 already give six digits, more cost nothing."""
MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class ItemStatistics:
    """Classical statistics of k items of n people.

    difficulty: share of the highest possible score, so easy items have a high one. with_total, with_rest: correlation
    with the total score, and with the total of the other items; NaN where one does not vary. alpha: internal
    consistency, for right-wrong items the same as KR-20; NaN when totals do not vary.
    """

    n: int
    k: int
    difficulty: tuple[float, ...]
    with_total: tuple[float, ...]
    with_rest: tuple[float, ...]
    alpha: float


@dataclass(frozen=True, kw_only=True)
class OneParameterModel:
    """P(right) = logistic(discrimination * (ability - difficulty)), ability standard normal.

    difficulty (k,): the ability at which half answer right; se_difficulty and se_discrimination from the observed
    information.
    """

    n: int
    discrimination: float
    se_discrimination: float
    difficulty: tuple[float, ...]
    se_difficulty: tuple[float, ...]
    log_likelihood: float


def describe(items: ArrayLike, *, highest: float = 1.0) -> ItemStatistics:
    """Classical item statistics of scores (n, k), each from 0 to `highest`; n, k >= 2.

    Raises SampleError on missing or too few values, or scores outside the range.
    """
    x = check_table(items, name="items", columns=2)
    if x.min() < 0 or x.max() > highest:
        raise SampleError(f"an item score lies outside 0 to {highest}")
    n, k = x.shape
    total = x.sum(axis=1)
    spread_of_total = float(total.var(ddof=1))
    share = float(x.var(axis=0, ddof=1).sum()) / spread_of_total if spread_of_total else float("nan")
    return ItemStatistics(
        n=n,
        k=k,
        difficulty=tuple(float(mean) / highest for mean in x.mean(axis=0)),
        with_total=tuple(correlate(item, total) for item in x.T),
        with_rest=tuple(correlate(item, total - item) for item in x.T),
        alpha=k / (k - 1) * (1 - share),
    )


def fit_one_parameter(items: ArrayLike) -> OneParameterModel:
    """Fit right-wrong items (n, k), 0 or 1, with one common discrimination, by marginal maximum likelihood.

    Bock & Lieberman (1970); ability is integrated out with Gauss-Hermite quadrature, and Newton steps climb from the
    logit of each share right. Raises SampleError on other values, an item that everyone or nobody has right, or
    answers that do not go together (no positive discrimination fits).
    """
    x = check_table(items, name="items", columns=2)
    if not np.isin(x, (0, 1)).all():
        raise SampleError("the one-parameter model takes right (1) or wrong (0)")
    n, k = x.shape
    right, scores = x.sum(axis=0), np.bincount(x.sum(axis=1).astype(int), minlength=k + 1).astype(float)
    if right.min() == 0 or right.max() == n:
        raise SampleError("an item is right, or wrong, for everyone: its difficulty has no end")
    easiness, slope, value = _climb(right=right, scores=scores)
    information = -_curvature(np.append(easiness, slope), right=right, scores=scores)
    covariance = np.linalg.inv(information)
    # b = -easiness / slope: its variance by the delta method.
    jacobian = np.column_stack([np.diag(np.full(k, -1 / slope)), easiness / slope**2])
    return OneParameterModel(
        n=n,
        discrimination=slope,
        se_discrimination=math.sqrt(covariance[-1, -1]),
        difficulty=tuple(float(b) for b in -easiness / slope),
        se_difficulty=tuple(float(se) for se in np.sqrt(np.diag(jacobian @ covariance @ jacobian.T))),
        log_likelihood=value,
    )


def _climb(*, right: Floats, scores: Floats) -> tuple[Floats, float, float]:
    """Easiness (k,), common slope and log-likelihood at the top; a step that does not rise is halved."""
    share = right / scores.sum()
    parameters = np.append(np.log(share / (1 - share)), 1.0)
    value, gradient = _likelihood(parameters, right=right, scores=scores)
    for _ in range(MOST_STEPS):
        step = _ascent(_curvature(parameters, right=right, scores=scores), gradient)
        while True:
            candidate = parameters + step
            better, slope = _likelihood(candidate, right=right, scores=scores)
            if better >= value or np.abs(step).max() < 1e-10:
                break
            step = step / 2
        parameters, value, gradient = candidate, better, slope
        if np.abs(step).max() < 1e-9:
            break
    if parameters[-1] < 1e-3:
        raise SampleError("these items do not go together: no common ability explains the answers")
    return parameters[:-1], float(parameters[-1]), value


def _likelihood(parameters: Floats, *, right: Floats, scores: Floats) -> tuple[float, Floats]:
    """Marginal log-likelihood and its gradient (k + 1,).

    Per person the answers enter through the number right only, so people are counted by score (k + 1,).
    """
    easiness, slope = parameters[:-1], parameters[-1]
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    log_weights = np.log(weights / weights.sum())
    chance = expit(slope * nodes[:, None] + easiness)
    wrong = log_expit(-(slope * nodes[:, None] + easiness)).sum(axis=1)
    number = np.arange(len(scores))
    joint = log_weights + wrong + slope * number[:, None] * nodes
    marginal = logsumexp(joint, axis=1)
    people = (scores[:, None] * np.exp(joint - marginal[:, None])).sum(axis=0)
    solved = float((scores[:, None] * np.exp(joint - marginal[:, None]) * number[:, None] * nodes).sum())
    along = solved - float((people * nodes) @ chance.sum(axis=1))
    return float(right @ easiness + scores @ marginal), np.append(right - people @ chance, along)


def _curvature(parameters: Floats, *, right: Floats, scores: Floats) -> Floats:
    """Second derivatives (k + 1, k + 1) of the log-likelihood, from central differences of its exact gradient."""
    step = 1e-5
    moves = np.eye(len(parameters)) * step
    rows = [
        _likelihood(parameters + move, right=right, scores=scores)[1]
        - _likelihood(parameters - move, right=right, scores=scores)[1]
        for move in moves
    ]
    matrix = np.array(rows) / (2 * step)
    return np.asarray((matrix + matrix.T) / 2)


def _ascent(curvature: Floats, gradient: Floats) -> Floats:
    """A Newton step that goes up even where the likelihood is not yet curved downwards."""
    values, vectors = np.linalg.eigh(-curvature)
    return np.asarray(vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), 1e-3)))
