"""A finished study as something to read: the report in the viewer's language, and the files it can leave in."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.connectors.files import Problem, text
from borging.effects import records, story
from borging.effects.models import Study
from borging.figures.rules import Report

Language = Literal["nl", "en"]
IN_THE_WORKBOOK = 1_000
"""Left-out rows listed there; the CSV has all of them."""


@dataclass(frozen=True, kw_only=True)
class FileForm:
    """A form a report can leave in; `render` loads its library only when it is used."""

    content_type: str
    render: Callable[[Report], bytes]
    rows: int = story.MOST_ROWS_SHOWN


def _pdf(report: Report) -> bytes:
    from borging.figures import documents

    return documents.pdf(report)


def _pptx(report: Report) -> bytes:
    from borging.figures import slides

    return slides.pptx(report)


def _xlsx(report: Report) -> bytes:
    from borging.figures import sheets

    return sheets.xlsx(report)


def _html(report: Report) -> bytes:
    from borging.figures import pages

    return pages.standalone(report).encode()


OFFICE = "application/vnd.openxmlformats-officedocument."
FORMS = {
    "pdf": FileForm(content_type="application/pdf", render=_pdf),
    "pptx": FileForm(content_type=OFFICE + "presentationml.presentation", render=_pptx),
    "xlsx": FileForm(content_type=OFFICE + "spreadsheetml.sheet", render=_xlsx, rows=IN_THE_WORKBOOK),
    "html": FileForm(content_type="text/html; charset=utf-8", render=_html),
}


def report_of(study: Study, *, language: Language, rows: int = story.MOST_ROWS_SHOWN) -> Report:
    """The report of a finished study, dated on the day it was finished."""
    finished_at = study.finished_at or study.created_at
    return story.tell(
        records.result_from_json(study.result or {}),
        language=language,
        title=study.title,
        made_on=timezone.localtime(finished_at).date(),
        left_out=_left_out(study, rows=rows),
        most_rows=rows,
    )


def _left_out(study: Study, *, rows: int) -> story.LeftOut:
    stored: dict[str, Any] = study.left_out or {}
    counts = ("participants_rows", "participants_kept", "outcomes_rows", "outcomes_kept")
    return story.LeftOut(
        rows=tuple(map(_row, islice(rejected(study), rows))),
        total=study.rejected,
        notes=tuple(text.sentence(Problem(**note)) for note in stored.get("notes", ())),
        **{name: stored.get(name, 0) for name in counts},
    )


def _row(problem: Problem) -> story.LeftOutRow:
    return story.LeftOutRow(
        file=problem.file or "",
        row=problem.row,
        column=problem.column or "",
        place=text.where(problem),
        reason=text.what(problem),
        remedy=text.remedy(problem),
    )


def rejected(study: Study) -> Iterator[Problem]:
    """Every row that does not count, in the order of the files."""
    if study.rejected_path.exists():
        with study.rejected_path.open(encoding="utf-8") as lines:
            for line in lines:
                yield Problem(**json.loads(line))


def left_out_csv(study: Study, *, language: Language) -> Iterator[str]:
    """The rejected rows as CSV, line by line, so that a million of them take no memory.

    Semicolons and a byte order mark, because that is what a Dutch Excel opens; no cell can start a formula.
    """
    files = {"participants": study.participants_name, "outcomes": study.outcomes_name}
    with override(language):
        heads = (_("File"), _("Row"), _("Column"), _("Value"), _("Why it does not count"), _("What to do"))
    yield "\ufeff" + _line(*heads)
    for problem in rejected(study):
        with override(language):  # per row: this runs after the view has gone
            row = _row(problem)
        yield _line(
            files.get(row.file, row.file), row.row or "", row.column, problem.value or "", row.reason, row.remedy
        )


def _line(*cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: Any) -> str:
    """A text that a spreadsheet program would run gets an apostrophe before it."""
    plain = str(cell)
    return f"'{plain}" if plain[:1] in "=+-@\t\r\n＝＋－＠" and plain else plain
