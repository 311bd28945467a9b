"""CSV and its relatives: which encoding, which delimiter, where the header stands, and the columns as Arrow text."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from borging.connectors.files.grid import SAMPLE_ROWS, Cells, Grid, check_size, find_header, name_columns, trim_empty
from borging.connectors.files.rules import File, Limits, Problem, UnusableFileError

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = ";,\t|"
OTHERS = (":", "^", "~", "#", "\x1f", "\x01", "/")
EMPTY_WORDS = ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "-", "n.v.t.", "N.v.t.", "nvt", "NVT"]
"""Read as empty at once; rarer spellings are found among the distinct texts."""
BLOCK = 8 * 1024 * 1024
LONGEST_ROW = 64 * 1024 * 1024


@dataclass(frozen=True)
class Layout:
    """How a text is cut up. start: where the first row below the header begins, in bytes."""

    delimiter: str
    quoted: bool
    start: int
    header_row: int
    width: int


def open_delimited(path: Path, *, file: File, limits: Limits, known: Sequence[str]) -> Grid:
    """Raises UnusableFileError when the text is no table."""
    notes: list[Problem] = []
    data, encoding = as_utf8(path.read_bytes(), file=file, notes=notes)
    quoted = check_quotes(data, file=file)
    separator = re.match(rb"sep=(.)\r?\n", data)
    skipped = separator.end() if separator else 0
    head = data[skipped : skipped + 512 * 1024].decode(errors="ignore")
    whole = skipped + 512 * 1024 >= len(data)
    delimiter = separator[1].decode() if separator else choose_delimiter(head, file=file)
    records, ends = sample_records(head, delimiter=delimiter, quoted=quoted, whole=whole)
    place = find_header(records, known=known)
    if place:
        notes.append(Problem(code="rows_above_header", file=file, params={"n": place}))
    cells = trim_empty(records[place])
    check_size(file=file, columns=len(cells), rows=0, limits=limits)
    headers = name_columns(cells, file=file, notes=notes)
    sample = [record for record in records[place + 1 :] if any(cell.strip() for cell in record)]
    if not sample:
        raise UnusableFileError(Problem(code="header_only", file=file))
    header_row = place + 1 + bool(separator)
    start = skipped + len(head[: ends[place]].encode())
    layout = Layout(delimiter, quoted, start, header_row, len(records[place]))

    held = [data]

    def read(names: Sequence[str]) -> Cells:
        cells = read_columns(held.pop(), layout=layout, headers=headers, names=names, file=file)
        check_size(file=file, columns=len(headers), rows=len(cells), limits=limits)
        return cells

    return Grid(
        file=file,
        kind="csv",
        headers=headers,
        header_row=header_row,
        sample=[[cell.strip() for cell in record] for record in sample[:SAMPLE_ROWS]],
        read=read,
        notes=notes,
        encoding=encoding,
        delimiter=delimiter,
        comma=delimiter == ";",
    )


def as_utf8(data: bytes, *, file: File, notes: list[Problem]) -> tuple[bytes, str]:
    """The text as UTF-8 without a byte-order mark, and the encoding it had."""
    if data.startswith(b"\xef\xbb\xbf"):
        data, encoding = data[3:], "UTF-8 (BOM)"
    else:
        encoding = "UTF-8"
    utf16 = utf16_of(data)
    if utf16:
        try:
            return data.decode(utf16).lstrip("\ufeff").encode(), "UTF-16"
        except UnicodeDecodeError as error:
            raise UnusableFileError(Problem(code="not_text", file=file)) from error
    nul = data.find(b"\x00")
    if nul >= 0:
        binary = sum(byte < 9 or 13 < byte < 32 for byte in data[:4096]) > 0.05 * len(data[:4096])
        row = data.count(b"\n", 0, nul) + 1
        problem = Problem(code="not_text", file=file) if binary else Problem(code="nul_bytes", file=file, row=row)
        raise UnusableFileError(problem)
    if not is_utf8(data):
        notes.append(Problem(code="encoding_guessed", file=file))
        data, encoding = from_windows(data), "Windows-1252"
    return data if b"\n" in data or b"\r" not in data else data.replace(b"\r", b"\n"), encoding


def utf16_of(data: bytes) -> str | None:
    """UTF-16 by its mark, or by a zero in every second byte."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = data[:4096]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if len(head) < 8 or max(even, odd) < 0.4 * len(head) / 2:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def from_windows(data: bytes) -> bytes:
    try:
        return data.decode("cp1252").encode()
    except UnicodeDecodeError:
        return data.decode("latin-1").encode()


def check_quotes(data: bytes, *, file: File) -> bool:
    """Whether quotation marks enclose cells; raises UnusableFileError when one of them is never closed."""
    marks = data.count(b'"')
    if not marks:
        return False
    encloses = re.search(rb'(?:^|[;,\t|\n])"', data) is not None
    if encloses and marks % 2:
        row = next(n for n, line in enumerate(data.split(b"\n"), start=1) if line.count(b'"') % 2)
        raise UnusableFileError(Problem(code="quote_not_closed", file=file, row=row))
    return encloses


