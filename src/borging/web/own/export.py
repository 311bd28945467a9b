"""What is kept of somebody as files: one for programs, tables for a sheet, and a page to read."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from .kept import Table

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a sheet would start to reckon with."""


def packed(tables: Sequence[Table], *, name: str, made_at: datetime) -> bytes:
    """A ZIP with data.json, a CSV per table, and index.html."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        everything = {"made_at": made_at, **{table.key: table.records for table in tables}}
        archive.writestr("data.json", json.dumps(everything, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
        for table in tables:
            archive.writestr(f"{table.key}.csv", _sheet(table))
        page = {"tables": tables, "name": name, "made_at": made_at}
        archive.writestr("index.html", render_to_string("own/export.html", page))
    return target.getvalue()


def _sheet(table: Table) -> str:
    """With a mark in front by which a spreadsheet knows that it is UTF-8."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(table.headings)
    writer.writerows([_cell(value) for value in row] for row in table.rows)
    return "\ufeff" + target.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
