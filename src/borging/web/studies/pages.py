"""What the page of a study shows, by how far the study is."""

from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from borging.effects.models import AT_WORK, Status, Study
from borging.web.studies import reports

Page = tuple[str, dict[str, Any]]
"""A template and its context."""


def upload_limit() -> str:
    return filesizeformat(settings.UPLOAD_MAX_BYTES)


def page_of(study: Study) -> Page:
    """The template and context of the one page of a study."""
    if study.status in AT_WORK:
        return "studies/progress.html", {"study": study, **_progress(study)}
    if study.status == Status.READY:
        return _report(study)
    return "studies/stopped.html", {"study": study}


def _progress(study: Study) -> dict[str, Any]:
    stages = {
        "reading": (_("Reading the files"), _("Which columns are there, and what is in them?")),
        "checking": (_("Checking every row"), _("Rows that cannot be used are listed, never dropped in silence.")),
        "calculating": (_("Calculating"), _("The strongest comparison these files allow, with its margin.")),
    }
    waiting = (_("Waiting its turn"), _("Another study is being calculated; this one comes next."))
    stage, explanation = stages.get(study.stage, waiting)
    return {"stage": stage, "explanation": explanation, "percent": round(100 * study.progress)}


def _report(study: Study) -> Page:
    from borging.figures.pages import fragment

    report = reports.report_of(study, language=get_language() or "en")
    return "studies/report.html", {"study": study, "report": report, "fragment": fragment(report)}


def columns_from(data: QueryDict) -> dict[str, Any]:
    return {}
