"""Runs what `panels` asks, on DuckDB inside this process, over Parquet files. The only place that executes.

A panel comes out of the database as a stream of (person, period, value) and is laid out in memory, 8 bytes a cell; the
sums follow there. Turning rows into columns inside the database, one conditional sum a period, was measured too: at ten
million rows it took three times the processor time of the whole of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.duckdb import Backend
from numpy.typing import NDArray

from borging.lake import panels
from borging.lake.panels import Window
from borging.lake.schema import StudyTables
from borging.stats import did
from borging.stats.did import Level

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST_PANEL = 250_000_000
"""Cells (people times periods) that are laid out in memory: 2 GB."""
ROWS_AT_ONCE = 250_000


class NoValuesError(ValueError):
    """The outcome has no values in this window."""


class PanelTooLargeError(ValueError):
    """People times periods is more than memory should hold; a coarser period is the way out."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What the outcomes table holds of one outcome; first and latest are periods."""

    outcome: str
    rows: int
    persons: int
    first: int
    latest: int


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One outcome, laid out: person, start and team (N,), values (N, T) with NaN where not measured.

    start: inf for not trained. team: codes; people without a team each have their own.
    """

    person: pa.Array
    periods: Integers
    start: Floats
    team: Integers
    values: Floats

    def complete(self) -> Panel:
        """Only who was measured in every period."""
        use = ~np.isnan(self.values).any(axis=1)
        return Panel(
            person=self.person.filter(pa.array(use)),
            periods=self.periods,
            start=self.start[use],
            team=self.team[use],
            values=self.values[use],
        )


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An open engine; see `connect`."""

    backend: Backend

    def outcomes(self, tables: StudyTables) -> tuple[Contents, ...]:
        """What there is, per outcome in alphabetical order."""
        found = self._fetch(panels.describe_outcomes(self._read(tables.outcomes)))
        return tuple(Contents(**row) for row in found.to_pylist())

    def periods(self, tables: StudyTables, *, outcome: str, window: Window | None = None) -> list[int]:
        """The periods in which anyone was measured, ascending."""
        found: list[int] = self._count_periods(self._rows(tables, outcome, window))["time"].to_pylist()
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

    def panel(self, tables: StudyTables, *, outcome: str, window: Window | None = None) -> Panel:
        """Lay one outcome out as people by periods. Raises NoValuesError, PanelTooLargeError."""
        rows = self._rows(tables, outcome, window)
        periods = _as_numpy(self._count_periods(rows)["time"]).astype(np.int64)
        if not len(periods):
            raise NoValuesError(f"no values of {outcome!r}")
        people = panels.number_people(self._read(tables.participants))
        known = self._fetch(people)
        known = known.take(pc.sort_indices(known["position"]))
        if known.num_rows * len(periods) > LARGEST_PANEL:
            raise PanelTooLargeError(f"{known.num_rows} people times {len(periods)} periods")
        values = self._lay_out(panels.place_values(rows, people), people=known.num_rows, periods=periods)
        return Panel(
            person=known["person"].combine_chunks(),
            periods=periods,
            start=_as_numpy(known["start"]).astype(np.float64),
            team=_code(known["team"]),
            values=values,
        )

    def moments(
        self,
        tables: StudyTables,
        *,
        outcome: str,
        cluster: Level = "person",
        window: Window | None = None,
        complete: bool = False,
    ) -> did.Moments:
        """The grouped sums of one outcome, clustered by person or team, of everyone or of complete rows only.

        A team whose people are in several cohorts stays one cluster: its sums cross cohorts, exactly.
        Raises NoValuesError, PanelTooLargeError.
        """
        panel = self.panel(tables, outcome=outcome, window=window)
        if complete:
            panel = panel.complete()
        return did.summarise(
            values=panel.values,
            periods=panel.periods,
            start=panel.start,
            clusters=panel.team if cluster == "team" else None,
        )

    def _rows(self, tables: StudyTables, outcome: str, window: Window | None) -> ibis.Table:
        return panels.rows_of(self._read(tables.outcomes), outcome=outcome, window=window)

    def _count_periods(self, rows: ibis.Table) -> pa.Table:
        return self._fetch(panels.count_periods(rows))

    def _read(self, path: Path) -> ibis.Table:
        return self.backend.read_parquet(path)

    def _fetch(self, question: ibis.Table) -> pa.Table:
        # not `to_pyarrow`: that loads pandas, which takes longer than most questions
        found = self.backend.raw_sql(self.backend.compile(question)).to_arrow_table()
        return found.cast(question.schema().to_pyarrow())

    def _lay_out(self, placed: ibis.Table, *, people: int, periods: Integers) -> Floats:
        width = len(periods)
        values = np.full(people * width, np.nan)
        for batch in self.backend.to_pyarrow_batches(placed, chunk_size=ROWS_AT_ONCE):
            position, time, value = (np.from_dlpack(column) for column in batch.columns)
            values[position * width + _find(time.astype(np.int64, copy=False), periods)] = value
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


def _find(time: Integers, periods: Integers) -> Integers:
    """Column of each time; periods without gaps need no search."""
    if periods[-1] - periods[0] + 1 == len(periods):
        return np.asarray(time - periods[0])
    return np.searchsorted(periods, time).astype(np.int64)


def _as_numpy(column: pa.ChunkedArray) -> NDArray[np.generic]:
    """Without copying, and without `to_numpy`, which loads pandas."""
    return np.asarray(np.from_dlpack(column.combine_chunks()))


def _code(team: pa.ChunkedArray) -> Integers:
    """Numbers for names; who has no team ("") gets a number of their own."""
    encoded = pc.dictionary_encode(team.combine_chunks())
    codes = np.from_dlpack(encoded.indices).astype(np.int64)
    names = encoded.dictionary.to_pylist()
    return np.where(codes == (names.index("") if "" in names else -1), len(codes) + np.arange(len(codes)), codes)
