"""A report as an accessible PDF (PDF/UA-1), laid out by Typst as a paper for a board.

Texts reach Typst as JSON data, so a name like "#import" is printed, not run.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import typst
from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.figures import charts, words
from borging.figures.rules import Chart, Figure, Finding, Report, Section, Table, Withheld

_ROOM = Path(__file__).parent
_TEMPLATE = _ROOM / "typst/report.typ"
_FONTS = _ROOM / "fonts"
UNKNOWN = "□"

Content = dict[str, Any]
"""What report.typ reads: texts, lists and objects, all from JSON."""


def pdf(report: Report) -> bytes:
    """The report as PDF/UA-1 in its own language; the same report always gives the same bytes.

    Characters that our own fonts lack are looked for in the fonts of this machine; where those lack them too, they are
    printed as an open square, for PDF/UA allows no text without a glyph.
    """
    report = words.printable(report)
    with override(report.language):
        data = json.dumps(_report(report), ensure_ascii=False)
    try:
        return _compile(data, report, own_fonts=True)
    except typst.TypstError:
        pass
    try:
        return _compile(data, report, own_fonts=False)
    except typst.TypstError:
        return _compile(_known(data), report, own_fonts=True)


def _compile(data: str, report: Report, *, own_fonts: bool) -> bytes:
    document: bytes = typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        format="pdf",
        font_paths=[str(_FONTS)] if _FONTS.is_dir() else [],
        ignore_system_fonts=own_fonts,
        pdf_standards=["ua-1"],
        timestamp=int(datetime.combine(report.made_on, time(), UTC).timestamp()),
        sys_inputs={"report": data},
    )
    return document


def _known(text: str) -> str:
    """The text with everything but Latin letters and our own signs as an open square: any font of ours has those."""
    return "".join(c if c < "\u0180" or c in "−–—…‘’“”„€×·±→≤≥" else UNKNOWN for c in text)


def _report(report: Report) -> Content:
    return {
        "language": report.language,
        "title": report.title,
        "short_title": report.title if len(report.title) <= 60 else report.title[:59] + "…",
        "subtitle": report.subtitle,
        "made_on": [report.made_on.year, report.made_on.month, report.made_on.day],
        "made_on_words": words.made_on(report),
        "in_short": [_in_short(finding) for finding in report.findings] if len(report.findings) > 1 else [],
        "findings": [_finding(finding) for finding in report.findings],
        "closing": [_section(section) for section in report.closing],
        "words": {
            "in_short": _("In short"),
            "how": _("How it was calculated"),
            "not_shown": _("Not shown"),
            "page": _("page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        },
    }


def _in_short(finding: Finding) -> Content:
    """One outcome in the list on the first page: its sentence, its number with the margin, its counts, its rung."""
    figure = finding.figure
    if isinstance(figure, Withheld):
        return {"outcome": finding.outcome, "sentence": words.withheld(figure), "foot": "", "figure": None}
    said = words.figure_words(figure)
    return {
        "outcome": finding.outcome,
        "sentence": figure.sentence,
        "foot": said.rung,
        "figure": {
            "label": said.label,
            "estimate": said.estimate,
            "counts": " · ".join(f"{label} {count}" for label, count in said.counts),
            "rung": int(figure.rung),
            "rung_words": said.rung,
        },
    }


def _finding(finding: Finding) -> Content:
    return {
        "outcome": finding.outcome,
        "withheld": words.withheld(finding.figure) if isinstance(finding.figure, Withheld) else "",
        "foot": "" if isinstance(finding.figure, Withheld) else words.rung(finding.figure.rung),
        "figure": None if isinstance(finding.figure, Withheld) else _figure(finding.figure),
        "facts": [{"term": fact.term, "text": fact.text} for fact in finding.facts],
        "notes": [
            {"heading": note.heading, "paragraphs": list(note.paragraphs), "tone": note.tone} for note in finding.notes
        ],
        "sections": [_section(section) for section in finding.sections],
    }


def _figure(figure: Figure) -> Content:
    """`facts` are rows of term, text and, where the text is a rung, its number."""
    said = words.figure_words(figure)
    facts = [[label, count, None] for label, count in said.counts]
    return {
        "sentence": figure.sentence,
        "size": 15 if len(figure.sentence) <= 240 else 11,
        "label": said.label,
        "value": said.value,
        "margin": said.margin,
        "facts": [*facts, [_("Evidence"), said.rung, int(figure.rung)]],
        "seal": said.seal,
        "caption": figure.caption,
        "chart": _chart(figure.chart, words.legend(figure.chart, level_of_margin=figure.margin.level)),
        "table": _table(figure.table),
    }


def _section(section: Section) -> Content:
    return {
        "heading": section.heading,
        "paragraphs": list(section.paragraphs),
        "chart": _chart(section.chart, words.legend(section.chart)) if section.chart else None,
        "table": _table(section.table) if section.table else None,
    }


def _chart(chart: Chart, legend: str) -> Content:
    return {"svg": charts.svg(chart, palette="light"), "alternative": chart.alternative, "legend": legend}


def _table(table: Table) -> Content:
    written = words.table_words(table)
    return {
        "title": written.title,
        "columns": [{"title": title, "number": number} for title, number in written.columns],
        "rows": [list(row) for row in written.rows],
    }
