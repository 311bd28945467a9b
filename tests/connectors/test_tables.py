"""From what people write to periods, numbers and persons."""

import random
from pathlib import Path

import pytest

from borging.connectors.files import UnusableFileError
from borging.lake.schema import TimeScale
from tests.connectors.corpus import PEOPLE, SCORES, TREATED, Maker, score_rows, sheet, text
from tests.connectors.reading_here import convert_here, convert_made, rows_of, starts_of, times_of, values_of
from tests.reference import published, reference


def month(year: int, number: int) -> int:
    return year * 12 + number - 1


def outcomes_at(*times: str) -> str:
    return "person;time;score\n" + "".join(f"p1;{time};{n}\n" for n, time in enumerate(times))


@pytest.mark.parametrize(
    ("times", "scale", "expected"),
    [
        (("2004", "2005.0"), TimeScale(unit="year"), [2004, 2005]),
        (("2024Q1", "2024-K2", "Q3 2024", "4e kwartaal 2024"), TimeScale(unit="quarter"), [8096, 8097, 8098, 8099]),
        (
            ("2024-01", "feb 2024", "mrt-24", "04-2024", "202405"),
            TimeScale(unit="month"),
            [24288 + n for n in range(5)],
        ),
        (("2024-01-01", "1 februari 2024", "1 mrt 2024"), TimeScale(unit="month"), [24288, 24289, 24290]),
        (("2024-01-31", "29-2-2024", "31 March 2024"), TimeScale(unit="month"), [24288, 24289, 24290]),
        (("2024-01-01", "2-1-2024", "3 jan 2024 10:30"), TimeScale(unit="day"), [19723, 19724, 19725]),
        (("2024-01-01T00:00:00Z", "January 2, 2024", "20240103"), TimeScale(unit="day"), [19723, 19724, 19725]),
        (("13/02/2024", "03/04/2024"), TimeScale(unit="day"), [19766, 19816]),
        (("02/13/2024", "03/04/2024"), TimeScale(unit="day"), [19766, 19786]),
        (("t0", "T1", "t2"), TimeScale(unit="number"), [0, 1, 2]),
        (("wave 1", "wave 2"), TimeScale(unit="number"), [1, 2]),
        (("nulmeting", "1-meting", "2-meting"), TimeScale(unit="number"), [0, 1, 2]),
        (("74", "75", "78"), TimeScale(unit="number"), [74, 75, 78]),
        (("nulmeting", "nameting"), TimeScale(unit="moment", labels=("nulmeting", "nameting")), [0, 1]),
        (("follow-up", "pre", "post"), TimeScale(unit="moment", labels=("pre", "post", "follow-up")), [0, 1, 2]),
    ],
)
def test_times_are_read_on_the_scale_they_are_written_in(
    times: tuple[str, ...], scale: TimeScale, expected: list[int], tmp_path: Path
) -> None:
    conversion = convert_made(tmp_path, participants="person;team\np1;A\n", outcomes=outcomes_at(*times))
    assert conversion.tables.scale == scale
    assert times_of(conversion) == expected
    assert conversion.rejected == ()


@pytest.mark.parametrize(
    ("times", "start", "expected"),
    [
        (("2024-01", "2024-06"), "15 mrt 2024", month(2024, 3)),
        (("2024-01", "2024-06"), "2024-03", month(2024, 3)),
        (("2024-01", "2024-06"), "45366", month(2024, 3)),
        (("2004", "2008"), "2006-05-01", 2006),
        (("2004", "2008"), "2006", 2006),
        (("2024Q1", "2024Q4"), "1-5-2024", 8097),
        (("2024-01-02", "2024-01-05"), "4 jan 2024", 19726),
        (("74", "78"), "1976", 1976),
        (("1", "2", "3"), "2", 2),
        (("1", "2", "3"), "wave 2", 2),
        (("pre", "post"), "post", 1),
        (("pre", "post"), "ja", 1),
        (("1", "2", "3"), "yes", 3),
        (("2004", "2008"), "", None),
        (("2004", "2008"), "nooit", None),
    ],
)
def test_a_start_is_brought_to_the_scale_of_the_outcomes(
    times: tuple[str, ...], start: str, expected: int | None, tmp_path: Path
) -> None:
    conversion = convert_made(tmp_path, participants=f"person;start\np1;{start}\n", outcomes=outcomes_at(*times))
    assert starts_of(conversion) == {"p1": expected}


