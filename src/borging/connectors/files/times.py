"""A whole column of times: which scale it is on, and where on that scale each text and each start lies.

Each distinct text is read once, by `moments`; what one text leaves open (3/4/2024) the column decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from borging.connectors.files.moments import (
    CALENDAR,
    EXCEL_DAYS,
    NUMBER_WORDS,
    Kind,
    When,
    excel_day,
    full_year,
    read_when,
)
from borging.connectors.files.rules import TREATED, Problem, plain, words
from borging.lake.schema import TimeScale, TimeUnit

MINOR_SHARE = 0.1
"""A coarser kind of date in fewer rows than this does not decide the scale of the others."""
FIRST_YEAR, YEARS_AHEAD = 1902, 5
"""Outside these a date is a slip of the pen; Excel writes an empty date as 1900."""
YES = frozenset(words("1,yes,y,ja,j,true,waar,x,1.0,wel"))
NO = frozenset(words("0,no,n,nee,false,onwaar,0.0"))
UNTRAINED = frozenset(
    words(
        "never,nooit,niet,geen,none,not trained,niet getraind,no,nee,control,controle,inf,infinity,nan,na,n/a,n.a.,nvt,"
        "n.v.t.,-,--,–,—,.,null,0,0.0"
    )
)
ERROR_CELL = re.compile(
    r"#(n/?a|n/b|div/0!|deel/0!|ref!|verw!|value!|waarde!|name\?|naam\?|num!|getal!|null!|leeg!)", re.I
)


@dataclass
class Reading:
    """A column of times understood: text to period, text to the code of what is wrong with it, and what was assumed."""

    scale: TimeScale
    periods: dict[str, int]
    faults: dict[str, str]
    notes: list[Problem] = field(default_factory=list)
    ranks: tuple[int, ...] = ()  # of a scale of moments: the rank in MOMENTS of each position


@dataclass
class Starts:
    """A column of starts understood; a period of None means not trained."""

    periods: dict[str, int | None]
    faults: dict[str, str]
    notes: list[Problem] = field(default_factory=list)


def read_times(counts: Mapping[str, int], *, starts: Iterable[str], today: date, column: str | None) -> Reading:
    """The scale of the outcomes. counts: rows per distinct text; starts: texts of the other file, as a hint only."""
    notes: list[Problem] = []
    read = {text: read_when(text) for text in counts}
    found = {text: when for text, when in read.items() if when is not None}
    faults = {
        text: "error_cell" if ERROR_CELL.fullmatch(text) else "time_unreadable" for text in read if text not in found
    }
    found = settle_prefixes(found, faults=faults)
    found = settle_serials(found, hints=starts, notes=notes, column=column)
    found = settle_short_years(found, hints=starts, notes=notes, column=column)
    found = settle_day_order(found, faults=faults, notes=notes, column=column)
    kinds: Counter[str] = Counter()
    for text, when in found.items():
        kinds[when.kind] += counts[text]
    family = main_family(kinds)
    if family == "moment":
        return moment_reading(found, counts=counts, faults=faults, notes=notes, column=column)
    if family == "number":
        numbers = {t: w.at for t, w in found.items() if w.kind in ("number", "year")}
        faults |= {text: "time_other_kind" for text in found if text not in numbers}
        return Reading(TimeScale(unit="number"), numbers, faults, notes)
    return calendar_reading(found, kinds=kinds, faults=faults, notes=notes, today=today, column=column)


def main_family(kinds: Mapping[str, int]) -> str:
    """calendar, number or moment: what most rows are; years count as numbers among numbers."""
    calendar = sum(kinds.get(kind, 0) for kind in CALENDAR)
    number, moment = kinds.get("number", 0), kinds.get("moment", 0)
    if moment > max(calendar, number):
        return "moment"
    only_years = calendar == kinds.get("year", 0)
    return "number" if number > calendar or (number and only_years and number >= 0.5 * calendar) else "calendar"


def settle_prefixes(found: dict[str, When], *, faults: dict[str, str]) -> dict[str, When]:
    """Numbers with a known word before them (wave 2), or all with the same one (re74), are numbers."""
    if any(when.prefix == "meting" for when in found.values()):  # nulmeting, 1-meting, 2-meting
        found = {t: When("number", 0) if t.casefold() == "nulmeting" else w for t, w in found.items()}
    strange = {when.prefix for when in found.values() if when.kind == "number"} - NUMBER_WORDS - {""}
    if not strange or (len(strange) == 1 and all(when.prefix in strange for when in found.values())):
        return found
    faults |= {text: "time_unreadable" for text, when in found.items() if when.prefix in strange}
    return {text: when for text, when in found.items() if when.prefix not in strange}


def settle_serials(
    found: dict[str, When], *, hints: Iterable[str], notes: list[Problem], column: str | None
) -> dict[str, When]:
    """Excel's day numbers are dates if all numbers are of their size and dates stand beside them, or a name says so."""
    serial = {text: when for text, when in found.items() if when.kind == "number"}
    if not serial or any(when.at not in EXCEL_DAYS or when.prefix for when in serial.values()):
        return found
    dates = any(when.kind in CALENDAR for when in found.values()) or any(is_date(hint) for hint in hints)
    if not dates and not re.search(r"dat|start|begin|day|dag", plain(column or "")):
        return found
    notes.append(Problem(code="serial_dates", column=column, value=min(serial)))
    return found | {text: When("date", excel_day(when.at)) for text, when in serial.items()}


