"""A report as slides: each finding on one that can stand alone, then how it was calculated and what was left out."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from borging.figures import axes, words
from borging.figures.rules import Figure, Finding, OneSlide, Report, Rung, Section, Table, Withheld
from borging.figures.slide_charts import INK, LINE, SOFT, WATER, Place, add_chart

_TITLE_ONLY = 5
_LANGUAGES = {"nl": MSO_LANGUAGE_ID.DUTCH, "en": MSO_LANGUAGE_ID.ENGLISH_UK}
_ROWS_ON_A_SLIDE = 12
_OUTCOMES_ON_A_SLIDE = 4
_PLAIN_GRID = "{5940675A-B579-460E-94D1-54222C63F5DA}"
"""PowerPoint's own table style "No Style, Table Grid"."""


@dataclass(frozen=True, kw_only=True)
class _Line:
    """One paragraph: runs of text with their size in points, and the space above it."""

    runs: tuple[tuple[str, int, bool, RGBColor], ...]
    above: int = 0


def pptx(report: Report) -> bytes:
    """The report as a 16:9 presentation with native, editable charts; figures also stand in the notes."""
    report = words.printable(report)
    with override(report.language):
        deck = _empty_deck(report)
        if len(report.findings) > 1:
            for first in range(0, len(report.findings), _OUTCOMES_ON_A_SLIDE):
                _short_slide(deck, report.findings[first : first + _OUTCOMES_ON_A_SLIDE], report)
        for finding in report.findings:
            _finding_slide(deck, finding, report)
        for finding in report.findings:
            if finding.facts or finding.notes:
                _method_slide(deck, finding, report)
        for section in report.closing:
            _closing_slide(deck, section, report)
        file = io.BytesIO()
        deck.save(file)
    return file.getvalue()


def one_slide(slide: OneSlide) -> bytes:
    """One slide that tells a whole programme: promised → seen → margin → rung → decision, and the chart."""
    slide = words.printable(slide)
    report = Report(
        language=slide.language,
        title=slide.title,
        subtitle="",
        made_on=slide.made_on,
        findings=(),
        closing=(),
    )
    with override(report.language):
        deck = _empty_deck(report)
        _one_slide(deck, slide, report)
        file = io.BytesIO()
        deck.save(file)
    return file.getvalue()


def _one_slide(deck: Any, told: OneSlide, report: Report) -> None:
    figure = told.figure
    made = _slide(deck, figure.sentence if isinstance(figure, Figure) else told.title, report)
    said = words.figure_words(figure) if isinstance(figure, Figure) else None
    dash = words.NOTHING
    seen = (
        (_("Promised"), told.promised),
        (_("Seen"), f"{said.value}{words.unit_word(figure.unit)}" if said and isinstance(figure, Figure) else dash),
        (_("Margin"), said.margin if said else dash),
        (_("Rung"), said.rung if said else dash),
        (_("Decision"), told.decision),
    )
    for place, (term, text) in enumerate(seen):
        size = _size(len(text), steps=((22, 18), (60, 14), (140, 11)), least=8)
        lines = [_Line(runs=((f"{term} →" if place < len(seen) - 1 else term, 12, False, SOFT),))]
        lines.append(_Line(runs=((text, size, True, INK),), above=4))
        _write(made, _at(0.6 + 2.44 * place, 1.75, 2.35, 1.5), lines, report)
    if isinstance(figure, Withheld):
        _write(made, _at(0.6, 3.6, 12.1, 2.0), [_Line(runs=((words.withheld(figure), 20, False, INK),))], report)
    if isinstance(figure, Figure) and said:
        _bars(made, figure.rung, said.rung, left=0.7 + 2.44 * 3, top=3.0)
        _stack(made, 3.5, [_pair(label, count, above=6) for label, count in said.counts], report)
        add_chart(made, figure.chart, _at(4.9, 3.4, 7.9, 3.4))
        finding = Finding(outcome=figure.title, figure=figure, facts=(), notes=(), sections=())
        made.notes_slide.notes_text_frame.text = _spoken(finding, figure, said)


