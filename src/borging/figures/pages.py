"""A report as HTML: a fragment for a page of the site, or one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import override

from borging.figures import charts, words
from borging.figures.rules import Chart, Fact, Figure, Finding, Note, Report, Section, Table, Withheld

_STATIC = Path(__file__).parent / "static/figures"


@dataclass(frozen=True, kw_only=True)
class _TablePart:
    """`cells` are rows of (column's title, whether it holds numbers, text)."""

    title: str
    columns: tuple[tuple[str, bool], ...]
    cells: tuple[tuple[tuple[str, bool, str], ...], ...]


@dataclass(frozen=True, kw_only=True)
class _SectionPart:
    heading: str
    paragraphs: tuple[str, ...]
    chart: SafeString | None
    legend: str
    table: _TablePart | None
    open: bool


@dataclass(frozen=True, kw_only=True)
class FindingPart:
    """Either `withheld` says why there is no figure, or all of the figure's parts are there."""

    outcome: str
    withheld: str
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...]
    sections: tuple[_SectionPart, ...]
    figure: Figure | None = None
    words: words.FigureWords | None = None
    rung: int | None = None
    chart: SafeString | None = None
    legend: str = ""
    table: _TablePart | None = None


def fragment(report: Report) -> SafeString:
    """The report from its second heading level down, in its own language; the page around it has title and h1."""
    report = words.printable(report)
    with override(report.language):
        context = {
            "report": report,
            "findings": [finding_part(finding) for finding in report.findings],
            "closing": closing(report),
        }
        return render_to_string("figures/report.html", context)


def parts(sections: Sequence[Section], *, language: str) -> SafeString:
    """Charts with their tables that are no figures about a group: somebody's own curve, for that person only."""
    with override(language):
        context = {"language": language, "sections": [_section(words.printable(section)) for section in sections]}
        return render_to_string("figures/parts.html", context)


def closing(report: Report) -> list[_SectionPart]:
    """What stands below the findings."""
    return [_section(section) for section in report.closing]


def standalone(report: Report) -> str:
    """The report as one HTML file: no script, nothing from elsewhere, light or dark as the device asks."""
    inside = fragment(report)
    report = words.printable(report)
    with override(report.language):
        context = {"report": report, "fragment": inside, "css": _css(), "made_on": words.made_on(report)}
        return render_to_string("figures/standalone.html", context)


@cache
def _css() -> SafeString:
    """Our own two files, so safe to stand in a style element."""
    css = "".join((_STATIC / name).read_text() for name in ("figures.css", "standalone.css"))
    return SafeString(css)  # nosec B703


def finding_part(finding: Finding) -> FindingPart:
    figure = finding.figure
    sections = tuple(_section(section) for section in finding.sections)
    if isinstance(figure, Withheld):
        return FindingPart(
            outcome=finding.outcome,
            withheld=words.withheld(figure),
            facts=finding.facts,
            notes=finding.notes,
            sections=sections,
        )
    return FindingPart(
        outcome=finding.outcome,
        withheld="",
        facts=finding.facts,
        notes=finding.notes,
        sections=sections,
        figure=figure,
        words=words.figure_words(figure),
        rung=int(figure.rung),
        chart=_drawings(figure.chart),
        legend=words.legend(figure.chart, level_of_margin=figure.margin.level),
        table=_table(figure.table),
    )


def _section(section: Section) -> _SectionPart:
    return _SectionPart(
        heading=section.heading,
        paragraphs=section.paragraphs,
        chart=_drawings(section.chart) if section.chart else None,
        legend=words.legend(section.chart) if section.chart else "",
        table=_table(section.table) if section.table else None,
        open=section.open,
    )


def _drawings(chart: Chart) -> SafeString:
    """The wide and the narrow drawing; the style sheet shows the one that fits. Every text in them is escaped."""
    drawings = charts.svg(chart, width="wide") + charts.svg(chart, width="narrow")
    return SafeString(drawings)  # nosec B703


def _table(table: Table) -> _TablePart:
    written = words.table_words(table)
    return _TablePart(
        title=written.title,
        columns=written.columns,
        cells=tuple(
            tuple((title, number, text) for (title, number), text in zip(written.columns, row, strict=True))
            for row in written.rows
        ),
    )
