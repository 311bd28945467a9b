"""Shares of people and of occasions, with margins that stay between zero and one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from borging.stats.samples import SampleError, check_sample


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share with its margin. n: people behind it. of: people, or occasions of these people."""

    n: int
    of: int
    share: float
    low: float
    high: float


def share(*, count: int, of: int, level: float = 0.95) -> Share:
    """`count` of `of` people, with Wilson's score margin (1927). Raises SampleError when they do not fit."""
    if not 0 <= count <= of or not of:
        raise SampleError(f"{count} of {of} is no share")
    low, high = _wilson(count / of, size=of, level=level)
    return Share(n=of, of=of, share=count / of, low=low, high=high)


def rate(*, done: ArrayLike, chances: ArrayLike, level: float = 0.95) -> Share:
    """How often people did something of the times they could: sum of done (n,) over sum of chances (n,), n >= 2.

    What one person does each time is alike, so the margin is Wilson's at the effective number of chances: as many as
    would give the spread between people (ratio estimator), never more than there were. When everybody has the same
    rate that spread is zero and says nothing; then every person counts once.
    Raises SampleError on missing values, or more done than chances.
    """
    x, t = check_sample(done, name="done"), check_sample(chances, name="chances")
    if len(x) != len(t) or (x > t).any() or x.min() < 0 or not t.sum():
        raise SampleError("of each person the times done, and at least as many chances")
    n, of = len(x), float(t.sum())
    value = float(x.sum()) / of
    variance = n / (n - 1) * float(((x - value * t) ** 2).sum()) / of**2
    size = min(value * (1 - value) / variance, of) if variance > 1e-12 and 0 < value < 1 else float(n)
    low, high = _wilson(value, size=size, level=level)
    return Share(n=n, of=round(of), share=value, low=low, high=high)


def _wilson(value: float, *, size: float, level: float) -> tuple[float, float]:
    z = float(ndtri((1 + level) / 2))
    middle = (value + z**2 / (2 * size)) / (1 + z**2 / size)
    reach = z / (1 + z**2 / size) * math.sqrt(value * (1 - value) / size + z**2 / (4 * size**2))
    ends = np.clip([middle - reach, middle + reach], 0, 1)
    return min(float(ends[0]), value), max(float(ends[1]), value)
