"""When somebody may be written to: their own clock, work days, leave and quiet hours. No Django, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOOK_AHEAD = timedelta(days=400)
"""Who is away for longer than this is not waited for."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """From a day to a day, both included; `until` None is: still."""

    since: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """When one person works. `work_days` are ISO weekdays (1 is Monday); all hours are on the person's own clock.

    A shift that ends before it starts ends on the next day.
    """

    zone: str
    work_days: frozenset[int]
    quiet_from: time
    quiet_until: time
    works_from: time = time(9, 0)
    works_until: time = time(17, 0)
    employed: tuple[Span, ...] = ()
    away: tuple[Span, ...] = ()

    def works_on(self, day: date) -> bool:
        """Whether the person works here and is not away on this day."""
        return (
            day.isoweekday() in self.work_days
            and self.employed_on(day)
            and not any(span.covers(day) for span in self.away)
        )

    def employed_on(self, day: date) -> bool:
        return any(span.covers(day) for span in self.employed)

    def shift(self, day: date) -> tuple[datetime, datetime] | None:
        """When the work of a day starts and ends, in UTC; None when the person does not work on it.

        Times are those on the wall: in a night in which the clock changes a shift is an hour longer or shorter.
        """
        if not self.works_on(day):
            return None
        zone = ZoneInfo(self.zone)
        latest = day + timedelta(days=self.works_until <= self.works_from)
        starts = datetime.combine(day, self.works_from, tzinfo=zone)
        return starts.astimezone(UTC), datetime.combine(latest, self.works_until, tzinfo=zone).astimezone(UTC)

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.zone))

    def next_allowed(self, instant: datetime) -> datetime | None:
        """The first moment from `instant` on at which this person may be written to, in UTC; None when there is none.

        A day on which the clock skips or repeats an hour is a day like any other: quiet hours end by the clock on the
        wall.
        """
        here = self.local(instant)
        day = here.date()
        if self.works_on(day) and self.quiet_until <= here.time() < self.quiet_from:
            return instant
        if here.time() >= self.quiet_until:
            day += timedelta(days=1)
        latest = here.date() + LOOK_AHEAD
        while day <= latest:
            if self.works_on(day):
                opens = datetime.combine(day, self.quiet_until, tzinfo=ZoneInfo(self.zone))
                return opens.astimezone(instant.tzinfo)
            day += timedelta(days=1)
        return None


def closed_under(reports: dict[int, frozenset[int]], manager: int) -> frozenset[int]:
    """Everyone below a manager, directly or through others; a circle in the relations does no harm.

    `reports` gives for each manager who reports to them.
    """
    found: set[int] = set()
    waiting = list(reports.get(manager, ()))
    while waiting:
        person = waiting.pop()
        if person not in found and person != manager:
            found.add(person)
            waiting += reports.get(person, ())
    return frozenset(found)