def choose_delimiter(head: str, *, file: File) -> str:
    """The delimiter that cuts most rows into equally many cells; raises UnusableFileError when none cuts."""
    lines = [line for line in head.splitlines() if line.strip()][:SAMPLE_ROWS]
    scores = {mark: cut_score(lines, mark) for mark in DELIMITERS}
    best = max(scores, key=lambda mark: scores[mark])
    if scores[best] > (0, 0):
        return best
    if len(lines) > 1:
        other = next((mark for mark in OTHERS if cut_score(lines, mark) >= (0.9, 2)), None)
        if other is None and all(re.search(r"\S {2,}\S", line) for line in lines):
            other = " "
        if other:
            seen = {" ": "spaces", "\x1f": "\\x1f", "\x01": "\\x01"}.get(other, other)
            raise UnusableFileError(Problem(code="delimiter_other", file=file, params={"seen": seen}))
    printable = sum(char.isprintable() or char.isspace() for char in head)
    code = "one_column" if printable > 0.95 * len(head) else "not_text"
    raise UnusableFileError(Problem(code=code, file=file, value=lines[0][:60] if code == "one_column" else None))


def cut_score(lines: Sequence[str], mark: str) -> tuple[float, int]:
    """(share of rows with the usual number of cells, that number); (0, 0) when a mark does not cut."""
    try:
        widths = [len(record) for record in csv.reader(lines, delimiter=mark)]
    except csv.Error:
        return (0, 0)
    usual = Counter(width for width in widths if width > 1).most_common(1)
    if not usual:
        return (0, 0)
    width, times = usual[0]
    return (round(times / len(widths), 1), width)


def cut_up(lines: Sequence[str], *, delimiter: str, quoted: bool) -> Reader:
    """A reader of rows that counts the lines it has used."""
    csv.field_size_limit(LONGEST_ROW)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)


def sample_records(head: str, *, delimiter: str, quoted: bool, whole: bool) -> tuple[list[list[str]], list[int]]:
    """The first rows, and the place in the text where each ends."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", head)
    if not whole and len(lines) > 1:
        lines.pop()
    ends_of_lines = np.cumsum([len(line) for line in lines])
    reader = cut_up(lines, delimiter=delimiter, quoted=quoted)
    records: list[list[str]] = []
    ends: list[int] = []
    for record in reader:
        records.append(record)
        ends.append(int(ends_of_lines[reader.line_num - 1]))
        if len(records) >= SAMPLE_ROWS + 50:
            break
    return records, ends


def read_columns(data: bytes, *, layout: Layout, headers: Sequence[str], names: Sequence[str], file: File) -> Cells:
    """The named columns as text; rows with another number of cells are set apart, but for empty cells at their end."""
    odd: list[tuple[int, str]] = []

    def set_apart(row: arrow_csv.InvalidRow) -> str:
        odd.append((row.number, row.text))
        return "skip"

    columns = [f"c{place}" for place in range(layout.width)]
    wanted = [columns[headers.index(name)] for name in names]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(data).slice(layout.start),
            read_options=arrow_csv.ReadOptions(column_names=columns, use_threads=False, block_size=BLOCK),
            parse_options=arrow_csv.ParseOptions(
                delimiter=layout.delimiter,
                quote_char='"' if layout.quoted else False,
                newlines_in_values=layout.quoted,
                ignore_empty_lines=False,
                invalid_row_handler=set_apart,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()),
                include_columns=wanted or columns[:1],
                null_values=EMPTY_WORDS,
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise UnusableFileError(Problem(code="not_readable_as_csv", file=file)) from error
    kept = np.ones(table.num_rows + len(odd), dtype=bool)
    kept[[number - 1 for number, _text in odd]] = False
    rows = np.flatnonzero(kept) + layout.header_row + 1
    texts = {name: whole_column(table[column]) for name, column in zip(names, wanted, strict=True)}
    cells = Cells(texts=texts, rows=rows)
    mend_odd_rows(cells, odd=odd, layout=layout, headers=headers)
    return cells


def whole_column(column: pa.ChunkedArray) -> pa.StringArray:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def mend_odd_rows(cells: Cells, *, odd: list[tuple[int, str]], layout: Layout, headers: Sequence[str]) -> None:
    """Empty lines go; a row that only has empty cells too many stays; the others are ragged."""
    extra: list[tuple[int, list[str]]] = []
    for number, text in odd:
        record = next(cut_up([text], delimiter=layout.delimiter, quoted=layout.quoted), [])
        filled = trim_empty(record)
        row = number + layout.header_row
        if len(record) > layout.width and len(filled) <= layout.width and filled:
            extra.append((row, filled + [""] * (layout.width - len(filled))))
        elif filled:
            cells.ragged.append((row, len(record), text[:200]))
    if not extra:
        return
    cells.rows = np.append(cells.rows, [row for row, _record in extra])
    for name, column in cells.texts.items():
        place = headers.index(name)
        more = [None if record[place] in EMPTY_WORDS else record[place] for _row, record in extra]
        cells.texts[name] = pa.concat_arrays([column, pa.array(more, pa.string())])
