"""Numbers, margins, counts, rungs and days as a reader sees them, in the active language.

Every renderer writes a figure through `figure_words`, so none of them can leave out its margin, denominator or rung.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import TypeVar, cast

from django.utils.formats import date_format, get_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from borging.figures.rules import (
    Chart,
    Column,
    Count,
    EventStudy,
    Figure,
    Intervals,
    Margin,
    Point,
    Report,
    Rung,
    Seal,
    Slope,
    Table,
    Unit,
    Withheld,
)

MINUS = "−"
NOTHING = "–"
_T = TypeVar("_T")


def printable(thing: _T) -> _T:
    """The same text, or shape with texts in it, without characters that break XML or turn the reading order around."""
    if isinstance(thing, str):
        return cast(_T, "".join(character for character in thing if _is_printable(character)))
    if isinstance(thing, tuple):
        return cast(_T, tuple(printable(part) for part in thing))
    if is_dataclass(thing) and not isinstance(thing, type):
        changes = {field.name: printable(getattr(thing, field.name)) for field in fields(thing)}
        return cast(_T, replace(thing, **changes))
    return thing


def _is_printable(character: str) -> bool:
    turns = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069"  # bidirectional overrides
    lawful = character in "\t\n" or unicodedata.category(character) not in {"Cc", "Cs", "Cn"}
    return lawful and not turns


def number(value: float, *, decimals: int, sign: bool = False) -> str:
    """A number with the language's separators and a true minus; `sign` also writes the plus. Not a number: a dash."""
    if not math.isfinite(value):
        return NOTHING
    digits = f"{abs(value):,.{decimals}f}" if abs(value) < 1e15 else f"{abs(value):.1e}"
    zero = not any(digit in digits for digit in "123456789")
    before = "" if zero or (value > 0 and not sign) else MINUS if value < 0 else "+"
    separators = {",": str(get_format("THOUSAND_SEPARATOR")), ".": str(get_format("DECIMAL_SEPARATOR"))}
    return before + "".join(separators.get(character, character) for character in digits)


def tick(value: float, *, decimals: int, scale: float, unit: Unit) -> str:
    """A number along an axis, with the unit's sign ("%", "€ ") but not its word; `scale` shortens it to "2 mln"."""
    short = {"n": number(value / scale, decimals=decimals)}
    texts = {1e6: pgettext("number", "%(n)sM"), 1e9: pgettext("number", "%(n)s bn")}
    return _with_sign_of_unit(texts.get(scale, "%(n)s") % short, unit)


def bare(value: float, unit: Unit) -> str:
    """A value with the unit's sign ("61%", "−€ 20") but without its word."""
    return _with_sign_of_unit(number(value, decimals=unit.decimals, sign=unit.signed), unit)


def quantity(value: float, unit: Unit) -> str:
    """A value with its whole unit: "−0,6 procentpunt"."""
    return bare(value, unit) + unit_word(unit)


def unit_word(unit: Unit) -> str:
    """What follows a value and its margin together: the unit when it is a word, with its space, else nothing."""
    return unit.after if unit.after[:1].isspace() else ""


def _with_sign_of_unit(text: str, unit: Unit) -> str:
    before = text[0] + unit.before + text[1:] if text[:1] in (MINUS, "+") else unit.before + text
    return before if unit_word(unit) else before + unit.after


def kept(value: float | None, unit: Unit) -> float | None:
    """A number as it goes into a workbook: two decimals more than a reader sees; None when it is no number."""
    return None if value is None or not math.isfinite(value) else round(value, unit.decimals + 2)


def office_format(decimals: int, unit: Unit, *, scale: float = 1.0) -> str:
    """Excel's and PowerPoint's number format for a unit's sign and decimals, with a true minus; they localise it."""
    digits = "#,##0" + ("." + "0" * decimals if decimals else "") + "," * round(math.log10(scale) / 3)
    before, after = unit.before, "" if unit_word(unit) else unit.after
    quoted = [f'"{text.replace(chr(34), "")}"' if text else "" for text in (before, after)]
    return f"{quoted[0]}{digits}{quoted[1]};{MINUS}{quoted[0]}{digits}{quoted[1]}"


def margin(value: float, margin: Margin, unit: Unit) -> str:
    """ "± 0,5" when both sides are equal as shown, else "0,1 tot 1,1"; a margin too small to show says so."""
    plain = replace(unit, signed=False)
    below, above = bare(value - margin.low, plain), bare(margin.high - value, plain)
    if below != above:
        return interval(margin.low, margin.high, unit)
    if below == bare(0, plain) and margin.high > margin.low:
        return _("± less than %(n)s") % {"n": bare(10**-unit.decimals, plain)}
    return f"± {above}"


def interval(low: float, high: float, unit: Unit) -> str:
    """ "−1,1 tot −0,1": both ends of a margin, without the unit's word."""
    return _("%(low)s to %(high)s") % {"low": bare(low, unit), "high": bare(high, unit)}


