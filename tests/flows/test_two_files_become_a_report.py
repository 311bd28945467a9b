"""Two files go in through the pages, the worker does its part, and a report comes out: all without a script."""

import io
import re
import zipfile

import pytest
from django.test import Client

from borging import tick
from borging.effects.models import Status, Study
from tests.web import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return makers.client_of(makers.account())


def upload(client: Client, *, participants: str, outcomes: str, assignment: str = "choice", **amounts: str) -> Study:
    answer = client.post(
        "/studies/new",
        {
            "participants": makers.csv_file("people.csv", participants),
            "outcomes": makers.csv_file("months.csv", outcomes),
            "assignment": assignment,
            **amounts,
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    return Study.objects.get()


def page(client: Client, study: Study) -> str:
    return str(client.get(f"/studies/{study.pk}/").content.decode())


def chosen(html: str) -> dict[str, str | list[str]]:
    """What a browser would send if the form were sent as it stands."""
    data: dict[str, str | list[str]] = {}
    for select in re.finditer(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        option = re.search(r'<option value="([^"]*)" selected', select[2])
        data[select[1]] = option[1] if option else ""
    for box in re.finditer(r'<input type="(?:checkbox|radio)" name="([^"]+)" value="([^"]*)" checked', html):
        data.setdefault(box[1], [])
        values = data[box[1]]
        assert isinstance(values, list)
        values.append(box[2])
    return data


def test_the_example_goes_from_button_to_report_and_leaves_in_every_form(client: Client) -> None:
    client.post("/studies/example")
    study = Study.objects.get()
    assert "Waiting its turn" in page(client, study)

    tick.sweep()
    asked = page(client, study)
    assert "Did we understand the files?" in asked
    assert chosen(asked)["outcomes-value"] == "earnings"

    client.post(f"/studies/{study.pk}/columns", chosen(asked))
    tick.sweep()
    report = page(client, study)
    assert "1,794" in report
    assert "185 of 185" in report
    assert "Rung 6" in report

    starts = {"pdf": b"%PDF", "pptx": b"PK", "xlsx": b"PK", "html": b"<!doctype html>"}
    for form, start in starts.items():
        answer = client.get(f"/studies/{study.pk}/report.{form}")
        assert answer.content[: len(start)].lower() == start.lower(), form
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["Content-Disposition"].endswith(f'.{form}"')


def test_a_cost_and_what_a_unit_is_worth_give_a_return_as_a_range(client: Client) -> None:
    participants, outcomes = (makers.example(kind).read().decode() for kind in ("participants", "outcomes"))
    amounts = {"assignment": "lottery", "cost": "100.000", "unit_value": "0,5"}
    study = upload(client, participants=participants, outcomes=outcomes, **amounts)
    tick.sweep()
    client.post(f"/studies/{study.pk}/columns", chosen(page(client, study)))
    tick.sweep()
    report = page(client, study)
    assert "Return on investment (ROI)" in report
    assert "165,977" in report  # 185 people × 1,794.34 × 0.5


def test_the_report_and_its_files_speak_the_language_of_the_reader(client: Client) -> None:
    client.post("/studies/example")
    study = Study.objects.get()
    tick.sweep()
    client.post(f"/studies/{study.pk}/columns", chosen(page(client, study)))
    tick.sweep()
    client.post("/language", {"language": "nl", "next": f"/studies/{study.pk}/"})
    assert "Trede 6" in page(client, study)
    slides = zipfile.ZipFile(io.BytesIO(client.get(f"/studies/{study.pk}/report.pptx").content))
    words = "".join(slides.read(name).decode() for name in slides.namelist() if name.startswith("ppt/slides/slide"))
    assert "Trede 6" in words


def test_a_wide_dutch_export_is_understood_and_its_double_row_can_be_downloaded(client: Client) -> None:
    study = upload(client, participants=makers.people(), outcomes=makers.months(), cost="€ 12.500,50")
    assert study.options["cost"] == 12500.5
    assert study.title == "months"
    tick.sweep()
    asked = chosen(page(client, study))
    assert asked["shape"] == ["wide"]
    assert asked["outcomes-periods"] == ["jan 2025", "feb 2025", "mrt 2025"]

    client.post(f"/studies/{study.pk}/columns", asked)
    tick.sweep()
    study.refresh_from_db()
    assert (study.status, study.rejected) == (Status.READY, 1)
    rows = client.get(f"/studies/{study.pk}/left-out.csv").getvalue().decode("utf-8-sig").splitlines()
    assert rows[0].startswith("File;Row;Column;Value;")
    assert rows[1].startswith("people.csv;42;")
    assert "row 42" not in rows[1], "the row has a column of its own"
    assert len(rows) == 2


def test_other_columns_than_guessed_are_what_is_calculated_with(client: Client) -> None:
    long = "code,month,score,other\n" + "\n".join(
        f"{i},2025-0{month},{i % 3 + month},{100 + i % 5}" for i in range(40) for month in (1, 2, 3)
    )
    study = upload(client, participants=makers.people(), outcomes=long)
    tick.sweep()
    asked = chosen(page(client, study))
    client.post(f"/studies/{study.pk}/columns", {**asked, "outcomes-value": "other", "shape": "long"})
    study.refresh_from_db()
    assert study.columns is not None
    assert study.columns["outcomes"]["value"] == "other"
    assert study.columns["outcomes"]["periods"] == []


def test_a_column_that_is_in_no_file_cannot_be_chosen(client: Client) -> None:
    study = upload(client, participants=makers.people(), outcomes=makers.months())
    tick.sweep()
    asked = chosen(page(client, study))
    client.post(
        f"/studies/{study.pk}/columns", {**asked, "participants-team": "../../secret", "participants-arm": "arm"}
    )
    study.refresh_from_db()
    assert study.columns is not None
    assert (study.columns["participants"]["team"], study.columns["participants"]["arm"]) == (None, None)


def test_an_unusable_file_gets_its_sentence_and_its_remedy_and_can_be_replaced(client: Client) -> None:
    study = upload(client, participants="%PDF-1.7 this is no table", outcomes=makers.months())
    tick.sweep()
    stopped = page(client, study)
    assert "This is a PDF, not a table." in stopped
    assert "Ask for the figures behind it as XLSX or CSV." in stopped

    client.post(f"/studies/{study.pk}/files", {"participants": makers.csv_file("better.csv", makers.people())})
    tick.sweep()
    study.refresh_from_db()
    assert (study.status, study.participants_name, study.outcomes_name) == (Status.MAPPING, "better.csv", "months.csv")
    assert "Did we understand the files?" in page(client, study)


def test_columns_without_a_person_say_so_when_they_are_sent_all_the_same(client: Client) -> None:
    study = upload(client, participants=makers.people(), outcomes=makers.months())
    tick.sweep()
    client.post(f"/studies/{study.pk}/columns", {**chosen(page(client, study)), "outcomes-person": ""})
    tick.sweep()
    study.refresh_from_db()
    assert study.status == Status.UNUSABLE
    assert "Read the files again" in page(client, study)


def test_a_participants_file_without_a_start_is_a_question_before_it_is_calculated(client: Client) -> None:
    study = upload(client, participants=makers.people().replace("Startdatum", "Kolom B"), outcomes=makers.months())
    tick.sweep()
    asked = page(client, study)
    assert "Still to settle" in asked
    assert "No column says when somebody was trained" in asked


def test_a_form_with_gaps_says_what_is_missing_and_makes_nothing(client: Client) -> None:
    answer = client.post("/studies/new", {"participants": makers.csv_file("empty.csv", ""), "cost": "a lot"})
    html = answer.content.decode()
    assert answer.status_code == 422
    for sentence in ("The submitted file is empty", "Choose the file with the measurements", "Say how it was decided"):
        assert sentence in html
    assert "Write the amount in figures" in html
    assert not Study.objects.exists()


def test_a_deleted_study_leaves_no_file_behind(client: Client) -> None:
    study = upload(client, participants=makers.people(), outcomes=makers.months())
    folder = study.folder
    assert sorted(path.name for path in folder.iterdir()) == ["outcomes.csv", "participants.csv"]
    assert "for good" in client.get(f"/studies/{study.pk}/delete").content.decode()
    client.post(f"/studies/{study.pk}/delete")
    assert not folder.exists()
    assert client.get(f"/studies/{study.pk}/").status_code == 404


def test_the_progress_part_asks_for_the_whole_page_once_the_study_is_further(client: Client) -> None:
    study = upload(client, participants=makers.people(), outcomes=makers.months())
    moving = client.get(f"/studies/{study.pk}/progress")
    assert "HX-Refresh" not in moving.headers
    assert "aria-live" in moving.content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page(client, study)
    tick.sweep()
    assert client.get(f"/studies/{study.pk}/progress").headers["HX-Refresh"] == "true"


def test_a_formula_in_a_file_is_never_a_formula_in_what_we_give_back(client: Client) -> None:
    people = makers.people() + '\n"=HYPERLINK(""http://example.org"")";99;30\n@SUM(1);2025-99-99;30'
    study = upload(client, participants=people, outcomes=makers.months())
    tick.sweep()
    client.post(f"/studies/{study.pk}/columns", chosen(page(client, study)))
    tick.sweep()
    csv = client.get(f"/studies/{study.pk}/left-out.csv").getvalue().decode("utf-8-sig")
    cells = [cell.strip('"') for line in csv.splitlines() for cell in line.split(";")]
    assert [cell for cell in cells if cell[:1] in ("=", "@", "+", "-")] == []
