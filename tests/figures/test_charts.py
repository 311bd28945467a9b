"""The drawings: well-formed, readable aloud, and whole whatever the numbers and names are."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise, product
from xml.etree import ElementTree

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from borging.figures import axes, charts
from borging.figures.rules import Chart, EventStudy, Intervals, Point, Unit
from tests.figures import sample

CHARTS: list[Chart] = [sample.event_study("nl"), sample.intervals("nl"), sample.slope("nl")]
SIZES: list[charts.Size] = ["wide", "narrow"]
PALETTES: list[charts.Palette] = ["css", "light"]


def drawn(chart: Chart, size: charts.Size = "wide", palette: charts.Palette = "css") -> ElementTree.Element:
    with override("nl"):
        return ElementTree.fromstring(charts.svg(chart, width=size, palette=palette))


def local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def study(values: list[tuple[float, float, float]], *, before: int, unit: Unit | None = None) -> EventStudy:
    points = tuple(Point(label=str(i - before), value=v, low=a, high=b) for i, (a, v, b) in enumerate(values))
    return replace(sample.event_study("nl"), points=points, before=before, unit=unit or Unit())


@pytest.mark.parametrize(("chart", "size", "palette"), list(product(CHARTS, SIZES, PALETTES)))
def test_a_chart_is_well_formed_and_read_aloud_as_its_alternative(
    chart: Chart, size: charts.Size, palette: charts.Palette
) -> None:
    root = drawn(chart, size, palette)
    assert root.get("role") == "img"
    assert root.get("aria-label") == chart.alternative
    assert not [element for element in root.iter() if element.get("style") or element.get("id")]


@pytest.mark.parametrize("chart", CHARTS)
def test_the_palette_of_the_page_holds_no_colour_and_that_of_documents_no_class(chart: Chart) -> None:
    with override("nl"):
        page, document = charts.svg(chart), charts.svg(chart, palette="light")
    assert not re.search(r"#[0-9a-f]{3,6}|(fill|stroke)=", page)
    assert "class=" not in document
    assert all(text.get("font-family") for text in ElementTree.fromstring(document).iter() if local(text) == "text")


@pytest.mark.parametrize(("hostile", "size"), list(product(sample.HOSTILE, SIZES)))
def test_a_hostile_name_is_drawn_as_text(hostile: str, size: charts.Size) -> None:
    chart = sample.event_study("nl")
    named = replace(
        chart,
        points=tuple(replace(point, label=hostile) for point in chart.points),
        before_label=hostile,
        after_label=hostile,
        x_title=hostile,
        alternative=hostile,
    )
    tags = {local(element) for element in drawn(named, size).iter()}
    assert tags <= {"svg", "path", "circle", "rect", "text"}


def test_a_point_without_margin_is_a_hollow_dot_without_a_line() -> None:
    kinds = [element.get("class") for element in drawn(sample.event_study("nl")).iter()]
    assert (kinds.count("cmpdot"), kinds.count("cmp")) == (6, 5)
    assert (kinds.count("dot"), kinds.count("est")) == (9, 9)


def test_the_zero_line_is_drawn_once() -> None:
    assert [element.get("class") for element in drawn(sample.event_study("nl")).iter()].count("zero") == 1
    plain = replace(sample.intervals("nl"), zero=False)
    assert "zero" not in [element.get("class") for element in drawn(plain).iter()]


FINITE = st.floats(min_value=-1e12, max_value=1e12)


@given(st.lists(st.tuples(FINITE, FINITE, FINITE).map(sorted).map(tuple), max_size=60), st.integers(0, 60))
def test_no_margin_is_cut_off_and_nothing_leaves_the_drawing(
    values: list[tuple[float, float, float]], before: int
) -> None:
    chart = study(values, before=min(before, len(values)))
    for size in SIZES:
        root = drawn(chart, size)
        _x, _y, wide, high = map(float, (root.get("viewBox") or "").split())
        for mark in root.iter():
            if local(mark) == "path":
                numbers = [float(n) for n in re.findall(r"-?[\d.]+", mark.get("d") or "")]
                assert all(-0.1 <= x <= wide + 0.1 for x in numbers[::2])
                assert all(25.8 <= y <= high + 0.1 for y in numbers[1::2])
            if local(mark) == "circle":
                assert 0 <= float(mark.get("cx") or -1) <= wide


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 2, 24, 60])
def test_the_labels_of_many_periods_do_not_touch(count: int, size: charts.Size) -> None:
    root = drawn(study([(-1.0, 0.0, 1.0)] * count, before=count // 2), size)
    labels = [t for t in root.iter() if local(t) == "text" and re.fullmatch(r"-?\d+", t.text or "")]
    by_height: dict[str, list[ElementTree.Element]] = {}
    for label in labels:
        if label.get("text-anchor") == "middle":
            by_height.setdefault(label.get("y") or "", []).append(label)
    (row,) = by_height.values()
    assert "0" in [label.text for label in row]
    for left, right in pairwise(row):
        gap = float(right.get("x") or 0) - float(left.get("x") or 0)
        assert gap > (axes.width(left.text or "") + axes.width(right.text or "")) / 2


def test_no_points_and_numbers_that_are_none_leave_a_drawing_without_marks() -> None:
    nothing = study([(math.nan, math.nan, math.nan), (-math.inf, math.inf, math.inf)], before=1)
    for chart in (nothing, study([], before=0), replace(sample.intervals("nl"), rows=())):
        kinds = {element.get("class") for element in drawn(chart).iter()}
        assert not kinds & {"dot", "est", "cmp", "cmpdot"}


def test_equal_and_huge_values_are_drawn() -> None:
    for value in (0.0, 7.0, -1e300, 1e300):
        assert len([e for e in drawn(study([(value, value, value)] * 3, before=1)).iter() if local(e) == "circle"]) == 3


def test_an_interval_is_labelled_with_its_numbers() -> None:
    texts = [element.text for element in drawn(sample.intervals("nl")).iter()]
    assert "−0,6 (−1,1 tot −0,1)" in texts


def test_a_share_keeps_its_sign_on_the_axis_and_a_unit_that_is_a_word_does_not() -> None:
    rows = (Point(label="a", value=61, low=50, high=72),)
    share = Intervals(rows=rows, x_title="", unit=Unit(decimals=0, after="%"), alternative="", zero=True)
    assert "60%" in [element.text for element in drawn(share).iter()]
    words = replace(share, unit=Unit(decimals=0, after=" procentpunt"))
    assert "60" in [element.text for element in drawn(words).iter()]
