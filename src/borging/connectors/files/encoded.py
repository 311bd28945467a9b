"""A column of texts as codes into its distinct texts: ids, categories, and the cells that hold nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from borging.connectors.files.amounts import MISSING
from borging.connectors.files.grid import Cells, Grid
from borging.connectors.files.rejections import Rejections
from borging.connectors.files.rules import (
    ROW_AS_PERSON,
    Problem,
    words,
)

TOTALS = frozenset(
    words(
        "totaal,totalen,total,totals,grand total,eindtotaal,subtotaal,subtotal,som,sum,gemiddelde,gemiddeld,average,"
        "mean,totaal:,total:"
    )
)
FORMULA_START = re.compile(r"[=+@]|-[^\d\s]|[\t\r]")


@dataclass
class Encoded:
    """A column of texts as codes into its distinct texts; -1 where empty."""

    codes: np.ndarray
    texts: list[str]

    def places(self, code: str, *, of: Mapping[str, str]) -> np.ndarray:
        """Where the texts stand to which `of` gives this code."""
        return self.mark(text for text in self.texts if of.get(text) == code)

    def mark(self, chosen: Iterable[str]) -> np.ndarray:
        """Where one of these texts stands."""
        wanted = set(chosen)
        return self.spread([text in wanted for text in self.texts], empty=False).astype(bool)

    def spread(self, values: Sequence[int], *, empty: int) -> np.ndarray:
        """A number for each distinct text, laid out over the rows (int64); `empty` where there is no text."""
        laid_out: np.ndarray = np.array([*values, empty], dtype=np.int64)[self.codes]
        return laid_out

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
    return text.casefold() if " " not in text else " ".join(text.split()).casefold()


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


def clean_category(column: pa.StringArray) -> pa.StringArray:
    """Names of groups without spaces around them; two spellings that differ in capitals become the most used one."""
    encoded = encode(column)
    counts = encoded.counts()
    spelled: dict[str, str] = {}
    for text in sorted(counts, key=lambda text: (-counts[text], text)):
        spelled.setdefault(compared(text), text)
    chosen = [None if text.casefold() in MISSING else spelled.get(compared(text), text) for text in encoded.texts]
    return pa.array([*chosen, None], pa.string()).take(
        pa.array(np.where(encoded.codes < 0, len(chosen), encoded.codes))
    )