def test_a_date_lies_between_two_moments_that_have_none(tmp_path: Path) -> None:
    made = convert_made(tmp_path, participants="person;start\np1;2024-03-01\np2;\n", outcomes=outcomes_at("voor", "na"))
    assert starts_of(made) == {"p1": 1, "p2": None}
    assert "start_between_moments" in {note.code for note in made.notes}


def test_after_in_dutch_is_a_moment_and_not_a_missing_time(tmp_path: Path) -> None:
    made = convert_made(
        tmp_path, participants="person;start\np1;na\n", outcomes="person;moment;score\np1;voor;5\np1;na;6\n"
    )
    assert times_of(made) == [0, 1]
    assert not made.rejected_total
    assert starts_of(made) == {"p1": 1}


def test_zeros_that_one_file_lost_do_not_keep_people_apart(tmp_path: Path) -> None:
    made = convert_made(
        tmp_path,
        participants="person;start\n00123;2024-03\n00045;\n",
        outcomes="person;time;score\n123;2024-01;5\n45;2024-01;6\n7;2024-01;7\n",
    )
    assert made.outcomes_kept == 2
    assert {row.value for row in made.rejected} == {"7"}
    codes = {note.code for note in made.notes}
    assert "ids_matched_without_zeros" in codes
    assert "ids_differ_in_zeros" not in codes


def test_ids_that_differ_in_zeros_within_a_file_stay_apart(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as caught:
        convert_made(
            tmp_path,
            participants="person;start\n0012;2024-03\n012;\n",
            outcomes="person;time;score\n12;2024-01;5\n",
        )
    assert caught.value.problem.code == "nothing_left"


@pytest.mark.parametrize("header", ["Startdatum training", "Datum training 2025", "Getraind op (datum)"])
def test_a_longer_name_of_the_start_is_still_the_start(header: str, tmp_path: Path) -> None:
    made = convert_made(
        tmp_path, participants=f"person;{header}\np1;2024-03\np2;\n", outcomes=outcomes_at("2024-01", "2024-06")
    )
    assert made.columns.participants.start == header


def test_a_wide_file_counts_its_values_and_not_its_rows(tmp_path: Path) -> None:
    made = convert_made(
        tmp_path,
        participants="person;start\np1;2024-02\np2;\n",
        outcomes="person;2024-01;2024-02\np1;5;6\np2;5;7\nTotaal;10;13\n",
    )
    assert (made.outcomes_kept, made.outcomes_rows) == (4, 6)


def test_two_figures_become_years_only_when_the_starts_are(tmp_path: Path) -> None:
    conversion = convert_made(tmp_path, participants="person;start\np1;1976\n", outcomes=outcomes_at("74", "78"))
    assert conversion.tables.scale.unit == "year"
    assert times_of(conversion) == [1974, 1978]
    assert "short_years" in {note.code for note in conversion.notes}


def test_starts_of_another_kind_than_the_times_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as caught:
        convert_made(tmp_path, outcomes=outcomes_at("wave 1", "wave 2"))
    assert caught.value.problem.code == "starts_not_comparable"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1,5", "1.234,56", "1.000"), [1.5, 1234.56, 1000.0]),
        (("1.5", "1,234.56", "1,000"), [1.5, 1234.56, 1000.0]),
        (("12%", "12,5 %"), [12.0, 12.5]),
        (("€ 1.234,50", "€ 12,-", "EUR 3"), [1234.5, 12.0, 3.0]),
        (("1 234,5", "−3", "+4", "1e3"), [1234.5, -3.0, 4.0, 1000.0]),
        (("0.123", "1.500"), [0.123, 1.5]),
    ],
)
def test_numbers_are_read_as_their_column_writes_them(
    cells: tuple[str, ...], expected: list[float], tmp_path: Path
) -> None:
    rows = "".join(f"p1;2024-0{n};{cell}\n" for n, cell in enumerate(cells, start=1))
    assert values_of(convert_made(tmp_path, outcomes=f"person;time;score\n{rows}")) == expected


