"""Every clumsy or hostile file gets its own sentence, in two languages, that says what to do."""

from pathlib import Path

import pytest
from django.utils import translation

from borging.connectors.files import Problem, UnusableFileError
from borging.connectors.files.text import FILES, NOTES, ROWS, reason, remedy, sentence
from tests.connectors.corpus import (
    NOTED,
    NOTED_PEOPLE,
    PEOPLE,
    REJECTED,
    REJECTED_PEOPLE,
    TREATED,
    UNUSABLE,
    Maker,
)
from tests.connectors.reading_here import convert_made

ELSEWHERE = {
    "file_missing",  # test_reading
    "out_of_memory",
    "took_too_long",
    "reader_stopped",
    "override_unknown",
    "column_missing",
    "file_too_large",
    "too_many_rows",
    "name_differs",
    "same_file",  # test_tables
    "rows_are_persons",
    "ids_matched_without_zeros",
    "start_between_moments",
    "short_years",
    "staff_column_missing",  # tests/people/test_imports
    "header_is_a_person",
    "date_unreadable",
    "person_rejected",
    "starts_not_comparable",
    "header_without_period",
    "not_readable_as_csv",  # Arrow's last word about rows that the checks before it let through
}


def says_it_in_both_languages(problem: Problem) -> None:
    said = {}
    for language in ("en", "nl"):
        with translation.override(language):
            assert sentence(problem) == f"{reason(problem)} {remedy(problem)}"
            assert len(remedy(problem)) > 15
            assert "%(" not in sentence(problem)
            said[language] = sentence(problem)
    assert said["en"] != said["nl"]


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_of_which_nothing_can_be_made_says_what_to_do(name: str, tmp_path: Path) -> None:
    code, maker = UNUSABLE[name]
    with pytest.raises(UnusableFileError) as caught:
        convert_made(tmp_path, outcomes=maker, names=("participants.csv", name))
    assert caught.value.problem.code == code
    assert caught.value.problem.file == "outcomes"
    says_it_in_both_languages(caught.value.problem)


@pytest.mark.parametrize(("code", "maker"), REJECTED.values(), ids=REJECTED)
def test_a_bad_row_of_outcomes_is_named_and_the_others_stay(code: str, maker: Maker, tmp_path: Path) -> None:
    conversion = convert_made(tmp_path, outcomes=maker)
    assert code in conversion.reasons
    problem = next(problem for problem in conversion.rejected if problem.code == code)
    assert problem.file == "outcomes"
    assert problem.row
    says_it_in_both_languages(problem)
    assert conversion.outcomes_kept
    assert conversion.outcomes_kept + conversion.rejected_total == conversion.outcomes_rows


@pytest.mark.parametrize(("code", "maker"), REJECTED_PEOPLE.values(), ids=REJECTED_PEOPLE)
def test_a_bad_row_of_participants_is_named_and_the_others_stay(code: str, maker: Maker, tmp_path: Path) -> None:
    conversion = convert_made(tmp_path, participants=maker)
    problem = next(problem for problem in conversion.rejected if problem.file == "participants")
    assert problem.code == code
    says_it_in_both_languages(problem)
    assert conversion.participants_kept


@pytest.mark.parametrize(("code", "maker"), NOTED.values(), ids=NOTED)
def test_what_was_assumed_about_outcomes_is_said(code: str, maker: Maker, tmp_path: Path) -> None:
    without_dates = code in {"moments_ordered", "time_column_missing"}
    conversion = convert_made(tmp_path, outcomes=maker, participants=TREATED if without_dates else PEOPLE)
    says_it_in_both_languages(next(note for note in conversion.notes if note.code == code))


@pytest.mark.parametrize(("code", "maker"), NOTED_PEOPLE.values(), ids=NOTED_PEOPLE)
def test_what_was_assumed_about_participants_is_said(code: str, maker: Maker, tmp_path: Path) -> None:
    people = "person;time;score\n" + "".join(f"{p};2024-01;5\n" for p in ("p1", "p2", "1", "2"))
    conversion = convert_made(tmp_path, participants=maker, outcomes=people)
    says_it_in_both_languages(next(note for note in conversion.notes if note.code == code))


def test_every_sentence_has_a_file_that_earns_it() -> None:
    shown = {
        code
        for corpus in (UNUSABLE, REJECTED, REJECTED_PEOPLE, NOTED, NOTED_PEOPLE)
        for code, _maker in corpus.values()
    }
    assert {*FILES, *ROWS, *NOTES} == shown | ELSEWHERE


def test_a_sentence_names_the_row_the_column_and_the_cell() -> None:
    problem = Problem(code="value_not_a_number", file="outcomes", row=12, column="score", value="zeven")
    with translation.override("en"):
        assert sentence(problem) == (
            "Outcomes file, row 12, column score: “zeven” is not a number. Write it in digits, or leave the cell empty."
        )
    with translation.override("nl"):
        assert sentence(problem) == (
            "Bestand met uitkomsten, rij 12, kolom score: ‘zeven’ is geen getal. "
            "Schrijf het in cijfers, of laat de cel leeg."
        )
