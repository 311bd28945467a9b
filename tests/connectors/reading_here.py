"""Read study files in the test's own process: what the child does, without the second it takes to start."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from borging.connectors.files import Conversion, Limits
from borging.connectors.files.child import convert_files
from borging.connectors.files.reading import conversion_of
from tests.connectors.corpus import PEOPLE, SCORES, Maker, text

TODAY = date(2026, 11, 23)
Row = dict[str, object]


def convert_here(participants: Path, outcomes: Path, *, folder: Path, **overrides: str) -> Conversion:
    request = {
        "participants": str(participants),
        "outcomes": str(outcomes),
        "overrides": overrides,
        "columns": None,
        "folder": str(folder),
        "today": TODAY.isoformat(),
        "unnamed": outcomes.stem,
    }
    answer = json.loads(json.dumps(convert_files(request, Limits.WEB)))
    return conversion_of(answer, folder=folder)


def convert_made(
    folder: Path,
    *,
    participants: Maker | str = PEOPLE,
    outcomes: Maker | str = SCORES,
    names: tuple[str, str] = ("participants.csv", "outcomes.csv"),
    **overrides: str,
) -> Conversion:
    """Make both files in `folder` and read them."""
    paths = [folder / name for name in names]
    for path, maker in zip(paths, (participants, outcomes), strict=True):
        (text(maker) if isinstance(maker, str) else maker)(path)
    return convert_here(paths[0], paths[1], folder=folder / "tables", **overrides)


def rows_of(path: Path) -> list[Row]:
    found: list[Row] = pq.read_table(path).to_pylist()
    return found


def starts_of(conversion: Conversion) -> dict[object, object]:
    return {row["person"]: row["start"] for row in rows_of(conversion.tables.participants)}


def times_of(conversion: Conversion) -> list[object]:
    return [row["time"] for row in rows_of(conversion.tables.outcomes)]


def values_of(conversion: Conversion) -> list[object]:
    return [row["value"] for row in rows_of(conversion.tables.outcomes)]


def limits_of(**changed: int) -> Limits:
    return Limits(**{**asdict(Limits.WEB), **changed})
