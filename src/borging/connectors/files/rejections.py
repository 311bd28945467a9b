"""Which rows were not used and why: every one of them, counted per reason and written down."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from borging.connectors.files.rules import File, Problem

LONGEST_VALUE = 60
SHOWN = 1_000
SCHEMA = pa.schema(
    [
        pa.field("file", pa.string()),
        pa.field("row", pa.int64()),
        pa.field("column", pa.string()),
        pa.field("value", pa.string()),
        pa.field("code", pa.string()),
        pa.field("params", pa.string()),
    ]
)
"""rejected.parquet: params as JSON; `other` in it is the row this one clashes with."""


@dataclass(frozen=True)
class Batch:
    """Rows out for one reason. values, others: per row, where there are any."""

    code: str
    rows: np.ndarray
    column: str | None
    values: list[str | None] | None
    others: np.ndarray | None
    params: dict[str, Any]


@dataclass
class Rejections:
    """The rows of one file; `out` tells which are out, and a row goes out once, for the first reason found."""

    file: File
    rows: np.ndarray
    out: np.ndarray
    batches: list[Batch] = field(default_factory=list)

    def add(
        self,
        code: str,
        *,
        where: np.ndarray,
        column: str | None = None,
        texts: pa.Array | None = None,
        others: np.ndarray | None = None,
        **params: Any,
    ) -> None:
        """Put out the rows where `where` is true. others: per row of the file, the row it clashes with."""
        places = np.flatnonzero(where & ~self.out)
        if not len(places):
            return
        self.out[places] = True
        values = None if texts is None else [shorten(text) for text in texts.take(pa.array(places)).to_pylist()]
        clash = None if others is None else others[places]
        self.batches.append(Batch(code, self.rows[places], column, values, clash, params))

    def add_loose(self, code: str, *, found: Sequence[tuple[int, str, dict[str, Any]]]) -> None:
        """Rows that never became part of the table: (row, text, params)."""
        for row, text, params in found:
            self.batches.append(Batch(code, np.array([row]), None, [shorten(text)], None, params))

    def problems(self) -> Iterator[Problem]:
        for batch in self.batches:
            for place, row in enumerate(batch.rows.tolist()):
                other = {} if batch.others is None else {"other": int(batch.others[place])}
                yield Problem(
                    code=batch.code,
                    file=self.file,
                    row=row,
                    column=batch.column,
                    value=batch.values[place] if batch.values else None,
                    params=batch.params | other,
                )


def shorten(text: str | None) -> str | None:
    """A cell as it can be shown: one line, printable, not long."""
    if text is None:
        return None
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * LONGEST_VALUE]).split())
    return line if len(line) <= LONGEST_VALUE else f"{line[: LONGEST_VALUE - 1]}…"


def count_reasons(found: Sequence[Rejections]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for rejections in found:
        for batch in rejections.batches:
            counts[batch.code] += len(batch.rows)
    return dict(counts.most_common())


def write_rejections(found: Sequence[Rejections], *, path: Path) -> list[Problem]:
    """Write every rejected row, in the order of the files; the first ones are given back."""
    order: dict[str, int] = {"participants": 0, "outcomes": 1}
    problems = [problem for rejections in found for problem in rejections.problems()]
    problems.sort(key=lambda problem: (order[problem.file or "outcomes"], problem.row or 0))
    columns = {
        name: [getattr(problem, name) for problem in problems] for name in ("file", "row", "column", "value", "code")
    }
    columns["params"] = [json.dumps(problem.params) if problem.params else None for problem in problems]
    pq.write_table(pa.table(columns, schema=SCHEMA), path)
    return problems[:SHOWN]


def read_rejections(path: Path) -> Iterator[Problem]:
    """Every rejected row that was written down, a batch at a time."""
    for batch in pq.ParquetFile(path).iter_batches():
        for row in batch.to_pylist():
            yield Problem(**{**row, "params": json.loads(row["params"] or "{}")})