def is_date(text: str) -> bool:
    when = read_when(text)
    return when is not None and when.kind in CALENDAR


def settle_short_years(
    found: dict[str, When], *, hints: Iterable[str], notes: list[Problem], column: str | None
) -> dict[str, When]:
    """74, 75, 78 are years only when the starts are dates or years."""
    numbers = [when.at for when in found.values() if when.kind == "number"]
    if len(numbers) != len(found) or not numbers or not all(10 <= number <= 99 for number in numbers):
        return found
    if not any(is_date(hint) for hint in hints):
        return found
    notes.append(Problem(code="short_years", column=column, value=str(min(numbers))))
    return {text: When("year", full_year(f"{when.at:02d}")) for text, when in found.items()}


def settle_day_order(
    found: dict[str, When], *, faults: dict[str, str], notes: list[Problem], column: str | None
) -> dict[str, When]:
    """3/4/2024: day first or month first as other dates of the column prove; day first when nothing does, and said."""
    open_ones = sorted(text for text, when in found.items() if when.other is not None)
    if not open_ones:
        return found
    proofs = {when.proves for when in found.values() if when.proves}
    if len(proofs) == 2:
        faults |= dict.fromkeys(open_ones, "date_order_contradictory")
        return {text: when for text, when in found.items() if when.other is None}
    if proofs == {"month"}:
        notes.append(Problem(code="month_first", column=column, value=open_ones[0]))
        return {t: w if w.other is None else replace(w, at=w.other, other=None) for t, w in found.items()}
    if not proofs:
        notes.append(Problem(code="date_order_assumed", column=column, value=open_ones[0]))
    return found


def calendar_reading(
    found: dict[str, When],
    *,
    kinds: Mapping[str, int],
    faults: dict[str, str],
    notes: list[Problem],
    today: date,
    column: str | None,
) -> Reading:
    """The coarsest kind of date that enough rows have; finer ones are brought to it, coarser ones cannot be."""
    total = sum(kinds.get(kind, 0) for kind in CALENDAR)
    present = [kind for kind in CALENDAR if kinds.get(kind, 0) >= max(MINOR_SHARE * total, 1)]
    unit = present[-1] if present else "date"
    calendar = {text: when for text, when in found.items() if when.kind in CALENDAR and is_sane(when, today=today)}
    faults |= {
        t: "date_absurd" if w.kind in CALENDAR else "time_other_kind" for t, w in found.items() if t not in calendar
    }
    if unit == "date" and len(calendar) > 1 and same_day_of_month(calendar.values()):
        unit = "month"
        notes.append(Problem(code="months_from_dates", column=column))
    if len(present) > 1:
        notes.append(Problem(code="kinds_of_dates_mixed", column=column, params={"unit": unit}))
    periods: dict[str, int] = {}
    for text, when in calendar.items():
        period = to_unit(when, unit)
        if period is None:
            faults[text] = "time_too_coarse"
        else:
            periods[text] = period
    later = sum(first_day(calendar[text]) > today for text in periods)
    if later:
        notes.append(Problem(code="future_dates", column=column, params={"n": later}))
    return Reading(TimeScale(unit=scale_unit(unit)), periods, faults, notes)


