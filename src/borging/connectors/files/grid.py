"""A file as rows and named columns of text, whatever it was stored as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from borging.connectors.files.rules import File, Limits, Problem, UnusableFileError, plain, recognised

SAMPLE_ROWS = 200
HEADER_WITHIN = 40
"""Titles and remarks above a header take fewer rows than this."""


@dataclass
class Cells:
    """The asked columns. texts: per column, null where empty; typed: cells that were numbers already (XLSX).

    rows: row numbers as a spreadsheet program shows them. ragged: (row, cells found, text) of rows that do not fit.
    holes: why a cell is empty, by (row, column), where the file tells.
    """

    texts: dict[str, pa.StringArray]
    rows: np.ndarray
    typed: dict[str, pa.DoubleArray] = field(default_factory=dict)
    ragged: list[tuple[int, int, str]] = field(default_factory=list)
    holes: dict[tuple[int, str], str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)


@dataclass
class Grid:
    """What a file turned out to be; `read` gives columns by header name. comma: made where commas are decimal.

    unnamed: what to call an outcome to which the file itself gives no name.
    """

    file: File
    kind: str
    headers: tuple[str, ...]
    header_row: int
    sample: list[list[str]]
    read: Callable[[Sequence[str]], Cells]
    notes: list[Problem]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    unnamed: str = ""
    rows: int | None = None
    comma: bool = False


def find_header(records: Sequence[Sequence[str]], *, known: Sequence[str]) -> int:
    """The place of the header: the row with most names we know, else the first about as wide as the rest."""
    filled = [sum(bool(cell.strip()) for cell in record) for record in records]
    usual = Counter(n for n in filled if n).most_common(1)[0][0] if any(filled) else 0
    asked = {plain(name) for name in known}
    candidates = [
        place for place, n in enumerate(filled[:HEADER_WITHIN]) if n >= min(2, max(filled)) and n >= 0.6 * usual
    ]
    if not candidates:
        return 0
    names = {
        place: recognised(records[place]) + 10 * sum(plain(cell) in asked for cell in records[place])
        for place in candidates
    }
    return max(candidates, key=lambda place: (names[place], -place))


def name_columns(cells: Sequence[str], *, file: File, notes: list[Problem]) -> tuple[str, ...]:
    """A different name for every column; what had to be renamed is said."""
    names: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = " ".join(cell.split())
        if not name:
            name = f"column {place}"
            notes.append(Problem(code="header_empty", file=file, column=name, params={"place": place}))
        elif name in names:
            again = next(f"{name} ({n})" for n in range(2, len(cells) + 2) if f"{name} ({n})" not in names)
            notes.append(Problem(code="header_double", file=file, column=name, params={"name": again}))
            name = again
        names.append(name)
    return tuple(names)


def trim_empty(cells: Sequence[str]) -> list[str]:
    """Without the empty cells at the end."""
    kept = list(cells)
    while kept and not kept[-1].strip():
        kept.pop()
    return kept


def check_size(*, file: File, columns: int, rows: int, limits: Limits) -> None:
    if columns > limits.columns:
        params = {"n": columns, "most": limits.columns}
        raise UnusableFileError(Problem(code="too_many_columns", file=file, params=params))
    if rows > limits.rows:
        raise UnusableFileError(Problem(code="too_many_rows", file=file, params={"n": rows, "most": limits.rows}))
