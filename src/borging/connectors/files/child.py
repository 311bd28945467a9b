"""The process that reads the files: `python -m borging.connectors.files.child`, JSON in on stdin, JSON lines out.

It limits itself before it opens anything, so that a hostile file ends this process and nothing else. Lines:
{"phase": ..., "file": ...}, {"progress": 0.4}, and at the end {"answer": ...} or {"unusable": problem}.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from borging.connectors.files.columns import (
    check_columns,
    guess_outcomes,
    guess_participants,
    overrule_outcomes,
    overrule_participants,
)
from borging.connectors.files.rules import (
    ROW_AS_PERSON,
    File,
    Limits,
    Problem,
    StudyColumns,
    UnusableFileError,
    plain,
    read_columns,
)

if TYPE_CHECKING:
    from borging.connectors.files.grid import Grid

SHOWN_ROWS = 6


class WithoutPandas:
    """Pyarrow imports pandas (a second, and memory) wherever it is installed; nothing here uses it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
        return None


def main() -> int:
    request = json.load(sys.stdin)
    limits = Limits(**request["limits"])
    limit_self(limits)
    sys.meta_path.insert(0, WithoutPandas())
    try:
        say(answer=answer_to(request))
    except UnusableFileError as error:
        say(unusable=asdict(error.problem))
    except MemoryError:
        say(unusable=asdict(Problem(code="out_of_memory")))
    return 0


def answer_to(request: Mapping[str, Any]) -> dict[str, Any]:
    """What was asked for, done here. Raises UnusableFileError."""
    work = {
        "inspect": inspect_files,
        "convert": convert_files,
        "inspect_people": inspect_people,
        "read_people": read_people,
    }[request["verb"]]
    return work(request, Limits(**request["limits"]))


def say(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def limit_self(limits: Limits) -> None:
    """Address space, processor time and the size of written files; systems without such limits go without."""
    try:
        import resource
    except ImportError:
        return
    largest = max(limits.upload_bytes * 2, limits.unpacked_bytes)
    wanted = (("RLIMIT_AS", limits.memory_bytes), ("RLIMIT_CPU", limits.seconds), ("RLIMIT_FSIZE", largest))
    for name, most in (*wanted, ("RLIMIT_CORE", 0)):
        try:
            kind = getattr(resource, name)
            _soft, hard = resource.getrlimit(kind)
            soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (soft, hard))
        except (AttributeError, ValueError, OSError):
            continue


def open_grid(
    path: Path, *, file: File, limits: Limits, known: Sequence[str], advance: Callable[[float], None]
) -> Grid:
    from borging.connectors.files import sniff

    if not path.is_file():
        raise UnusableFileError(Problem(code="file_missing", file=file, value=path.name))
    say(phase="opening", file=file)
    kind = sniff.recognise(path, file=file, limits=limits)
    if kind == "xlsx":
        from borging.connectors.files.workbook import open_workbook

        grid = open_workbook(path, file=file, limits=limits, known=known, advance=advance)
    else:
        from borging.connectors.files.delimited import open_delimited

        grid = open_delimited(path, file=file, limits=limits, known=known)
    ending = path.suffix.lower()
    if (kind == "xlsx" and ending in {".csv", ".txt", ".tsv"}) or (kind == "text" and ending in {".xlsx", ".xls"}):
        grid.notes.insert(0, Problem(code="name_differs", file=file, value=path.name, params={"kind": grid.kind}))
    return grid


def open_both(request: Mapping[str, Any], limits: Limits) -> tuple[Grid, Grid, bool]:
    """Both files, and whether they are one file in two roles."""
    first, second = Path(request["participants"]), Path(request["outcomes"])
    known = known_names(request)

    def start(share: float) -> None:
        progress(0.1 * share)

    def rest(share: float) -> None:
        progress(0.1 + 0.3 * share)

    started = open_grid(first, file="participants", limits=limits, known=known, advance=start)
    measured = open_grid(second, file="outcomes", limits=limits, known=known, advance=rest)
    return started, measured, first.samefile(second)


def known_names(request: Mapping[str, Any]) -> list[str]:
    """Names a person gave: they help to find the header."""
    overrides: Mapping[str, str] = request["overrides"]
    names = [part.strip() for text in overrides.values() for part in text.split(",")]
    if request.get("columns"):
        columns = read_columns(request["columns"])
        names += [*columns.participants.names, *columns.outcomes.names]
    return [name for name in names if name]


def progress(share: float) -> None:
    say(progress=round(share, 3))


def settle_columns(
    participants: Grid, outcomes: Grid, *, overrides: Mapping[str, str], same_file: bool
) -> StudyColumns:
    """Guesses, overruled. A row of one file in both roles is a person where no column names one."""
    own = own_overrides(overrides, participants=participants, outcomes=outcomes)
    mine, theirs = name_people(own, participants=participants, outcomes=outcomes)
    guess = guess_participants(participants.headers, participants.sample, person=mine)
    measured = guess_outcomes(outcomes.headers, outcomes.sample, person=theirs)
    if same_file:
        guess = replace(guess, covariates=())
        if not guess.person and "id" not in overrides:
            guess, measured = replace(guess, person=ROW_AS_PERSON), replace(measured, person=ROW_AS_PERSON)
    chosen = overrule_outcomes(measured, overrides=own["outcomes"], headers=outcomes.headers)
    people = overrule_participants(guess, overrides=own["participants"], headers=participants.headers)
    if same_file and people.start and people.start in (chosen.time, chosen.value):
        people = replace(people, start=None)
    return StudyColumns(participants=people, outcomes=chosen)


