"""What a report tells about how alike the groups were, and whom it never points at."""

import json
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from django.utils import translation
from openpyxl import load_workbook

from borging.effects import story
from borging.effects.jobs import analyse
from borging.effects.records import to_json
from borging.effects.rules import Assignment, Options, OutcomeResult, StudyResult
from borging.figures.documents import pdf
from borging.figures.pages import standalone
from borging.figures.rules import Report
from borging.figures.sheets import xlsx
from borging.figures.slides import pptx
from tests.effects.tables import People
from tests.effects.test_story import NOTHING_LEFT_OUT

Words = list[str]


def drawn(trained: Words, others: Words, *, folder: Path, minimum: int = 5) -> StudyResult:
    """A study after a lottery of people of whom one thing is known."""
    rng = np.random.default_rng(1)
    people = People(
        start=[2] * len(trained) + [None] * len(others),
        values=[{2: float(value)} for value in rng.normal(size=len(trained) + len(others))],
        covariates={"job": trained + others},
        unit="number",
    )
    return analyse(tables=people.write(folder), options=Options(assignment=Assignment.LOTTERY, minimum=minimum))


def job(found: StudyResult) -> dict[str, tuple[int, int]]:
    """How many trained and others each row of the balance table tells of, of 40 each."""
    (result,) = found.outcomes
    return {
        "others" if row.others else row.level: (round(40 * row.trained), round(40 * row.comparison))
        for row in result.balance
    }


def report(found: StudyResult) -> Report:
    return story.tell(found, language="en", title="t", made_on=date(2026, 11, 23), left_out=NOTHING_LEFT_OUT)


def test_a_rare_category_counts_with_the_others(tmp_path: Path) -> None:
    trained: Words = ["nurse"] * 20 + ["clerk"] * 12 + ["driver"] * 4 + ["pilot"] * 4
    others: Words = ["nurse"] * 20 + ["clerk"] * 12 + ["driver"] * 6 + ["pilot"] * 2
    found = drawn(trained, others, folder=tmp_path)
    assert job(found) == {"nurse": (20, 20), "clerk": (12, 12), "others": (8, 8)}


def test_one_rare_category_takes_the_next_along_or_the_rest_would_give_it_away(tmp_path: Path) -> None:
    trained: Words = ["nurse"] * 20 + ["clerk"] * 18 + ["pilot"] * 2
    others: Words = ["nurse"] * 20 + ["clerk"] * 20
    found = drawn(trained, others, folder=tmp_path)
    assert job(found) == {"nurse": (20, 20), "others": (20, 20)}


def test_categories_past_the_commonest_six_are_told_together(tmp_path: Path) -> None:
    people: Words = [f"job {n % 8}" for n in range(40)]
    found = drawn(people, people, folder=tmp_path)
    assert job(found) == {f"job {n}": (5, 5) for n in range(6)} | {"others": (10, 10)}


def test_a_higher_minimum_holds_more_together(tmp_path: Path) -> None:
    people: Words = ["nurse"] * 24 + ["clerk"] * 8 + ["driver"] * 8
    assert set(job(drawn(people, people, folder=tmp_path))) == {"nurse", "clerk", "driver"}
    assert set(job(drawn(people, people, folder=tmp_path, minimum=10))) == {"nurse", "others"}


@pytest.mark.parametrize("numbers", [False, True])
def test_with_two_categories_of_which_one_is_rare_nothing_is_shown_in_any_form(numbers: bool, tmp_path: Path) -> None:
    trained: Words = ["man"] * 38 + ["woman"] * 2
    others: Words = ["man"] * 20 + ["woman"] * 20
    found = drawn(trained, others, folder=tmp_path)
    if numbers:
        found = _as_numbers(trained + others, folder=tmp_path)
    (result,) = found.outcomes
    assert (result.balance, result.balance_hidden) == ((), ("job",))
    _assert_hidden(result)
    told = report(found)
    rendered = _written_out(told)
    assert all("Not shown: job." in text for text in rendered)
    assert not any("Averages before the start" in text for text in rendered)
    assert not any("woman" in text for text in (*rendered, json.dumps(to_json(result))))


def _as_numbers(words: Words, *, folder: Path) -> StudyResult:
    people = People(
        start=[2] * 40 + [None] * 40,
        values=[{2: float(value)} for value in np.random.default_rng(1).normal(size=80)],
        covariates={"job": [float(word == "woman") for word in words]},
        unit="number",
    )
    return analyse(tables=people.write(folder), options=Options(assignment=Assignment.LOTTERY))


def _assert_hidden(result: OutcomeResult) -> None:
    """The condition still counts what it may not show, without its size."""
    (likeness,) = [gate for gate in result.gates if gate.code == "likeness"]
    assert likeness.passed is False
    assert likeness.params == {"name": "job"}
    with translation.override("en"):
        assert "they differ more than 0.25 standard deviations in job" in " ".join(story.reasons(result))


def _written_out(told: Report) -> list[str]:
    """Everything a reader can find in the page, the workbook, the slides (notes included)."""
    from pptx import Presentation

    sheets = load_workbook(BytesIO(xlsx(told)))
    cells = " ".join(str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row)
    deck = Presentation(BytesIO(pptx(told)))
    notes = " ".join(slide.notes_slide.notes_text_frame.text for slide in deck.slides if slide.has_notes_slide)
    assert pdf(told).startswith(b"%PDF")
    return [standalone(told), cells, notes]


def test_an_average_known_of_too_few_people_is_not_shown(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    age: list[float | None] = [float(n) if n < 3 or n >= 40 else None for n in range(80)]
    people = People(
        start=[2] * 40 + [None] * 40,
        values=[{2: float(value)} for value in rng.normal(size=80)],
        covariates={"age": age},
        unit="number",
    )
    (found,) = analyse(tables=people.write(tmp_path), options=Options(assignment=Assignment.LOTTERY)).outcomes
    assert found.balance_hidden == ("age",)


def test_a_category_does_not_keep_the_adjusted_analysis_away(tmp_path: Path) -> None:
    people: Words = ["nurse"] * 24 + ["clerk"] * 16
    (found,) = drawn(people, people, folder=tmp_path).outcomes
    assert "characteristics" in [other.code for other in found.alternatives]
