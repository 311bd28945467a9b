"""XLSX: the first sheet that holds a table, through calamine; formulas are not run and links are not followed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from borging.connectors.files.grid import SAMPLE_ROWS, Cells, Grid, check_size, find_header, name_columns, trim_empty
from borging.connectors.files.rules import File, Limits, Problem, UnusableFileError
from borging.connectors.files.sniff import column_number

CHUNK = 20_000
MOST_HOLES = 100_000
_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"([^>/]*)>(.*?)</c>', re.S)
_EMPTY_RESULT = re.compile(rb"<v\s*/>|<v[^>]*></v>")


def open_workbook(
    path: Path, *, file: File, limits: Limits, known: Sequence[str], advance: Callable[[float], None]
) -> Grid:
    """Raises UnusableFileError when no sheet holds a table."""
    sheet, others = open_sheet(path, file=file)
    notes: list[Problem] = []
    top, left = sheet.start or (0, 0)
    merged = [] if sheet.merged_cell_ranges is None else sheet.merged_cell_ranges
    rows: Iterator[list[Any]] = islice(sheet.iter_rows(), top, None)  # it starts at row 1 of the sheet, filled or not
    first = list(islice(rows, SAMPLE_ROWS + 50))
    records = [[cell_text(cell) or "" for cell in row] for row in first]
    place = find_header(records, known=known)
    cells = trim_empty(records[place])
    check_size(file=file, columns=len(cells), rows=sheet.height, limits=limits)
    headers = name_columns(cells, file=file, notes=notes)
    header_row = top + place + 1
    if others:
        params = {"sheet": sheet.name, "others": ", ".join(others)}
        notes.append(Problem(code="sheet_chosen", file=file, params=params))
    if place:
        notes.append(Problem(code="rows_above_header", file=file, params={"n": header_row - 1}))
    if any(end_row >= header_row for _start, (end_row, _column) in merged):
        notes.append(Problem(code="merged_cells", file=file, params={"n": len(merged)}))
    sample = [record for record in records[place + 1 :] if any(record)]
    if not sample:
        raise UnusableFileError(Problem(code="header_only", file=file))

    def read(names: Sequence[str]) -> Cells:
        places = {name: headers.index(name) for name in names}
        cells = gather(first[place + 1 :], rows, places=places, total=sheet.height, advance=advance)
        cells.rows = np.arange(len(cells), dtype=np.int64) + header_row + 1
        explain_holes(cells, path=path, sheet=sheet.name, places=places, left=left, merged=merged)
        return cells

    return Grid(
        file=file,
        kind="xlsx",
        headers=headers,
        header_row=header_row,
        sample=[[cell.strip() for cell in record] for record in sample[:SAMPLE_ROWS]],
        read=read,
        notes=notes,
        sheet=sheet.name,
        rows=sheet.height - place - 1,
        comma=True,
    )


def open_sheet(path: Path, *, file: File) -> tuple[CalamineSheet, list[str]]:
    try:
        return choose_sheet(CalamineWorkbook.from_path(str(path)), file=file)
    except PasswordError as error:
        raise UnusableFileError(Problem(code="password", file=file)) from error
    except CalamineError as error:
        raise UnusableFileError(Problem(code="zip_broken", file=file)) from error


def choose_sheet(book: CalamineWorkbook, *, file: File) -> tuple[CalamineSheet, list[str]]:
    """The first sheet with two rows and two columns, and the names of those not read; empty ones before it are none."""
    chosen = fallback = None
    others: list[str] = []
    names = [data.name for data in book.sheets_metadata if "WorkSheet" in str(data.typ)]
    for name in names:
        if chosen is not None:
            others.append(name)
            continue
        sheet = book.get_sheet_by_name(name)
        if sheet.height > 1 and sheet.width > 1:
            chosen = sheet
        elif sheet.height:
            fallback = fallback or sheet
            others.append(name)
    if chosen is not None:
        return chosen, others
    if fallback is None:
        raise UnusableFileError(Problem(code="no_filled_sheet", file=file, params={"sheets": ", ".join(names)}))
    raise UnusableFileError(Problem(code="header_only" if fallback.width > 1 else "one_column", file=file))


def cell_text(cell: Any) -> str | None:
    """A cell as text; whole numbers without decimals, dates as 2024-03-01, None when it is empty."""
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else str(cell)
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def gather(
    first: list[list[Any]],
    rows: Iterator[list[Any]],
    *,
    places: dict[str, int],
    total: int,
    advance: Callable[[float], None],
) -> Cells:
    """The named columns, a stretch of rows at a time so that few Python objects live at once."""
    texts: dict[str, list[pa.Array]] = {name: [] for name in places}
    typed: dict[str, list[pa.Array]] = {name: [] for name in places}
    done = 0
    stretch = first
    while stretch or done == 0:
        for name, place in places.items():
            text, number = as_arrays([row[place] for row in stretch])
            texts[name].append(text)
            typed[name].append(number)
        done += len(stretch)
        advance(min(done / max(total, 1), 1.0))
        stretch = list(islice(rows, CHUNK))
        if not stretch:
            break
    return Cells(
        texts={name: pa.concat_arrays(parts) for name, parts in texts.items()},
        typed={n: whole for n, parts in typed.items() if (whole := pa.concat_arrays(parts)).null_count < len(whole)},
        rows=np.zeros(done, dtype=np.int64),
    )


def as_arrays(cells: list[Any]) -> tuple[pa.StringArray, pa.DoubleArray]:
    """(texts, the cells that were numbers) of one column."""
    kinds = set(map(type, cells))
    if kinds <= {str}:
        texts = pa.array(cells, pa.string())
        if "" in cells:
            texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
        return texts, pa.nulls(len(cells), pa.float64())
    if kinds == {float}:
        numbers = pa.array(cells, pa.float64())
        return pc.cast(numbers, pa.string()), numbers
    numbers = pa.array([cell if type(cell) is float else None for cell in cells], pa.float64())
    return pa.array([cell_text(cell) for cell in cells], pa.string()), numbers


def explain_holes(
    cells: Cells,
    *,
    path: Path,
    sheet: str,
    places: dict[str, int],
    left: int,
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    """Why cells are empty: an error, a formula without its result, or the rest of a merged cell."""
    by_place = {place + left: name for name, place in places.items()}
    for (top, start), (bottom, end) in merged[:MOST_HOLES]:
        for column in range(start, end + 1):
            for row in range(top, min(bottom, top + MOST_HOLES) + 1):
                if column in by_place and (row, column) != (top, start):
                    cells.holes[row + 1, by_place[column]] = "merged_cell"
    if not any(column.null_count for column in cells.texts.values()):
        return
    for row, column, code in holes_in(path, sheet=sheet):
        if column - 1 in by_place and len(cells.holes) < MOST_HOLES:
            cells.holes[row, by_place[column - 1]] = code


def holes_in(path: Path, *, sheet: str) -> Iterator[tuple[int, int, str]]:
    """(row, column, code) of each error cell and each formula without a result, read from the sheet as it is stored."""
    with zipfile.ZipFile(path) as archive:
        part = part_of(archive, sheet=sheet)
        if part is None:
            return
        rest = b""
        with archive.open(part) as stream:
            while piece := stream.read(1 << 20):
                block = rest + piece
                cut = block.rfind(b"</c>") + 4
                if cut < 4:
                    rest = block[-(1 << 20) :]
                    continue
                whole, rest = block[:cut], block[cut:]
                if b't="e"' in whole or b"<f" in whole:
                    yield from holes_of(whole)


def holes_of(block: bytes) -> Iterator[tuple[int, int, str]]:
    for letters, row, attributes, body in _CELL.findall(block):
        if b't="e"' in attributes:
            yield int(row), column_number(letters.decode()), "error_cell"
        elif b"<f" in body and (b"<v" not in body or _EMPTY_RESULT.search(body)):
            yield int(row), column_number(letters.decode()), "formula_without_value"


def part_of(archive: zipfile.ZipFile, *, sheet: str) -> str | None:
    """The part of the archive that holds a sheet."""
    from html import unescape

    book = archive.read("xl/workbook.xml").decode(errors="replace")
    links = archive.read("xl/_rels/workbook.xml.rels").decode(errors="replace")
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
        name, link = re.search(r'\bname="([^"]*)"', tag), re.search(r'\br:id="([^"]*)"', tag)
        if name and link and unescape(name[1]) == sheet:
            for relation in re.findall(r"<Relationship\b[^>]*>", links):
                target = re.search(r'Target="([^"]*)"', relation)
                if f'Id="{link[1]}"' in relation and target:
                    part = target[1].removeprefix("/")
                    part = part if part.startswith("xl/") else f"xl/{part}"
                    return part if part in archive.namelist() else None
    return None
