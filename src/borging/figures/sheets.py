"""A report as a workbook: every number a number, every text a text; of each finding a sheet, and one of its tables."""

from __future__ import annotations

import io
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from borging.figures import axes, words
from borging.figures.rules import (
    Chart,
    EventStudy,
    Figure,
    Finding,
    Point,
    Report,
    Section,
    Slope,
    Table,
    Unit,
    Withheld,
)

WATER, SAND, SOFT, LINE = "#0B5A6A", "#79653F", "#4B5B64", "#DCD9CF"
ON_A_PAGE = 30
"""Rows that can still be read when they are printed on one page."""
UNDER_CHART = 24
"""The row below a drawn chart."""
Cell = str | float | None


@dataclass(kw_only=True)
class _Book:
    """The workbook being written, its formats, and the sheet names taken."""

    file: Any
    taken: set[str] = field(default_factory=set)
    formats: dict[str, Any] = field(default_factory=dict)

    def format(self, number: str = "", *, head: bool = False, quoted: bool = False, bold: bool = False) -> Any:
        """A cell format, made once; `quoted` keeps Excel from reading a text as a formula when it is edited."""
        key = f"{number}|{head}|{quoted}|{bold}"
        if key not in self.formats:
            looks: dict[str, Any] = {"valign": "top", "text_wrap": not number, "quote_prefix": quoted}
            looks |= {"num_format": number} if number else {}
            looks |= {"bold": True} if head or bold else {}
            looks |= {"font_color": SOFT, "bottom": 1} if head else {}
            self.formats[key] = self.file.add_format(looks)
        return self.formats[key]

    def sheet(self, name: str) -> Any:
        """A new sheet under this name, made to fit Excel's rules for names and to be unlike the others."""
        plain = "".join(" " if c in "[]:*?/\\\t\n" else c for c in name).strip("' ") or "-"
        short, nth = _cut(plain, 31), 1
        while short.lower() in self.taken or short.lower() == "history":
            nth += 1
            short = f"{_cut(plain, 30 - len(str(nth)))} {nth}"
        self.taken.add(short.lower())
        return self.file.add_worksheet(short)


def _cut(text: str, units: int) -> str:
    """As much of a text as fits in so many UTF-16 units, in which Excel counts."""
    while len(text.encode("utf-16-le")) > 2 * units:
        text = text[:-1]
    return text.rstrip("' ")


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """A table to write: titles, rows, and for each column Excel's number format ("" is text)."""

    titles: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    formats: Sequence[str]


def xlsx(report: Report) -> bytes:
    """The report as XLSX: an overview, of each finding its figure and its tables, then what was left out."""
    report = words.printable(report)
    file = io.BytesIO()
    with override(report.language), xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        workbook.set_properties(
            {
                "title": report.title[:255],
                "subject": report.subtitle[:255],
                "author": "",
                "created": datetime.combine(report.made_on, time()),
            }
        )
        book = _Book(file=workbook)
        _write(book, _("Overview"), _overview(report))
        for i, finding in enumerate(report.findings, start=1):
            _finding(book, finding, i)
        for section in report.closing:
            _section(book, section, section.heading)
    return file.getvalue()


# --- what stands on the sheets ----------------------------------------------------------------------------------------


def _overview(report: Report) -> _Grid:
    titles = [
        _("Outcome"),
        _("Sentence"),
        _("Measure"),
        _("Value"),
        _("Margin from"),
        _("Margin to"),
        _("Confidence"),
        _("Unit"),
        _("People"),
        pgettext("number", "Rung"),
        _("Evidence"),
        _("Design"),
        _("Laid down beforehand"),
    ]
    formats = ["", "", "", "General", "General", "General", "0.0%", "", "", "0", "", "", ""]
    rows = [_overview_row(finding) for finding in report.findings]
    return _Grid(titles=titles, rows=rows, formats=formats)


def _overview_row(finding: Finding) -> list[Cell]:
    figure = finding.figure
    if isinstance(figure, Withheld):
        return [finding.outcome, words.withheld(figure), *[None] * 11]
    return [
        finding.outcome,
        figure.sentence,
        figure.label,
        words.kept(figure.value, figure.unit),
        words.kept(figure.margin.low, figure.unit),
        words.kept(figure.margin.high, figure.unit),
        figure.margin.level,
        _unit(figure.unit),
        "; ".join(f"{count.label}: {words.count(count)}" for count in figure.counts),
        int(figure.rung),
        words.rung(figure.rung),
        figure.design,
        words.seal(figure.seal) if figure.seal else "",
    ]


def _unit(unit: Unit) -> str:
    return f"{unit.before.strip()} {unit.after.strip()}".strip()


def _finding(book: _Book, finding: Finding, number: int) -> None:
    figure = finding.figure
    if not isinstance(figure, Withheld):
        _figure(book, finding, figure, f"{number} {finding.outcome}")
        _tables(book, finding, figure, _("%(n)s tables") % {"n": number})
        return
    for section in finding.sections:
        _section(book, section, f"{number} {section.heading}")