def _empty_deck(report: Report) -> Any:
    """A deck without slides that names nobody, dated as the report."""
    deck = Presentation(io.BytesIO(_template()))
    about = deck.core_properties
    about.title, about.subject, about.language = report.title[:255], report.subtitle[:255], report.language
    about.author = about.last_modified_by = about.keywords = about.comments = ""
    about.created = about.modified = datetime.combine(report.made_on, time())
    return deck


@cache
def _template() -> bytes:
    """python-pptx's own template made 16:9, its placeholders moved along; kept, for this costs more than a slide."""
    deck = Presentation()
    wider = Inches(13.333) / deck.slide_width
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    master = deck.slide_master
    for shape in [*master.placeholders, *(p for layout in master.slide_layouts for p in layout.placeholders)]:
        left, top, width, height = shape.left, shape.top, shape.width, shape.height
        shape.left, shape.top, shape.width, shape.height = (
            Emu(round(left * wider)),
            top,
            Emu(round(width * wider)),
            height,
        )
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def _short_slide(deck: Any, findings: Sequence[Finding], report: Report) -> None:
    """Every outcome in a line or two, before each gets a slide of its own."""
    slide = _slide(deck, _("In short: %(title)s") % {"title": report.title}, report)
    sentences = [
        words.withheld(finding.figure) if isinstance(finding.figure, Withheld) else finding.figure.sentence
        for finding in findings
    ]
    size = _size(max(map(len, sentences)), steps=((110, 16), (160, 14), (220, 12), (300, 11)), least=8)
    high = 4.9 / _OUTCOMES_ON_A_SLIDE
    for i, (finding, sentence) in enumerate(zip(findings, sentences, strict=True)):
        top, figure = 1.85 + i * high, finding.figure
        outcome = _Line(runs=((finding.outcome, 11 if len(finding.outcome) <= 90 else 8, True, SOFT),))
        left = [outcome, _Line(runs=((sentence, size, False, INK),), above=2)]
        _write(slide, _at(0.6, top, 6.5, high), left, report)
        if isinstance(figure, Withheld):
            continue
        said = words.figure_words(figure)
        counts = " · ".join(f"{label} {count}" for label, count in said.counts)
        right = [
            _Line(runs=((said.label, 10, False, SOFT),)),
            _Line(runs=((said.estimate, 16, True, INK),), above=2),
            _Line(runs=((counts, 10, False, SOFT),), above=2),
        ]
        _write(slide, _at(7.3, top, 3.7, high), right, report)
        _bars(slide, figure.rung, said.rung, left=11.1, top=top + 0.1)
        _write(slide, _at(11.0, top + 0.36, 1.9, 0.6), [_Line(runs=((said.rung, 11, True, INK),))], report)


def _finding_slide(deck: Any, finding: Finding, report: Report) -> None:
    figure = finding.figure
    if isinstance(figure, Withheld):
        slide = _slide(deck, finding.outcome, report)
        _write(slide, _at(0.6, 2.0, 12.1, 2.0), [_Line(runs=((words.withheld(figure), 20, False, INK),))], report)
        return
    slide = _slide(deck, figure.sentence, report)
    said = words.figure_words(figure)
    top = _stack(slide, 1.85, _value_lines(said), report)
    top = _stack(slide, top, [_pair(label, count, above=6) for label, count in said.counts], report)
    _bars(slide, figure.rung, said.rung, left=0.7, top=top + 0.17)
    _write(slide, _at(1.35, top + 0.05, 3.4, 0.4), [_Line(runs=((said.rung, 16, True, INK),))], report)
    below = [_Line(runs=((text, 12, False, SOFT),), above=4) for text in (said.seal, _fitting(figure.caption)) if text]
    _stack(slide, top + 0.5, below, report)
    add_chart(slide, figure.chart, _at(4.9, 1.8, 7.9, 4.95))
    slide.notes_slide.notes_text_frame.text = _spoken(finding, figure, said)


