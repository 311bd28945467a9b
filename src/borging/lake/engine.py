"""Runs what `panels` asks, on DuckDB inside this process, over Parquet files. The only place that executes.

Grouped sums come about in one of two ways, with equal results. On one machine the values stream out of the database,
some people after the other, are laid out (8 bytes a cell, never more than CELLS_AT_ONCE but for one huge team) and
added up; sums of portions add, so memory does not grow with the panel. For data that must stay where it is, and for
engines of many machines, the same sums are conditional sums inside the database: three times the processor time, and
nothing leaves it but sums per cohort. ADR 0004 has the measurements.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend
from numpy.typing import NDArray

from borging.lake import panels
from borging.lake.panels import Asked, Window
from borging.lake.schema import StudyTables
from borging.stats import did
from borging.stats.did import Level
from borging.stats.did.moments import count_memberships

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Rows = list[dict[str, Any]]
"""A small answer, one dictionary a row."""

CELLS_AT_ONCE = 20_000_000
"""People times periods that are laid out in memory together: 160 MB."""
ROWS_AT_ONCE = 250_000


class NoValuesError(ValueError):
    """No participant has values of the outcome in this window, or nobody in every period where that is asked."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What the outcomes table holds of one outcome; first and latest are periods."""

    outcome: str
    rows: int
    persons: int
    first: int
    latest: int


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An open engine; see `connect`. A file is opened once: it is written before anything is asked of it."""

    backend: Backend
    opened: dict[Path, ibis.Table] = field(default_factory=dict)

    def outcomes(self, tables: StudyTables) -> tuple[Contents, ...]:
        """What there is, per outcome in alphabetical order."""
        found = self._fetch(panels.describe_outcomes(self._read(tables.outcomes)))
        return tuple(Contents(**row) for row in found.to_pylist())

    def periods(self, tables: StudyTables, *, outcome: str, window: Window | None = None) -> list[int]:
        """The periods in which anyone was measured, ascending."""
        found: list[int] = self._fetch(panels.count_periods(self._rows(tables, outcome, window)))["time"].to_pylist()
        return found

    def cohorts(self, tables: StudyTables, *, outcome: str, window: Window | None = None) -> pa.Table:
        """People, mean and spread per cohort and period: start, time, n, mean, deviation."""
        rows = self._rows(tables, outcome, window)
        return self._fetch(panels.count_cohorts(rows, self._read(tables.participants)))

    def per_person(
        self, tables: StudyTables, *, outcome: str, cut: int | None = None, own_start: bool = True
    ) -> pa.Table:
        """Every participant's mean before and from the cut on; columns and rule as in `panels.split_at_start`."""
        rows = self._rows(tables, outcome, None)
        people = self._read(tables.participants)
        return self._fetch(panels.split_at_start(rows, people, cut=cut, own_start=own_start))

    def moments(
        self,
        tables: StudyTables,
        *,
        outcome: str,
        cluster: Level = "person",
        window: Window | None = None,
        complete: bool = False,
        inside: bool = False,
    ) -> did.Moments:
        """The grouped sums of one outcome, clustered by person or team, of everyone or of complete rows only.

        A team whose people are in several cohorts stays one cluster: its sums cross cohorts, exactly.
        inside: add up in the database rather than here; slower, but no row and no person leaves it.
        Raises NoValuesError.
        """
        rows = self._rows(tables, outcome, window)
        periods = _as_numpy(self._fetch(panels.count_periods(rows))["time"]).astype(np.int64)
        if not len(periods):
            raise NoValuesError(f"no values of {outcome!r}")
        participants = self._read(tables.participants)
        if inside:
            rows = panels.keep_complete(rows, periods=len(periods)) if complete else rows
            clustered = panels.cluster_values(rows, participants, cluster=cluster)
            found = self._add_up_inside(clustered, cluster=cluster, periods=periods)
        else:
            found = self._add_up_portions(rows, participants, cluster=cluster, periods=periods, complete=complete)
        if found is None:
            raise NoValuesError(f"no values of {outcome!r}")
        return found

    def pairs(self, entries: Path, *, before: Asked, after: Asked) -> Rows:
        """Who answered at both moments; columns as in `panels.pairs`."""
        return self._list(panels.pairs(self._read(entries), before=before, after=after))

    def answers(self, entries: Path, *, asked: Asked) -> Rows:
        """What was chosen; columns as in `panels.answers`."""
        return self._list(panels.answers(self._read(entries), asked=asked))

    def items(self, entries: Path, *, questions: Sequence[str], steps: Sequence[str]) -> Rows:
        """The parts of a scale; columns as in `panels.items`."""
        return self._list(panels.items(self._read(entries), questions=questions, steps=steps))

    def attempts(self, entries: Path, *, asked: Asked, did: Sequence[str], days: int) -> Rows:
        """Chances and attempts per person and stretch of days; columns as in `panels.attempts`."""
        return self._list(panels.attempts(self._read(entries), asked=asked, did=did, days=days))

    def _add_up_portions(
        self, rows: ibis.Table, participants: ibis.Table, *, cluster: Level, periods: Integers, complete: bool
    ) -> did.Moments | None:
        with self._keep(panels.number_people(participants, together=cluster)) as people:
            known = self._fetch(people.select("position", "start", "team").order_by("position"))
            start = _as_numpy(known["start"]).astype(np.float64)
            team = _code(known["team"]) if cluster == "team" else None
            edges = _cut(team, people=len(start), most=CELLS_AT_ONCE // len(periods))
            parts = (
                self._add_up_portion(
                    panels.place_values(rows, people, positions=(low, high)),
                    low=low,
                    start=start[low:high],
                    team=None if team is None else team[low:high],
                    periods=periods,
                    complete=complete,
                )
                for low, high in itertools.pairwise(edges)
            )
            found = [part for part in parts if part is not None]
        return did.combine(found) if found else None

    def _add_up_portion(
        self,
        placed: ibis.Table,
        *,
        low: int,
        start: Floats,
        team: Integers | None,
        periods: Integers,
        complete: bool,
    ) -> did.Moments | None:
        """Moments of people next to one another from position `low` on; None when nobody takes part."""
        values = self._lay_out(placed, low=low, people=len(start), periods=periods)
        if complete:
            use = ~np.isnan(values).any(axis=1)
            values, start, team = values[use], start[use], None if team is None else team[use]
        if np.isnan(values).all():
            return None
        return did.summarise(values=values, periods=periods, start=start, clusters=team)

    def _add_up_inside(self, clustered: ibis.Table, *, cluster: Level, periods: Integers) -> did.Moments | None:
        counted = self._fetch(panels.count_people(clustered))
        cohorts, persons = _as_numpy(counted["start"]).astype(np.float64), _as_numpy(counted["persons"])
        if not len(cohorts):
            return None
        n, mean = _spread(self._fetch(panels.average_cohorts(clustered)), cohorts=cohorts, periods=periods)
        centre = np.nan_to_num(np.nansum(n * mean, axis=0) / np.maximum(n.sum(axis=0), 1))
        vectors = panels.add_up_clusters(
            clustered,
            cluster=cluster,
            periods=periods.tolist(),
            centres=centre.tolist(),
            balanced=bool((n == persons[:, None]).all()),
        )
        found = _as_rows(self._fetch(panels.cross_within(vectors)))
        within = np.array([_mirror(row[2:]) for row in found])
        memberships, counts = np.eye(len(cohorts), dtype=bool), found[:, 1].astype(np.int64)
        if cluster == "team":
            sets = _as_rows(self._fetch(panels.count_memberships(clustered, cohorts=cohorts.tolist())))
            memberships, counts = count_memberships(sets[:, :-1] > 0, sets[:, -1].astype(np.int64))
        shared = memberships.sum(axis=1).max() > 1
        between = self._cross_between(vectors, cohorts=cohorts) if shared else {}
        return did.Moments(
            cohorts=cohorts,
            periods=periods,
            n=n,
            mean=mean,
            sums=did.CrossSums(within=within, between=between).recentre(centre - mean),
            persons=persons.astype(np.int64),
            memberships=memberships,
            cluster_counts=counts,
            level=cluster,
        )

    def _cross_between(self, vectors: ibis.Table, *, cohorts: Floats) -> dict[tuple[int, int], Floats]:
        size = len(vectors.columns) - 2
        rows = _as_rows(self._fetch(panels.cross_between(vectors)))
        places = np.searchsorted(cohorts, rows[:, :2]).tolist()
        return {(k, m): row[2:].reshape(size, size) for (k, m), row in zip(places, rows, strict=True)}

    def _rows(self, tables: StudyTables, outcome: str, window: Window | None) -> ibis.Table:
        return panels.rows_of(self._read(tables.outcomes), outcome=outcome, window=window)

    def _read(self, path: Path) -> ibis.Table:
        if path not in self.opened:
            self.opened[path] = self.backend.read_parquet(path)
        return self.opened[path]

    def _fetch(self, question: ibis.Table) -> pa.Table:
        # not `to_pyarrow`: that loads pandas, which takes longer than most questions
        found = self.backend.raw_sql(self.backend.compile(question)).to_arrow_table()
        return found.cast(question.schema().to_pyarrow())

    def _list(self, question: ibis.Table) -> Rows:
        rows: Rows = self._fetch(question).to_pylist()
        return rows

    @contextmanager
    def _keep(self, question: ibis.Table) -> Iterator[ibis.Table]:
        """The answer as a table inside the engine, for as long as it is asked again."""
        name = ibis.util.gen_name("kept")
        try:
            yield self.backend.create_table(name, question, temp=True)
        finally:
            self.backend.raw_sql(f'DROP TABLE IF EXISTS "{name}"')  # Ibis 12 forgets the name of a temporary table

    def _lay_out(self, placed: ibis.Table, *, low: int, people: int, periods: Integers) -> Floats:
        """Values (people, T) of whoever stands from position `low` on, NaN where not measured."""
        width = len(periods)
        values = np.full(people * width, np.nan)
        for batch in self.backend.to_pyarrow_batches(placed, chunk_size=ROWS_AT_ONCE):
            position, time, value = (np.from_dlpack(column) for column in batch.columns)
            values[(position - low) * width + _find(time.astype(np.int64, copy=False), periods)] = value
        return values.reshape(people, width)


@contextmanager
def connect(
    *, memory_limit: str | None = None, threads: int | None = None, spill: Path | None = None
) -> Iterator[Engine]:
    """Open an engine that fetches nothing from the network and writes nothing outside `spill` (None: never).

    memory_limit: as DuckDB writes it, "2GB". threads: None for one a core.
    """
    settings: dict[str, object] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
        "temp_directory": "" if spill is None else str(spill),
    }
    if memory_limit is not None:
        settings["memory_limit"] = memory_limit
    if threads is not None:
        settings["threads"] = threads
    backend = ibis.duckdb.connect(**settings)
    try:
        yield Engine(backend=backend)
    finally:
        backend.disconnect()


