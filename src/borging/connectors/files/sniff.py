"""What a file is, by its content: its name may say anything."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Literal

from borging.connectors.files.rules import MIB, File, Limits, Problem, UnusableFileError

FOREIGN = (
    (b"%PDF", "is_pdf"),
    (b"\xff\xd8\xff", "is_image"),
    (b"\x89PNG", "is_image"),
    (b"GIF8", "is_image"),
    (b"RIFF", "is_image"),
    (b"II*\x00", "is_image"),
    (b"MM\x00*", "is_image"),
    (b"\x1f\x8b", "is_archive"),
    (b"7z\xbc\xaf", "is_archive"),
    (b"Rar!", "is_archive"),
    (b"{\\rtf", "is_document"),
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
MOST_PARTS = 2_000
SMALL_UNPACKED = 20 * MIB
"""Below this no packing ratio is a danger: short files of equal rows pack very well."""


def recognise(path: Path, *, file: File, limits: Limits) -> Literal["text", "xlsx"]:
    """Text or XLSX; raises UnusableFileError for anything else, saying what it is."""
    size = path.stat().st_size
    if size > limits.upload_bytes:
        params = {"size": size // MIB, "most": limits.upload_bytes // MIB}
        raise UnusableFileError(Problem(code="file_too_large", file=file, params=params))
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnusableFileError(Problem(code="empty_file", file=file))
    if head.startswith(b"PK"):
        return check_zip(path, file=file, limits=limits)
    code = next((code for magic, code in FOREIGN if head.startswith(magic)), None) or foreign_text(head)
    if head.startswith(OLD_OFFICE):
        code = "password" if ENCRYPTED in path.read_bytes() else "old_excel"
    if code:
        raise UnusableFileError(Problem(code=code, file=file))
    return "text"


def foreign_text(head: bytes) -> str | None:
    """Text that is no table: a web page, XML, JSON."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    if re.match(rb"<!doctype html|<html|<head|<body|<table|<meta|<div", start):
        return "is_html"
    if start.startswith((b"<?xml", b"<")):
        return "is_html" if b"<html" in start else "is_xml"
    return "is_json" if re.match(rb'\{\s*"|\[\s*[{\["]', start) else None


def check_zip(path: Path, *, file: File, limits: Limits) -> Literal["xlsx"]:
    """Look at what a zip says it holds, before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise UnusableFileError(Problem(code=other_zip(names), file=file))
            total, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
            params = {"packed": max(packed // 1024, 1), "unpacked": total // MIB, "most": limits.unpacked_bytes // MIB}
            steep = total > SMALL_UNPACKED and total > limits.unpack_ratio * max(packed, path.stat().st_size, 1)
            if total > limits.unpacked_bytes or steep or len(parts) > MOST_PARTS:
                raise UnusableFileError(Problem(code="zip_bomb", file=file, params=params))
            check_parts(archive, file=file, limits=limits)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, UnusableFileError):
            raise
        raise UnusableFileError(Problem(code="zip_broken", file=file)) from error
    return "xlsx"


def other_zip(names: set[str]) -> str:
    office = {"word/document.xml", "ppt/presentation.xml", "xl/workbook.bin", "mimetype", "Index/Document.iwa"}
    return "other_office" if names & office else "is_archive"


def check_parts(archive: zipfile.ZipFile, *, file: File, limits: Limits) -> None:
    """No document type in any part, and no sheet that says it reaches past the limits."""
    for part in archive.infolist():
        if not part.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(part) as stream:
            head = stream.read(8192)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise UnusableFileError(Problem(code="has_doctype", file=file))
        reach = re.search(rb'<dimension[^>]*ref="(?:[A-Z]+\d+:)?([A-Z]+)(\d+)"', head)
        if reach and part.filename.startswith("xl/worksheets/"):
            columns, rows = column_number(reach[1].decode()), int(reach[2])
            if columns > limits.columns or rows > limits.rows or columns * rows > 50 * limits.rows:
                params = {"cell": (reach[1] + reach[2]).decode()}
                raise UnusableFileError(Problem(code="sheet_too_far", file=file, params=params))


def column_number(letters: str) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
