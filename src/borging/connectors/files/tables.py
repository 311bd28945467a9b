"""Two grids into the two tables of a study (lake.schema), the same tables whatever the order of the rows."""

from __future__ import annotations

import json
import re

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from borging.connectors.files.amounts import MISSING, Amounts, read_amounts
from borging.connectors.files.grid import Cells, Grid
from borging.connectors.files.rejections import Rejections
from borging.connectors.files.rules import (
    ROW_AS_PERSON,
    OutcomeColumns,
    ParticipantColumns,
    Problem,
    StudyColumns,
    UnusableFileError,
    sensitive,
)
from borging.connectors.files.times import Reading, read_starts, read_times, wide_periods
from borging.lake.schema import COVARIATE_PREFIX, OUTCOMES, PARTICIPANTS, TimeScale

TOTALS = frozenset(
    "totaal,totalen,total,totals,grand total,eindtotaal,subtotaal,subtotal,som,sum,gemiddelde,gemiddeld,average,mean,"
    "totaal:,total:".split(",")
)
FORMULA_START = re.compile(r"[=+@]|-[^\d\s]|[\t\r]")
MOST_CATEGORIES = 50
NUMERIC_SHARE = 0.9
EXAMPLES = 5


@dataclass
class People:
    """The participants that count. ids: as written, sorted; index: compared id to place, -1 for who was put out."""

    ids: pa.StringArray
    index: dict[str, int]
    table: pa.Table
    rejected_keys: frozenset[str]


@dataclass
class Encoded:
    """A column of texts as codes into its distinct texts; -1 where empty."""

    codes: np.ndarray
    texts: list[str]

    def places(self, code: str, *, of: Mapping[str, str]) -> np.ndarray:
        """Where the texts stand to which `of` gives this code."""
        return self.mark(text for text in self.texts if of.get(text) == code)

    def mark(self, chosen: Any) -> np.ndarray:
        wanted = set(chosen)
        table = np.array([text in wanted for text in self.texts] + [False], dtype=bool)
        return table[self.codes]

    def counts(self) -> dict[str, int]:
        times = np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))
        return {text: int(n) for text, n in zip(self.texts, times, strict=True) if n}


def encode(column: pa.StringArray) -> Encoded:
    """Distinct texts without spaces around them; what only says 'nothing' is empty."""
    encoded = column.dictionary_encode()
    trimmed = pc.utf8_trim_whitespace(encoded.dictionary).to_pylist()
    texts = list(dict.fromkeys(text for text in trimmed if text))
    place = {text: n for n, text in enumerate(texts)}
    table = np.array([place.get(text, -1) for text in trimmed] + [-1], dtype=np.int64)
    codes = np.asarray(encoded.indices.fill_null(len(trimmed)))
    return Encoded(table[codes], texts)


def compared(text: str) -> str:
    """An id as it is compared between the files."""
    return " ".join(text.split()).casefold()


def whole_ids(encoded: Encoded, *, notes: list[Problem], grid: Grid, column: str) -> Encoded:
    """Ids that all read 7.0 are 7: a program made fractions of them."""
    if encoded.texts and all(re.fullmatch(r"\d+\.0+", text) for text in encoded.texts):
        notes.append(Problem(code="ids_with_zero_decimals", file=grid.file, column=column, value=encoded.texts[0]))
        return replace(encoded, texts=[text.split(".")[0] for text in encoded.texts])
    return encoded


def read_ids(cells: Cells, *, grid: Grid, column: str, out: Rejections, notes: list[Problem]) -> Encoded:
    """The ids of a file; rows without one, and rows of totals, are put out."""
    if column == ROW_AS_PERSON:
        return Encoded(np.arange(len(cells)), [str(row) for row in cells.rows])
    encoded = whole_ids(encode(cells.texts[column]), notes=notes, grid=grid, column=column)
    put_out_holes(cells, column=column, out=out)
    totals = encoded.mark(text for text in encoded.texts if text.casefold() in TOTALS)
    out.add("total_row", where=totals, column=column, texts=cells.texts[column])
    nameless = encoded.codes < 0
    if nameless.any():
        for other in cells.texts.values():
            lowered = pc.utf8_lower(pc.utf8_trim_whitespace(other))
            said = np.asarray(pc.is_in(lowered, pa.array(sorted(TOTALS))))
            out.add("total_row", where=said & nameless, column=column, texts=other)
        filled = np.zeros(len(cells), dtype=bool)
        for other in cells.texts.values():
            filled |= np.asarray(other.is_valid())
        empty = ~filled & ~out.out
        if empty.any():
            notes.append(Problem(code="empty_rows", file=grid.file, params={"n": int(empty.sum())}))
            out.out |= empty
    unknown = nameless | encoded.mark(text for text in encoded.texts if text.casefold() in MISSING)
    out.add("person_missing", where=unknown, column=column)
    warn_formulas(encoded, grid=grid, column=column, notes=notes)
    return encoded


