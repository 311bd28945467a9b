"""What a figure is, and when it may leave: the release gate and the shapes that every renderer draws from.

A number leaves Borging only inside a `Figure`. A `Figure` cannot be made without a margin, a denominator and a rung, so
no page, chart, sheet, slide or document can leave them out. Texts in these shapes are already in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Literal

SCORE_MINIMUM = 5
"""Fewest people behind a shown score (trust rule P1); may be raised, never lowered."""
REGISTER_MINIMUM = 10
"""Fewest people behind a shown HR register figure, absence included (trust rule P1)."""


class Rung(IntEnum):
    """The evidence ladder (bewijsladder), from presence to a draw by lot."""

    ATTENDED = 0
    EXPERIENCED = 1
    ESTIMATED = 2
    OBSERVED = 3
    TRACKED = 4
    COMPARED = 5
    DRAWN = 6


class UnfoundedFigureError(ValueError):
    """A number without a margin, a denominator or a sentence tried to leave."""


@dataclass(frozen=True, kw_only=True)
class Margin:
    """An interval around a value, in the value's own unit. `level` is its confidence, .95 unless said."""

    low: float
    high: float
    level: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Count:
    """`n` of `of`, always together: the denominator is part of the number. `label` names them ("took part")."""

    label: str
    n: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The analysis plan was laid down beforehand: the hash of its text and the day it was locked."""

    sha256: str
    locked_on: date


@dataclass(frozen=True, kw_only=True)
class Unit:
    """How a value is written: decimals, and what stands before and after it ("€ ", "%", " procentpunt").

    An `after` that starts with a space is a word: it follows value and margin together and stays off the axes.
    `signed`: the value is a difference, so a plus is written too.
    """

    decimals: int = 1
    before: str = ""
    after: str = ""
    signed: bool = False


@dataclass(frozen=True, kw_only=True)
class Point:
    """One estimate with its margin; `low` and `high` are None only for a reference point that is zero by definition."""

    label: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class EventStudy:
    """Differences per period around the start. The first `before` points lie before it."""

    points: tuple[Point, ...]
    before: int
    before_label: str
    after_label: str
    x_title: str
    unit: Unit
    alternative: str


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """One row per group or analysis: an estimate and its margin; never bars. `zero` draws the zero line.

    `promised` is a level to compare with, drawn as a dotted line under `promised_label`. `legend` says what the marks
    mean where they are no estimate with its margin.
    """

    rows: tuple[Point, ...]
    x_title: str
    unit: Unit
    alternative: str
    zero: bool = True
    promised: float | None = None
    promised_label: str = ""
    legend: str = ""


@dataclass(frozen=True, kw_only=True)
class SlopeLine:
    """One group at two moments. `role` decides colour and marker, beside its label."""

    label: str
    first: Point
    second: Point
    role: Literal["trained", "comparison"]


@dataclass(frozen=True, kw_only=True)
class Slope:
    """Paired slope: two moments, one line a group, margins on both ends, labelled at the line."""

    moments: tuple[str, str]
    lines: tuple[SlopeLine, ...]
    unit: Unit
    alternative: str


Chart = EventStudy | Intervals | Slope


@dataclass(frozen=True, kw_only=True)
class Column:
    """A table column. `decimals` None means text; a number is written with that many decimals."""

    title: str
    decimals: int | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text and numbers; the first column names the row. None is an empty cell."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | float | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that may leave, with everything that belongs to it.

    `label` names what the value is ("effect" from rung 5, else "difference"); `sentence` says it in plain words;
    `design` names the method.
    Raises UnfoundedFigureError when sentence, margin or denominator is missing or makes no sense.
    """

    title: str
    sentence: str
    label: str
    value: float
    margin: Margin
    unit: Unit
    counts: tuple[Count, ...]
    rung: Rung
    design: str
    chart: Chart
    table: Table
    caption: str = ""
    seal: Seal | None = None

    def __post_init__(self) -> None:
        if not self.sentence or not self.label or not self.design:
            raise UnfoundedFigureError("a figure needs a sentence, a label and a design")
        if not self.counts or any(count.n > count.of or count.n < 0 for count in self.counts):
            raise UnfoundedFigureError("a figure needs its numbers of people, each with its denominator")
        if not self.margin.low <= self.value <= self.margin.high:
            raise UnfoundedFigureError("a value lies inside its own margin")


@dataclass(frozen=True, kw_only=True)
class Withheld:
    """A number that may not leave, with the reason a reader sees instead; never a zero.

    minimum: from how many people it would be shown; None where that is not why it is withheld.
    """

    title: str
    reason: str
    minimum: int | None = None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A term and its explanation, for the 'how calculated' list."""

    term: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """A remark that must be seen. `tone`: plain, warn (asks attention), good, stop."""

    heading: str
    paragraphs: tuple[str, ...]
    tone: Literal["plain", "warn", "good", "stop"] = "plain"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a finding below its figure: words, then at most one chart with its table.

    `open`: the table lies unfolded.
    """

    heading: str
    paragraphs: tuple[str, ...] = ()
    chart: Chart | None = None
    table: Table | None = None
    open: bool = True


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Everything about one outcome: the figure first, then how it was calculated, remarks, and the parts below.

    In a list, findings of one `group` stand together, and `moment` tells them apart. `promised` is what was laid down
    beforehand, in the unit of the figure.
    """

    outcome: str
    figure: Figure | Withheld
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...]
    sections: tuple[Section, ...]
    group: str = ""
    moment: str = ""
    promised: float | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What leaves as a page, PDF, slides or workbook: findings, and what was left out of them."""

    language: Literal["nl", "en"]
    title: str
    subtitle: str
    made_on: date
    findings: tuple[Finding, ...]
    closing: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class OneSlide:
    """What fits on one slide: promised → seen → margin → rung → decision. The middle three are the figure's own."""

    language: Literal["nl", "en"]
    title: str
    made_on: date
    promised: str
    figure: Figure | Withheld
    decision: str


def may_show(counts: tuple[int, ...], *, minimum: int) -> bool:
    """Whether there is a group and every group is large enough to be shown; both invited and answered groups count."""
    return bool(counts) and all(count >= minimum for count in counts)
