"""Files as people send them, clumsy and hostile: made afresh for each test, each with what should be said about it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

Maker = Callable[[Path], None]

PEOPLE = "person;start;team\np1;2024-03;A\np2;;B\np3;2024-03;A\np4;;B\n"
TREATED = "person;getraind\np1;1\np2;0\np3;1\np4;0\n"
SCORES = "person;time;score\n" + "".join(
    f"p{person};2024-{month:02d};{person + month},5\n" for person in range(1, 5) for month in range(1, 7)
)


def text(content: str, encoding: str = "utf-8") -> Maker:
    return lambda path: _write(path, content.encode(encoding))


def raw(content: bytes) -> Maker:
    return lambda path: _write(path, content)


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def scores(*rows: str, header: str = "person;time;score") -> Maker:
    """Good outcomes with these rows after them (row 26 and on)."""
    return text(SCORES.replace("person;time;score", header) + "".join(f"{row}\n" for row in rows))


def people(*rows: str) -> Maker:
    """Good participants with these rows after them (row 6 and on)."""
    return text(PEOPLE + "".join(f"{row}\n" for row in rows))


def sheet(rows: Sequence[Sequence[Any]], *, before: Sequence[str] = (), after: Sequence[str] = ()) -> Maker:
    """A workbook with these rows in its filled sheet; `before` and `after` name other sheets, the later ones filled."""

    def make(path: Path) -> None:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in before:
            book.create_sheet(name)
        filled = book.create_sheet("Scores")
        for row in rows:
            filled.append(list(row))
        for name in after:
            book.create_sheet(name).append(["other", "table"])
            book[name].append([1, 2])
        book.save(path.with_suffix(".tmp"))
        path.with_suffix(".tmp").rename(path)

    return make


def score_rows() -> list[list[Any]]:
    return [["person", "time", "score"]] + [[f"p{p}", f"2024-0{m}", p + m + 0.5] for p in range(1, 5) for m in (1, 4)]


def merged(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [*score_rows(), ["p1", "2024-05", 5], ["", "2024-06", 6]]:
        book.active.append(row)
    book.active.merge_cells("A10:A11")
    book.save(path)


def error_cell(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [*score_rows(), ["p1", "2024-05", "#N/A"]]:
        book.active.append(row)
    book.save(path)


def far_cell(path: Path, *, said: bool) -> None:
    """One cell at XFD1048576; `said`: the sheet tells its size, as Excel does, or keeps silent."""
    first = io.BytesIO()
    book = xlsxwriter.Workbook(first)
    page = book.add_worksheet()
    page.write_row(0, 0, ["person", "time", "score"])
    page.write(1_048_575, 16_383, 1)
    book.close()
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if not said and part.filename.endswith("sheet1.xml"):
                content = content.replace(b'<dimension ref="A1:XFD1048576"/>', b"")
            target.writestr(part.filename, content)


def bomb(path: Path) -> None:
    """A small XLSX that unpacks to a thousand times its size."""
    sheet(score_rows())(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/zeros.bin", "w") as part:
        zeros = bytes(1 << 20)
        for _ in range(64):
            part.write(zeros)


def doctype(path: Path) -> None:
    first = path.with_suffix(".first")
    sheet(score_rows())(first)
    with zipfile.ZipFile(first) as source, zipfile.ZipFile(path, "w") as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + content
            target.writestr(part.filename, content)


def packed(names: dict[str, str]) -> Maker:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in names.items():
                archive.writestr(name, content)

    return make


def compound(stream: str) -> Maker:
    """An OLE compound file (old Excel, or an encrypted new one) with a stream of this name."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    return raw(head + stream.encode("utf-16-le").ljust(128, b"\0") + struct.pack("<I", 1) + bytes(1024))


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 4

