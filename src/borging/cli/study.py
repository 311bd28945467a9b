"""`borging study`: two files in, an honest report out. Here reading, calculating and telling come together."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from borging.connectors import files
from borging.connectors.files import text
from borging.connectors.files.rejections import read_rejections
from borging.effects import jobs, story
from borging.effects.records import to_json
from borging.effects.rules import Assignment, Options, OutcomeResult, StudyResult
from borging.figures import words
from borging.figures.rules import Figure, Finding, Report

RENDERERS = (".pdf", ".pptx", ".xlsx", ".html")


class UnusableError(Exception):
    """The input cannot be used; `sentences` say why and what to do."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked on the command line."""

    participants: Path
    outcomes: Path
    overrides: dict[str, str]
    options: Options
    title: str
    out: tuple[Path, ...]


def read_options(*, assigned_by: str, cost: float | None, unit_value: float | None, minimum: int) -> Options:
    """Raises UnusableError for a way of assigning we do not know, or a cost that is none."""
    try:
        assignment = Assignment(assigned_by)
    except ValueError:
        raise UnusableError(
            _("--assigned-by is one of: %(known)s.") % {"known": ", ".join(kind.value for kind in Assignment)}
        ) from None
    if cost is not None and cost <= 0:
        raise UnusableError(_("--cost is an amount above zero."))
    return Options(assignment=assignment, cost=cost, unit_value=unit_value, minimum=minimum)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A finished study: its numbers, its report in the asked language, and what was left out."""

    result: StudyResult
    report: Report
    left_out: story.LeftOut
    columns: files.StudyColumns
    written: tuple[Path, ...]

    def as_json(self) -> str:
        """One object per outcome; amounts that may not be shown are null."""
        rejected, columns = [to_json(row) for row in self.left_out.rows], to_json(self.columns)
        return json.dumps(
            [_outcome_json(outcome, rejected, self.left_out.total, columns) for outcome in self.result.outcomes],
            ensure_ascii=False,
            indent=2,
        )

    def show(self) -> None:
        """The findings in words, on the terminal."""
        console = Console(highlight=False, soft_wrap=True)
        for finding in self.report.findings:
            _show_finding(console, finding)
        for line in _columns_in_words(self.columns):
            console.print(line, style="dim", markup=False)
        for paragraph in self.report.closing[0].paragraphs:
            console.print(paragraph, style="dim", markup=False)
        if self.left_out.total:
            for row in self.left_out.rows[:5]:
                console.print(f"  · {row.place}: {row.reason} {row.remedy}", style="dim", markup=False)
        for path in self.written:
            console.print(_("Written: %(path)s") % {"path": path}, markup=False)
        if not self.written:
            console.print(_("For the whole report: add --out report.pdf (or .pptx, .xlsx, .html)."), style="dim")


def run(request: Request) -> Answer:
    """Read, calculate, tell, write. Raises UnusableError."""
    _check_paths(request)
    language = cast(Literal["nl", "en"], translation.get_language())
    with tempfile.TemporaryDirectory(prefix="borging-") as folder, _progress() as progress:
        try:
            conversion = files.convert(
                request.participants,
                request.outcomes,
                overrides=request.overrides,
                folder=Path(folder),
                limits=files.Limits.OWN_MACHINE,
                on_progress=progress(_("Reading")),
                unnamed=request.outcomes.stem,
            )
        except files.UnusableFileError as error:
            raise UnusableError(text.reason(error.problem), text.remedy(error.problem)) from error
        result = jobs.analyse(tables=conversion.tables, options=request.options, on_progress=progress(_("Calculating")))
        left_out = _left_out(conversion)
    today = timezone.localdate()
    report = story.tell(result, language=language, title=request.title, made_on=today, left_out=left_out)
    for path in request.out:
        _write(path, result=result, report=report, left_out=left_out, request=request, today=today)
    return Answer(result=result, report=report, left_out=left_out, columns=conversion.columns, written=request.out)


def _columns_in_words(columns: files.StudyColumns) -> list[str]:
    """Which column was taken for what, so that a wrong guess is seen and can be overruled."""
    lines = []
    for name, chosen in ((_("Participants"), columns.participants), (_("Outcomes"), columns.outcomes)):
        pairs = [(field, value) for field, value in vars(chosen).items() if value]
        read = "; ".join(
            f"--{'id' if field == 'person' else field} {','.join(value) if isinstance(value, tuple) else value}"
            for field, value in pairs
        )
        lines.append(_("%(file)s, columns as read: %(columns)s.") % {"file": name, "columns": read})
    return lines


def _check_paths(request: Request) -> None:
    for path in (request.participants, request.outcomes):
        if not path.is_file():
            raise UnusableError(_("There is no file %(path)s.") % {"path": path})
    for path in request.out:
        if path.suffix.lower() not in RENDERERS:
            raise UnusableError(
                _("%(path)s: the report can be written as %(known)s.") % {"path": path, "known": ", ".join(RENDERERS)}
            )
        if not path.absolute().parent.is_dir():
            raise UnusableError(_("The folder of %(path)s does not exist.") % {"path": path})


@contextmanager
def _progress() -> Iterator[Any]:
    """A bar on the terminal's error stream; none where that is not a terminal."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), console=console, transient=True,
        disable=not console.is_terminal,
    )  # fmt: skip

    def follow(stage: str) -> Any:
        task = bar.add_task(stage, total=1.0)
        return lambda share: bar.update(task, completed=share)

    with bar:
        yield follow