def _figure(book: _Book, finding: Finding, figure: Figure, name: str) -> None:
    """One figure with all that belongs to it, a line each; counts with their denominator in the third column."""
    shape = words.office_format(figure.unit.decimals, figure.unit)
    lines: list[tuple[str, Cell, Cell, str]] = [
        (_("Sentence"), figure.sentence, None, ""),
        (figure.label, words.kept(figure.value, figure.unit), None, shape),
        (_("Margin from"), words.kept(figure.margin.low, figure.unit), None, shape),
        (_("Margin to"), words.kept(figure.margin.high, figure.unit), None, shape),
        (_("Confidence"), figure.margin.level, None, "0.0%"),
        (_("Unit"), _unit(figure.unit), None, ""),
        *((count.label, float(count.n), float(count.of), "#,##0") for count in figure.counts),
        (pgettext("number", "Rung"), float(figure.rung), None, "0"),
        (_("Evidence"), words.rung(figure.rung), None, ""),
        (_("Design"), figure.design, None, ""),
        (_("Laid down beforehand"), words.seal(figure.seal) if figure.seal else _("no"), None, ""),
        (_("Hash of the plan"), figure.seal.sha256 if figure.seal else "", None, ""),
        (_("Remark"), figure.caption, None, ""),
        *((fact.term, fact.text, None, "") for fact in finding.facts),
        *((note.heading, "\n".join(note.paragraphs), None, "") for note in finding.notes),
    ]
    titles = (_("What"), _("Value"), pgettext("denominator", "Of"))
    grid = _Grid(titles=titles, rows=[line[:3] for line in lines], formats=("", "", ""))
    sheet = _write(book, name, grid)
    for y, (_term, value, of, form) in enumerate(lines, start=1):
        for x, cell in ((1, value), (2, of)):
            if not isinstance(cell, str):
                _put(book, sheet, (y, x), cell, form)


def _tables(book: _Book, finding: Finding, figure: Figure, name: str) -> None:
    """Under each other what the chart is drawn from, the table, and the sections, each with its words below."""
    parts: list[tuple[_Grid, Sequence[str]]] = [(chart_grid(figure.chart), ()), (_table_grid(figure.table), ())]
    for section in finding.sections:
        if section.table:
            parts.append((_table_grid(section.table), section.paragraphs))
        elif section.chart:
            parts.append((chart_grid(section.chart), section.paragraphs))
        else:
            parts.append((_words_grid(section), ()))
    sheet, height, placed = book.sheet(name), 0, {}
    for grid, below in parts:
        placed[height] = grid
        height = _put_grid(book, sheet, grid, below=below, top=height)
        if height < UNDER_CHART and isinstance(figure.chart, EventStudy):
            height = UNDER_CHART
    _draw(book, sheet, figure.chart)
    _lay_out(sheet, placed, rows=height)


def _section(book: _Book, section: Section, name: str) -> None:
    """A section's table with its words below; without a table what its chart is drawn from, or the words alone."""
    if section.table:
        _write(book, name, _table_grid(section.table), below=section.paragraphs)
    elif section.chart:
        sheet = _write(book, name, chart_grid(section.chart), below=section.paragraphs)
        _draw(book, sheet, section.chart)
    else:
        _write(book, name, _words_grid(section))


def _words_grid(section: Section) -> _Grid:
    return _Grid(titles=[section.heading], rows=[[paragraph] for paragraph in section.paragraphs], formats=[""])


def _table_grid(table: Table) -> _Grid:
    shapes = [
        "" if column.decimals is None else words.office_format(column.decimals, Unit()) for column in table.columns
    ]
    return _Grid(titles=[column.title for column in table.columns], rows=table.rows, formats=shapes)


def chart_grid(chart: Chart) -> _Grid:
    """The numbers a chart is drawn from: label, value and both ends of the margin."""
    shape = words.office_format(chart.unit.decimals, chart.unit)
    head = (_("Value"), _("Margin from"), _("Margin to"))
    if isinstance(chart, Slope):
        rows = [
            [line.label, moment, *_numbers(point, chart.unit)]
            for line in chart.lines
            for moment, point in zip(chart.moments, (line.first, line.second), strict=True)
        ]
        return _Grid(titles=(_("Group"), _("Moment"), *head), rows=rows, formats=("", "", shape, shape, shape))
    points = chart.points if isinstance(chart, EventStudy) else chart.rows
    far = (_("Reaches below"), _("Reaches above"))
    rows = [[point.label, *_numbers(point, chart.unit), *_far(point, chart.unit)] for point in points]
    return _Grid(titles=(chart.x_title, *head, *far), rows=rows, formats=("", *[shape] * 5))


def _numbers(point: Point, unit: Unit) -> list[Cell]:
    return [words.kept(value, unit) for value in (point.value, point.low, point.high)]