def put_out_holes(cells: Cells, *, column: str, out: Rejections) -> None:
    """Rows whose cell is empty for a reason that the file tells."""
    for code in ("error_cell", "formula_without_value", "merged_cell"):
        rows = [row for (row, name), why in cells.holes.items() if name == column and why == code]
        if rows:
            empty = np.asarray(cells.texts[column].is_null())
            out.add(code, where=np.isin(cells.rows, rows) & empty, column=column)


def warn_formulas(encoded: Encoded, *, grid: Grid, column: str, notes: list[Problem]) -> None:
    """Texts a spreadsheet would run as a formula are kept as text, and said."""
    risky = [text for text in encoded.texts if FORMULA_START.match(text)]
    if risky:
        notes.append(Problem(code="formula_like_text", file=grid.file, column=column, value=min(risky)))


def warn_columns(grid: Grid, *, notes: list[Problem]) -> None:
    found = sensitive(grid.headers)
    if found:
        notes.append(Problem(code="sensitive_columns", file=grid.file, params={"columns": ", ".join(found)}))


def read_people(
    cells: Cells,
    *,
    grid: Grid,
    columns: ParticipantColumns,
    reading: Reading,
    same_file: bool,
    out: Rejections,
    notes: list[Problem],
    today: date,
) -> People:
    """One row a person: ids, starts on the scale of the outcomes, team, arm and covariates."""
    encoded = read_ids(cells, grid=grid, column=columns.person, out=out, notes=notes)
    starts = read_start_column(cells, grid=grid, columns=columns, reading=reading, out=out, notes=notes, today=today)
    fields: dict[str, pa.Array] = {"start": starts}
    for name in ("team", "arm"):
        header = getattr(columns, name)
        if header is None:
            fields[name] = pa.nulls(len(cells), pa.string())
        else:
            fields[name] = clean_category(cells.texts[header])
            warn_formulas(encode(cells.texts[header]), grid=grid, column=header, notes=notes)
    for header in columns.covariates:
        covariate = read_covariate(cells, header=header, grid=grid, notes=notes)
        if covariate is not None:
            fields[COVARIATE_PREFIX + header] = covariate
    keys = [compared(text) for text in encoded.texts]
    ranked = {key: n for n, key in enumerate(sorted(set(keys)))}
    codes = np.array([ranked[key] for key in keys] + [-1], dtype=np.int64)[encoded.codes]
    titles = {"start": columns.start, "team": columns.team, "arm": columns.arm}
    settle_double_people(codes, fields=fields, titles=titles, cells=cells, column=columns.person, same=same_file, out=out)
    kept = np.flatnonzero(~out.out)
    kept = kept[np.argsort(codes[kept], kind="stable")]
    texts = np.array([*encoded.texts, ""], dtype=object)
    ids = pa.array(texts[encoded.codes[kept]].tolist(), pa.string())
    table = people_table(ids, fields=fields, kept=kept)
    index = {compared(text): n for n, text in enumerate(ids.to_pylist())}
    return People(ids, index, table, frozenset(ranked) - index.keys())


def people_table(ids: pa.StringArray, *, fields: Mapping[str, pa.Array], kept: np.ndarray) -> pa.Table:
    taken = {name: column.take(pa.array(kept)) for name, column in fields.items()}
    extra = [pa.field(name, column.type) for name, column in taken.items() if name.startswith(COVARIATE_PREFIX)]
    return pa.table({"person": ids, **taken}, schema=pa.schema([*PARTICIPANTS, *extra]))


def clean_category(column: pa.StringArray) -> pa.StringArray:
    """Names of groups without spaces around them; two spellings that differ in capitals become the most used one."""
    encoded = encode(column)
    counts = encoded.counts()
    spelled: dict[str, str] = {}
    for text in sorted(counts, key=lambda text: (-counts[text], text)):
        spelled.setdefault(compared(text), text)
    chosen = [None if text.casefold() in MISSING else spelled.get(compared(text), text) for text in encoded.texts]
    return pa.array([*chosen, None], pa.string()).take(pa.array(np.where(encoded.codes < 0, len(chosen), encoded.codes)))