def point(point: Point, unit: Unit) -> str:
    """ "−0,6 (−1,1 tot −0,1)", or the value alone for a reference point."""
    if point.low is None or point.high is None:
        return bare(point.value, unit)
    return f"{bare(point.value, unit)} ({interval(point.low, point.high, unit)})"


def level(level: float) -> str:
    """ "95%": the confidence of a margin."""
    return number(level * 100, decimals=0 if math.isclose(level * 100, round(level * 100)) else 1) + "%"


def count(count: Count) -> str:
    """ "185 of 260": a number of people is never written without its denominator."""
    return _("%(n)s of %(of)s") % {"n": number(count.n, decimals=0), "of": number(count.of, decimals=0)}


def rung_name(rung: Rung) -> str:
    """The word for a rung: "compared"."""
    names = {
        Rung.ATTENDED: pgettext("rung", "attended"),
        Rung.EXPERIENCED: pgettext("rung", "experienced"),
        Rung.ESTIMATED: pgettext("rung", "estimated"),
        Rung.OBSERVED: pgettext("rung", "observed"),
        Rung.TRACKED: pgettext("rung", "tracked"),
        Rung.COMPARED: pgettext("rung", "compared"),
        Rung.DRAWN: pgettext("rung", "drawn by lot"),
    }
    return names[rung]


def rung(rung: Rung) -> str:
    """ "Rung 5 · compared": the words that always stand beside the bars."""
    return _("Rung %(n)s · %(name)s") % {"n": int(rung), "name": rung_name(rung)}


def day(day: date) -> str:
    """ "12 september 2025"."""
    return date_format(day, "j F Y")


def seal(seal: Seal) -> str:
    """What the lock beside a figure says."""
    return _("laid down beforehand on %(day)s") % {"day": day(seal.locked_on)}


@dataclass(frozen=True, kw_only=True)
class FigureWords:
    """A figure as it is read. `estimate` is value, margin and unit in one line; `counts` are label and "n of N"."""

    label: str
    value: str
    margin: str
    estimate: str
    counts: tuple[tuple[str, str], ...]
    rung: str
    seal: str


def figure_words(figure: Figure) -> FigureWords:
    """Everything that must stand beside a figure's sentence, in the active language."""
    value, unit = bare(figure.value, figure.unit), unit_word(figure.unit)
    beside = margin(figure.value, figure.margin, figure.unit)
    named = {"label": figure.label[:1].upper() + figure.label[1:], "level": level(figure.margin.level)}
    return FigureWords(
        label=_("%(label)s with %(level)s margin") % named,
        value=value,
        margin=beside + unit,
        estimate=f"{value} {beside}{unit}" if beside.startswith("±") else f"{value}{unit} ({beside})",
        counts=tuple((each.label, count(each)) for each in figure.counts),
        rung=rung(figure.rung),
        seal=seal(figure.seal) if figure.seal else "",
    )


def withheld(withheld: Withheld) -> str:
    """Why a figure is not shown, and from how many people it would be where that is the reason."""
    if withheld.minimum is None:
        return withheld.reason
    return _("%(reason)s Shown from %(minimum)s people.") % {"reason": withheld.reason, "minimum": withheld.minimum}


@dataclass(frozen=True, kw_only=True)
class TableWords:
    """A table as it is read. `columns` are a title and whether it holds numbers; an empty cell is an empty text."""

    title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


def table_words(table: Table) -> TableWords:
    """A table with its numbers written with each column's decimals."""
    return TableWords(
        title=table.title,
        columns=tuple((column.title, column.decimals is not None) for column in table.columns),
        rows=tuple(
            tuple(cell(value, column) for value, column in zip(row, table.columns, strict=True)) for row in table.rows
        ),
    )


def cell(value: str | float | None, column: Column) -> str:
    """One cell as text; a number in a column of text is written whole, or with two decimals."""
    if value is None or isinstance(value, str):
        return value or ""
    whole = 0 if float(value).is_integer() else 2
    return number(value, decimals=whole if column.decimals is None else column.decimals)


def legend(chart: Chart, *, level_of_margin: float | None = None) -> str:
    """What the marks of a chart mean; the confidence is named where it is known."""
    if all(point.low is None for point in _points(chart)):
        texts = [_("Dot: estimate.") if isinstance(chart, Intervals) else _("Dot: value.")]
    elif level_of_margin:
        texts = [_("Dot: estimate. Line: %(level)s margin.") % {"level": level(level_of_margin)}]
    else:
        texts = [_("Dot: estimate. Line: margin.")]
    if isinstance(chart, EventStudy) and 0 < chart.before < len(chart.points):
        texts.append(_("Open dots lie before the start."))
    return " ".join(texts)


def _points(chart: Chart) -> tuple[Point, ...]:
    match chart:
        case EventStudy():
            return chart.points
        case Intervals():
            return chart.rows
        case Slope():
            return tuple(point for line in chart.lines for point in (line.first, line.second))


def made_on(report: Report) -> str:
    """The last line of a report."""
    return _("Made with Borging on %(day)s") % {"day": day(report.made_on)}
