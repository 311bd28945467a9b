"""The outcomes table: one row a person, outcome and period, from a long or a wide file."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from borging.connectors.files.amounts import MISSING, Amounts, read_amounts
from borging.connectors.files.encoded import Encoded, clean_category, compared, encode, put_out_holes, warn_formulas
from borging.connectors.files.grid import Cells, Grid
from borging.connectors.files.headings import wide_periods
from borging.connectors.files.people import People
from borging.connectors.files.rejections import Rejections
from borging.connectors.files.rules import (
    ROW_AS_PERSON,
    OutcomeColumns,
    Problem,
    UnusableFileError,
)
from borging.connectors.files.times import Reading


@dataclass
class Long:
    """The outcomes with one measurement a row, however they were written."""

    person: Encoded
    time: Encoded
    outcome: Encoded
    rows: np.ndarray
    amounts: list[tuple[slice, str, pa.StringArray, Amounts]]


def wide_names(columns: OutcomeColumns, *, grid: Grid) -> dict[str, tuple[str, str]]:
    """(outcome, period text) per chosen wide column."""
    found = wide_periods(columns.periods)
    unknown = [name for name in columns.periods if name not in found]
    if unknown and len(columns.periods) > 1:
        raise UnusableFileError(Problem(code="header_without_period", file=grid.file, value=unknown[0]))
    names = {name for name, _text in found.values()}
    common = columns.value or grid.unnamed or grid.file
    if len(columns.periods) == 1:
        return {columns.periods[0]: (columns.periods[0], "1")}
    return {header: (name or (common if names == {""} else header), text) for header, (name, text) in found.items()}


def melt(cells: Cells, *, grid: Grid, columns: OutcomeColumns, person: Encoded) -> Long:
    """Wide: the columns of one outcome below each other; how its numbers are written is decided for them together."""
    names = wide_names(columns, grid=grid)
    headers = sorted(names, key=lambda header: (names[header][0], columns.periods.index(header)))
    n, times, outcomes = len(cells), [names[h][1] for h in headers], [names[h][0] for h in headers]
    distinct = list(dict.fromkeys(outcomes))
    amounts, start = [], 0
    for outcome in distinct:
        mine = [header for header in headers if names[header][0] == outcome]
        texts = pa.concat_arrays([cells.texts[header] for header in mine])
        typed = None
        if any(header in cells.typed for header in mine):
            typed = pa.concat_arrays([cells.typed.get(h, pa.nulls(n, pa.float64())) for h in mine])
        read = read_amounts(texts, typed=typed, comma=grid.comma, column=mine[0])
        for place, header in enumerate(mine):
            part = slice(place * n, (place + 1) * n)
            faults = {code: at[part] for code, at in read.faults.items()}
            own = Amounts(read.values[part], read.missing[part], faults, read.notes if place == 0 else [])
            amounts.append((slice(start, start + n), header, texts[part], own))
            start += n
    unique_times = list(dict.fromkeys(times))
    return Long(
        person=Encoded(np.tile(person.codes, len(headers)), person.texts),
        time=Encoded(np.repeat([unique_times.index(text) for text in times], n), unique_times),
        outcome=Encoded(np.repeat([distinct.index(text) for text in outcomes], n), distinct),
        rows=np.tile(cells.rows, len(headers)),
        amounts=amounts,
    )


def as_long(cells: Cells, *, grid: Grid, columns: OutcomeColumns, person: Encoded) -> Long:
    """Long: as it stands; without a time column all is one period, without an outcome column all is one outcome."""
    n, value = len(cells), columns.value or ""
    texts = cells.texts[value]
    read = read_amounts(texts, typed=cells.typed.get(value), comma=grid.comma, column=value)
    once = np.zeros(n, dtype=np.int64)
    time = encode(cells.texts[columns.time]) if columns.time else Encoded(once, ["1"])
    outcome = encode(clean_category(cells.texts[columns.outcome])) if columns.outcome else Encoded(once, [value])
    return Long(person=person, time=time, outcome=outcome, rows=cells.rows, amounts=[(slice(0, n), value, texts, read)])


def clean_outcomes(
    long: Long,
    *,
    cells: Cells,
    grid: Grid,
    columns: OutcomeColumns,
    people: People,
    reading: Reading,
    out: Rejections,
    notes: list[Problem],
) -> pa.Table:
    """Person, outcome, time and value of the rows that count, in that order."""
    keys = [compared(text) for text in long.person.texts]
    place = long.person.spread([people.index.get(key, -1) for key in keys], empty=-1)
    shown = None if columns.person == ROW_AS_PERSON else tiled(cells.texts[columns.person], of=long.rows)
    rejected = long.person.mark(
        t for t, key in zip(long.person.texts, keys, strict=True) if key in people.rejected_keys
    )
    if columns.periods:
        reject_whole_rows(
            long, cells=cells, place=place, rejected=rejected, shown=shown, column=columns.person, out=out
        )
    out.add("person_rejected", where=rejected, column=columns.person, texts=shown)
    out.add("person_unknown", where=place < 0, column=columns.person, texts=shown)
    time = reject_times(long, cells=cells, columns=columns, reading=reading, out=out)
    if columns.outcome:
        out.add("outcome_missing", where=long.outcome.codes < 0, column=columns.outcome)
        warn_formulas(long.outcome, grid=grid, column=columns.outcome, notes=notes)
    values = reject_values(long, cells=cells, wide=bool(columns.periods), grid=grid, out=out, notes=notes)
    names = sorted(set(long.outcome.texts))
    rank = long.outcome.spread([names.index(text) for text in long.outcome.texts], empty=-1)
    kept = np.flatnonzero(~out.out)
    order = sort_rows(place, rank, time, kept=kept)
    order = settle_double_rows(order, place, rank, time, values=values, columns=columns, shown=shown, out=out)
    return pa.table(
        {
            "person": pa.DictionaryArray.from_arrays(pa.array(place[order], pa.int32()), people.ids),
            "outcome": pa.DictionaryArray.from_arrays(pa.array(rank[order], pa.int32()), pa.array(names, pa.string())),
            "time": pa.array(time[order]),
            "value": pa.array(values[order]),
        }
    )


def tiled(column: pa.StringArray, *, of: np.ndarray) -> pa.StringArray:
    """A column repeated for every period of a wide file."""
    times = len(of) // max(len(column), 1)
    return column if times <= 1 else pa.concat_arrays([column] * times)


def reject_whole_rows(
    long: Long,
    *,
    cells: Cells,
    place: np.ndarray,
    rejected: np.ndarray,
    shown: pa.StringArray | None,
    column: str,
    out: Rejections,
) -> None:
    """In a wide file a person who does not count is one rejected row, not one for each period."""
    n = len(cells)
    first = np.arange(len(out.out)) < n
    for code, where in (("person_rejected", rejected), ("person_unknown", place < 0)):
        again = where & ~first & ~out.out
        out.add(code, where=where & first, column=column, texts=shown)
        out.out |= again


def reject_times(long: Long, *, cells: Cells, columns: OutcomeColumns, reading: Reading, out: Rejections) -> np.ndarray:
    """The period of every row; rows of which it is not clear are put out."""
    if columns.time:
        put_out_holes(cells, column=columns.time, out=out)
        texts = cells.texts[columns.time]
        blank = {text for text in long.time.texts if text.casefold() in MISSING and text not in reading.periods}
        out.add("time_missing", where=(long.time.codes < 0) | long.time.mark(blank), column=columns.time)
        for code in sorted(set(reading.faults.values())):
            where = long.time.places(code, of=reading.faults)
            out.add(code, where=where, column=columns.time, texts=texts, unit=reading.scale.unit)
    elif reading.faults:
        bad = min(reading.faults)
        raise UnusableFileError(Problem(code="header_without_period", file="outcomes", value=bad))
    return long.time.spread([reading.periods.get(text, 0) for text in long.time.texts], empty=0)


def reject_values(
    long: Long, *, cells: Cells, wide: bool, grid: Grid, out: Rejections, notes: list[Problem]
) -> np.ndarray:
    """The values; in a wide file an empty cell is no row, and only counted."""
    parts = []
    empty = 0
    for part, column, texts, amounts in long.amounts:
        notes.extend(replace(note, file=grid.file) for note in amounts.notes)
        here = np.zeros(len(out.out), dtype=bool)
        holes = {row: code for (row, name), code in cells.holes.items() if name == column}
        for code in sorted(set(holes.values())):
            rows = [row for row, why in holes.items() if why == code]
            here[part] = np.isin(long.rows[part], rows) & amounts.missing
            out.add(code, where=here, column=column)
        for code, at in amounts.faults.items():
            here[part] = at
            out.add(code, where=here, column=column, texts=Shifted(texts, part.start))
        here[part] = amounts.missing
        if wide:
            empty += int((here & ~out.out).sum())
            out.out |= here
        else:
            out.add("value_missing", where=here, column=column)
        parts.append(np.asarray(amounts.values.fill_null(0.0)))
    if empty:
        notes.append(Problem(code="cells_empty", file=grid.file, params={"n": empty}))
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


@dataclass(frozen=True)
class Shifted:
    """The texts of one block of a long table, asked for by their place in the whole."""

    texts: pa.StringArray
    by: int

    def take(self, places: pa.Array) -> pa.Array:
        return self.texts.take(pc.subtract(places, self.by))


def sort_rows(place: np.ndarray, rank: np.ndarray, time: np.ndarray, *, kept: np.ndarray) -> np.ndarray:
    """The places of the rows that count, by person, outcome and time."""
    if not len(kept):
        return kept
    low = int(time[kept].min())
    span, outcomes = int(time[kept].max()) - low + 1, int(rank[kept].max()) + 1
    if span * outcomes * (int(place[kept].max()) + 1) >= 2**62:
        return kept[np.lexsort((time[kept], rank[kept], place[kept]))]
    key = (place[kept] * outcomes + rank[kept]) * span + (time[kept] - low)
    return kept if (key[1:] > key[:-1]).all() else kept[np.argsort(key, kind="stable")]


def settle_double_rows(
    order: np.ndarray,
    place: np.ndarray,
    rank: np.ndarray,
    time: np.ndarray,
    *,
    values: np.ndarray,
    columns: OutcomeColumns,
    shown: pa.StringArray | None,
    out: Rejections,
) -> np.ndarray:
    """The same person, outcome and period twice: equal values count once, different ones are all put out."""
    if len(order) < 2:
        return order
    same = np.ones(len(order) - 1, dtype=bool)
    for part in (place, rank, time):
        same &= part[order][1:] == part[order][:-1]
    if not same.any():
        return order
    group = np.cumsum(np.r_[True, ~same]) - 1
    order = order[np.lexsort((out.rows[order], group))]
    first = np.flatnonzero(np.r_[True, ~same])[group]
    later = first != np.arange(len(order))
    clash = np.zeros(group[-1] + 1, dtype=bool)
    clash[group[values[order] != values[order][first]]] = True
    last = np.zeros(group[-1] + 1, dtype=np.int64)
    last[group] = np.arange(len(order))
    others = np.zeros(len(out.out), dtype=np.int64)
    others[order] = out.rows[order[np.where(later, first, last[group])]]
    for code, at in (("measured_twice_different", clash[group]), ("measured_twice_equal", later & ~clash[group])):
        where = np.zeros(len(out.out), dtype=bool)
        where[order[at]] = True
        out.add(code, where=where, column=columns.person, texts=shown, others=others)
    counted: np.ndarray = order[~out.out[order]]
    return counted