def read_start_column(
    cells: Cells,
    *,
    grid: Grid,
    columns: ParticipantColumns,
    reading: Reading,
    out: Rejections,
    notes: list[Problem],
    today: date,
) -> pa.Int64Array:
    if columns.start is None:
        notes.append(Problem(code="start_column_missing", file=grid.file))
        return pa.nulls(len(cells), pa.int64())
    put_out_holes(cells, column=columns.start, out=out)
    texts = cells.texts[columns.start]
    encoded = encode(texts)
    starts = read_starts(encoded.counts(), reading=reading, column=columns.start, today=today)
    notes.extend(replace(note, file=grid.file) for note in starts.notes)
    if starts.faults and not starts.periods:
        example = min(starts.faults)
        code = starts.faults[example]
        if code == "start_not_comparable":
            params = {"unit": reading.scale.unit, "labels": ", ".join(reading.scale.labels)}
            problem = Problem(code="starts_not_comparable", file=grid.file, column=columns.start, value=example, params=params)
            raise UnusableFileError(problem)
    for code in sorted(set(starts.faults.values())):
        out.add(code, where=encoded.places(code, of=starts.faults), column=columns.start, texts=texts)
    placed = [starts.periods.get(text) for text in encoded.texts]
    return pa.array([*placed, None], pa.int64()).take(pa.array(np.where(encoded.codes < 0, len(placed), encoded.codes)))


def read_covariate(cells: Cells, *, header: str, grid: Grid, notes: list[Problem]) -> pa.Array | None:
    """Numbers when nearly all cells are; else a category, unless it has more values than a description of groups has."""
    texts = cells.texts[header]
    said: list[Problem] = []
    encoded = encode(texts)
    words_only = {text.casefold() for text in encoded.texts} <= {"yes", "no", "ja", "nee", "true", "false", *MISSING}
    amounts = read_amounts(texts, typed=cells.typed.get(header), comma=grid.comma, column=header)
    filled = int((~amounts.missing).sum())
    numbers = len(amounts.values) - amounts.values.null_count
    if filled and numbers >= NUMERIC_SHARE * filled and not words_only:
        said.extend(amounts.notes)
        if numbers < filled:
            lost = np.flatnonzero(~amounts.missing & np.asarray(amounts.values.is_null()))
            value = texts[int(lost[0])].as_py()
            row = int(cells.rows[lost].min())
            said.append(Problem(code="covariate_unreadable", column=header, row=row, value=value, params={"n": len(lost)}))
        notes.extend(replace(note, file=grid.file) for note in said)
        return amounts.values
    if len(encoded.texts) > MOST_CATEGORIES:
        params = {"n": len(encoded.texts), "most": MOST_CATEGORIES}
        notes.append(Problem(code="covariate_too_varied", file=grid.file, column=header, params=params))
        return None
    return clean_category(texts)


def settle_double_people(
    codes: np.ndarray,
    *,
    fields: Mapping[str, pa.Array],
    titles: Mapping[str, str | None],
    cells: Cells,
    column: str,
    same: bool,
    out: Rejections,
) -> None:
    """A person twice: equal rows count once, rows that differ are all put out."""
    kept = np.flatnonzero(~out.out)
    order = kept[np.lexsort((cells.rows[kept], codes[kept]))]
    again = np.flatnonzero(codes[order][1:] == codes[order][:-1])
    if not len(again):
        return
    first_of = np.maximum.accumulate(np.where(np.r_[True, codes[order][1:] != codes[order][:-1]], np.arange(len(order)), 0))
    firsts = np.zeros(len(codes), dtype=np.int64)
    firsts[order] = order[first_of]
    others = cells.rows[firsts]
    later = np.zeros(len(codes), dtype=bool)
    later[order[again + 1]] = True
    for name, column_values in fields.items():
        flat = encode(pc.cast(column_values, pa.string())).codes
        differs = later & (flat != flat[firsts])
        clashing = np.isin(codes, codes[differs]) & ~out.out
        if clashing.any():
            last = np.zeros(int(codes.max()) + 1, dtype=np.int64)
            last[codes[differs]] = cells.rows[differs]
            clash = np.where(firsts == np.arange(len(codes)), last[codes], others)
            title = titles.get(name) or name.removeprefix(COVARIATE_PREFIX)
            texts = cells.texts.get(column)
            out.add("person_twice_different", where=clashing, column=column, texts=texts, others=clash, differs=title)
    if same:
        out.out |= later
        return
    out.add("person_twice_equal", where=later, column=column, texts=cells.texts.get(column), others=others)


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
    common = columns.value or grid.file
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


