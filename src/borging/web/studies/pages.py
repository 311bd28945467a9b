"""What the page of a study shows, by how far the study is."""

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from borging.connectors.files import Problem, text
from borging.effects.models import AT_WORK, Status, Study
from borging.effects.writes import SETTLED
from borging.web.studies import mapping, reports
from borging.web.studies.forms import ReplaceFilesForm

Page = tuple[str, dict[str, Any]]
"""A template and its context."""


@dataclass(frozen=True, kw_only=True)
class State:
    """How far a study is, in words, with an icon; tone: go, fix (somebody has to act) or busy."""

    words: str
    icon: str
    tone: str


def state_of(study: Study) -> State:
    waiting = (_("waits its turn"), "loader", "busy")
    states = {
        Status.INSPECTING: (_("reading the files"), "loader", "busy"),
        Status.MAPPING: (_("waits for you"), "hand", "fix"),
        Status.WORKING: (_("calculating"), "loader", "busy"),
        Status.READY: (_("ready"), "check", "go"),
        Status.UNUSABLE: (_("a file needs mending"), "hand", "fix"),
        Status.FAILED: (_("went wrong"), "hand", "fix"),
    }
    words, icon, tone = states.get(Status(study.status), waiting)
    return State(words=words, icon=icon, tone=tone)


def example_title() -> str:
    """The experiment's own name, the same in every language."""
    return "National Supported Work, 1975–1977"


def upload_limit() -> str:
    return f"{settings.UPLOAD_MAX_BYTES // 1024**2} MB"


def reader_language() -> reports.Language:
    return cast(reports.Language, get_language() or "en")


def page_of(study: Study) -> Page:
    """The template and context of the one page of a study."""
    if study.status in AT_WORK:
        return "studies/progress.html", {"study": study, **_progress(study)}
    if study.status == Status.READY:
        return _report(study)
    if study.status == Status.MAPPING:
        return _mapping(study)
    return _stopped(study)


def _progress(study: Study) -> dict[str, Any]:
    stages = {
        "reading": (_("Reading the files"), _("Which columns are there, and what is in them?")),
        "checking": (_("Checking every row"), _("Rows that cannot be used are listed, never dropped in silence.")),
        "calculating": (_("Calculating"), _("The strongest comparison these files allow, with its margin.")),
    }
    waiting = (_("Waiting its turn"), _("The server is busy with something else; this comes next."))
    stage, explanation = stages.get(study.stage, waiting)
    return {"stage": stage, "explanation": explanation, "percent": round(100 * study.progress)}


def _mapping(study: Study) -> Page:
    return "studies/mapping.html", {
        "study": study,
        "sheets": mapping.sheets_of(study),
        "questions": mapping.open_questions(study),
        "form": ReplaceFilesForm(),
        "limit": upload_limit(),
    }


def columns_of(study: Study) -> Page | None:
    """What each column is, to be settled anew; None while there is nothing to settle."""
    return _mapping(study) if study.status in SETTLED and study.inspection else None


def _report(study: Study) -> Page:
    from borging.figures.pages import fragment

    report = reports.report_of(study, language=reader_language())
    return "studies/report.html", {"study": study, "report": report, "fragment": fragment(report)}


def _reason(problem: Problem) -> str:
    """The page names the file itself; a row or a column is said in the sentence."""
    return text.what(problem) if problem.row is None and problem.column is None else text.reason(problem)


def _stopped(study: Study) -> Page:
    stored = study.problem or {}
    context: dict[str, Any] = {"study": study, "form": ReplaceFilesForm(), "limit": upload_limit()}
    if study.status == Status.FAILED:
        context["error_id"] = stored["params"]["error_id"]
    else:
        problem = Problem(**stored)
        file = {"participants": study.participants_name, "outcomes": study.outcomes_name}.get(problem.file or "", "")
        context |= {"file": file, "reason": _reason(problem), "remedy": text.remedy(problem)}
    return "studies/stopped.html", context
