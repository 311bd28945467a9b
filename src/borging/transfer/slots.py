"""When two people can meet: inside the work of both, on days that both are there, spread over the days there are.

Pure: no Django, no clock. Everything is reckoned between instants, so a night in which a clock changes
is like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from borging.people.rules import Calendar

STEP = timedelta(minutes=30)
"""Meetings begin on a half-hour of the host's shift."""
MOST_A_DAY = 3
"""Meetings somebody hosts on one day at most: it is work beside their work."""
SETTLING = timedelta(minutes=30)
"""Nothing is planned in the first half-hour of a shift."""

Taken = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A meeting to find a time for: so long, on a day from `first` until and with `last`, not before `after`.

    `place` is where it stands in the row of its host's meetings: the next in the row gets the next day.
    """

    minutes: int
    first: date
    last: date
    after: datetime
    place: int = 0


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Who meet: the one who hosts and the guest, each with when they work and when they have something else."""

    host: Calendar
    guest: Calendar
    hosts: tuple[Taken, ...] = ()
    guests: tuple[Taken, ...] = ()


def proposed(wanted: Wanted, pair: Pair, *, but: datetime | None = None) -> tuple[datetime, ...]:
    """Starts to propose, the best first and one a day; empty when there is no time for it.

    but: a start that is not proposed again.
    """
    days = _days(wanted, pair, but=but)
    if not days:
        return ()
    first = wanted.place % len(days)
    in_order = [*days[first:], *days[:first]]
    return tuple(_preferred(starts, turn=wanted.place) for starts in in_order)


def is_free(start: datetime, wanted: Wanted, pair: Pair) -> bool:
    """Whether a start is one that could have been proposed."""
    return any(start in starts for starts in _days(wanted, pair))


def _days(wanted: Wanted, pair: Pair, *, but: datetime | None = None) -> list[list[datetime]]:
    """The free starts of each day that has any."""
    length = timedelta(minutes=wanted.minutes)
    taken = (*pair.hosts, *pair.guests)
    busy = Counter(pair.host.local(starts).date() for starts, _ends in pair.hosts)
    days = []
    for n in range((wanted.last - wanted.first).days + 1):
        day = wanted.first + timedelta(days=n)
        if busy[day] < MOST_A_DAY:
            starts = _within(day, pair, length=length)
            free = [start for start in starts if start > wanted.after and not _overlaps(start, start + length, taken)]
            days.append([start for start in free if start != but])
    return [starts for starts in days if starts]


def _within(day: date, pair: Pair, *, length: timedelta) -> Iterable[datetime]:
    """Starts on the half-hours of the host's shift that begins on this day, as far as the guest works then as well."""
    shift = pair.host.shift(day)
    if shift is None:
        return
    shifts = [found for back in (1, 0, -1) if (found := pair.guest.shift(day - timedelta(days=back)))]
    start = shift[0] + SETTLING
    while start + length <= shift[1]:
        if any(begins + SETTLING <= start and start + length <= ends for begins, ends in shifts):
            yield start
        start += STEP


def _overlaps(start: datetime, end: datetime, taken: Iterable[Taken]) -> bool:
    return any(start < ends and starts < end for starts, ends in taken)


def _preferred(starts: list[datetime], *, turn: int) -> datetime:
    """One start of a day; whose turn is later gets another time of the day."""
    return starts[(len(starts) // 4 + 3 * turn) % len(starts)]