@pytest.mark.parametrize(
    ("header", "outcome", "unit", "periods"),
    [
        ("re74;re75", "re", "number", [74, 75]),
        ("y2004;y2005", "outcomes", "year", [2004, 2005]),
        ("score_pre;score_post", "score", "moment", [0, 1]),
        ("Score jan 2024;Score feb 2024", "Score", "month", [24288, 24289]),
        ("meting 1;meting 2", "outcomes", "number", [1, 2]),
        ("2024Q1;2024Q2", "outcomes", "quarter", [8096, 8097]),
    ],
)
def test_columns_named_after_periods_are_read_as_periods(
    header: str, outcome: str, unit: str, periods: list[int], tmp_path: Path
) -> None:
    conversion = convert_made(tmp_path, participants="person;team\np1;A\n", outcomes=f"person;{header}\np1;5;6\n")
    assert conversion.tables.scale.unit == unit
    assert times_of(conversion) == periods
    assert {row["outcome"] for row in rows_of(conversion.tables.outcomes)} == {outcome}


def test_an_outcome_without_a_name_is_called_after_its_file(tmp_path: Path) -> None:
    names = ("wie.csv", "verzuim 2024.csv")
    made = convert_made(tmp_path, outcomes="person;2024-01;2024-02\np1;5;6\n", names=names)
    assert {row["outcome"] for row in rows_of(made.tables.outcomes)} == {"verzuim 2024"}


@pytest.mark.parametrize("header", ["Startdatum training", "Datum cursus", "start date of course", "Begin traject"])
def test_a_start_is_recognised_in_a_longer_name(header: str, tmp_path: Path) -> None:
    made = convert_made(tmp_path, participants=f"person;{header};age\np1;2024-02;30\np2;;40\n")
    assert made.columns.participants.start == header


@pytest.mark.parametrize("header", ["Einddatum training", "Startdatum dienstverband", "Kosten training"])
def test_another_date_or_another_thing_about_the_training_is_no_start(header: str, tmp_path: Path) -> None:
    made = convert_made(tmp_path, participants=f"person;{header};age\np1;2024-02;30\np2;;40\n")
    assert made.columns.participants.start is None


def test_several_outcomes_side_by_side_keep_their_names(tmp_path: Path) -> None:
    wide = "person;score_voor;score_na;omzet_voor;omzet_na\np1;1;2;1.000,5;2000\n"
    conversion = convert_made(tmp_path, participants=TREATED, outcomes=wide)
    assert [(row["outcome"], row["value"]) for row in rows_of(conversion.tables.outcomes)] == [
        ("omzet", 1000.5),
        ("omzet", 2000.0),
        ("score", 1.0),
        ("score", 2.0),
    ]