def _cut(team: Integers | None, *, people: int, most: int) -> list[int]:
    """Edges of portions of at most `most` people; a team, whose people stand side by side, stays whole."""
    inner = np.arange(1, people) if team is None else 1 + np.flatnonzero(np.diff(team))
    borders, edges = np.concatenate([[0], inner, [people]]), [0]
    while edges[-1] < people:
        here, farthest = np.searchsorted(borders, [edges[-1], edges[-1] + most], side="right")
        edges.append(int(borders[max(here, farthest - 1)]))
    return edges


def _find(time: Integers, periods: Integers) -> Integers:
    """Column of each time; periods without gaps need no search."""
    if periods[-1] - periods[0] + 1 == len(periods):
        return np.asarray(time - periods[0])
    return np.searchsorted(periods, time).astype(np.int64)


def _spread(found: pa.Table, *, cohorts: Floats, periods: Integers) -> tuple[Integers, Floats]:
    """One row a cohort and period to n and mean (G, T), 0 and NaN where there is none."""
    place = np.searchsorted(cohorts, _as_numpy(found["start"])), np.searchsorted(periods, _as_numpy(found["time"]))
    n, mean = np.zeros((len(cohorts), len(periods)), np.int64), np.full((len(cohorts), len(periods)), np.nan)
    n[place], mean[place] = _as_numpy(found["n"]), _as_numpy(found["mean"])
    return n, mean


def _as_rows(found: pa.Table) -> Floats:
    """Numbers (rows, columns)."""
    return np.stack([_as_numpy(column).astype(np.float64) for column in found.columns], axis=1)


def _mirror(upper: Floats) -> Floats:
    """A symmetric matrix from its upper half, row by row."""
    size = int(np.sqrt(2 * len(upper)))
    whole = np.zeros((size, size))
    whole[np.triu_indices(size)] = upper
    return whole + np.triu(whole, 1).T


def _as_numpy(column: pa.ChunkedArray) -> NDArray[np.generic]:
    """Without copying, and without `to_numpy`, which loads pandas."""
    return np.asarray(np.from_dlpack(column.combine_chunks()))


def _code(team: pa.ChunkedArray) -> Integers:
    """Numbers for names; who has no team ("") gets a number of their own."""
    encoded = pc.dictionary_encode(team.combine_chunks())
    codes = np.from_dlpack(encoded.indices).astype(np.int64)
    names = encoded.dictionary.to_pylist()
    return np.where(codes == (names.index("") if "" in names else -1), len(codes) + np.arange(len(codes)), codes)