def _far(point: Point, unit: Unit) -> list[Cell]:
    """How far the margin reaches below and above the value, as error bars need it."""
    if point.low is None or point.high is None:
        return [None, None]
    return [words.kept(point.value - point.low, unit), words.kept(point.high - point.value, unit)]


# --- how it is written ------------------------------------------------------------------------------------------------


def _write(book: _Book, name: str, grid: _Grid, *, below: Sequence[str] = ()) -> Any:
    """A new sheet with a table: the head stays in sight, and it prints on one page, a long one on pages one wide."""
    sheet = book.sheet(name)
    rows = _put_grid(book, sheet, grid, below=below)
    sheet.freeze_panes(1, 0)
    _lay_out(sheet, {0: grid}, rows=rows)
    return sheet


def _put_grid(book: _Book, sheet: Any, grid: _Grid, *, below: Sequence[str] = (), top: int = 0) -> int:
    """Write a table from this row on, with words below it. Returns the row where the next one may begin."""
    for x, title in enumerate(grid.titles):
        sheet.write_string(top, x, title, book.format(head=True, quoted=_dangerous(title)))
    for y, row in enumerate(grid.rows, start=top + 1):
        for x, cell in enumerate(row):
            _put(book, sheet, (y, x), cell, grid.formats[x])
    end = top + len(grid.rows) + 1
    for y, text in enumerate(below, start=end + 1):
        sheet.write_string(y, 0, text, book.format("@", quoted=_dangerous(text)))
    return end + (len(below) + 1 if below else 0) + 1


def _lay_out(sheet: Any, placed: Mapping[int, _Grid], *, rows: int) -> None:
    """Columns as wide as what stands in them, up to 60 characters; rows as high as their wrapped text; one page wide.

    placed: by the row it begins on.
    """
    lines = {top + y: row for top, grid in placed.items() for y, row in enumerate((grid.titles, *grid.rows))}
    widths: dict[int, float] = defaultdict(lambda: 10.0)
    for cells in lines.values():
        for x, cell in enumerate(cells):
            widths[x] = min(max(widths[x], _needed(cell)), 60.0)
    for x, width in widths.items():
        sheet.set_column(x, x, width)
    for y, cells in lines.items():
        breaks = max((cell.count("\n") for cell in cells if isinstance(cell, str)), default=0)
        high = breaks + max((math.ceil(_needed(cell) / widths[x]) for x, cell in enumerate(cells)), default=1)
        if high > 1:
            sheet.set_row(y, 15 * high)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1 if rows <= ON_A_PAGE else 0)


def _needed(cell: Cell) -> float:
    """How wide a cell would like to be, in characters."""
    return 2 * axes.width(cell, size=1) if isinstance(cell, str) else 12.0


def _put(book: _Book, sheet: Any, place: tuple[int, int], cell: Cell, shape: str = "") -> None:
    """Write a number as a number and a text as a text, whatever it looks like; nothing for no value."""
    if isinstance(cell, str):
        sheet.write_string(*place, cell, book.format(quoted=_dangerous(cell)))
    elif cell is not None and math.isfinite(cell):
        sheet.write_number(*place, cell, book.format(shape or "General"))


def _dangerous(text: str) -> bool:
    """Whether a spreadsheet would read this text as a formula if somebody typed it (OWASP, CSV injection)."""
    return text.lstrip()[:1] in {"=", "+", "-", "@", "＝", "＋", "－", "＠"} or text[:1] in {"\t", "\r", "\n"}


def _draw(book: _Book, sheet: Any, chart: Chart) -> None:
    """An event study as Excel's own chart, its margins as error bars; the other forms read well as a table."""
    if not isinstance(chart, EventStudy) or not chart.points:
        return
    last, name = len(chart.points), sheet.get_name()
    sheet_name = name.replace("'", "''")
    drawn = book.file.add_chart({"type": "line"})
    drawn.add_series(
        {
            "name": chart.after_label,
            "categories": [name, 1, 0, last, 0],
            "values": [name, 1, 1, last, 1],
            "line": {"none": True},
            "marker": {"type": "circle", "size": 7, "fill": {"color": WATER}, "border": {"color": WATER}},
            "points": [{"fill": {"color": SAND}, "border": {"color": SAND}}] * chart.before,
            "y_error_bars": {
                "type": "custom",
                "end_style": 0,
                "minus_values": f"='{sheet_name}'!$E$2:$E${last + 1}",
                "plus_values": f"='{sheet_name}'!$F$2:$F${last + 1}",
                "line": {"color": WATER, "width": 1.75},
            },
        }
    )
    drawn.set_legend({"none": True})
    drawn.set_title({"none": True})
    drawn.set_x_axis({"name": chart.x_title, "label_position": "low", "name_font": {"bold": False}})
    drawn.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": LINE}}, "line": {"none": True}})
    drawn.set_size({"width": 760, "height": 400})
    sheet.insert_chart(1, 7, drawn, {"description": chart.alternative})
