"""What a study is asked and what it answers: shapes and pure decisions. No Django, no clock, no files."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Assignment(StrEnum):
    """How it was decided who was trained, or who first."""

    LOTTERY = "lottery"
    WAVE = "wave"
    CHOICE = "choice"
    UNKNOWN = "unknown"


class Design(StrEnum):
    """The comparison a study rests on, from the strongest to the weakest."""

    RANDOMISED = "randomised_difference"
    RANDOMISED_BASELINE = "randomised_ancova"
    STAGGERED = "staggered_did"
    BASELINE = "did_2x2"
    PAIRED = "paired"
    NAIVE = "naive_difference"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the person who asks for a study tells about it.

    cost: full cost of the training, in money. unit_value: what one unit of the outcome is worth in money, if known.
    minimum: fewest people behind a shown figure (10 for HR registers).
    """

    assignment: Assignment = Assignment.UNKNOWN
    cost: float | None = None
    unit_value: float | None = None
    currency: str = "€"
    minimum: int = 5
    lower_is_better: frozenset[str] = field(default_factory=frozenset)
