"""Times for two people: inside the work of both, spread over days, right in a night in which the clock changes."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from borging.people.rules import Calendar, Span
from borging.transfer.slots import MOST_A_DAY, Pair, Wanted, is_free, proposed

ZONE = ZoneInfo("Europe/Amsterdam")
MONDAY = date(2027, 1, 18)
BEFORE = datetime(2027, 1, 1, tzinfo=UTC)


def calendar(
    days: str = "12345", *, works: tuple[time, time] = (time(9), time(17)), away: tuple[Span, ...] = (), zone: str = ""
) -> Calendar:
    return Calendar(
        zone=zone or "Europe/Amsterdam",
        work_days=frozenset(map(int, days)),
        quiet_from=time(20),
        quiet_until=time(7, 30),
        works_from=works[0],
        works_until=works[1],
        employed=(Span(since=date(2020, 1, 1)),),
        away=away,
    )


def wanted(first: date = MONDAY, *, days: int = 11, place: int = 0) -> Wanted:
    return Wanted(minutes=10, first=first, last=first + timedelta(days=days), after=BEFORE, place=place)


def local(found: tuple[datetime, ...]) -> list[datetime]:
    return [start.astimezone(ZONE) for start in found]


def test_both_work_at_every_time_that_is_proposed() -> None:
    early = calendar("1245", works=(time(7), time(15)))
    late = calendar("2345", works=(time(13), time(21)), away=(Span(since=date(2027, 1, 21), until=date(2027, 1, 22)),))
    found = local(proposed(wanted(), Pair(host=early, guest=late)))
    assert {start.date() for start in found} == {date(2027, 1, day) for day in (19, 26, 28, 29)}
    assert all(time(13, 30) <= start.time() <= time(14, 50) for start in found)


def test_who_never_work_together_are_proposed_nothing() -> None:
    assert proposed(wanted(), Pair(host=calendar("12"), guest=calendar("45"))) == ()
    night = calendar(works=(time(22), time(6)))
    assert proposed(wanted(), Pair(host=calendar(), guest=night)) == ()


def test_a_night_shift_ends_the_next_morning() -> None:
    night, morning = calendar("1", works=(time(22), time(7))), calendar("2", works=(time(5), time(9)))
    (start,) = local(proposed(wanted(days=6), Pair(host=night, guest=morning)))
    assert start.date() == date(2027, 1, 19)
    assert time(5, 30) <= start.time() <= time(6, 50)


@pytest.mark.parametrize(("sunday", "hours"), [(date(2027, 3, 28), 7), (date(2027, 10, 31), 9)])
def test_a_shift_through_a_night_in_which_the_clock_changes_has_an_hour_less_or_more(sunday: date, hours: int) -> None:
    night = calendar("6", works=(time(22), time(6)))
    shift = night.shift(sunday - timedelta(days=1))
    assert shift is not None
    assert shift[1] - shift[0] == timedelta(hours=hours)
    pair = Pair(host=night, guest=night)
    asked = Wanted(minutes=10, first=sunday - timedelta(days=1), last=sunday, after=BEFORE)
    starts = [shift[0] + n * timedelta(minutes=30) for n in range(1, 2 * hours)]
    assert all(is_free(start, asked, pair) for start in starts)
    assert not is_free(shift[1], asked, pair)


@pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2027, 10, 31)])
def test_ten_o_clock_stays_ten_o_clock_after_the_clock_has_changed(sunday: date) -> None:
    pair = Pair(host=calendar(works=(time(9, 30), time(10, 30))), guest=calendar())
    found = local(proposed(wanted(sunday - timedelta(days=6), days=12), pair))
    assert {start.time() for start in found} == {time(10)}
    assert {start.utcoffset() for start in found} == {timedelta(hours=1), timedelta(hours=2)}


def test_two_on_other_clocks_meet_while_both_work() -> None:
    london = calendar(works=(time(9), time(12)), zone="Europe/London")
    found = proposed(wanted(), Pair(host=calendar(), guest=london))
    assert all(time(10, 30) <= start.time() < time(13) for start in local(found))


def test_the_people_of_one_host_are_spread_over_the_days_and_never_overlap() -> None:
    taken: list[tuple[datetime, datetime]] = []
    for place in range(20):
        pair = Pair(host=calendar(), guest=calendar(), hosts=tuple(taken))
        start = proposed(wanted(place=place), pair)[0]
        assert not any(start < ends and starts < start + timedelta(minutes=10) for starts, ends in taken)
        taken.append((start, start + timedelta(minutes=10)))
    per_day = Counter(start.astimezone(ZONE).date() for start, _end in taken)
    assert len(per_day) == 9 or len(per_day) == 10
    assert max(per_day.values()) <= MOST_A_DAY
    assert len({start.astimezone(ZONE).time() for start, _end in taken}) > 3


def test_a_host_has_at_most_a_few_on_a_day() -> None:
    full = tuple(
        (datetime(2027, 1, 18, hour, tzinfo=UTC), datetime(2027, 1, 18, hour, 10, tzinfo=UTC)) for hour in (9, 10, 11)
    )
    found = proposed(wanted(days=0), Pair(host=calendar(), guest=calendar(), hosts=full))
    assert found == ()
    assert proposed(wanted(days=0), Pair(host=calendar(), guest=calendar(), guests=full))


def test_a_time_that_did_not_suit_is_not_proposed_again() -> None:
    pair = Pair(host=calendar(works=(time(9, 30), time(10, 30))), guest=calendar())
    first = proposed(wanted(), pair)[0]
    assert first not in proposed(wanted(), pair, but=first)
