"""Where things stand in a drawing: round ticks, and texts that fit."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

_LARGEST = 1e300
_NARROW, _WIDE = frozenset("fijlrtI.,:;'’|!()[] ·"), frozenset("mwMW%@—…")
ELLIPSIS = "…"


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Round values that enclose all data. They are written divided by `scale`, with `decimals`."""

    ticks: tuple[float, ...]
    decimals: int
    scale: float

    def place(self, value: float, *, start: float, end: float) -> float:
        """Where a value stands when the first tick lies at `start` and the last at `end`."""
        low, high = self.ticks[0], self.ticks[-1]
        return start + (value - low) / (high - low) * (end - start)


def axis(values: list[float], *, at_most: int, whole: bool = False) -> Axis:
    """An axis of at most `at_most` ticks, at least three, a step of 1, 2, 2.5 or 5 times a power of ten apart.

    Values that are no number are passed over; equal or no values get room around them. whole: only whole steps.
    """
    low, high = _span([min(max(value, -_LARGEST), _LARGEST) for value in values if not math.isnan(value)])
    power = math.floor(math.log10((high - low) / at_most))
    for exponent in (power, power + 1, power + 2, 0):
        for factor in (1.0, 2.0, 2.5, 5.0):
            step = factor * 10.0**exponent
            first, last = math.floor(low / step), math.ceil(high / step)
            if last - first + 1 <= max(at_most, 3) and not (whole and step % 1):
                return _axis(first, last, step)
    raise AssertionError("a step a hundred times the span always fits")


def _span(values: list[float]) -> tuple[float, float]:
    low, high = min(values, default=0.0), max(values, default=0.0)
    size = max(abs(low), abs(high))
    if high - low > 1e-9 * max(size, 1.0):
        return low, high
    room = size / 10 if size > 1e-6 else 1.0
    return low - room, high + room


def _axis(first: int, last: int, step: float) -> Axis:
    largest = max(abs(first), abs(last)) * step
    scale = 1e9 if 1e9 <= largest < 1e15 else 1e6 if 1e6 <= largest < 1e9 else 1.0
    shown = step / scale
    decimals = next((d for d in range(13) if math.isclose(round(shown, d), shown, rel_tol=1e-9)), 12)
    ticks = tuple(i * step if abs(step) >= 1 else round(i * step, 15) for i in range(first, last + 1))
    return Axis(ticks=ticks, decimals=decimals, scale=scale)


def every(count: int, *, start: int, needed: float, spacing: float) -> range:
    """Which of `count` labels to write so that none touch: every so many, and always the one at `start`."""
    steps = (1, 2, 3, 4, 5, 6, 10, 12, 20, 24, 30, 50, 60, 100)
    step = next((step for step in steps if step * spacing >= needed), max(count, 1))
    return range(start % step, count, step)


def width(text: str, *, bold: bool = False, size: float = 13) -> float:
    """About how wide a text is, rather too wide than too narrow: fonts differ between devices."""
    return sum(map(_width, text)) * size * (1.1 if bold else 1)


def _width(character: str) -> float:
    if character in _NARROW:
        return 0.35
    if character in _WIDE:
        return 0.92
    if unicodedata.east_asian_width(character) in "WF":
        return 1.1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    return 0.7 if character.isupper() else 0.61


def shorten(text: str, *, room: float, bold: bool = False) -> str:
    """The text, or as much of it as fits with an ellipsis behind it."""
    if width(text, bold=bold) <= room:
        return text
    kept = text
    while kept and width(kept + ELLIPSIS, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


def wrap(text: str, *, room: float, lines: int, bold: bool = False) -> list[str]:
    """The text over at most so many lines that each fit; what remains is shortened."""
    done: list[str] = []
    rest = text.split()
    while rest and len(done) < lines - 1:
        taken = 1
        while taken < len(rest) and width(" ".join(rest[: taken + 1]), bold=bold) <= room:
            taken += 1
        if width(rest[0], bold=bold) > room:  # a word longer than a line: cut here, the reader finds it in the table
            break
        done.append(" ".join(rest[:taken]))
        rest = rest[taken:]
    return [*done, shorten(" ".join(rest), room=room, bold=bold)] if rest else done


def apart(places: list[float], *, heights: list[float], low: float, high: float) -> list[float]:
    """Centres of labels moved as little as needed so that they do not overlap, in the order of their places."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in pairwise(order):
        moved[after] = max(moved[after], moved[before] + (heights[before] + heights[after]) / 2)
    if order and (over := moved[order[-1]] + heights[order[-1]] / 2 - high) > 0:
        moved[order[-1]] -= over
        for after, before in pairwise(reversed(order)):
            moved[before] = min(moved[before], moved[after] - (heights[before] + heights[after]) / 2)
    if order and (under := low - (moved[order[0]] - heights[order[0]] / 2)) > 0:
        moved = [place + under for place in moved]
    return moved