UNUSABLE: dict[str, tuple[str, Maker]] = {
    "empty.csv": ("empty_file", raw(b"")),
    "blanks.csv": ("empty_file", raw(b"\xef\xbb\xbf \r\n\r\n")),
    "header.csv": ("header_only", text("person;time;score\n")),
    "colons.csv": ("delimiter_other", text("person:day:score\n" + "".join(f"p{n}:d{n}:{n}\n" for n in range(9)))),
    "column.csv": ("one_column", text("person\np1\np2\n")),
    "nul.csv": ("nul_bytes", raw(SCORES.encode() + b"p1;2024-07;1\x002\n")),
    "quote.csv": ("quote_not_closed", scores('p1;2024-07;"5', "p2;2024-07;6")),
    "report.csv": ("is_pdf", raw(b"%PDF-1.7\n%\xe2\xe3\n1 0 obj")),
    "page.csv": ("is_html", text("<!DOCTYPE html><html><table><tr><td>person</td></tr></table></html>")),
    "page.xlsx": ("is_html", text("<table><tr><td>person</td></tr></table>")),
    "photo.xlsx": ("is_image", raw(JPEG)),
    "data.csv": ("is_json", text('[{"person": "p1", "score": 3}]')),
    "old.xml.csv": ("is_xml", text('<?xml version="1.0"?><Workbook></Workbook>')),
    "letter.csv": ("is_document", raw(rb"{\rtf1 person}")),
    "old.xlsx": ("old_excel", compound("Workbook")),
    "secret.xlsx": ("password", compound("EncryptedPackage")),
    "zip.xlsx": ("is_archive", packed({"scores.csv": SCORES})),
    "word.xlsx": ("other_office", packed({"word/document.xml": "<w/>"})),
    "gzip.csv": ("is_archive", raw(b"\x1f\x8b\x08" + bytes(64))),
    "noise.csv": ("not_text", raw(bytes(range(256)) * 40)),
    "broken.xlsx": ("zip_broken", raw(b"PK\x03\x04" + bytes(200))),
    "bomb.xlsx": ("zip_bomb", bomb),
    "doctype.xlsx": ("has_doctype", doctype),
    "far.xlsx": ("sheet_too_far", lambda path: far_cell(path, said=True)),
    "sheets.xlsx": ("no_filled_sheet", sheet([])),
    "wide.csv": ("too_many_columns", text(";".join(f"c{n}" for n in range(2500)) + "\n" + ";" * 2499 + "1\n")),
    "remarks.csv": ("value_column_missing", text("person;time;remark\np1;2024-01;good\np2;2024-01;fine\n")),
    "nobody.csv": ("person_column_missing", text("colour;time;score\nred;2024-01;5\nblue;2024-01;6\n")),
    "strangers.csv": ("nothing_left", text("person;time;score\nx1;2024-01;5\nx2;2024-01;6\n")),
}
"""Outcomes files of which nothing can be made: the code that says so."""

REJECTED: dict[str, tuple[str, Maker]] = {
    "word": ("value_not_a_number", scores("p1;2024-07;zeven")),
    "infinite": ("value_not_a_number", scores("p1;2024-07;inf")),
    "formula": ("formula_text", scores('p1;2024-07;=HYPERLINK("http://x")')),
    "at": ("formula_text", scores("p1;2024-07;@SUM(A1)")),
    "error": ("error_cell", scores("p1;2024-07;#DIV/0!")),
    "error in xlsx": ("error_cell", error_cell),
    "uncalculated": ("formula_without_value", sheet([*score_rows(), ["p1", "2024-05", "=1+1"]])),
    "merged": ("merged_cell", merged),
    "empty": ("value_missing", scores("p1;2024-07;")),
    "nvt": ("value_missing", scores("p1;2024-07;N.V.T.")),
    "na": ("value_missing", scores("p1;2024-07;NA")),
    "dash": ("value_missing", scores("p1;2024-07;-")),
    "total": ("total_row", scores("Totaal;;99")),
    "total beside": ("total_row", scores(";Totaal;99")),
    "ragged": ("ragged", scores("p1;2024-07;5;6")),
    "short": ("ragged", scores("p1;2024-07")),
    "nobody": ("person_missing", scores(";2024-07;5")),
    "stranger": ("person_unknown", scores("p9;2024-07;5")),
    "copy": ("measured_twice_equal", scores("p1;2024-01;2,5")),
    "conflict": ("measured_twice_different", scores("p1;2024-01;9")),
    "no time": ("time_missing", scores("p1;;5")),
    "odd time": ("time_unreadable", scores("p1;ooit;5")),
    "wave": ("time_other_kind", scores("p1;wave 2;5")),
    "only year": ("time_too_coarse", scores("p1;2024;5")),
    "absurd": ("date_absurd", scores("p1;2924-01;5")),
    "excel's nothing": ("date_absurd", scores("p1;1900-01-00;5", "p1;1900-01;5")),
    "both styles": ("number_ambiguous", scores("p1;2024-07;1.5", "p1;2024-08;1.500")),
    "both orders": (
        "date_order_contradictory",
        scores("p1;25-07-2024;5", "p1;07/28/2024;5", "p1;03/04/2024;5", "p2;03/04/2024;5", "p3;03/04/2024;5"),
    ),
    "no outcome": (
        "outcome_missing",
        text("person;time;kpi;score\np1;2024-01;sales;5\np2;2024-01;;6\np3;2024-01;sales;6\n"),
    ),
}
"""Outcomes files with one bad row: the reason it is given."""

