"""The page of what was seen, its files, and somebody's own line."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
from pptx import Presentation

from borging.measure import jobs
from borging.programmes.models import Programme
from tests.measure import answers
from tests.measure.test_reads import colleague, of_learner
from tests.web import makers
from tests.web.test_pages import inline

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> Programme:
    found = answers.programme(learners=20, teams=3)
    answers.everything(answers.people(found))
    jobs.pair(programme=found, now=answers.AFTER_ALL)
    return found


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("Rung 3 · observed", "of 20", "Why don’t I see this?")),
        ("nl", ("Trede 3 · waargenomen", "Waarom zie ik dit niet?")),
    ],
)
def test_the_page_shows_figures_with_margin_rung_and_denominator(
    made: Programme, language: str, said: tuple[str, ...]
) -> None:
    assert made.owner
    html = makers.client_of(made.owner, language=language).get(f"/programmes/{made.pk}/evidence/").content.decode()
    assert [each for each in said if each not in html] == []
    assert inline(html) == []


def test_before_anything_is_released_the_page_says_what_will_come() -> None:
    empty = answers.programme(learners=6)
    assert empty.owner
    html = makers.client_of(empty.owner).get(f"/programmes/{empty.pk}/evidence/").content.decode()
    assert "Nothing has been released yet" in html
    assert "Still to come" in html


@pytest.mark.parametrize("form", ["pdf", "pptx", "xlsx"])
def test_the_same_figures_leave_as_a_file(made: Programme, form: str) -> None:
    assert made.owner
    got = makers.client_of(made.owner).get(f"/programmes/{made.pk}/evidence/report.{form}")
    assert got["Content-Disposition"] == f'attachment; filename="the-good-talk.{form}"'
    assert got.content[:4] == (b"%PDF" if form == "pdf" else b"PK\x03\x04")
    if form == "xlsx":
        assert len(openpyxl.load_workbook(io.BytesIO(got.content)).sheetnames) > 10


@pytest.mark.parametrize("language", ["nl", "en"])
def test_friday_has_one_slide_with_every_part(made: Programme, language: str) -> None:
    assert made.owner
    got = makers.client_of(made.owner, language=language).get(f"/programmes/{made.pk}/evidence/friday.pptx")
    (slide,) = Presentation(io.BytesIO(got.content)).slides
    text = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    parts = {
        "en": ("Promised", "Seen", "Margin", "± ", "Rung 3 · observed", "Decision", "not taken yet", "20 of 20"),
        "nl": ("Beloofd", "Gezien", "Marge", "± ", "Trede 3 · waargenomen", "Besluit", "nog niet genomen", "20 van 20"),
    }[language]
    assert [part for part in parts if part not in text] == []
    assert any(shape.has_chart for shape in slide.shapes)
    assert "ppt/slides/slide2.xml" not in zipfile.ZipFile(io.BytesIO(got.content)).namelist()


def test_a_programme_one_may_not_see_is_not_there(made: Programme) -> None:
    client = makers.client_of(of_learner(made))
    for page in ("", "report.pdf", "friday.pptx"):
        assert client.get(f"/programmes/{made.pk}/evidence/{page}").status_code == 404
    assert made.owner
    assert makers.client_of(made.owner).get(f"/programmes/{made.pk}/evidence/report.exe").status_code == 404


@pytest.mark.parametrize(("language", "said"), [("en", "did not come up"), ("nl", "kwam niet voor")])
def test_an_own_line_has_a_chart_with_the_same_numbers_beside_it(made: Programme, language: str, said: str) -> None:
    learner = answers.people(made)[0]
    answers.entry(
        learner, "post-learner", "last-ten", choice="no-opportunity", behaviour=made.behaviours.get(position=2)
    ).save()
    account = of_learner(made)
    html = makers.client_of(account, language=language).get("/own/line/").content.decode()
    assert html.count('<svg class="chart wide"') == 3  # two behaviours and the attempts
    assert html.count('<table class="numbers') == 4
    assert said in html
    assert inline(html) == []
    assert "±" not in html


def test_who_takes_no_part_has_no_line(made: Programme) -> None:
    html = makers.client_of(colleague(made, "root@example.org")).get("/own/line/").content.decode()
    assert "This account does not belong to a person who takes part." in html