def test_three_hundred_columns_are_three_hundred_periods(tmp_path: Path) -> None:
    months = [f"{2000 + n // 12}-{n % 12 + 1:02d}" for n in range(299)]
    wide = f"person;{';'.join(months)}\np1;{';'.join('1' * 299)}\n"
    assert convert_made(tmp_path, outcomes=wide).outcomes_kept == 299


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encoding_and_delimiter_do_not_matter(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = "naam;maand;score\nrené;2024-01;5\nzoë;2024-01;6\n".replace(";", delimiter)
    people = "naam;start\nRené;2024-01\nZoë;\n".replace(";", delimiter)
    conversion = convert_made(tmp_path, participants=text(people, encoding), outcomes=text(rows, encoding))
    assert starts_of(conversion) == {"René": 24288, "Zoë": None}
    assert (conversion.outcomes_kept, conversion.rejected_total) == (2, 0)


def test_ids_are_compared_without_spaces_and_capitals_and_keep_their_zeros(tmp_path: Path) -> None:
    conversion = convert_made(
        tmp_path,
        participants="id;start\n 007 ;2024-01\nAb;\n",
        outcomes="id;time;score\n007;2024-01;5\nAB ;2024-01;6\n",
    )
    assert [row["person"] for row in rows_of(conversion.tables.outcomes)] == ["007", "Ab"]


def test_quoted_line_breaks_do_not_shift_the_row_numbers(tmp_path: Path) -> None:
    rows = 'person;time;remark;score\np1;2024-01;"two\nlines";5\n\np2;2024-01;x;zeven\n'
    (problem,) = convert_made(tmp_path, outcomes=rows, value="score").rejected
    assert (problem.row, problem.value) == (4, "zeven")


def test_the_outcomes_of_a_rejected_participant_say_so(tmp_path: Path) -> None:
    conversion = convert_made(tmp_path, participants=PEOPLE.replace("p1;2024-03", "p1;straks"))
    assert conversion.reasons == {"person_rejected": 6, "start_unreadable": 1}


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    head, *rows = SCORES.splitlines(keepends=True)
    rows += ["p1;1 jan 2024;2,5\n", "p2;2024-07;zeven\n", "p3;2024-02;9\n", "p9;2024-01;1\n"]
    shuffled, (top, *people) = random.Random(4).sample(rows, len(rows)), PEOPLE.splitlines(keepends=True)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = convert_made(tmp_path / "a", outcomes=head + "".join(rows))
    two = convert_made(tmp_path / "b", participants=top + "".join(people[::-1]), outcomes=head + "".join(shuffled))
    assert one.reasons == two.reasons
    for name in ("participants", "outcomes"):
        assert getattr(one.tables, name).read_bytes() == getattr(two.tables, name).read_bytes()


def test_a_workbook_gives_the_same_tables_as_the_same_text(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    rows = "".join(";".join(str(cell) for cell in row) + "\n" for row in score_rows())
    one = convert_made(tmp_path / "a", outcomes=rows)
    two = convert_made(tmp_path / "b", outcomes=sheet(score_rows()), names=("p.csv", "o.xlsx"))
    assert rows_of(one.tables.outcomes) == rows_of(two.tables.outcomes)


@pytest.mark.parametrize("maker", [sheet([["Report"], [], *score_rows(), ["p1", "2024-05", "zeven"]])])
def test_rows_of_a_sheet_are_numbered_as_on_the_sheet(maker: Maker, tmp_path: Path) -> None:
    (problem,) = convert_made(tmp_path, outcomes=maker, names=("p.csv", "o.xlsx")).rejected
    assert (problem.row, problem.column) == (12, "score")


def test_covariates_are_numbers_or_categories_and_never_names(tmp_path: Path) -> None:
    people = "person;start;age;gender;email\n" + "".join(f"p{n};;{20 + n};{'mv'[n % 2]};p{n}@x\n" for n in range(1, 5))
    row = rows_of(convert_made(tmp_path, participants=people).tables.participants)[0]
    assert row == {"person": "p1", "start": None, "team": None, "arm": None, "x_age": 21.0, "x_gender": "v"}


def test_one_file_can_hold_both_and_its_rows_can_be_the_persons(tmp_path: Path) -> None:
    lalonde = reference("lalonde_nsw_dw.csv")
    conversion = convert_here(lalonde, lalonde, folder=tmp_path, covariates="age,educ")
    assert {"same_file", "rows_are_persons", "start_is_yes_or_no"} <= {note.code for note in conversion.notes}
    assert (conversion.participants_kept, conversion.outcomes_kept, conversion.rejected_total) == (445, 3 * 445, 0)
    treated = {person for person, start in starts_of(conversion).items() if start == 78}
    assert len(treated) == published("lalonde_nsw_dw")["n_treated"][0]


def test_the_absenteeism_set_is_imported_with_every_row_accounted_for(tmp_path: Path) -> None:
    path = reference("absenteeism_uci.csv")
    overrides = {"id": "ID", "time": "Month of absence", "value": "Absenteeism time in hours"}
    conversion = convert_here(path, path, folder=tmp_path, **overrides)
    assert conversion.outcomes_rows == published("absenteeism_uci")["rows"][0]
    assert conversion.participants_kept == published("absenteeism_uci")["employees"][0]
    assert conversion.outcomes_kept + conversion.rejected_total == conversion.outcomes_rows
    assert "sensitive_columns" in {note.code for note in conversion.notes}


def test_the_attrition_set_gives_its_published_rate(tmp_path: Path) -> None:
    path = reference("hr_attrition.csv")
    conversion = convert_here(path, path, folder=tmp_path, start="OverTime", value="Attrition")
    values = [float(str(value)) for value in values_of(conversion)]
    expected, tolerance = published("hr_attrition")["attrition_rate"]
    assert len(values) == published("hr_attrition")["n"][0]
    assert sum(values) / len(values) == pytest.approx(expected, abs=tolerance)


def test_a_column_without_a_period_cannot_be_chosen_as_one(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError) as caught:
        convert_made(tmp_path, outcomes="person;2024-01;colour\np1;5;6\n", periods="2024-01,colour")
    assert caught.value.problem.code == "header_without_period"
