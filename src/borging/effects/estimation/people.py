"""The people of one outcome, in arrays: their group, their team, their value before and after, what else is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from borging.effects.rules import Assignment
from borging.lake.schema import COVARIATE_PREFIX, StudyTables

Floats = NDArray[np.float64]
Masks = NDArray[np.bool_]
MOST_CATEGORIES = 6
MOSTLY = 0.7
"""Share of people starting with their team from which persons no longer count as drawn one by one."""
TRAINING_WORDS = {
    "1",
    "yes",
    "ja",
    "true",
    "treat",
    "treated",
    "treatment",
    "training",
    "trained",
    "wel",
    "interventie",
}
TRAINING_WORDS |= {"intervention", "experiment", "experimental", "experimenteel", "deelnemer", "getraind", "t"}


@dataclass(frozen=True, kw_only=True)
class Cohorts:
    """Everyone in the participants file, with the period in which the training starts to count for this outcome.

    start: (N,) first measured period at or after the start, NaN where nobody of this group is trained in the window.
    team: (N,) codes; who has no team is a team alone. by_arm: groups are as drawn, whoever showed up. as_team: the few
    who did not go along with their team count with it.
    """

    person: pa.Array
    start: Floats
    team: NDArray[np.int64]
    covariates: dict[str, Floats | list[str | None]]
    tables: StudyTables
    by_arm: bool = False
    as_team: bool = False

    @property
    def trained(self) -> Masks:
        return ~np.isnan(self.start)

    @property
    def starts(self) -> list[int]:
        """The different start periods, early to late."""
        return [int(start) for start in np.unique(self.start[self.trained])]

    @property
    def by_team(self) -> bool:
        """Whether whole teams were trained together, so that the team is what was assigned."""
        return self.share_with_team == 1.0

    @property
    def mostly_by_team(self) -> bool:
        """Whether people start with their team but for a few: then the margin must still go by team."""
        return self.share_with_team >= MOSTLY

    @cached_property
    def share_with_team(self) -> float:
        """Share of people whose start is the usual one of their team; 0 where teams say nothing."""
        return _usual_starts(self.team, self.start)[1]


def read_cohorts(
    tables: StudyTables, *, periods: list[int], assignment: Assignment, folder: Path, name: str
) -> Cohorts:
    """Place everyone's start on the measured periods, and write that table beside the others for the engine.

    A start between two measurements counts from the next one; a start after the latest is a start still to come.
    """
    table = pq.read_table(tables.participants)
    start = table["start"].cast(pa.float64()).to_numpy(zero_copy_only=False).astype(float)
    grid = np.asarray(sorted(periods), float)
    position = np.searchsorted(grid, np.where(np.isnan(start), np.inf, start))
    placed = np.where(position < len(grid), grid[np.minimum(position, len(grid) - 1)], np.nan)
    by_arm = False
    if assignment is Assignment.LOTTERY and (drawn := _drawn(table["arm"], placed)) is not None:
        placed, by_arm = drawn, True
    team = _codes(table["team"])
    usual, share = _usual_starts(team, placed)
    # two groups: the team is what was assigned, so who stayed away still belongs to it (intention to treat)
    if as_team := MOSTLY <= share < 1.0 and len(np.unique(placed[~np.isnan(placed)])) == 1:
        placed = usual
    written = table.set_column(table.schema.get_field_index("start"), "start", _as_int(placed))
    path = folder / f"{name}.parquet"
    pq.write_table(written, path)
    return Cohorts(
        person=table["person"].combine_chunks(),
        start=placed,
        team=team,
        covariates=_covariates(table),
        tables=replace(tables, participants=path),
        by_arm=by_arm,
        as_team=as_team,
    )


def _drawn(arm: pa.ChunkedArray, start: Floats) -> Floats | None:
    """Starts as the lottery drew them: everyone in the training arm, nobody in the other. None without two arms."""
    labels = [label for label in pc.unique(arm).to_pylist() if label is not None]
    if len(labels) != 2 or arm.null_count or not np.any(~np.isnan(start)):
        return None
    members = {label: pc.equal(arm, label).to_numpy().astype(bool) for label in labels}
    share = {label: float(np.mean(~np.isnan(start[members[label]]))) for label in labels}
    named = [label for label in labels if label.strip().casefold() in TRAINING_WORDS]
    training = named[0] if len(named) == 1 else max(labels, key=lambda label: share[label])
    values, counts = np.unique(start[~np.isnan(start)], return_counts=True)
    usual = values[np.argmax(counts)]
    return np.where(members[training], np.where(np.isnan(start), usual, start), np.nan)


def _as_int(values: Floats) -> pa.Array:
    missing = np.isnan(values)
    return pa.array(np.where(missing, 0, values).astype(np.int64), mask=missing)


def _codes(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Numbers for teams; who has no team gets a number of their own."""
    encoded = column.combine_chunks().dictionary_encode().indices
    codes: NDArray[np.int64] = pc.fill_null(encoded, -1).to_numpy().astype(np.int64)
    alone = codes < 0
    return np.where(alone, codes.max(initial=-1) + 1 + np.cumsum(alone) - 1, codes)


def _usual_starts(team: NDArray[np.int64], start: Floats) -> tuple[Floats, float]:
    """Everyone's start as it is for most of their team, and the share of people for whom that is their own.

    The share is 0 where nearly everyone is a team alone: then teams say nothing.
    """
    teams = np.unique(team)
    if len(teams) < 2 or len(teams) > len(team) / 2:
        return start, 0.0
    values, code = np.unique(np.where(np.isnan(start), np.inf, start), return_inverse=True)
    counts = np.zeros((int(teams.max()) + 1, len(values)), np.int64)
    np.add.at(counts, (team, code), 1)
    usual = counts.argmax(axis=1)
    share = float(counts.max(axis=1).sum() / len(team))
    return np.where(np.isinf(values[usual[team]]), np.nan, values[usual[team]]), share


def _covariates(table: pa.Table) -> dict[str, Floats | list[str | None]]:
    found: dict[str, Floats | list[str | None]] = {}
    for name in table.column_names:
        if not name.startswith(COVARIATE_PREFIX):
            continue
        column = table[name]
        if pa.types.is_floating(column.type):
            found[name.removeprefix(COVARIATE_PREFIX)] = column.to_numpy(zero_copy_only=False).astype(float)
        else:
            found[name.removeprefix(COVARIATE_PREFIX)] = column.to_pylist()
    return found


def characteristics(cohorts: Cohorts) -> dict[tuple[str, str], Floats]:
    """Covariates as numbers: {(name, ""): values} or, for a category, {(name, level): 0/1} for its commonest levels."""
    found: dict[tuple[str, str], Floats] = {}
    for name, values in cohorts.covariates.items():
        if isinstance(values, np.ndarray):
            found[name, ""] = values
            continue
        words = np.array([value or "" for value in values], dtype=object)
        levels, counts = np.unique(words[words != ""].astype(str), return_counts=True)
        for level in levels[np.argsort(-counts, kind="stable")][:MOST_CATEGORIES]:
            found[name, str(level)] = np.where(words == "", np.nan, (words == level).astype(float))
    return found
