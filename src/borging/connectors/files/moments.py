"""One text that tells when: which kinds of period it can be. Pure; the whole column is judged in `times`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from borging.connectors.files.rules import words

Kind = Literal["date", "month", "quarter", "year", "number", "moment"]
CALENDAR: tuple[Kind, ...] = ("date", "month", "quarter", "year")
"""From fine to coarse."""
EXCEL_DAY_ZERO = date(1899, 12, 30)
"""Day 0 of Excel's day numbers, after its 29 February 1900 that never was."""
EXCEL_DAYS = range(20_000, 60_001)
"""Day numbers from 1954 to 2064: what a column of serial dates holds."""
YEARS = range(1900, 2101)

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february feb febr",
            "maart march mrt mar maa",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "augustus august aug",
            "september sep sept",
            "oktober october okt oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
MOMENTS = {
    word: rank
    for rank, group in enumerate(
        (
            "pre, voor, voormeting, vooraf, nulmeting, before, baseline, voortoets, pretest, pre test",
            "mid, tussen, tussenmeting, tijdens, midterm, during",
            "post, na, nameting, achteraf, after, natoets, posttest, post test, eindmeting, endline, na de training",
            "follow up, followup, vervolg, vervolgmeting, opvolging, fu, beklijving, delayed, later",
            "follow up 2, followup 2, vervolgmeting 2, fu 2, fu2",
        )
    )
    for word in words(group)
}
NUMBER_WORDS = frozenset(
    words(
        "t,w,m,d,wave,golf,meting,meetmoment,moment,measurement,time,tijd,ronde,round,periode,period,week,maand,month,dag,"
        "day,y,jaar,year,occasion,tijdstip,kwartaal,quarter"
    )
)
"""What may stand before or after the number of a wave."""

_CLOCK = r"(?:[t ]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
_SEP = r"\s*[-/. ]\s*"
_WEEKDAY = r"(?:[a-z]{2,9}\.?,?\s+)?"
_NAME = r"([a-z]{3,9})\.?"
_ISO = re.compile(rf"(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_CLOCK}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMERIC = re.compile(rf"(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}}){_CLOCK}")
_DAY_NAME = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:e|de|ste|st|nd|rd|th)?(?:\s+of)?[-/. ]*{_NAME}[-/., ]*'?(\d{{4}}|\d{{2}}){_CLOCK}"
)
_NAME_DAY = re.compile(rf"{_WEEKDAY}{_NAME}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}){_CLOCK}")
_YEAR_MONTH = re.compile(r"(\d{4})(?:\s*[-/. ]\s*|-?m)(\d{1,2})")
_YEAR_MONTH_COMPACT = re.compile(r"(\d{4})(\d{2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{4})")
_NAME_YEAR = re.compile(rf"{_NAME}[-/., ]*(?:'?(\d{{2}})|(\d{{4}}))")
_YEAR_NAME = re.compile(rf"(\d{{4}})[-/., ]*{_NAME}")
_QUARTER = re.compile(r"(\d{4})\s*[-/. ]?\s*(?:q|k|kw|kwartaal)\s*([1-4])")
_QUARTER_FIRST = re.compile(
    r"(?:q|k|kw|kwartaal|quarter)\s*([1-4])[-/., ]*(\d{4})|([1-4])e?\s*(?:kwartaal|kw)\s*(\d{4})"
)
_NUMBER = re.compile(r"(?:([^\W\d]+)[\s._\-]*)?(-?\d{1,9})(?:[.,]0+)?")
_NUMBER_FIRST = re.compile(r"(\d{1,3})(?:e|de|ste|st|nd|rd|th)?[\s._\-]*([^\W\d]+)")


@dataclass(frozen=True)
class When:
    """A reading of a text. at: the days, or the number, year, month (year * 12 + m) or quarter (year * 4 + q) it says.

    For a date `at` is the day since 1970; for a moment its rank. other: the same date read month first, when that is
    another possible day, or the only possible one. day_first: whether the text itself proves its order.
    """

    kind: Kind
    at: int
    other: int | None = None
    proves: Literal["day", "month", ""] = ""
    prefix: str = ""