def name_people(
    own: Mapping[File, Mapping[str, str]], *, participants: Grid, outcomes: Grid
) -> tuple[str | None, str | None]:
    """What ties the files together where no name we know does: as a person said, else the one header they share."""
    asked = (own["participants"].get("id"), own["outcomes"].get("id"))
    if any(asked) or participants is outcomes:
        return asked
    shared = [name for name in participants.headers if plain(name) in {plain(other) for other in outcomes.headers}]
    if len(shared) != 1:
        return None, None
    return shared[0], next(name for name in outcomes.headers if plain(name) == plain(shared[0]))


def own_overrides(overrides: Mapping[str, str], *, participants: Grid, outcomes: Grid) -> dict[File, dict[str, str]]:
    """An id named once may stand in one of the two files only; the other file's is then guessed."""
    name = plain(overrides.get("id", ""))
    grids: tuple[tuple[File, Grid], ...] = (("participants", participants), ("outcomes", outcomes))
    there = {file: name in {plain(header) for header in grid.headers} for file, grid in grids}
    own: dict[File, dict[str, str]] = {}
    for file, here in there.items():
        skip = name and any(there.values()) and not here
        own[file] = {key: text for key, text in overrides.items() if not (key == "id" and skip)}
    return own


def inspect_files(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    participants, outcomes, same_file = open_both(request, limits)
    problems: tuple[Problem, ...]
    columns = None
    try:
        columns = settle_columns(participants, outcomes, overrides=request["overrides"], same_file=same_file)
        headers: dict[File, tuple[str, ...]] = {"participants": participants.headers, "outcomes": outcomes.headers}
        problems = check_columns(columns, headers=headers)
    except UnusableFileError as error:
        problems = (error.problem,)
    return {
        "participants": view_of(participants),
        "outcomes": view_of(outcomes),
        "columns": None if columns is None else asdict(columns),
        "problems": [asdict(problem) for problem in problems],
    }


def view_of(grid: Grid) -> dict[str, Any]:
    from borging.connectors.files.rejections import shorten
    from borging.connectors.files.rules import sensitive

    found = sensitive(grid.headers)
    notes = list(grid.notes)
    if found:
        notes.append(Problem(code="sensitive_columns", file=grid.file, params={"columns": ", ".join(found)}))
    return {
        "file": grid.file,
        "kind": grid.kind,
        "encoding": grid.encoding,
        "delimiter": grid.delimiter,
        "sheet": grid.sheet,
        "header_row": grid.header_row,
        "headers": grid.headers,
        "sample": [[shorten(cell) for cell in row] for row in grid.sample[:SHOWN_ROWS]],
        "rows": grid.rows,
        "notes": [asdict(note) for note in notes],
    }


def convert_files(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    from borging.connectors.files.rejections import count_reasons, write_rejections
    from borging.connectors.files.tables import make_tables, write_tables

    participants, outcomes, same_file = open_both(request, limits)
    if request["columns"]:
        columns = read_columns(request["columns"])
    else:
        columns = settle_columns(participants, outcomes, overrides=request["overrides"], same_file=same_file)
    problems = check_columns(columns, headers={"participants": participants.headers, "outcomes": outcomes.headers})
    if problems:
        raise UnusableFileError(problems[0])
    today = date.fromisoformat(request["today"])
    outcomes.unnamed = request["unnamed"]
    made = make_tables(participants, outcomes, columns=columns, same_file=same_file, today=today, advance=progress)
    folder = Path(request["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    write_tables(made, folder=folder)
    shown = write_rejections(made.rejections, path=folder / "rejected.parquet")
    progress(1.0)
    return {
        "scale": {"unit": made.scale.unit, "labels": made.scale.labels},
        "columns": asdict(columns),
        "notes": [asdict(note) for note in made.notes],
        "rejected": [asdict(problem) for problem in shown],
        "reasons": count_reasons(made.rejections),
        "participants_rows": made.participants_rows,
        "outcomes_rows": made.outcomes_rows,
        "participants_kept": made.participants.num_rows,
        "outcomes_kept": made.outcomes.num_rows,
    }


def open_people(request: Mapping[str, Any], limits: Limits) -> Grid:
    from borging.connectors.files.staff import SYNONYMS, check_header

    known = [name for names in SYNONYMS.values() for name in names]
    grid = open_grid(Path(request["people"]), file="people", limits=limits, known=known, advance=progress)
    check_header(grid.headers)
    return grid


def inspect_people(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    from borging.connectors.files.staff import guess_staff

    grid = open_people(request, limits)
    return {"view": view_of(grid), "columns": asdict(guess_staff(grid.headers))}


def read_people(request: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    from borging.connectors.files.staff import check_staff, read_staff, read_staff_columns

    grid = open_people(request, limits)
    columns = read_staff_columns(request["columns"])
    if problems := check_staff(columns, headers=grid.headers):
        raise UnusableFileError(problems[0])
    return asdict(read_staff(grid, columns=columns))


if __name__ == "__main__":
    sys.exit(main())