def _left_out(conversion: files.Conversion) -> story.LeftOut:
    rows = tuple(
        story.LeftOutRow(
            file=problem.file or "",
            row=problem.row,
            column=problem.column or "",
            place=text.where(problem),
            reason=text.what(problem),
            remedy=text.remedy(problem),
        )
        for problem in read_rejections(conversion.rejected_path)
    )
    return story.LeftOut(
        participants_rows=conversion.participants_rows,
        participants_kept=conversion.participants_kept,
        outcomes_rows=conversion.outcomes_rows,
        outcomes_kept=conversion.outcomes_kept,
        rows=rows,
        total=conversion.rejected_total,
        notes=tuple(text.sentence(note) for note in conversion.notes),
    )


def _write(
    path: Path, *, result: StudyResult, report: Report, left_out: story.LeftOut, request: Request, today: date
) -> None:
    """The report in the form its file name asks for; a workbook holds every row that was left out."""
    if path.suffix.lower() == ".xlsx":
        from borging.figures.sheets import xlsx

        whole = story.tell(
            result,
            language=report.language,
            title=request.title,
            made_on=today,
            left_out=left_out,
            most_rows=len(left_out.rows),
        )
        path.write_bytes(xlsx(whole))
    elif path.suffix.lower() == ".pdf":
        from borging.figures.documents import pdf

        path.write_bytes(pdf(report))
    elif path.suffix.lower() == ".pptx":
        from borging.figures.slides import pptx

        path.write_bytes(pptx(report))
    else:
        from borging.figures.pages import standalone

        path.write_text(standalone(report), encoding="utf-8")


def _outcome_json(outcome: OutcomeResult, rejected: list[Any], total: int, columns: Any) -> dict[str, Any]:
    """The promised fields first, under their promised names; then everything else the study found."""
    estimate = outcome.estimate
    head = {
        "outcome": outcome.outcome,
        "design": outcome.design.value,
        "rung": int(outcome.rung),
        "effect": estimate.value if estimate else None,
        "se": estimate.se if estimate else None,
        "low": estimate.low if estimate else None,
        "high": estimate.high if estimate else None,
        "p": estimate.p if estimate else None,
        "df": estimate.df if estimate else None,
        "n_trained": outcome.trained.n,
        "n_comparison": outcome.comparison.n,
        "refused": outcome.refused,
        "reasons": story.reasons(outcome),
        "rejected_rows": rejected,
        "rejected_total": total,
        "columns": columns,
    }
    rest = to_json(replace(outcome, reasons=()))
    return head | {name: value for name, value in rest.items() if name not in head | {"estimate": 0}}


def _show_finding(console: Console, finding: Finding) -> None:
    figure = finding.figure
    console.rule(finding.outcome, align="left")
    if not isinstance(figure, Figure):
        console.print(words.withheld(figure), style="bold", markup=False)
    else:
        said = words.figure_words(figure)
        console.print(figure.sentence, style="bold", markup=False)
        counts = " · ".join(f"{label} {count}" for label, count in said.counts)
        console.print(f"{said.label}: {said.estimate}   {counts}   {said.rung}", markup=False)
        for fact in finding.facts[:2]:
            console.print(f"{fact.term}: {fact.text}", markup=False)
    for note in finding.notes:
        console.print(f"\n{note.heading}", style="bold", markup=False)
        for paragraph in note.paragraphs:
            console.print(f"  · {paragraph}", markup=False)
    console.print()


__all__ = ["Answer", "Request", "UnusableError", "read_options", "run"]
