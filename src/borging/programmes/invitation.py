"""Days, times, place and name as an invitation has them in its text, in Dutch or English. No Django, no clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january", "feb februari february", "mrt maart mar march", "apr april", "mei may",
            "jun juni june", "jul juli july", "aug augustus august", "sep sept september", "okt oktober oct october",
            "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = rf"({'|'.join(sorted(MONTHS, key=len, reverse=True))})\b\.?"
_DATES = (
    (re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b"), "ymd"),
    (re.compile(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})\b"), "dmy"),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+(\d{{4}}))?", re.IGNORECASE), "dMy"),
    (re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(\d{{4}}))?", re.IGNORECASE), "Mdy"),
)
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:uur|u\b|h\b)?\s*(am|pm)?"
_TIMES = re.compile(
    rf"(?<![\d.:/-]){_CLOCK}\s*(?:-|–|—|tot(?: en met)?|t/m|to|until)\s*{_CLOCK}(?![\d/-])", re.IGNORECASE
)
_PLACE = re.compile(r"^\s*(?:locatie|plaats|waar|adres|location|place|where|venue|room)\s*[:=]\s*(.+)$", re.IGNORECASE)
_NAME = re.compile(
    r"^\s*(?:onderwerp|betreft|training|cursus|titel|subject|course|title|what)\s*[:=]\s*(.+)$", re.IGNORECASE
)
USUAL = (time(9), time(17))
"""When a day is found and no time."""


@dataclass(frozen=True, kw_only=True)
class FoundSession:
    """A day with its times on the clock of the place; `timed` is False where the usual times were taken."""

    day: date
    starts: time
    ends: time
    timed: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """What stands in an invitation; empty where it was not found."""

    name: str
    place: str
    sessions: tuple[FoundSession, ...]


def read(text: str, *, today: date) -> Found:
    """What an invitation says. A day without a year is the next one to come."""
    lines = text.splitlines()
    return Found(
        name=_first(_NAME, lines)[:120] or _heading(lines, today=today),
        place=_first(_PLACE, lines)[:200],
        sessions=_sessions(lines, today=today),
    )


def _first(pattern: re.Pattern[str], lines: list[str]) -> str:
    return next((match[1].strip() for line in lines if (match := pattern.match(line))), "")


def _heading(lines: list[str], *, today: date) -> str:
    """The first line, when it looks like a title: short, without a day or a greeting."""
    first = next((line.strip() for line in lines if line.strip()), "")
    greets = re.match(r"(?:beste|hallo|hoi|dag|geachte|dear|hello|hi)\b", first, re.IGNORECASE)
    return "" if greets or len(first) > 80 or _days(first, today=today) else first


def _sessions(lines: list[str], *, today: date) -> tuple[FoundSession, ...]:
    """Each day once, with the times on its own line, else on the next, else the first there are."""
    every = [times for line in lines if (times := _times(line))]
    found: dict[date, FoundSession] = {}
    for place, line in enumerate(lines):
        for day in _days(line, today=today):
            after = lines[place + 1] if place + 1 < len(lines) else ""
            times = _times(line) or (_times(after) if not _days(after, today=today) else None)
            times = times or (every[0] if every else None)
            starts, ends = times or USUAL
            found.setdefault(day, FoundSession(day=day, starts=starts, ends=ends, timed=times is not None))
    return tuple(found[day] for day in sorted(found))


def _days(line: str, *, today: date) -> list[date]:
    found = []
    for pattern, order in _DATES:
        for match in pattern.finditer(line):
            parts = dict(zip(order, match.groups(), strict=True))
            month = int(parts["m"]) if "m" in parts else MONTHS[parts["M"].lower()]
            day = _day(parts["y"], month, int(parts["d"]), today=today)
            if day:
                found.append(day)
    return found


def _day(year: str | None, month: int, day: int, *, today: date) -> date | None:
    try:
        if year:
            return date(int(year), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today - timedelta(days=30) else date(today.year + 1, month, day)
    except ValueError:
        return None


def _times(line: str) -> tuple[time, time] | None:
    for pattern, _order in _DATES:
        line = pattern.sub(" ", line)
    for match in _TIMES.finditer(line):
        first, first_minute, first_half, second, second_minute, second_half = match.groups()
        ends = _time(second, second_minute, second_half)
        starts = _time(first, first_minute, first_half or (second_half if int(first) < int(second) else None))
        if starts and ends and starts < ends:
            return starts, ends
    return None


def _time(hour: str, minute: str | None, half: str | None) -> time | None:
    hours = int(hour) % 12 + 12 * (half.lower() == "pm") if half else int(hour)
    return time(hours, int(minute or 0)) if hours < 24 and int(minute or 0) < 60 else None


def moments(session: FoundSession) -> tuple[datetime, datetime]:
    """Start and end, without a time zone: on the clock of the place."""
    return datetime.combine(session.day, session.starts), datetime.combine(session.day, session.ends)
