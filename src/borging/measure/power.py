"""What a group of a given size can show on the behaviour measurement, said before it starts. No Django.

`stats.power` computes this exactly but needs the science libraries, which a page never loads. The multipliers below are
its own, for a two-sided test at 5% with 80% power; between them 1/df is close to linear (tested against it).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

LEAST_PEOPLE = 5
"""Under this nobody's figures are shown, so nothing can be proved either."""
SPREAD = 2.5
"""How far people lie apart in "of the last ten times", as a standard deviation: our own assumption until a baseline is
there. The answers run from 0 to 10."""
ALIKE = 0.5
"""How alike one person's answers are before and after, as a correlation: our own assumption."""

_MULTIPLIERS = (
    (4, 3.7611), (5, 3.5139), (6, 3.3669), (7, 3.2698), (8, 3.2009), (10, 3.1100),
    (12, 3.0527), (15, 2.9979), (20, 2.9455), (30, 2.8954), (60, 2.8474), (120, 2.8243), (math.inf, 2.8016),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reach:
    """The smallest true change that is found four times in five, in times of ten. `others`: people compared with."""

    people: int
    smallest: float
    others: int = 0


def before_and_after(people: int) -> Reach | None:
    """One cohort, measured twice; None under the minimum."""
    if people < LEAST_PEOPLE:
        return None
    spread = SPREAD * math.sqrt(2 * (1 - ALIKE))
    return Reach(people=people, smallest=_multiplier(people - 1) * spread / math.sqrt(people))


def compared(people: int, others: int) -> Reach | None:
    """One cohort beside people who start later, with everyone's baseline taken into account; None under the minimum."""
    if min(people, others) < LEAST_PEOPLE:
        return None
    spread = SPREAD * math.sqrt(1 - ALIKE**2)
    smallest = _multiplier(people + others - 3) * spread * math.sqrt(1 / people + 1 / others)
    return Reach(people=people, others=others, smallest=smallest)


def people_needed(change: float, *, with_comparison: bool = False, most: int = 2_000) -> int | None:
    """The smallest cohort that can show this change, beside as many others when compared; None over `most`."""
    for people in range(LEAST_PEOPLE, most + 1):
        reach = compared(people, people) if with_comparison else before_and_after(people)
        if reach and reach.smallest <= change:
            return people
    return None


def _multiplier(df: float) -> float:
    """Standard errors a true change must measure, by df, read between the known ones in 1/df."""
    place = 1 / df
    above = next(i for i, (known, _value) in enumerate(_MULTIPLIERS) if 1 / known <= place)
    if above == 0:
        return _MULTIPLIERS[0][1]
    (few, high), (many, low) = _MULTIPLIERS[above - 1], _MULTIPLIERS[above]
    share = (place - 1 / many) / (1 / few - 1 / many)
    return low + share * (high - low)