def read_when(text: str) -> When | None:
    """The kind of period a text says, None when it says none."""
    lowered = " ".join(text.replace("\u00a0", " ").casefold().split())
    return (
        _read_date(lowered)
        or _read_quarter(lowered)
        or _read_month(lowered)
        or _read_moment(lowered)
        or _read_number(lowered)
    )


def day_number(year: int, month: int, day: int) -> int | None:
    """Days since 1970-01-01, None when there is no such day."""
    try:
        return (date(year, month, day) - date(1970, 1, 1)).days
    except ValueError:
        return None


def excel_day(number: int) -> int:
    """An Excel day number as days since 1970-01-01."""
    return (EXCEL_DAY_ZERO + timedelta(days=number) - date(1970, 1, 1)).days


def full_year(text: str) -> int:
    """Two figures are 1970-2069."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _read_date(text: str) -> When | None:
    if (match := _ISO.fullmatch(text)) or ((match := _COMPACT.fullmatch(text)) and int(match[1]) in YEARS):
        return _dated(day_number(int(match[1]), int(match[2]), int(match[3])))
    if match := _NUMERIC.fullmatch(text):
        return _either_way(int(match[1]), int(match[2]), full_year(match[3]))
    if (match := _DAY_NAME.fullmatch(text)) and match[2] in MONTHS:
        return _dated(day_number(full_year(match[3]), MONTHS[match[2]], int(match[1])))
    if (match := _NAME_DAY.fullmatch(text)) and match[1] in MONTHS:
        return _dated(day_number(int(match[3]), MONTHS[match[1]], int(match[2])))
    return None


def _dated(day: int | None) -> When | None:
    return None if day is None else When("date", day)


def _either_way(first: int, second: int, year: int) -> When | None:
    """12/11/2024: the eleventh or the twelfth, unless one of the two cannot be a month."""
    day_first, month_first = day_number(year, second, first), day_number(year, first, second)
    if day_first is None:
        return None if month_first is None else When("date", month_first, proves="month")
    if month_first is None:
        return When("date", day_first, proves="day")
    return When("date", day_first, other=None if day_first == month_first else month_first)


def _read_month(text: str) -> When | None:
    year = month = 0
    if (match := _YEAR_MONTH.fullmatch(text)) or (
        (match := _YEAR_MONTH_COMPACT.fullmatch(text)) and int(match[1]) in YEARS
    ):
        year, month = int(match[1]), int(match[2])
    elif match := _MONTH_YEAR.fullmatch(text):
        year, month = int(match[2]), int(match[1])
    elif (match := _NAME_YEAR.fullmatch(text)) and match[1] in MONTHS:
        year, month = full_year(match[2] or match[3]), MONTHS[match[1]]
    elif (match := _YEAR_NAME.fullmatch(text)) and match[2] in MONTHS:
        year, month = int(match[1]), MONTHS[match[2]]
    return When("month", year * 12 + month - 1) if 1 <= month <= 12 else None


def _read_quarter(text: str) -> When | None:
    if match := _QUARTER.fullmatch(text):
        return When("quarter", int(match[1]) * 4 + int(match[2]) - 1)
    if match := _QUARTER_FIRST.fullmatch(text):
        quarter, year = (match[1], match[2]) if match[1] else (match[3], match[4])
        return When("quarter", int(year) * 4 + int(quarter) - 1)
    return None


def _read_moment(text: str) -> When | None:
    rank = MOMENTS.get(" ".join(re.sub(r"[^\w]|_", " ", text).split()))
    return None if rank is None else When("moment", rank)


def _read_number(text: str) -> When | None:
    if match := _NUMBER.fullmatch(text):
        prefix, number = match[1] or "", int(match[2])
        if number in YEARS and len(match[2]) == 4 and prefix in {"", "y", "year", "jaar"}:
            return When("year", number)
        return When("number", number, prefix=prefix)
    if match := _NUMBER_FIRST.fullmatch(text):
        return When("number", int(match[1]), prefix=match[2])
    return None
