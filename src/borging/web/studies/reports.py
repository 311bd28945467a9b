"""A finished study as something to read: the report in the viewer's language, and the files it can leave in."""

from collections.abc import Callable
from dataclasses import dataclass

from borging.effects.models import Study
from borging.figures.rules import Report


@dataclass(frozen=True, kw_only=True)
class FileForm:
    """A form a report can leave in; `render` loads its library only when it is used."""

    content_type: str
    render: Callable[[Report], bytes]


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
    "xlsx": FileForm(content_type=OFFICE + "spreadsheetml.sheet", render=_xlsx),
    "html": FileForm(content_type="text/html; charset=utf-8", render=_html),
}


def report_of(study: Study, *, language: str) -> Report:
    raise NotImplementedError


def left_out_csv(study: Study) -> bytes:
    raise NotImplementedError