def scale_unit(kind: Kind) -> TimeUnit:
    return "day" if kind == "date" else kind


def same_day_of_month(whens: Iterable[When]) -> bool:
    """Whether dates all lie on one day of the month, or all on the last one."""
    days = [first_day(when) for when in whens if when.kind == "date"]
    ends = all((day + timedelta(days=1)).day == 1 for day in days)
    return ends or len({day.day for day in days}) == 1


def first_day(when: When) -> date:
    """The first day of a period of the calendar."""
    if when.kind == "date":
        return date(1970, 1, 1) + timedelta(days=when.at)
    per_year = {"month": 12, "quarter": 4, "year": 1}[when.kind]
    return date(when.at // per_year, when.at % per_year * (12 // per_year) + 1, 1)


def is_sane(when: When, *, today: date) -> bool:
    year = when.at // {"month": 12, "quarter": 4, "year": 1}[when.kind] if when.kind != "date" else first_day(when).year
    return FIRST_YEAR <= year <= today.year + YEARS_AHEAD


def to_unit(when: When, unit: Kind) -> int | None:
    """A period of the calendar on a scale as coarse as its own or coarser; None when the scale is finer."""
    if CALENDAR.index(when.kind) > CALENDAR.index(unit):
        return None
    day = first_day(when)
    return {
        "date": (day - date(1970, 1, 1)).days,
        "month": day.year * 12 + day.month - 1,
        "quarter": day.year * 4 + (day.month - 1) // 3,
        "year": day.year,
    }[unit]


def moment_reading(
    found: dict[str, When],
    *,
    counts: Mapping[str, int],
    faults: dict[str, str],
    notes: list[Problem],
    column: str | None,
) -> Reading:
    """Moment words in their natural order; each label is the word most rows use."""
    moments = {text: when.at for text, when in found.items() if when.kind == "moment"}
    faults |= {text: "time_other_kind" for text in found if text not in moments}
    ranks = tuple(sorted(set(moments.values())))
    labels = tuple(
        min((t for t, rank in moments.items() if rank == one), key=lambda t: (-counts[t], t)) for one in ranks
    )
    notes.append(Problem(code="moments_ordered", column=column, params={"labels": ", ".join(labels)}))
    periods = {text: ranks.index(rank) for text, rank in moments.items()}
    return Reading(TimeScale(unit="moment", labels=labels), periods, faults, notes, ranks)


def read_starts(counts: Mapping[str, int], *, reading: Reading, column: str, today: date) -> Starts:
    """Each start on the scale of the outcomes; empty texts are not among `counts`.

    A column of yes and no (or 1 and 0) says who was trained, not when: then the latest period is the start, and said.
    """
    texts = {text: text.casefold() for text in counts}
    times = set(reading.periods.values())
    if times and is_flag(set(texts.values()), header=plain(column), reading=reading):
        note = Problem(code="start_is_yes_or_no", column=column, params=period_params(max(times), reading.scale))
        placed: dict[str, int | None] = {
            t: max(times) if low in YES else None for t, low in texts.items() if low in YES | NO or low in UNTRAINED
        }
        return Starts(placed, {t: "start_unreadable" for t in texts if t not in placed}, [note])
    starts = Starts({}, {})
    numeric = reading.scale.unit == "number"
    untrained = UNTRAINED - {"0", "0.0"} if numeric and 0 in times else UNTRAINED
    if reading.scale.unit == "moment":  # "na" is Dutch for after
        untrained -= {label.casefold() for label in reading.scale.labels}
    whens: dict[str, When] = {}
    for text, low in texts.items():
        when = None if low in untrained else read_when(text)
        if low in untrained:
            starts.periods[text] = None
        elif when is None:
            starts.faults[text] = "error_cell" if ERROR_CELL.fullmatch(low) else "start_unreadable"
        else:
            whens[text] = when
    zeros = sum(
        counts[text] for text, low in texts.items() if low in {"0", "0.0"} and starts.periods.get(text, 0) is None
    )
    if zeros:
        starts.notes.append(Problem(code="start_zero_is_untrained", column=column, params={"n": zeros}))
    if reading.scale.unit == "moment" and len(times) == 2 and whens and all(w.kind in CALENDAR for w in whens.values()):
        params = {"labels": ", ".join(reading.scale.labels)}
        starts.notes.append(Problem(code="start_between_moments", column=column, params=params))
        starts.periods |= dict.fromkeys(whens, max(times))
        return starts
    place_starts(whens, into=starts, reading=reading, column=column, today=today)
    return starts


def is_flag(texts: set[str], *, header: str, reading: Reading) -> bool:
    """Whether a start column says yes or no. A lone 1 among numbered periods is a period, unless its name says else."""
    if not texts or not texts <= YES | NO | UNTRAINED or not texts & (YES | NO):
        return False
    if (texts - {"0", "1", "0.0", "1.0"}) & YES or header in TREATED or reading.scale.unit != "number":
        return bool(texts & YES)
    times = set(reading.periods.values())
    return bool(texts & YES) and (1 not in times or 1 in (min(times), max(times)))


def place_starts(whens: dict[str, When], *, into: Starts, reading: Reading, column: str, today: date) -> None:
    unit = reading.scale.unit
    calendar = unit in ("year", "quarter", "month", "day")
    if calendar:
        whens = settle_serials(whens, hints=["2024"], notes=into.notes, column=column)
        whens = settle_day_order(whens, faults=into.faults, notes=into.notes, column=column)
        if unit == "year":
            whens = settle_short_years(whens, hints=["2024"], notes=into.notes, column=column)
    place: Callable[[When], int | None] = {
        "number": lambda when: when.at if when.kind in ("number", "year") else None,
        "moment": lambda when: moment_position(when, reading=reading),
    }.get(unit, lambda when: calendar_position(when, unit=unit))
    coarse = 0
    for text, when in whens.items():
        if calendar and when.kind in CALENDAR and not is_sane(when, today=today):
            into.faults[text] = "date_absurd"
            continue
        position = place(when)
        if position is None:
            into.faults[text] = "start_not_comparable"
        else:
            into.periods[text] = position
            coarse += calendar and to_unit(when, kind_of(unit)) is None
    if coarse:
        into.notes.append(Problem(code="start_first_of_period", column=column, params={"n": coarse}))


def kind_of(unit: str) -> Kind:
    return "date" if unit == "day" else unit  # type: ignore[return-value]  # the four calendar units are kinds


def calendar_position(when: When, *, unit: str) -> int | None:
    """A start on a calendar scale; one that is coarser than the scale starts on its first day."""
    if when.kind not in CALENDAR:
        return None
    placed = to_unit(when, kind_of(unit))
    if placed is None:
        placed = to_unit(When("date", (first_day(when) - date(1970, 1, 1)).days), kind_of(unit))
    return placed


def moment_position(when: When, *, reading: Reading) -> int | None:
    """A start on a scale of moments: the position of the word, the first one at or after it when it is not measured."""
    if when.kind != "moment":
        return None
    return next((position for position, rank in enumerate(reading.ranks) if rank >= when.at), None)


def period_params(period: int, scale: TimeScale) -> dict[str, Any]:
    """A period as a reader writes it."""
    if scale.unit == "moment":
        return {"period": scale.labels[period]}
    if scale.unit == "day":
        return {"period": (date(1970, 1, 1) + timedelta(days=period)).isoformat()}
    if scale.unit == "month":
        return {"period": f"{period // 12}-{period % 12 + 1:02d}"}
    if scale.unit == "quarter":
        return {"period": f"{period // 4}Q{period % 4 + 1}"}
    return {"period": str(period)}