@dataclass(frozen=True)
class Made:
    """The tables, and what to say about how they came about."""

    participants: pa.Table
    outcomes: pa.Table
    scale: TimeScale
    notes: list[Problem]
    rejections: tuple[Rejections, Rejections]
    participants_rows: int
    outcomes_rows: int


def make_tables(
    participants: Grid,
    outcomes: Grid,
    *,
    columns: StudyColumns,
    same_file: bool,
    today: date,
    advance: Callable[[float], None],
) -> Made:
    """Raises UnusableFileError when nothing is left of one of the files."""
    notes = [*participants.notes, *(() if same_file else outcomes.notes)]
    warn_columns(participants, notes=notes)
    if same_file:
        notes.append(Problem(code="same_file"))
    else:
        warn_columns(outcomes, notes=notes)
    if ROW_AS_PERSON in (columns.participants.person, columns.outcomes.person):
        notes.append(Problem(code="rows_are_persons"))
    own, long_columns = columns.participants, columns.outcomes
    cells = participants.read(own.names)
    measured = outcomes.read(long_columns.names)
    advance(0.4)
    out_people = Rejections("participants", cells.rows, np.zeros(len(cells), dtype=bool))
    put_out_ragged(cells, grid=participants, out=out_people)
    out_rows = Rejections("outcomes", measured.rows, np.zeros(len(measured), dtype=bool))
    if not same_file:
        put_out_ragged(measured, grid=outcomes, out=out_rows)
    said: list[Problem] = []
    ids = read_ids(measured, grid=outcomes, column=long_columns.person, out=out_rows, notes=said)
    notes.extend(() if same_file else said)
    if same_file:
        out_rows.batches.clear()
    shape = melt if long_columns.periods else as_long
    long = shape(measured, grid=outcomes, columns=long_columns, person=ids)
    advance(0.55)
    hints = list(encode(cells.texts[own.start]).counts())[:1000] if own.start else []
    reading = read_times(long.time.counts(), starts=sorted(hints), today=today, column=long_columns.time)
    notes.extend(replace(note, file="outcomes") for note in reading.notes)
    if not long_columns.time and not long_columns.periods:
        notes.append(Problem(code="time_column_missing", file="outcomes"))
    people = read_people(
        cells, grid=participants, columns=own, reading=reading, same_file=same_file, out=out_people, notes=notes, today=today
    )
    check_left(people.table.num_rows, out=[out_people])
    advance(0.65)
    blocks = len(long.rows) // max(len(measured), 1)
    out = Rejections("outcomes", long.rows, np.tile(out_rows.out, blocks), list(out_rows.batches))
    table = clean_outcomes(
        long, cells=measured, grid=outcomes, columns=long_columns, people=people, reading=reading, out=out, notes=notes
    )
    warn_ids(people, ids=ids, notes=notes)
    warn_silent(people, table=table, notes=notes)
    check_left(table.num_rows, out=[out])
    advance(0.85)
    total, measured_total = len(cells) + len(cells.ragged), len(measured) + len(measured.ragged)
    return Made(people.table, table, reading.scale, notes, (out_people, out), total, measured_total)


def put_out_ragged(cells: Cells, *, grid: Grid, out: Rejections) -> None:
    params = {"expected": len(grid.headers)}
    out.add_loose("ragged", found=[(row, text, params | {"found": found}) for row, found, text in cells.ragged])