REJECTED_PEOPLE: dict[str, tuple[str, Maker]] = {
    "twice": ("person_twice_equal", people("P1 ;2024-03;A")),
    "twice different": ("person_twice_different", people("p1;2024-05;A")),
    "odd start": ("start_unreadable", people("p5;binnenkort;A")),
    "wave start": ("start_not_comparable", people("p5;wave 2;A")),
    "absurd start": ("date_absurd", people("p5;1024-03;A")),
}
"""Participants files with one bad row: the reason it is given."""

NOTED: dict[str, tuple[str, Maker]] = {
    "cp1252": ("encoding_guessed", lambda path: _write(path, (SCORES + "p1;2024-07;€ 5\n").encode("cp1252"))),
    "titles": ("rows_above_header", text("Rapport scores;;\nGemaakt op;1-1-2025;\n;;\n" + SCORES)),
    "double header": ("header_double", text(SCORES.replace("\n", ";\n").replace("score;", "score;score"))),
    "no header": ("header_empty", text("".join(f";{line}\n" for line in SCORES.splitlines()))),
    "sheets": ("sheet_chosen", sheet(score_rows(), before=["Uitleg"], after=["Oud"])),
    "merged": ("merged_cells", merged),
    "empty rows": ("empty_rows", scores(";;", "", "p1;2024-07;5")),
    "order": ("date_order_assumed", text("person;time;score\np1;03/04/2024;5\np2;05/04/2024;6\n")),
    "month first": ("month_first", text("person;time;score\np1;04/03/2024;5\np2;04/25/2024;6\n")),
    "serial": ("serial_dates", text("person;datum;score\np1;45352;5\np2;45360;6\n")),
    "months": ("months_from_dates", text("person;time;score\np1;2024-01-31;5\np1;2024-02-29;6\n")),
    "mixed": ("kinds_of_dates_mixed", scores("p1;3 jul 2024;5", "p2;2024-07-01;5", "p3;1-7-2024;5")),
    "future": ("future_dates", scores("p1;2026-12;5")),
    "moments": ("moments_ordered", text("person;moment;score\np1;voor;5\np1;na;6\n")),
    "thousands": ("thousands_assumed", text("person;time;score\np1;2024-01;1.234\np2;2024-01;2.345\n")),
    "decimals": ("decimals_assumed", text("person,time,score\np1,2024-01,1.234\np2,2024-01,2.345\n")),
    "percent": ("percent_signs", scores("p1;2024-07;55 %")),
    "euro": ("currency_signs", scores("p1;2024-07;€ 1.234,56")),
    "yes": ("yes_no_values", text("person;time;score\np1;2024-01;ja\np2;2024-01;nee\n")),
    "no time": ("time_column_missing", text("person;score\np1;5\np2;6\n")),
    "silent": ("without_outcomes", text("person;time;score\np1;2024-01;5\n")),
    "zeros": ("ids_differ_in_zeros", scores("007;2024-01;5", "7;2024-01;5")),
    "sensitive": ("sensitive_columns", text(SCORES.replace("score", "ziekteverzuim"))),
    "formula id": ("formula_like_text", scores("=cmd|'/c calc'!A1;2024-01;5")),
    "wide": ("cells_empty", text("person;2024-01;2024-02\np1;5;6\np2;;7\n")),
}
"""Outcomes files that are read, with something to be said about them."""

NOTED_PEOPLE: dict[str, tuple[str, Maker]] = {
    "treated": ("start_is_yes_or_no", text(TREATED)),
    "zero": ("start_zero_is_untrained", text("person;start\np1;2024-03\np2;0\n")),
    "year": ("start_first_of_period", text("person;start\np1;2024-03\np2;2024\n")),
    "no start": ("start_column_missing", text("person;team\np1;A\np2;B\n")),
    "floats": ("ids_with_zero_decimals", text("person;start\n1.0;2024-03\n2.0;\n")),
    "covariate": (
        "covariate_unreadable",
        text("person;start;age\n" + "".join(f"p{n};;{20 + n if n != 7 else 'oud'}\n" for n in range(1, 30))),
    ),
    "varied": (
        "covariate_too_varied",
        text("person;start;role\n" + "".join(f"p{n};;{'same' if n < 220 else n}x\n" for n in range(1, 400))),
    ),
}
"""Participants files that are read, with something to be said about them."""