def _fitting(caption: str) -> str:
    """A caption that has room beside the chart; a longer one stands in the notes."""
    return caption if len(caption) <= 260 else ""


def _value_lines(said: words.FigureWords) -> list[_Line]:
    return [
        _Line(runs=((said.label, 12 if len(said.label) <= 60 else 9, False, SOFT),)),
        _Line(runs=((said.value, 40, True, INK), (f"  {said.margin}", 16, False, SOFT))),
    ]


def _pair(term: str, text: str, *, above: int = 0) -> _Line:
    size = 14 if len(term) + len(text) <= 120 else 10
    return _Line(runs=((f"{term}  ", size, False, SOFT), (text, size, True, INK)), above=above)


def _method_slide(deck: Any, finding: Finding, report: Report) -> None:
    """How it was calculated on the left, what must be said with it on the right."""
    slide = _slide(deck, finding.outcome, report)
    size = _size(sum(len(fact.term) + len(fact.text) for fact in finding.facts), steps=((600, 16), (1200, 13)), least=9)
    left = [_Line(runs=((_("How it was calculated"), 20, True, INK),))] if finding.facts else []
    for fact in finding.facts:
        left.append(_Line(runs=((fact.term, max(size - 3, 8), False, SOFT),), above=8))
        left.append(_Line(runs=((fact.text, size, False, INK),)))
    _write(slide, _at(0.6, 1.85, 5.8, 4.9), left, report)
    said = sum(len(text) for note in finding.notes for text in (note.heading, *note.paragraphs))
    size = _size(said, steps=((600, 16), (1200, 13)), least=9)
    right: list[_Line] = []
    for note in finding.notes:
        right.append(_Line(runs=((note.heading, size + 2, True, INK),), above=14 if right else 0))
        right += [_Line(runs=((text, size, False, INK),), above=4) for text in note.paragraphs]
    _write(slide, _at(6.9, 1.85, 5.8, 4.9), right, report)


def _closing_slide(deck: Any, section: Section, report: Report) -> None:
    """What the report ends with, such as the rows left out; a long table continues in the notes."""
    slide = _slide(deck, section.heading, report)
    size = _size(sum(map(len, section.paragraphs)), steps=((500, 16), (1200, 13)), least=9)
    _write(
        slide,
        _at(0.6, 1.85, 12.1, 1.2),
        [_Line(runs=((text, size, False, INK),)) for text in section.paragraphs],
        report,
    )
    if section.table:
        _table(slide, section.table, report)
    slide.notes_slide.notes_text_frame.text = _section_text(section)


def _table(slide: Any, table: Table, report: Report) -> None:
    written = words.table_words(table)
    rows = [tuple(title for title, _number in written.columns), *written.rows[:_ROWS_ON_A_SLIDE]]
    place = _at(0.6, 3.1, min(12.1, 3.0 * len(rows[0])), 0.3 * len(rows))
    frame = slide.shapes.add_table(len(rows), len(rows[0]), *place)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", table.title)
    frame._element.graphic.graphicData.tbl.tblPr.find(qn("a:tableStyleId")).text = _PLAIN_GRID
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            cell = frame.table.cell(y, x)
            size = 12 if len(text) <= 80 else 8
            _fill(cell.text_frame, [_Line(runs=((text, size, y == 0 or x == 0, INK),))], report)
            if written.columns[x][1]:
                cell.text_frame.paragraphs[0].alignment = PP_ALIGN.RIGHT


# --- parts of a slide -------------------------------------------------------------------------------------------------


