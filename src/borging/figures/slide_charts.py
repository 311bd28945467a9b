"""The three chart forms as PowerPoint's own charts: editable, with their margins in them.

Every chart's workbook is written here and not by python-pptx, for two reasons: it then holds the margins too, and a
label such as "=1+1" stays text in it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from lxml import etree
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.util import Emu, Pt
from xlsxwriter.utility import xl_col_to_name

from borging.figures import axes, words
from borging.figures.rules import Chart, EventStudy, Intervals, Point, Slope, Unit

INK, SOFT, WATER = RGBColor(0x15, 0x24, 0x2C), RGBColor(0x4B, 0x5B, 0x64), RGBColor(0x0B, 0x5A, 0x6A)
LINE, EDGE, SAND = RGBColor(0xDC, 0xD9, 0xCF), RGBColor(0x7D, 0x87, 0x8C), RGBColor(0x79, 0x65, 0x3F)

_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_TEXT_SIZE = Pt(12)

Cell = str | float | None
Place = tuple[Emu, Emu, Emu, Emu]
"""Left, top, width and height."""


def add_chart(slide: Any, chart: Chart, place: Place) -> None:
    """Draw a chart on a slide, with its alternative text."""
    match chart:
        case EventStudy():
            frame = _event_study(slide, chart, place)
        case Intervals():
            frame = _intervals(slide, chart, place)
        case Slope():
            frame = _slope(slide, chart, place)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", chart.alternative)


def _event_study(slide: Any, chart: EventStudy, place: Place) -> Any:
    """Categories keep the labels of the periods; the time before and after are two series."""
    labels = [point.label for point in chart.points]
    before, after = chart.points[: chart.before], chart.points[chart.before :]
    columns = [
        [*(words.kept(point.value, chart.unit) for point in before), *[None] * len(after)],
        [*[None] * len(before), *(words.kept(point.value, chart.unit) for point in after)],
    ]
    names = [chart.before_label, chart.after_label]
    frame = _line_chart(slide, labels, names, columns, place)
    drawn = frame.chart
    drawn.has_legend = True
    drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    drawn.legend.font.size, drawn.legend.font.color.rgb = _TEXT_SIZE, SOFT
    for series, colour in zip(drawn.plots[0].series, (SAND, WATER), strict=True):
        _mark(series, colour, joined=False)
    margins = _margins(chart.points, chart.unit, column=3)
    for series, colour in zip(drawn.plots[0].series, (SAND, WATER), strict=True):
        _error_bars(series, margins, colour=colour)
    _value_axis(drawn.value_axis, axes.axis([0.0, *_reach(chart.points)], at_most=7), chart.unit)
    _label_axis(drawn.category_axis, chart.x_title)
    _keep(drawn, [["", *names, "−", "+"], *_rows(labels, *columns, margins.below, margins.above)])
    return frame


def _intervals(slide: Any, chart: Intervals, place: Place) -> Any:
    """A scatter with one series per group, from the top: low end, estimate and high end on one line.

    LibreOffice does not show horizontal error bars of one's own, so a margin is the line of its series.
    """
    rows = [row for row in chart.rows if math.isfinite(row.value)]
    data = XyChartData()
    kept: list[list[Cell]] = []
    for height, row in enumerate(reversed(rows), start=1):
        series = data.add_series(row.label)
        for value in _ends(row, chart.unit):
            series.add_data_point(value, height)
        kept.append([None, row.label])
        kept += [[value, height] for value in _ends(row, chart.unit)]
        kept.append([])
    frame = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER_LINES, *place, data)
    drawn = frame.chart
    drawn.has_legend = drawn.has_title = False
    for row, series in zip(reversed(rows), drawn.plots[0].series, strict=True):
        _mark(series, WATER, joined=True)
        _label_row(series, row, chart.unit)
    _value_axis(drawn.category_axis, axes.axis([*([0.0] if chart.zero else []), *_reach(rows)], at_most=7), chart.unit)
    _title(drawn.category_axis, chart.x_title)
    upright = drawn.value_axis
    upright.minimum_scale, upright.maximum_scale = 0.4, len(rows) + 0.9
    upright.has_major_gridlines, upright.tick_label_position = False, XL_TICK_LABEL_POSITION.NONE
    upright.major_tick_mark = XL_TICK_MARK.NONE
    upright.format.line.color.rgb = EDGE
    _keep(drawn, kept)
    return frame


def _label_row(series: Any, row: Point, unit: Unit) -> None:
    """The group's name and numbers above its estimate; the ends of its margin bear no marker."""
    for end in range(len(_ends(row, unit))):
        if end != len(_ends(row, unit)) // 2:
            series.points[end].marker.style = XL_MARKER_STYLE.NONE
    name = axes.shorten(row.label, room=480)
    _label(series.points[len(_ends(row, unit)) // 2], f"{name}   {words.point(row, unit)}", XL_LABEL_POSITION.ABOVE)


def _slope(slide: Any, chart: Slope, place: Place) -> Any:
    """A line per group between two moments, labelled at its ends."""
    columns = [[words.kept(point.value, chart.unit) for point in (line.first, line.second)] for line in chart.lines]
    names = [line.label for line in chart.lines]
    frame = _line_chart(slide, list(chart.moments), names, columns, place)
    drawn = frame.chart
    ends = [point for line in chart.lines for point in (line.first, line.second)]
    axis = axes.axis(_reach(ends), at_most=6)
    kept: list[Sequence[Cell]] = []
    for i, (line, series) in enumerate(zip(chart.lines, drawn.plots[0].series, strict=True)):
        colour = WATER if line.role == "trained" else SAND
        _mark(series, colour, joined=True)
        margins = _margins((line.first, line.second), chart.unit, column=len(names) + 1 + 2 * i)
        kept += [margins.below, margins.above]
        _error_bars(series, margins, colour=colour)
    _label_ends(drawn, chart, close=(axis.ticks[-1] - axis.ticks[0]) * 0.06)
    _value_axis(drawn.value_axis, axis, chart.unit)
    _label_axis(drawn.category_axis, "")
    head = ["", *names, *(f"{name} {sign}" for name in names for sign in "−+")]
    _keep(drawn, [head, *_rows(list(chart.moments), *columns, *kept)])
    return frame


def _label_ends(drawn: Any, chart: Slope, *, close: float) -> None:
    """Write the values beside both ends; ends so close that their texts would touch share one."""
    for moment, position in ((0, XL_LABEL_POSITION.LEFT), (1, XL_LABEL_POSITION.RIGHT)):
        ends = [(line.first, line.second)[moment].value for line in chart.lines]
        order = sorted((i for i, value in enumerate(ends) if math.isfinite(value)), key=lambda i: -ends[i])
        texts: dict[int, list[str]] = {}
        for i in order:
            said = words.bare(ends[i], chart.unit) + (f" {chart.lines[i].label}" if moment else "")
            at = next((j for j in texts if ends[j] - ends[i] < close), i)
            texts.setdefault(at, []).append(axes.shorten(said, room=260))
        for i, said_here in texts.items():
            _label(drawn.plots[0].series[i].points[moment], " / ".join(said_here), position)


def _line_chart(
    slide: Any, labels: Sequence[str], names: Sequence[str], columns: Sequence[Sequence[Cell]], place: Place
) -> Any:
    data = CategoryChartData()
    data.categories = labels
    for name, column in zip(names, columns, strict=True):
        data.add_series(name, column)
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *place, data)
    frame.chart.has_legend = frame.chart.has_title = False
    return frame


# --- parts of a chart -------------------------------------------------------------------------------------------------


def _reach(points: Sequence[Point]) -> list[float]:
    return [value for p in points for value in (p.value, p.low, p.high) if value is not None and math.isfinite(value)]


def _far(point: Point, unit: Unit) -> tuple[float | None, float | None]:
    """How far the margin of a point reaches below and above it, or None twice."""
    if point.low is None or point.high is None or not math.isfinite(point.high - point.low + point.value):
        return None, None
    return words.kept(point.value - point.low, unit), words.kept(point.high - point.value, unit)


def _ends(point: Point, unit: Unit) -> list[float | None]:
    """The low end, the estimate and the high end, or the estimate alone."""
    values = [point.value] if None in _far(point, unit) else [point.low, point.value, point.high]
    return [words.kept(value, unit) for value in values]


def _margins(points: Sequence[Point], unit: Unit, *, column: int) -> _Margins:
    """Of these points; their cells are in the workbook's second row and below, from `column` on (0 is A)."""
    below, above = zip(*(_far(point, unit) for point in points), strict=True) if points else ((), ())
    cells = [f"Sheet1!${name}$2:${name}${len(points) + 1}" for name in map(xl_col_to_name, (column, column + 1))]
    return _Margins(below=below, above=above, below_at=cells[0], above_at=cells[1])


def _rows(*columns: Sequence[Cell]) -> list[list[Cell]]:
    return [list(row) for row in zip(*columns, strict=True)]


def _mark(series: Any, colour: RGBColor, *, joined: bool) -> None:
    """Water has dots and sand has diamonds: open dots, as in our own drawings, vanish in LibreOffice."""
    series.smooth = False
    series.marker.style = XL_MARKER_STYLE.CIRCLE if colour == WATER else XL_MARKER_STYLE.DIAMOND
    series.marker.size = 9
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = colour
    series.marker.format.line.color.rgb, series.marker.format.line.width = colour, Pt(1.75)
    if joined:
        series.format.line.color.rgb, series.format.line.width = colour, Pt(2.25)
    else:
        series.format.line.fill.background()


def _label(point: Any, text: str, position: Any) -> None:
    frame = point.data_label.text_frame
    frame.text = text
    frame.word_wrap = False
    font = frame.paragraphs[0].runs[0].font if frame.paragraphs[0].runs else frame.paragraphs[0].font
    font.size, font.bold, font.color.rgb = _TEXT_SIZE, True, INK
    point.data_label.position = position


def _value_axis(drawn: Any, axis: axes.Axis, unit: Unit) -> None:
    """An axis whose ticks are those of our own drawings, so that no margin is cut off."""
    drawn.minimum_scale, drawn.maximum_scale = axis.ticks[0], axis.ticks[-1]
    drawn.major_unit = axis.ticks[1] - axis.ticks[0]
    drawn.has_major_gridlines = True
    drawn.major_gridlines.format.line.color.rgb = LINE
    drawn.format.line.fill.background()
    drawn.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    labels = drawn.tick_labels
    labels.number_format, labels.number_format_is_linked = (
        words.office_format(axis.decimals, unit, scale=axis.scale),
        False,
    )
    labels.font.size, labels.font.color.rgb = _TEXT_SIZE, SOFT


def _label_axis(drawn: Any, title: str) -> None:
    drawn.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    drawn.tick_labels.font.size, drawn.tick_labels.font.color.rgb = _TEXT_SIZE, SOFT
    drawn.format.line.color.rgb = EDGE
    drawn.has_major_gridlines = False
    _title(drawn, title)


def _title(drawn: Any, title: str) -> None:
    if not title:
        drawn.has_title = False
        return
    drawn.axis_title.text_frame.text = axes.shorten(title, room=620)
    font = drawn.axis_title.text_frame.paragraphs[0].runs[0].font
    font.size, font.bold, font.color.rgb = _TEXT_SIZE, False, SOFT


@dataclass(frozen=True, kw_only=True)
class _Margins:
    """How far margins reach below and above, and the cells of the chart's workbook that hold the same."""

    below: Sequence[Cell]
    above: Sequence[Cell]
    below_at: str
    above_at: str


def _error_bars(series: Any, margins: _Margins, *, colour: RGBColor) -> None:
    """Upright error bars that read the margins from the chart's own workbook (ECMA-376 part 1, 21.2.2.55)."""
    bars = etree.Element(f"{{{_C}}}errBars", nsmap={"c": _C, "a": _A})
    for name, value in (("errDir", "y"), ("errBarType", "both"), ("errValType", "cust"), ("noEndCap", "1")):
        etree.SubElement(bars, f"{{{_C}}}{name}", val=value)
    bars.append(_referred("plus", margins.above_at, margins.above))
    bars.append(_referred("minus", margins.below_at, margins.below))
    line = etree.SubElement(etree.SubElement(bars, f"{{{_C}}}spPr"), f"{{{_A}}}ln", w=str(Pt(2)), cap="rnd")
    etree.SubElement(etree.SubElement(line, f"{{{_A}}}solidFill"), f"{{{_A}}}srgbClr", val=str(colour))
    element = series._element
    following = next(element.iter(f"{{{_C}}}cat"))
    following.addprevious(bars)


def _referred(name: str, reference: str, values: Sequence[Cell]) -> Any:
    side = etree.Element(f"{{{_C}}}{name}")
    source = etree.SubElement(side, f"{{{_C}}}numRef")
    etree.SubElement(source, f"{{{_C}}}f").text = reference
    kept = etree.SubElement(source, f"{{{_C}}}numCache")
    etree.SubElement(kept, f"{{{_C}}}formatCode").text = "General"
    etree.SubElement(kept, f"{{{_C}}}ptCount", val=str(len(values)))
    for i, value in enumerate(values):
        if value is not None:
            point = etree.SubElement(kept, f"{{{_C}}}pt", idx=str(i))
            etree.SubElement(point, f"{{{_C}}}v").text = repr(float(value))
    return side


def _keep(drawn: Any, rows: Sequence[Sequence[Cell]]) -> None:
    """Write the workbook behind a chart: exactly the released numbers, texts always as text."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(y, x, cell)
                elif cell is not None:
                    sheet.write_number(y, x, cell)
    drawn.part.chart_workbook.update_from_xlsx_blob(file.getvalue())
