"""From answers of people to a number with its margin. Who may see it is not decided here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from borging.measure.rules import (
    FEWEST_FOR_RELIABILITY,
    OTHERS,
    Change,
    Mean,
    Pairing,
    Reliability,
    Share,
)
from borging.stats import pairs, reliability, shares
from borging.stats.samples import SampleError

Row = dict[str, Any]


def change(name: str, rows: Sequence[Row], *, pairing: Pairing, answered: int) -> Change:
    """How much the same people changed; margins of a mean stay on its scale."""
    before, after = [row["before"] for row in rows], [row["after"] for row in rows]
    found = pairs.change(before=before, after=after)
    return Change(
        name=name,
        n=found.n,
        answered=answered,
        before=_on_scale(before, pairing),
        after=_on_scale(after, pairing),
        change=Mean(value=found.difference, low=found.low, high=found.high),
    )


def _on_scale(values: list[float], pairing: Pairing) -> Mean:
    mean = pairs.mean_with_margin(values)
    return Mean(value=mean.mean, low=max(mean.low, pairing.low), high=min(mean.high, pairing.high))


def share(name: str, *, count: int, of: int) -> Share:
    found = shares.share(count=count, of=of)
    return Share(name=name, n=of, of=of, share=Mean(value=found.share, low=found.low, high=found.high))


def rate(name: str, rows: Sequence[Row]) -> Share:
    """How often people tried of the times they had a chance."""
    found = shares.rate(done=[row["tried"] for row in rows], chances=[row["chances"] for row in rows])
    return Share(name=name, n=found.n, of=found.of, share=Mean(value=found.share, low=found.low, high=found.high))


def agreement(rows: Sequence[Row], *, minimum: int) -> Reliability | None:
    """How well two pairs of eyes on the same people agree afterwards: ICC(2, k) with its margin (Shrout & Fleiss)."""
    seen: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row["source"] in OTHERS and row["after"] is not None:
            seen[row["person"]][row["source"]] = row["after"]
    best: list[list[float]] = []
    for first, second in (("manager", "buddy"), ("manager", "observer"), ("buddy", "observer")):
        both = [[views[first], views[second]] for views in seen.values() if first in views and second in views]
        best = max(best, both, key=len)
    if len(best) < minimum:
        return None
    try:
        found = reliability.icc(best)
    except SampleError:
        return None
    value = _around(found.icc_2_k, low=found.low, high=found.high)
    return Reliability(n=found.n, k=found.k, value=value) if value else None


def consistency(parts: Sequence[Row]) -> Reliability | None:
    """Cronbach's alpha with Feldt's margin, of who answered every part; under thirty people none at all."""
    by_person: dict[str, dict[str, float]] = defaultdict(dict)
    for row in parts:
        by_person[row["person"]][row["part"]] = row["number"]
    names = sorted({row["part"] for row in parts})
    complete = [[answers[name] for name in names] for answers in by_person.values() if len(answers) == len(names)]
    if len(names) < 2 or len(complete) < FEWEST_FOR_RELIABILITY:
        return None
    try:
        found = reliability.consistency(complete)
    except SampleError:
        return None
    value = _around(found.alpha, low=found.low, high=found.high)
    return Reliability(n=found.n, k=found.k, value=value) if value else None


def _around(value: float, *, low: float, high: float) -> Mean | None:
    return Mean(value=value, low=low, high=high) if np.isfinite([value, low, high]).all() else None