def check_left(kept: int, *, out: list[Rejections]) -> None:
    """Raises UnusableFileError with the first reason when no row is left."""
    if kept:
        return
    first = min((p for one in out for p in one.problems()), key=lambda p: p.row or 0, default=None)
    file = out[0].file
    if first is None:
        raise UnusableFileError(Problem(code="header_only", file=file))
    about = {"code": first.code, "file": first.file, "row": first.row, "column": first.column, "value": first.value}
    raise UnusableFileError(Problem(code="nothing_left", file=file, params={"first": about | {"params": first.params}}))


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
    place = np.array([people.index.get(key, -1) for key in keys] + [-1], dtype=np.int64)[long.person.codes]
    shown = None if columns.person == ROW_AS_PERSON else tiled(cells.texts[columns.person], of=long.rows)
    rejected = long.person.mark(t for t, key in zip(long.person.texts, keys, strict=True) if key in people.rejected_keys)
    if columns.periods:
        reject_whole_rows(long, cells=cells, place=place, rejected=rejected, shown=shown, column=columns.person, out=out)
    out.add("person_rejected", where=rejected, column=columns.person, texts=shown)
    out.add("person_unknown", where=place < 0, column=columns.person, texts=shown)
    time = reject_times(long, cells=cells, columns=columns, reading=reading, out=out)
    if columns.outcome:
        out.add("outcome_missing", where=long.outcome.codes < 0, column=columns.outcome)
        warn_formulas(long.outcome, grid=grid, column=columns.outcome, notes=notes)
    values = reject_values(long, cells=cells, wide=bool(columns.periods), grid=grid, out=out, notes=notes)
    names = sorted(set(long.outcome.texts))
    rank = np.array([names.index(text) for text in long.outcome.texts] + [-1], dtype=np.int64)[long.outcome.codes]
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


def reject_times(
    long: Long, *, cells: Cells, columns: OutcomeColumns, reading: Reading, out: Rejections
) -> np.ndarray:
    """The period of every row; rows of which it is not clear are put out."""
    if columns.time:
        put_out_holes(cells, column=columns.time, out=out)
        texts = cells.texts[columns.time]
        blank = {text for text in long.time.texts if text.casefold() in MISSING}
        out.add("time_missing", where=(long.time.codes < 0) | long.time.mark(blank), column=columns.time)
        unit = {"unit": reading.scale.unit}
        for code in sorted(set(reading.faults.values())):
            where = long.time.places(code, of=reading.faults)
            out.add(code, where=where, column=columns.time, texts=texts, **unit)
    elif reading.faults:
        bad = min(reading.faults)
        raise UnusableFileError(Problem(code="header_without_period", file="outcomes", value=bad))
    return np.array([reading.periods.get(text, 0) for text in long.time.texts] + [0], dtype=np.int64)[long.time.codes]


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
    return order[~out.out[order]]


def warn_ids(people: People, *, ids: Encoded, notes: list[Problem]) -> None:
    """007 and 7 in these files: nobody knows whether they are one person."""
    spelled: dict[str, set[str]] = {}
    for text in {*people.ids.to_pylist(), *ids.texts}:
        if text.isdigit():
            spelled.setdefault(text.lstrip("0") or "0", set()).add(text)
    double = sorted(sorted(texts, reverse=True) for texts in spelled.values() if len(texts) > 1)
    if double:
        examples = {"n": len(double), "one": min(double[0], key=len), "other": max(double[0], key=len)}
        notes.append(Problem(code="ids_differ_in_zeros", params=examples))


def warn_silent(people: People, *, table: pa.Table, notes: list[Problem]) -> None:
    """Participants of whom there is no outcome stay in, and are said."""
    seen = np.zeros(len(people.ids), dtype=bool)
    if table.num_rows:
        seen[np.asarray(table["person"].combine_chunks().indices)] = True
    silent = [text for text, here in zip(people.ids.to_pylist(), seen, strict=True) if not here]
    if silent:
        params = {"n": len(silent), "of": len(people.ids), "examples": ", ".join(silent[:EXAMPLES])}
        notes.append(Problem(code="without_outcomes", file="participants", params=params))


def write_tables(made: Made, *, folder: Path) -> None:
    """participants.parquet, outcomes.parquet and time.json."""
    pq.write_table(made.participants, folder / "participants.parquet")
    repeated = ["person", "outcome", "time"]
    # Without Arrow's own schema the repeated texts are read back as plain text, as the schema says.
    path = folder / "outcomes.parquet"
    with pq.ParquetWriter(path, dictionary_schema(), store_schema=False, use_dictionary=repeated) as writer:
        writer.write_table(made.outcomes.cast(dictionary_schema()))
    scale = {"unit": made.scale.unit, "labels": list(made.scale.labels)}
    (folder / "time.json").write_text(json.dumps(scale, ensure_ascii=False), encoding="utf-8")


def dictionary_schema() -> pa.Schema:
    """OUTCOMES with its texts stored once each."""
    coded = pa.dictionary(pa.int32(), pa.string())
    return pa.schema([f.with_type(coded) if pa.types.is_string(f.type) else f for f in OUTCOMES])


