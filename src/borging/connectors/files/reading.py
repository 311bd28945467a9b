"""The parent's side: start the child that reads, listen to it, outlive it."""

from __future__ import annotations

import io
import json
import os
import subprocess  # nosec B404
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from borging.connectors.files.rules import (
    OVERRIDES,
    File,
    Limits,
    Problem,
    StudyColumns,
    UnusableFileError,
    read_columns,
)
from borging.connectors.files.staff import StaffColumns, read_staff_columns

if TYPE_CHECKING:
    from borging.lake.schema import StudyTables

WAITING = 3
"""Wall time allowed per second of processor time: the machine may be busy."""
ENVIRONMENT = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "SYSTEMROOT",
    "TMPDIR",
    "TEMP",
    "TMP",
)
"""What the child gets of our environment: no settings, so no secrets."""
SETTINGS = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # Arrow's own allocator reserves a gibibyte of address space at once
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONUTF8": "1",
}
ABORTED, KILLED, FAULT, TOO_LONG = 6, 9, 11, 24


@dataclass(frozen=True, kw_only=True)
class FileView:
    """What was understood of one file, for a person to check. sample: the first rows as text; rows: None if unknown."""

    file: File
    kind: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header_row: int
    headers: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    rows: int | None
    notes: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """Both files, the columns as guessed and overruled, and what still keeps them from being a study."""

    participants: FileView
    outcomes: FileView
    columns: StudyColumns | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """The tables, and every row that is not in them.

    rejected: the first thousand; `rejected_path` (Parquet) holds them all. reasons: how many rows per problem code.
    """

    tables: StudyTables
    columns: StudyColumns
    notes: tuple[Problem, ...]
    rejected: tuple[Problem, ...]
    rejected_path: Path
    reasons: dict[str, int]
    participants_rows: int
    outcomes_rows: int
    participants_kept: int
    outcomes_kept: int

    @property
    def rejected_total(self) -> int:
        return sum(self.reasons.values())


@dataclass(frozen=True, kw_only=True)
class PeopleRows:
    """The rows of a file of people: `row` and a text for each role (staff.CELLS and the name); dates as ISO days.

    unread: rows that are left out, by which it is still known whom they are about.
    """

    rows: tuple[dict[str, Any], ...]
    unread: tuple[dict[str, Any], ...]
    left_out: tuple[Problem, ...]
    notes: tuple[Problem, ...]


def inspect(
    participants: Path, outcomes: Path, *, overrides: Mapping[str, str] | None = None, limits: Limits = Limits.WEB
) -> Inspection:
    """Look at both files without making anything. Raises UnusableFileError when one of them is no table."""
    request = about(participants, outcomes, overrides=overrides, limits=limits)
    answer = ask_child({"verb": "inspect", "columns": None, **request}, limits=limits)
    columns = answer["columns"]
    return Inspection(
        participants=file_view(answer["participants"]),
        outcomes=file_view(answer["outcomes"]),
        columns=None if columns is None else read_columns(columns),
        problems=problems_of(answer["problems"]),
    )


def convert(
    participants: Path,
    outcomes: Path,
    *,
    folder: Path,
    columns: StudyColumns | None = None,
    overrides: Mapping[str, str] | None = None,
    limits: Limits = Limits.WEB,
    on_progress: Callable[[float], None] | None = None,
    today: date | None = None,
    unnamed: str = "",
) -> Conversion:
    """Write participants.parquet, outcomes.parquet, time.json and rejected.parquet into `folder`.

    columns: as settled before; else guessed and overruled. unnamed: what to call an outcome to which the file gives no
    name. Raises UnusableFileError when no study can be made of them.
    """
    request = about(participants, outcomes, overrides=overrides, limits=limits) | {
        "columns": None if columns is None else asdict(columns),
        "folder": str(folder.absolute()),
        "unnamed": unnamed,
        "today": (today or datetime.now(tz=UTC).date()).isoformat(),
    }
    return conversion_of(
        ask_child({"verb": "convert", **request}, limits=limits, on_progress=on_progress), folder=folder
    )


def inspect_people(path: Path, *, limits: Limits = Limits.PEOPLE) -> tuple[FileView, StaffColumns]:
    """What a file of people looks like, and which column is what. Raises UnusableFileError when it is no table."""
    request = {"verb": "inspect_people", "people": str(path.absolute()), "limits": asdict(limits)}
    answer = ask_child(request, limits=limits)
    return file_view(answer["view"]), read_staff_columns(answer["columns"])


def read_people(path: Path, *, columns: StaffColumns, limits: Limits = Limits.PEOPLE) -> PeopleRows:
    """The rows of a file of people. Raises UnusableFileError when nothing can be made of it with these columns."""
    request = {"verb": "read_people", "people": str(path.absolute()), "limits": asdict(limits)}
    answer = ask_child({**request, "columns": asdict(columns)}, limits=limits)
    return PeopleRows(
        rows=tuple(answer["rows"]),
        unread=tuple(answer["unread"]),
        left_out=problems_of(answer["left_out"]),
        notes=problems_of(answer["notes"]),
    )


