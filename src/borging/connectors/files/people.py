"""The participants table: one row a person, each with a start on the scale of the outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from borging.connectors.files.amounts import MISSING, read_amounts
from borging.connectors.files.encoded import clean_category, compared, encode, put_out_holes, read_ids, warn_formulas
from borging.connectors.files.grid import Cells, Grid
from borging.connectors.files.rejections import Rejections
from borging.connectors.files.rules import (
    ParticipantColumns,
    Problem,
    UnusableFileError,
)
from borging.connectors.files.times import Reading, read_starts
from borging.lake.schema import COVARIATE_PREFIX, PARTICIPANTS

MOST_CATEGORIES = 50
NUMERIC_SHARE = 0.9


@dataclass
class People:
    """The participants that count. ids: as written, sorted; index: compared id to place, -1 for who was put out."""

    ids: pa.StringArray
    index: dict[str, int]
    table: pa.Table
    rejected_keys: frozenset[str]


def read_people(
    cells: Cells,
    *,
    grid: Grid,
    columns: ParticipantColumns,
    reading: Reading,
    same: bool,
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
    codes = encoded.spread([ranked[key] for key in keys], empty=-1)
    titles = {"start": columns.start, "team": columns.team, "arm": columns.arm}
    settle_double_people(codes, fields=fields, titles=titles, cells=cells, column=columns.person, same=same, out=out)
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
            problem = Problem(
                code="starts_not_comparable", file=grid.file, column=columns.start, value=example, params=params
            )
            raise UnusableFileError(problem)
    for code in sorted(set(starts.faults.values())):
        out.add(code, where=encoded.places(code, of=starts.faults), column=columns.start, texts=texts)
    placed = [starts.periods.get(text) for text in encoded.texts]
    return pa.array([*placed, None], pa.int64()).take(pa.array(np.where(encoded.codes < 0, len(placed), encoded.codes)))


def read_covariate(cells: Cells, *, header: str, grid: Grid, notes: list[Problem]) -> pa.Array | None:
    """Numbers when nearly all cells are; else a category, unless it has more values than describe groups."""
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
            said.append(
                Problem(code="covariate_unreadable", column=header, row=row, value=value, params={"n": len(lost)})
            )
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
    first_of = np.maximum.accumulate(
        np.where(np.r_[True, codes[order][1:] != codes[order][:-1]], np.arange(len(order)), 0)
    )
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
