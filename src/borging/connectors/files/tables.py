"""Two grids into the two tables of a study (lake.schema), the same tables whatever the order of the rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from borging.connectors.files.encoded import Encoded, compared, encode, read_ids
from borging.connectors.files.grid import Cells, Grid
from borging.connectors.files.measurements import as_long, clean_outcomes, melt
from borging.connectors.files.people import People, read_people
from borging.connectors.files.rejections import Rejections
from borging.connectors.files.rules import (
    ROW_AS_PERSON,
    Problem,
    StudyColumns,
    UnusableFileError,
    sensitive,
)
from borging.connectors.files.times import read_times
from borging.lake.schema import OUTCOMES, TimeScale

EXAMPLES = 5


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
    notes = notes_of_files(participants, outcomes, columns=columns, same_file=same_file)
    own, long_columns = columns.participants, columns.outcomes
    cells = participants.read(own.names)
    measured = outcomes.read(long_columns.names)
    advance(0.4)
    out_people, out_rows = start_rejections(cells, grid=participants), start_rejections(measured, grid=outcomes)
    said: list[Problem] = []
    ids = read_ids(measured, grid=outcomes, column=long_columns.person, out=out_rows, notes=said)
    if same_file:  # what the rows lack as participants is said there
        out_rows.batches.clear()
    else:
        notes.extend(said)
    shape = melt if long_columns.periods else as_long
    long = shape(measured, grid=outcomes, columns=long_columns, person=ids)
    advance(0.55)
    hints = sorted(encode(cells.texts[own.start]).texts) if own.start else []
    reading = read_times(long.time.counts(), starts=hints, today=today, column=long_columns.time)
    notes.extend(replace(note, file="outcomes") for note in reading.notes)
    if not long_columns.time and not long_columns.periods:
        notes.append(Problem(code="time_column_missing", file="outcomes"))
    people = read_people(
        cells, grid=participants, columns=own, reading=reading, same=same_file, out=out_people, notes=notes, today=today
    )
    check_left(people.table.num_rows, out=[out_people])
    long.person = match_without_zeros(long.person, people=people, notes=notes)
    advance(0.65)
    blocks = len(long.rows) // max(len(measured), 1)
    out = Rejections("outcomes", long.rows, np.tile(out_rows.out, blocks), list(out_rows.batches))
    table = clean_outcomes(
        long, cells=measured, grid=outcomes, columns=long_columns, people=people, reading=reading, out=out, notes=notes
    )
    warn_ids(people, ids=long.person, notes=notes)
    warn_silent(people, table=table, notes=notes)
    check_left(table.num_rows, out=[out])
    advance(0.85)
    total, measured_total = len(cells) + len(cells.ragged), blocks * len(measured) + len(measured.ragged)
    return Made(people.table, table, reading.scale, notes, (out_people, out), total, measured_total)


def notes_of_files(participants: Grid, outcomes: Grid, *, columns: StudyColumns, same_file: bool) -> list[Problem]:
    """What was said while the files were opened, once each."""
    notes = [*participants.notes, *(() if same_file else outcomes.notes)]
    warn_columns(participants, notes=notes)
    if same_file:
        notes.append(Problem(code="same_file"))
    else:
        warn_columns(outcomes, notes=notes)
    if ROW_AS_PERSON in (columns.participants.person, columns.outcomes.person):
        notes.append(Problem(code="rows_are_persons"))
    return notes


def start_rejections(cells: Cells, *, grid: Grid) -> Rejections:
    """No row is out yet, but those that do not fit the header."""
    out = Rejections(grid.file, cells.rows, np.zeros(len(cells), dtype=bool))
    params = {"expected": len(grid.headers)}
    out.add_loose("ragged", found=[(row, text, params | {"found": found}) for row, found, text in cells.ragged])
    return out


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


def warn_columns(grid: Grid, *, notes: list[Problem]) -> None:
    found = sensitive(grid.headers)
    if found:
        notes.append(Problem(code="sensitive_columns", file=grid.file, params={"columns": ", ".join(found)}))


def match_without_zeros(person: Encoded, *, people: People, notes: list[Problem]) -> Encoded:
    """00123 and 123 are one person when no id is in both files as it stands, and each without its zeros is one id only.

    A spreadsheet program takes the zeros off in one file and not in the other.
    """
    there = dict(zip(map(bare, people.ids.to_pylist()), people.ids.to_pylist(), strict=True))
    asked = {bare(text) for text in person.texts}
    overlap = any(compared(text) in people.index for text in person.texts)
    if overlap or len(there) < len(people.ids) or len(asked) < len(person.texts) or not asked & there.keys():
        return person
    example = next(text for text in person.texts if bare(text) in there)
    params = {"one": example, "other": there[bare(example)]}
    notes.append(Problem(code="ids_matched_without_zeros", params=params))
    return replace(person, texts=[there.get(bare(text), text) for text in person.texts])


def bare(text: str) -> str:
    """A number without zeros at the start; any other id as it is compared."""
    return text.lstrip("0") or "0" if text.isdigit() else compared(text)


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
