"""The three chart forms as SVG, drawn here.

We draw them ourselves because our drawing follows dark mode through the page's own colours, and takes a millisecond:
some 300 times less than Vega through vl-convert, which was measured at .2-.3 s.

A wide drawing is 680 and a narrow one 300 units across, and both are shown at their own size, so text stays 13 pixels.
With the palette "css" every mark carries a class of figures.css and nothing inline; "light" writes the light colours
into the marks, for documents.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from borging.figures import axes, words
from borging.figures.rules import Chart, EventStudy, Figure, Intervals, Point, Slope, SlopeLine, Unit

Size = Literal["wide", "narrow"]
Palette = Literal["css", "light"]
Anchor = Literal["start", "middle", "end"]

ACROSS: dict[Size, float] = {"wide": 680, "narrow": 300}
LINE = 16
"""From one line of text to the next."""

LIGHT: dict[str, dict[str, str | float]] = {
    "grid": {"stroke": "#dcd9cf"},
    "zero": {"stroke": "#7d878c", "stroke-width": 1.5},
    "est": {"stroke": "#0b5a6a", "stroke-width": 2.5, "stroke-linecap": "round", "fill": "none"},
    "dot": {"fill": "#0b5a6a"},
    "cmp": {"stroke": "#79653f", "stroke-width": 2, "fill": "none"},
    "cmpdot": {"fill": "#ffffff", "stroke": "#79653f", "stroke-width": 2},
    "wash": {"fill": "#f3f1eb"},
    "fine": {"stroke-width": 1.25},
    "promise": {"stroke": "#9c420a", "stroke-width": 2, "stroke-dasharray": "2 4", "stroke-linecap": "round"},
    "text": {"font-family": "Source Sans 3", "font-size": 13, "fill": "#4b5b64"},
    "k": {"font-weight": 600, "fill": "#15242c"},
}


@dataclass(frozen=True, kw_only=True)
class _Pen:
    """Draws one mark at a time in one of the two palettes."""

    palette: Palette
    wide: bool

    def line(self, kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
        return f'<path{self._look(kind)} d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'

    def dot(self, kind: str, x: float, y: float, *, radius: float | None = None) -> str:
        size = radius or (5.5 if self.wide else 4.5)
        return f'<circle{self._look(kind)} cx="{x:.1f}" cy="{y:.1f}" r="{size:.3g}"/>'

    def box(self, kind: str, x: float, y: float, wide: float, high: float) -> str:
        return f'<rect{self._look(kind)} x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"/>'

    def text(self, x: float, y: float, text: str, *, anchor: Anchor = "start", kind: str = "") -> str:
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        look = self._look(f"text {kind}" if self.palette == "light" else kind)
        return f'<text{look} x="{x:.1f}" y="{y:.1f}"{where}>{escape(text)}</text>'

    def lines(self, x: float, y: float, texts: Sequence[str], *, anchor: Anchor = "start", kind: str = "") -> list[str]:
        """Lines of text below each other, the first with its baseline at `y`."""
        return [self.text(x, y + i * LINE, text, anchor=anchor, kind=kind) for i, text in enumerate(texts)]

    def _look(self, kinds: str) -> str:
        if not kinds:
            return ""
        if self.palette == "css":
            return f' class="{kinds}"'
        look: dict[str, str | float] = {}
        for kind in kinds.split():
            look |= LIGHT[kind]
        return "".join(f' {name}="{value}"' for name, value in look.items())


@dataclass(frozen=True, kw_only=True)
class _Drawing:
    marks: list[str]
    high: float


def svg(chart: Chart, *, width: Size = "wide", palette: Palette = "css") -> str:
    """One chart as an SVG element, texts in the active language; read aloud as its `alternative`."""
    chart = words.printable(chart)
    pen = _Pen(palette=palette, wide=width == "wide")
    match chart:
        case EventStudy():
            drawing = _event_study(chart, pen, across=ACROSS[width])
        case Intervals():
            drawing = _intervals(chart, pen, across=ACROSS[width])
        case Slope():
            drawing = _slope(chart, pen, across=ACROSS[width])
    look = f' class="chart {width}"' if palette == "css" else ' xmlns="http://www.w3.org/2000/svg"'
    size = "" if palette == "css" else f' width="{ACROSS[width]:g}" height="{drawing.high:g}"'
    frame = f'viewBox="0 0 {ACROSS[width]:g} {drawing.high:g}" role="img" aria-label="{escape(chart.alternative)}"'
    return f"<svg{look}{size} {frame}>{''.join(drawing.marks)}</svg>"


def strip(figure: Figure, *, promised: float | None, scale: tuple[float, float]) -> str:
    """A figure as a dot with its margin, zero as a thin line, what was promised dotted; its text stands beside it."""
    pen, (low, high) = _Pen(palette="css", wide=False), scale
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return 6 + (value - low) / span * 148

    marks = [pen.line("zero", place(0), 2, place(0), 22)] if low <= 0 <= high else []
    if promised is not None:
        marks.append(pen.line("promise", place(promised), 2, place(promised), 22))
    marks += [
        pen.line("est", place(figure.margin.low), 12, place(figure.margin.high), 12),
        pen.dot("dot", place(figure.value), 12),
    ]
    return f'<svg class="strip" viewBox="0 0 160 24" aria-hidden="true">{"".join(marks)}</svg>'


def _reach(points: Sequence[Point]) -> list[float]:
    """Every finite value a drawing of these points must hold, margins included."""
    every = [value for point in points for value in (point.value, point.low, point.high) if value is not None]
    return [value for value in every if math.isfinite(value)]


def _ends(point: Point) -> tuple[float, float] | None:
    """Both ends of a margin, where there is one to draw."""
    if point.low is None or point.high is None or not (math.isfinite(point.low) and math.isfinite(point.high)):
        return None
    return point.low, point.high


# --- event study ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Field:
    """The field of an event study: its sides, the vertical axis, and where each period stands."""

    left: float
    right: float
    top: float
    bottom: float
    axis: axes.Axis
    first: float
    spacing: float

    def x(self, period: float) -> float:
        return self.first + period * self.spacing

    def y(self, value: float) -> float:
        return self.axis.place(value, start=self.bottom, end=self.top)


def _event_study(chart: EventStudy, pen: _Pen, *, across: float) -> _Drawing:
    axis = axes.axis([0.0, *_reach(chart.points)], at_most=8 if pen.wide else 5, whole=chart.unit.decimals == 0)
    labels = [axes.shorten(point.label, room=90) for point in chart.points]
    left = 12 + max(axes.width(_tick(value, axis, chart.unit)) for value in axis.ticks)
    inset = max([12.0, *(axes.width(label) / 2 for label in (*labels[:1], *labels[-1:]))])
    spacing = (across - left - 2 * inset) / max(len(labels) - 1, 1)
    if len(labels) == 1:
        inset = (across - left) / 2
    heads, top = _heads(chart, pen, left=left, boundary=left + inset + (chart.before - 0.5) * spacing, across=across)
    bottom = top + (250 if pen.wide else 180)
    first = left + inset
    field = _Field(left=left, right=across, top=top, bottom=bottom, axis=axis, first=first, spacing=spacing)
    titles = axes.wrap(chart.x_title, room=across - 4, lines=2)
    marks = [
        *_ground(chart, field, pen),
        *heads,
        *(mark for i, point in enumerate(chart.points) for mark in _period(i, point, chart, field, pen)),
        *_period_labels(labels, chart.before, field, pen),
        *pen.lines(across, bottom + 40, titles, anchor="end"),
    ]
    return _Drawing(marks=marks, high=bottom + 28 + LINE * len(titles))


def _ground(chart: EventStudy, field: _Field, pen: _Pen) -> list[str]:
    """The sunken field of the time before, the grid, and the zero line over it."""
    marks = []
    if chart.before:
        end = min(field.x(chart.before - 0.5), field.right) if chart.before < len(chart.points) else field.right
        marks.append(pen.box("wash", field.left, field.top, end - field.left, field.bottom - field.top))
    for value in field.axis.ticks:
        y = field.y(value)
        marks.append(pen.line("zero" if value == 0 else "grid", field.left, y, field.right, y))
        marks.append(pen.text(field.left - 8, y + 4, _tick(value, field.axis, chart.unit), anchor="end"))
    return marks


def _heads(chart: EventStudy, pen: _Pen, *, left: float, boundary: float, across: float) -> tuple[list[str], float]:
    """The names of the time before and after, above the field; on two lines where they would touch. And its top."""
    before = axes.shorten(chart.before_label, room=across - 10, bold=True) if chart.before else ""
    after = axes.shorten(chart.after_label, room=across - 10, bold=True) if chart.before < len(chart.points) else ""
    start = boundary + 4 if chart.before else left + 6
    fits_before = not before or left + 6 + axes.width(before, bold=True) < start - 8
    fits_after = not after or start + axes.width(after, bold=True) <= across
    if fits_before and fits_after:
        return [pen.text(left + 6, 17, before, kind="k"), pen.text(start, 17, after, kind="k")], 26
    anchors: list[Anchor] = ["start" if axes.width(before, bold=True) <= across - left - 6 else "end"]
    anchors.append("start" if fits_after else "end")
    places = (left + 6 if anchors[0] == "start" else across, start if fits_after else across)
    marks = [
        pen.text(place, 17 + i * LINE, text, kind="k", anchor=anchor)
        for i, (place, text, anchor) in enumerate(zip(places, (before, after), anchors, strict=True))
    ]
    return marks, 26 + LINE


def _period(i: int, point: Point, chart: EventStudy, field: _Field, pen: _Pen) -> list[str]:
    if not math.isfinite(point.value):
        return []
    hollow = i < chart.before
    dense = field.spacing < 12
    radius = max(min(5.5 if pen.wide else 4.5, field.spacing * 0.36), 1.2)
    marks = []
    if ends := _ends(point):
        kind = ("cmp" if hollow else "est") + (" fine" if dense else "")
        marks.append(pen.line(kind, field.x(i), field.y(ends[1]), field.x(i), field.y(ends[0])))
    kind = ("cmpdot" if hollow else "dot") + (" fine" if dense and hollow else "")
    return [*marks, pen.dot(kind, field.x(i), field.y(point.value), radius=radius)]


def _period_labels(labels: list[str], before: int, field: _Field, pen: _Pen) -> list[str]:
    needed = max(map(axes.width, labels), default=0.0) + 8
    chosen = axes.every(len(labels), start=min(before, max(len(labels) - 1, 0)), needed=needed, spacing=field.spacing)
    return [pen.text(field.x(i), field.bottom + 20, labels[i], anchor="middle") for i in chosen]


def _tick(value: float, axis: axes.Axis, unit: Unit) -> str:
    return words.tick(value, decimals=axis.decimals, scale=axis.scale, unit=unit)


# --- intervals --------------------------------------------------------------------------------------------------------


def _intervals(chart: Intervals, pen: _Pen, *, across: float) -> _Drawing:
    """One row per group: its name, its margin as a line, and what it says in numbers."""
    promised = [] if chart.promised is None else [chart.promised]
    reached = [*([0.0] if chart.zero else []), *promised, *_reach(chart.rows)]
    axis = axes.axis(reached, at_most=7 if pen.wide else 4)
    ticks = [_tick(value, axis, chart.unit) for value in axis.ticks]
    said = [words.point(row, chart.unit) for row in chart.rows]
    side = max([axes.width(text, bold=True) for text in said], default=0.0)
    names = [axes.wrap(row.label, room=176 if pen.wide else across, lines=2) for row in chart.rows]
    inset = max(axes.width(ticks[0]), axes.width(ticks[-1])) / 2
    start = 190 + inset if pen.wide else inset
    end = across - (min(side, 190) + 20 if pen.wide else inset)
    marks: list[str] = []
    y = top = 24.0 if promised else 4.0
    for row, name, text in zip(chart.rows, names, said, strict=True):
        middle, y_next, texts = _row_texts(name, text, pen, across=across, top=y)
        marks += texts
        if math.isfinite(row.value):
            if ends := _ends(row):
                x1, x2 = (axis.place(value, start=start, end=end) for value in ends)
                marks.append(pen.line("est", x1, middle, x2, middle))
            marks.append(pen.dot("dot", axis.place(row.value, start=start, end=end), middle))
        y = y_next
    titles = axes.wrap(chart.x_title, room=across - 4, lines=2)
    ground = []
    for value, label in zip(axis.ticks, ticks, strict=True):
        x = axis.place(value, start=start, end=end)
        ground.append(pen.line("zero" if value == 0 and chart.zero else "grid", x, top - 4, x, y))
        ground.append(pen.text(x, y + 18, label, anchor="middle"))
    for value in promised:
        x = axis.place(value, start=start, end=end)
        ground.append(pen.line("promise", x, top - 4, x, y))
        anchor: Anchor = "end" if x > across - 60 else "middle" if x > 60 else "start"
        ground.append(pen.text(x, 13, chart.promised_label, anchor=anchor, kind="k"))
    marks += pen.lines(across, y + 38, titles, anchor="end")
    return _Drawing(marks=[*ground, *marks], high=y + 26 + LINE * len(titles))


def _row_texts(name: list[str], said: str, pen: _Pen, *, across: float, top: float) -> tuple[float, float, list[str]]:
    """Where a row's line goes, where the next row starts, and the row's texts: beside the line, or narrow above it."""
    if pen.wide:
        high = max(34.0, 18.0 + LINE * len(name))
        middle = top + high / 2
        first = middle + 4.5 - LINE * (len(name) - 1) / 2
        said = axes.shorten(said, room=190, bold=True)
        texts = [*pen.lines(0, first, name), pen.text(across, middle + 4.5, said, anchor="end", kind="k")]
        return middle, top + high, texts
    together = len(name) == 1 and axes.width(name[0]) + axes.width(said, bold=True) + 12 <= across
    last = top + 13 + LINE * (len(name) - (1 if together else 0))
    shown = axes.shorten(said, room=across, bold=True)
    texts = pen.lines(0, top + 13, [f"{line}" for line in name])
    texts.append(pen.text(across if together else 0, last, shown, anchor="end" if together else "start", kind="k"))
    return last + 15, last + 32, texts


# --- paired slope -----------------------------------------------------------------------------------------------------


def _slope(chart: Slope, pen: _Pen, *, across: float) -> _Drawing:
    """Two moments and a line per group; comparison groups stand a little to the right so that margins stay apart."""
    first, second = (132.0, 452.0) if pen.wide else (62.0, 182.0)
    top, bottom = 14.0, 214.0
    axis = axes.axis(_reach([point for line in chart.lines for point in (line.first, line.second)]), at_most=40)
    beside = [_end_lines(line, chart.unit, room=across - second - 22) for line in chart.lines]
    marks = [pen.line("grid", x, top - 6, x, bottom + 6) for x in (first, second)]
    for line in sorted(chart.lines, key=lambda line: line.role != "comparison"):
        marks += _slope_line(line, axis, pen, xs=(first, second), ys=(bottom, top))
    ends = [
        [
            axis.place(p.value, start=bottom, end=top) if math.isfinite(p.value) else bottom
            for p in (line.first, line.second)
        ]
        for line in chart.lines
    ]
    lefts = axes.apart([y for y, _ in ends], heights=[LINE] * len(ends), low=top - 8, high=bottom + 12)
    rights = axes.apart(
        [y for _, y in ends], heights=[LINE * len(texts) + 2 for texts in beside], low=top - 8, high=bottom + 12
    )
    for line, left, right, texts in zip(chart.lines, lefts, rights, beside, strict=True):
        marks.append(pen.text(first - 12, left + 4.5, words.bare(line.first.value, chart.unit), anchor="end", kind="k"))
        marks += pen.lines(second + 20, right + 4.5 - LINE * (len(texts) - 1) / 2, texts, kind="k")
    room = min(second - first, 2 * first) - 8
    for x, moment in zip((first, second), chart.moments, strict=True):
        marks += pen.lines(x, bottom + 28, axes.wrap(moment, room=room, lines=2), anchor="middle")
    return _Drawing(marks=marks, high=bottom + 52)


def _slope_line(
    line: SlopeLine, axis: axes.Axis, pen: _Pen, *, xs: tuple[float, float], ys: tuple[float, float]
) -> list[str]:
    stroke, dot, aside = ("est", "dot", 0.0) if line.role == "trained" else ("cmp", "cmpdot", 8.0)
    places = [
        (x + aside, point, axis.place(point.value, start=ys[0], end=ys[1]))
        for x, point in zip(xs, (line.first, line.second), strict=True)
        if math.isfinite(point.value)
    ]
    marks = []
    if len(places) == 2:
        marks.append(pen.line(stroke, places[0][0], places[0][2], places[1][0], places[1][2]))
    for x, point, _y in places:
        if margin := _ends(point):
            low, high = (axis.place(value, start=ys[0], end=ys[1]) for value in margin)
            marks.append(pen.line(stroke, x, high, x, low))
    return [*marks, *(pen.dot(dot, x, y) for x, _point, y in places)]


def _end_lines(line: SlopeLine, unit: Unit, *, room: float) -> list[str]:
    """The value at the end of a line and the group's name behind it, over at most three lines."""
    value = words.bare(line.second.value, unit)
    together = f"{value} {line.label}"
    if axes.width(together, bold=True) <= room:
        return [together]
    return [value, *axes.wrap(line.label, room=room, lines=2, bold=True)]
