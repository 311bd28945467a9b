"""Whether sums over groups of people, taken together, give away what one of them answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from borging.stats.samples import Floats

TOLERANCE = 1e-7


def exposes(groups: Sequence[Collection[str]], *, minimum: int) -> bool:
    """Whether the sums over these groups can be combined into a sum that is too small.

    Too small is: over people who are in exactly the same groups and are fewer than `minimum`, or over one person once
    somebody in these groups fills in their own answer. Exact linear algebra: nothing is guessed and nothing is missed
    but what follows from the answers themselves being alike (see `measure.rules.alike`).
    """
    sizes, table = _classes(groups)
    if not sizes:
        return False
    hidden = _null_space(table)
    alone = np.diag(hidden) < TOLERANCE  # classes whose own sum follows from the others
    if any(size < minimum for size, known in zip(sizes, alone, strict=True) if known):
        return True
    single = [place for place, size in enumerate(sizes) if size == 1]
    block = hidden[np.ix_(single, single)]
    linked = np.outer(np.diag(block), np.diag(block)) - block**2 < TOLERANCE
    return bool(linked[~np.eye(len(single), dtype=bool)].any())


def _classes(groups: Sequence[Collection[str]]) -> tuple[list[int], Floats]:
    """People in exactly the same groups cannot be told apart: how many are in each class, and groups by classes."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, group in enumerate(groups):
        for person in set(group):
            places[person].append(place)
    counts: dict[tuple[int, ...], int] = defaultdict(int)
    for where in places.values():
        counts[tuple(where)] += 1
    table = np.zeros((len(groups), len(counts)))
    for column, inside in enumerate(counts):
        table[list(inside), column] = 1
    return list(counts.values()), table


def _null_space(table: Floats) -> Floats:
    """The projector (classes, classes) on what the sums leave open; a zero on its diagonal is a class they tell."""
    _, values, rows = np.linalg.svd(table, full_matrices=False)
    kept = rows[values > TOLERANCE * max(values.max(initial=0.0), 1.0)]
    return np.asarray(np.eye(table.shape[1]) - kept.T @ kept)
