"""The child that reads: what it says, and that whatever ends it leaves us standing."""

import os
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from borging.connectors.files import Limits, StudyColumns, UnusableFileError, convert, inspect
from borging.lake.schema import OUTCOMES, PARTICIPANTS, TimeScale
from tests.connectors.corpus import PEOPLE, SCORES, bomb, far_cell, score_rows, sheet
from tests.connectors.reading_here import limits_of


@pytest.fixture
def study(tmp_path: Path) -> tuple[Path, Path]:
    participants, outcomes = tmp_path / "participants.csv", tmp_path / "outcomes.csv"
    participants.write_text(PEOPLE)
    outcomes.write_text(SCORES + "p1;2024-07;zeven\n")
    return participants, outcomes


def test_two_files_become_two_tables_with_the_shared_schema(study: tuple[Path, Path], tmp_path: Path) -> None:
    heard: list[float] = []
    conversion = convert(*study, folder=tmp_path / "new" / "tables", on_progress=heard.append)
    assert conversion.tables.scale == TimeScale(unit="month")
    assert pq.read_schema(conversion.tables.participants).equals(PARTICIPANTS)
    assert pq.read_schema(conversion.tables.outcomes).equals(OUTCOMES)
    assert (conversion.participants_kept, conversion.outcomes_kept, conversion.rejected_total) == (4, 24, 1)
    assert conversion.rejected[0].row == 26
    assert pq.read_table(conversion.rejected_path).to_pylist()[0]["value"] == "zeven"
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_what_was_understood_is_shown_before_anything_is_made(study: tuple[Path, Path]) -> None:
    seen = inspect(*study, overrides={"team": ""})
    assert seen.outcomes.delimiter == ";"
    assert seen.outcomes.headers == ("person", "time", "score")
    assert seen.outcomes.sample[0] == ("p1", "2024-01", "2,5")
    assert seen.columns is not None
    assert (seen.columns.participants.start, seen.columns.participants.team) == ("start", None)
    assert seen.columns.outcomes.value == "score"
    assert seen.problems == ()


def test_an_override_that_names_no_column_says_which_there_are(study: tuple[Path, Path]) -> None:
    (problem,) = inspect(*study, overrides={"value": "cijfer"}).problems
    assert (problem.code, problem.value, problem.params["there"]) == ("column_missing", "cijfer", "person, time, score")


def test_a_setting_that_does_not_exist_is_refused(study: tuple[Path, Path]) -> None:
    with pytest.raises(UnusableFileError) as caught:
        inspect(*study, overrides={"salary": "x"})
    assert caught.value.problem.code == "override_unknown"


def test_columns_once_settled_are_used_again(study: tuple[Path, Path], tmp_path: Path) -> None:
    columns = inspect(*study).columns
    assert isinstance(columns, StudyColumns)
    assert convert(*study, columns=columns, folder=tmp_path / "tables").columns == columns


def test_a_cell_at_the_end_of_the_sheet_stops_the_child_and_not_us(study: tuple[Path, Path], tmp_path: Path) -> None:
    far_cell(tmp_path / "far.xlsx", said=False)
    with pytest.raises(UnusableFileError) as caught:
        convert(study[0], tmp_path / "far.xlsx", folder=tmp_path / "tables")
    assert caught.value.problem.code == "reader_stopped"
    assert caught.value.problem.file == "outcomes"


def test_a_bomb_is_refused_before_it_is_unpacked(study: tuple[Path, Path], tmp_path: Path) -> None:
    bomb(tmp_path / "bomb.xlsx")
    with pytest.raises(UnusableFileError) as caught:
        convert(study[0], tmp_path / "bomb.xlsx", folder=tmp_path / "tables")
    assert caught.value.problem.code == "zip_bomb"
    assert caught.value.problem.params["unpacked"] >= 64


def test_a_bomb_that_lies_about_its_size_ends_within_the_limits(study: tuple[Path, Path], tmp_path: Path) -> None:
    path = tmp_path / "liar.xlsx"
    sheet(score_rows())(path)
    with zipfile.ZipFile(path) as archive:
        parts = {part.filename: archive.read(part) for part in archive.infolist()}
    spaces = b" " * (64 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            grown = content.replace(b"</sheetData>", spaces + b"</sheetData>") if "sheet1.xml" in name else content
            archive.writestr(name, grown)
    with zipfile.ZipFile(path) as archive:
        said = next(part.file_size for part in archive.infolist() if "sheet1.xml" in part.filename)
    lied = path.read_bytes().replace(said.to_bytes(4, "little"), (5_000).to_bytes(4, "little"))
    assert lied != path.read_bytes()
    path.write_bytes(lied)
    with pytest.raises(UnusableFileError) as caught:
        convert(study[0], path, folder=tmp_path / "tables")
    assert caught.value.problem.code == "zip_broken"


def test_reading_stops_when_it_takes_too_long(study: tuple[Path, Path], tmp_path: Path) -> None:
    study[1].write_text(SCORES + "".join(f"p{n % 4 + 1};{n};wave {n}\n" for n in range(400_000)))
    with pytest.raises(UnusableFileError) as caught:
        convert(*study, folder=tmp_path / "tables", limits=limits_of(seconds=1))
    assert caught.value.problem.code == "took_too_long"


def test_reading_stops_when_it_takes_too_much_memory(study: tuple[Path, Path], tmp_path: Path) -> None:
    study[1].write_text(SCORES + "p1;2024-07;5\n" * 2_500_000)
    with pytest.raises(UnusableFileError) as caught:
        convert(*study, folder=tmp_path / "tables", limits=limits_of(memory_bytes=450 << 20))
    assert caught.value.problem.code == "out_of_memory"


@pytest.mark.parametrize(
    ("limits", "code"),
    [(limits_of(upload_bytes=100), "file_too_large"), (limits_of(rows=10), "too_many_rows")],
)
def test_a_file_over_a_limit_is_refused_with_the_limit(
    limits: Limits, code: str, study: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(UnusableFileError) as caught:
        convert(*study, folder=tmp_path / "tables", limits=limits)
    assert caught.value.problem.code == code
    assert "most" in caught.value.problem.params


def test_a_file_that_is_not_there_is_named(study: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as caught:
        inspect(study[0], tmp_path / "gone.csv")
    assert (caught.value.problem.code, caught.value.problem.value) == ("file_missing", "gone.csv")


def test_a_csv_called_xlsx_is_read_and_said(study: tuple[Path, Path], tmp_path: Path) -> None:
    called = study[1].rename(tmp_path / "scores.xlsx")
    assert [note.code for note in inspect(study[0], called).outcomes.notes] == ["name_differs"]


def test_the_child_gets_none_of_our_settings(
    study: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = tmp_path / "json.py"
    hostile.write_text("raise SystemExit('a module from the folder of uploads was run')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "PYTHONSTARTUP", str(hostile))
    assert inspect(*study).problems == ()