def _slide(deck: Any, title: str, report: Report) -> Any:
    """A slide with its whole title, however long, and the report's last line at its foot."""
    slide = deck.slides.add_slide(deck.slide_layouts[_TITLE_ONLY])
    shape = slide.shapes.title
    shape.left, shape.top, shape.width, shape.height = _at(0.6, 0.4, 12.1, 1.3)
    size = _size(len(title), steps=((110, 28), (170, 24), (240, 20), (360, 16)), least=11)
    frame = shape.text_frame
    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    _fill(frame, [_Line(runs=((title, size, False, INK),))], report)
    shown = report.title if len(report.title) <= 90 else report.title[:89] + "…"
    foot = f"{shown} · {words.made_on(report)} · {len(deck.slides)}"
    _write(slide, _at(0.6, 6.95, 12.1, 0.35), [_Line(runs=((foot, 10, False, SOFT),))], report)
    return slide


def _size(length: int, *, steps: Sequence[tuple[int, int]], least: int) -> int:
    """The size in points for a text so long: the content stays whole, the letters shrink."""
    return next((size for longest, size in steps if length <= longest), least)


def _at(left: float, top: float, width: float, height: float) -> Place:
    return Inches(left), Inches(top), Inches(width), Inches(height)


def _write(slide: Any, place: Place, lines: Sequence[_Line], report: Report) -> None:
    if lines:
        box = slide.shapes.add_textbox(*place)
        _fill(box.text_frame, lines, report)


def _stack(slide: Any, top: float, lines: Sequence[_Line], report: Report) -> float:
    """Write lines in the left column, at least as high as they need, and say where the next may stand (inches)."""
    width = 4.1
    high = 0.1
    for line in lines:
        across = sum(axes.width(text, size=size, bold=bold) for text, size, bold, _colour in line.runs) / 72
        largest = max(size for _text, size, _bold, _colour in line.runs)
        high += (math.ceil(across / (width - 0.2)) * largest * 1.2 + line.above) / 72
    _write(slide, _at(0.6, top, width, high), lines, report)
    return top + high


def _fill(frame: Any, lines: Sequence[_Line], report: Report) -> None:
    frame.word_wrap = True
    for i, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if i == 0 else frame.add_paragraph()
        paragraph.space_before = Pt(line.above)
        for text, size, bold, colour in line.runs:
            run = paragraph.add_run()
            run.text = text
            run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, colour
            run.font.language_id = _LANGUAGES[report.language]


def _bars(slide: Any, rung: Rung, said: str, *, left: float, top: float) -> None:
    """The seven rising bars as one group, read aloud as the rung's words."""
    group = slide.shapes.add_group_shape()
    for i in range(len(Rung)):
        high = 0.26 * (0.36 + 0.64 * i / 6)
        bar = group.shapes.add_shape(MSO_SHAPE.RECTANGLE, *_at(left + 0.085 * i, top + 0.26 - high, 0.06, high))
        bar.fill.solid()
        bar.fill.fore_color.rgb = WATER if i <= rung else LINE
        bar.line.fill.background()
        bar.shadow.inherit = False
    group._element.nvGrpSpPr.cNvPr.set("descr", said)


# --- notes ------------------------------------------------------------------------------------------------------------


def _spoken(finding: Finding, figure: Figure, said: words.FigureWords) -> str:
    """Everything that stands beside the figure, its table and how it was calculated, as plain text."""
    head = [
        figure.sentence,
        f"{said.label}: {said.estimate}",
        *(f"{label}: {count}" for label, count in said.counts),
        said.rung,
        *([said.seal] if said.seal else []),
        *([figure.caption] if figure.caption else []),
        figure.design,
    ]
    facts = [f"{fact.term}: {fact.text}" for fact in finding.facts]
    sections = [_section_text(section) for section in finding.sections]
    table = "\n".join([figure.table.title, *_rows(figure.table)])
    return "\n\n".join(part for part in ("\n".join(head), table, "\n".join(facts), *sections) if part)


def _section_text(section: Section) -> str:
    table = [section.table.title, *_rows(section.table)] if section.table else []
    return "\n".join([section.heading, *section.paragraphs, *table])


def _rows(table: Table) -> list[str]:
    written = words.table_words(table)
    return [" | ".join(title for title, _number in written.columns), *(" | ".join(row) for row in written.rows)]
