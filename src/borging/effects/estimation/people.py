"""The people of one outcome, in arrays: their group, their team, their value before and after, what else is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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
MOSTLY = 0.3
"""Part of the differences in start that lies between teams, from which the team is what was assigned. With two equal
groups of whole teams it is .82 when a tenth of the trained stayed away, .33 when half did, 0 by chance."""
SURELY = 3.0
"""Standard deviations above what chance gives: small teams start together by chance too."""
NEARLY_NOBODY = 0.3
"""Share of a group with a team under which people count one by one there."""
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
    team: (N,) codes; who has no team is a team alone. by_arm: groups are as drawn, whoever showed up. by_team: the team
    is what was assigned. as_team: the few who did not go along with their team count with it. teamless: people who
    cannot count, because teams do and theirs is not known; `tables` is without them. to_come: people whose start lies
    after the latest measurement.
    """

    person: pa.Array
    start: Floats
    team: NDArray[np.int64]
    covariates: dict[str, Floats | list[str | None]]
    tables: StudyTables
    by_arm: bool = False
    by_team: bool = False
    as_team: bool = False
    teamless: int = 0
    to_come: int = 0

    @property
    def trained(self) -> Masks:
        return ~np.isnan(self.start)

    @property
    def starts(self) -> list[int]:
        """The different start periods, early to late."""
        return [int(start) for start in np.unique(self.start[self.trained])]


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
    to_come = int(np.sum(np.isnan(placed) & ~np.isnan(start)))
    by_arm = False
    if assignment is Assignment.LOTTERY and (drawn := _drawn(table["arm"], placed)) is not None:
        placed, by_arm = drawn, True
    team, named = _codes(table["team"]), table["team"].is_valid().to_numpy().astype(bool)
    usual, share = _usual_starts(team, placed)
    by_team = _start_together(team[named], placed[named])
    if as_team := by_team and share < 1.0:
        placed = usual  # who stayed away still belongs to the team (intention to treat)
    teamless = _teamless(named, placed) if by_team else np.zeros_like(named)
    written = table.set_column(table.schema.get_field_index("start"), "start", _as_int(placed))
    path = folder / f"{name}.parquet"
    pq.write_table(written.filter(pa.array(~teamless)), path)
    return Cohorts(
        person=table["person"].combine_chunks(),
        start=placed,
        team=team,
        covariates=_covariates(table),
        tables=replace(tables, participants=path),
        by_arm=by_arm,
        by_team=by_team,
        as_team=as_team,
        teamless=int(teamless.sum()),
        to_come=to_come,
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
    """Everyone's start as it is for most of their team, and the share of people for whom that is their own."""
    values, counts = _count_starts(team, start)
    usual = values[counts.argmax(axis=1)][team]
    return np.where(np.isinf(usual), np.nan, usual), float(counts.max(axis=1).sum() / len(team))


def _count_starts(team: NDArray[np.int64], start: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The different starts (S,), inf for none, and how many people of each team code have them (codes, S)."""
    values, code = np.unique(np.where(np.isnan(start), np.inf, start), return_inverse=True)
    counts = np.zeros((int(team.max(initial=-1)) + 1, len(values)), np.int64)
    np.add.at(counts, (team, code), 1)
    return values, counts


def _start_together(team: NDArray[np.int64], start: Floats) -> bool:
    """Whether teams were assigned, rather than people one by one: by how alike starts are within teams.

    Measured as the intraclass correlation of having a start (one-way, all starts together); whole teams give 1.
    """
    counts = _count_starts(team, start)[1]
    counts = counts[counts.sum(axis=1) > 0]
    people, teams = int(counts.sum()), len(counts)
    if teams < 2 or teams > people / 2 or np.count_nonzero(counts.sum(axis=0)) < 2:
        return False
    sizes = counts.sum(axis=1, keepdims=True)
    within = float((counts * (1 - counts / sizes)).sum()) / (people - teams)
    between = float((sizes * (counts / sizes - counts.sum(axis=0) / people) ** 2).sum()) / (teams - 1)
    size = (people - float((sizes**2).sum()) / people) / (teams - 1)
    alike = (between - within) / (between + (size - 1) * within)
    by_chance = math.sqrt(2 / (teams * size * (size - 1))) if size > 1 else math.inf
    return within == 0 or alike >= max(MOSTLY, SURELY * by_chance)


def _teamless(named: Masks, start: Floats) -> Masks:
    """People without a team in a group where others have one; whose chances they shared nobody can say."""
    alone: Masks = np.zeros_like(named)
    for value in np.unique(np.where(np.isnan(start), np.inf, start)):
        group = np.isnan(start) if np.isinf(value) else start == value
        if np.mean(named[group]) >= NEARLY_NOBODY:
            alone |= group & ~named
    return alone


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
