"""Ticks that enclose the data, and texts that fit."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from borging.figures import axes

VALUES = st.lists(st.floats(min_value=-1e300, max_value=1e300), max_size=8)


@given(VALUES, st.integers(3, 10))
def test_an_axis_encloses_all_values_with_evenly_spaced_ticks(values: list[float], at_most: int) -> None:
    axis = axes.axis(values, at_most=at_most)
    slack = 1e-9 * max(map(abs, axis.ticks))
    assert all(axis.ticks[0] - slack <= value <= axis.ticks[-1] + slack for value in values)
    assert 2 <= len(axis.ticks) <= at_most
    steps = [after - before for before, after in pairwise(axis.ticks)]
    assert max(steps) - min(steps) <= 1e-6 * max(steps)
    assert all(step > 0 for step in steps)


@given(VALUES)
def test_every_value_is_placed_inside_the_field(values: list[float]) -> None:
    axis = axes.axis(values, at_most=6)
    assert all(-0.01 <= axis.place(value, start=0, end=250) <= 250.01 for value in values)


def test_ticks_are_round_numbers_with_just_enough_decimals() -> None:
    axis = axes.axis([-1.6, 0.7], at_most=8)
    assert axis.ticks == (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
    assert axis.decimals == 1


def test_large_ticks_are_written_in_millions() -> None:
    axis = axes.axis([0, 2_400_000], at_most=6)
    assert (axis.scale, axis.decimals) == (1e6, 1)


@given(st.integers(1, 120), st.integers(0, 119), st.floats(1, 80), st.floats(1, 60))
def test_written_labels_never_touch_and_include_the_start(
    count: int, start: int, needed: float, spacing: float
) -> None:
    start = min(start, count - 1)
    chosen = list(axes.every(count, start=start, needed=needed, spacing=spacing))
    assert start in chosen
    assert all((after - before) * spacing >= needed for before, after in pairwise(chosen))


@given(st.text(), st.floats(20, 300), st.integers(1, 3))
def test_wrapped_text_fits_its_room(text: str, room: float, lines: int) -> None:
    wrapped = axes.wrap(text, room=room, lines=lines)
    assert len(wrapped) <= lines
    assert all(axes.width(line) <= room or line == axes.ELLIPSIS for line in wrapped)


@given(st.lists(st.floats(0, 200), min_size=1, max_size=8))
def test_labels_at_the_same_place_are_moved_apart(places: list[float]) -> None:
    moved = axes.apart(places, heights=[16.0] * len(places), low=0, high=220)
    assert all(after - before >= 15.99 for before, after in pairwise(sorted(moved)))
    assert sorted(range(len(places)), key=lambda i: places[i]) == sorted(range(len(places)), key=lambda i: moved[i])
