"""The analytical tables a study stands on, written as Parquet in one folder per study.

participants.parquet: one row a person.
outcomes.parquet: one row a person, outcome and period; persons missing from participants are not here.
time.json: what a period number means.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

COVARIATE_PREFIX = "x_"
"""A participants column that starts with this is a covariate: float64, or string for a category."""

PARTICIPANTS = pa.schema(
    [
        pa.field("person", pa.string(), nullable=False),
        pa.field("start", pa.int64()),  # period the training started; null = not trained
        pa.field("team", pa.string()),
        pa.field("arm", pa.string()),  # group as assigned, where the file says so
    ]
)
"""The fixed columns; covariates follow, each with COVARIATE_PREFIX."""

OUTCOMES = pa.schema(
    [
        pa.field("person", pa.string(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("time", pa.int64(), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
    ]
)

ENTRIES = pa.schema(
    [
        pa.field("person", pa.string(), nullable=False),  # a pseudonym; of an anonymous entry its own id
        pa.field("cohort", pa.int64(), nullable=False),
        pa.field("team", pa.int64(), nullable=False),  # 0 = not known
        pa.field("source", pa.string(), nullable=False),
        pa.field("step", pa.string(), nullable=False),
        pa.field("day", pa.int64()),  # on which it was due, counted from the latest session; null = no session
        pa.field("question", pa.string(), nullable=False),
        pa.field("behaviour", pa.int64(), nullable=False),  # 0 = about none
        pa.field("item", pa.int64(), nullable=False),  # 0 = no situation
        pa.field("number", pa.float64()),  # null = answered in words, or "did not come up"
        pa.field("choice", pa.string(), nullable=False),
    ]
)
"""What is said in one programme: one row an answer that stands. It exists while figures are made, and no longer."""

TimeUnit = Literal["year", "quarter", "month", "day", "number", "moment"]


@dataclass(frozen=True, kw_only=True)
class TimeScale:
    """What a period number means.

    year: the calendar year. quarter: year * 4 + (0..3). month: year * 12 + (0..11). day: days since 1970-01-01.
    number: the number itself. moment: the position in `labels` ("pre", "post"); `labels` is empty for the others.
    """

    unit: TimeUnit
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StudyTables:
    """Where the two tables of a study lie, and its time scale."""

    participants: Path
    outcomes: Path
    scale: TimeScale