def about(participants: Path, outcomes: Path, *, overrides: Mapping[str, str] | None, limits: Limits) -> dict[str, Any]:
    chosen = dict(overrides or {})
    wrong = sorted(chosen.keys() - set(OVERRIDES))
    if wrong:
        raise UnusableFileError(
            Problem(code="override_unknown", value=wrong[0], params={"there": ", ".join(OVERRIDES)})
        )
    return {
        "participants": str(participants.absolute()),
        "outcomes": str(outcomes.absolute()),
        "overrides": chosen,
        "limits": asdict(limits),
    }


def file_view(raw: Mapping[str, Any]) -> FileView:
    sample = tuple(tuple(row) for row in raw["sample"])
    fields = {**raw, "headers": tuple(raw["headers"]), "sample": sample, "notes": problems_of(raw["notes"])}
    return FileView(**fields)


def problems_of(raw: list[dict[str, Any]]) -> tuple[Problem, ...]:
    return tuple(Problem(**fields) for fields in raw)


def conversion_of(answer: Mapping[str, Any], *, folder: Path) -> Conversion:
    from borging.lake.schema import StudyTables, TimeScale

    scale = TimeScale(unit=answer["scale"]["unit"], labels=tuple(answer["scale"]["labels"]))
    return Conversion(
        tables=StudyTables(
            participants=folder / "participants.parquet", outcomes=folder / "outcomes.parquet", scale=scale
        ),
        columns=read_columns(answer["columns"]),
        notes=problems_of(answer["notes"]),
        rejected=problems_of(answer["rejected"]),
        rejected_path=folder / "rejected.parquet",
        reasons=answer["reasons"],
        participants_rows=answer["participants_rows"],
        outcomes_rows=answer["outcomes_rows"],
        participants_kept=answer["participants_kept"],
        outcomes_kept=answer["outcomes_kept"],
    )


@dataclass
class Heard:
    """What the child has said so far."""

    answer: dict[str, Any] | None = None
    problem: Problem | None = None
    phase: str = ""
    file: File | None = None
    late: bool = False
    errors: list[str] = field(default_factory=list)


def ask_child(
    request: Mapping[str, Any], *, limits: Limits, on_progress: Callable[[float], None] | None = None
) -> dict[str, Any]:
    """The child's answer. Raises UnusableFileError for what it says, and for how it ended when it says nothing."""
    heard = Heard()
    # -P: the folder we happen to stand in must not be where modules come from.
    command = [sys.executable, "-P", "-m", "borging.connectors.files.child"]
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    environment |= SETTINGS
    with subprocess.Popen(  # nosec B603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as child:
        timer = threading.Timer(limits.seconds * WAITING + 5, end_late, args=(child, heard))
        timer.daemon = True
        timer.start()
        errors = threading.Thread(target=drain, args=(child, heard), daemon=True)
        errors.start()
        try:
            listen(child, request=request, heard=heard, on_progress=on_progress)
        finally:
            timer.cancel()
            child.kill()
        errors.join()
    if heard.problem is not None:
        raise UnusableFileError(heard.problem)
    if heard.answer is None:
        raise UnusableFileError(how_it_ended(child.returncode, heard=heard))
    return heard.answer


def listen(
    child: subprocess.Popen[str],
    *,
    request: Mapping[str, Any],
    heard: Heard,
    on_progress: Callable[[float], None] | None,
) -> None:
    try:
        with child.stdin or io.StringIO() as stdin:
            json.dump(request, stdin)
    except BrokenPipeError:
        child.wait()
        return
    for text in child.stdout or ():
        line = json.loads(text)
        if "progress" in line and on_progress:
            on_progress(line["progress"])
        if "phase" in line:
            heard.phase, heard.file = line["phase"], line["file"]
        if "unusable" in line:
            heard.problem = Problem(**line["unusable"])
        if "answer" in line:
            heard.answer = line["answer"]
    child.wait()


def end_late(child: subprocess.Popen[str], heard: Heard) -> None:
    heard.late = True
    child.kill()


def drain(child: subprocess.Popen[str], heard: Heard) -> None:
    """The child's last words, so that a full pipe never stops it; they are not shown to people."""
    for line in child.stderr or ():
        heard.errors = [*heard.errors[-20:], line]


class ReaderFailedError(RuntimeError):
    """The reading process ended by a fault of ours; the message holds its last words."""


def how_it_ended(code: int, *, heard: Heard) -> Problem:
    """What a child that ended without an answer ran into: a limit, or a file that breaks its parser."""
    words = "".join(heard.errors)
    if heard.late or code == -TOO_LONG:
        return Problem(code="took_too_long", file=heard.file)
    if "MemoryError" in words or "bad_alloc" in words or code == -KILLED:
        return Problem(code="out_of_memory", file=heard.file)
    if code in (-ABORTED, -FAULT):  # calamine makes room for every cell up to the furthest one, or aborts
        return Problem(code="reader_stopped", file=heard.file, params={"signal": -code})
    raise ReaderFailedError(words.strip() or f"ended with {code}")
