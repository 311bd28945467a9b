"""When a card may go out: within the budget, by day, on a work day, and never about the past."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borging.cards.rules import BUDGET, WINDOW, Decision, Waiting, decide, reminder_at, retry_at
from borging.people.rules import Calendar, Span

MONDAY = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
OFFICE = Calendar(
    zone="Europe/Amsterdam",
    work_days=frozenset({1, 2, 3, 4, 5}),
    quiet_from=time(20, 0),
    quiet_until=time(7, 30),
    employed=(Span(since=date(2020, 1, 1)),),
)


def card(number: int = 1, *, due: datetime = MONDAY, days: int = 10, **what: bool) -> Waiting:
    return Waiting(card=number, next_at=due, closes_at=due + timedelta(days=days), **what)


def choose(
    *due: Waiting,
    now: datetime = MONDAY,
    calendar: Calendar = OFFICE,
    upcoming: tuple[Waiting, ...] = (),
    recent: tuple[datetime, ...] = (),
) -> Decision:
    return decide(now=now, calendar=calendar, due=due, upcoming=upcoming, recent=recent)


def test_everything_due_goes_in_one_contact() -> None:
    assert choose(card(1), card(2)).send == (1, 2)


def test_a_card_whose_window_is_over_lapses() -> None:
    decision = choose(card(1, due=MONDAY - timedelta(days=20)), card(2))
    assert (decision.lapse, decision.send) == ((1,), (2,))


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (datetime(2026, 12, 7, 20, 0, tzinfo=UTC), datetime(2026, 12, 8, 6, 30, tzinfo=UTC)),
        (datetime(2026, 12, 7, 5, 0, tzinfo=UTC), datetime(2026, 12, 7, 6, 30, tzinfo=UTC)),
        (datetime(2026, 12, 5, 12, 0, tzinfo=UTC), datetime(2026, 12, 7, 6, 30, tzinfo=UTC)),
        # The night in which the clock goes forward: half past seven is an hour earlier in UTC.
        (datetime(2027, 3, 27, 23, 0, tzinfo=UTC), datetime(2027, 3, 29, 5, 30, tzinfo=UTC)),
    ],
)
def test_nobody_is_written_to_at_night_or_on_a_day_off(now: datetime, opens: datetime) -> None:
    assert choose(card(due=now), now=now).move == ((1, opens),)


def test_who_is_on_leave_is_written_to_when_back() -> None:
    away = replace(OFFICE, away=(Span(since=date(2026, 12, 7), until=date(2026, 12, 9)),))
    assert choose(card(), calendar=away).move == ((1, datetime(2026, 12, 10, 6, 30, tzinfo=UTC)),)


def test_a_card_that_closes_during_leave_is_moved_no_further_than_its_end() -> None:
    away = replace(OFFICE, away=(Span(since=date(2026, 12, 7), until=date(2026, 12, 31)),))
    assert choose(card(days=3), calendar=away).move == ((1, MONDAY + timedelta(days=3)),)


def test_who_left_gets_nothing_any_more() -> None:
    gone = replace(OFFICE, employed=(Span(since=date(2020, 1, 1), until=date(2026, 12, 1)),))
    assert choose(card(1), card(2), calendar=gone) == Decision(lapse=(1, 2))


def test_a_third_contact_in_a_week_waits_until_the_first_is_a_week_old() -> None:
    recent = (MONDAY - timedelta(days=5), MONDAY - timedelta(days=2))
    assert choose(card(), recent=recent).move == ((1, MONDAY + timedelta(days=2)),)


def test_what_is_handed_out_in_the_session_costs_nothing_of_the_budget() -> None:
    recent = (MONDAY - timedelta(days=5), MONDAY - timedelta(days=2))
    decision = choose(card(1, uncounted=True), card(2), recent=recent)
    assert (decision.send, decision.counted) == ((1, 2), False)


def test_a_card_that_yields_waits_for_the_firm_one_that_needs_the_rest_of_the_budget() -> None:
    firm = card(2, due=MONDAY + timedelta(days=2))
    recent = (MONDAY - timedelta(days=1),)
    assert choose(card(1, yields=True), upcoming=(firm,), recent=recent).move == ((1, firm.next_at),)
    assert choose(card(1, yields=True), upcoming=(firm,)).send == (1,)
    assert choose(card(1), upcoming=(firm,), recent=recent).send == (1,)


def test_a_reminder_yields_too() -> None:
    firm = card(2, due=MONDAY + timedelta(days=2))
    recent = (MONDAY - timedelta(days=1),)
    assert choose(card(1, reminder=True), upcoming=(firm,), recent=recent).move == ((1, firm.next_at),)


def test_a_short_window_has_no_reminder() -> None:
    assert reminder_at(opened_at=MONDAY, closes_at=MONDAY + timedelta(days=2)) is None
    assert reminder_at(opened_at=MONDAY, closes_at=MONDAY + timedelta(days=10)) == MONDAY + timedelta(days=5)


def test_after_a_refusal_a_contact_waits_at_least_a_minute_and_at_most_an_hour() -> None:
    waits = [retry_at(now=MONDAY, attempts=n) - MONDAY for n in range(1, 12)]
    assert min(waits) >= timedelta(minutes=1)
    assert max(waits) == timedelta(hours=1)
    assert waits == sorted(waits)


@given(
    hours=st.lists(st.integers(0, 24 * 40), min_size=1, max_size=25),
    yields=st.lists(st.booleans(), min_size=25, max_size=25),
)
def test_whatever_is_due_nobody_gets_more_than_the_budget_in_any_week(hours: list[int], yields: list[bool]) -> None:
    waiting = {n: card(n, due=MONDAY + timedelta(hours=hour), yields=yields[n]) for n, hour in enumerate(sorted(hours))}
    sent: list[datetime] = []
    now = MONDAY
    for _step in range(24 * 60):
        due = tuple(item for item in waiting.values() if item.next_at <= now)
        if due:
            later = tuple(item for item in waiting.values() if now < item.next_at < now + WINDOW)
            decision = choose(*due, now=now, upcoming=later, recent=tuple(sent))
            for number in (*decision.lapse, *decision.send):
                del waiting[number]
            for number, moment in decision.move:
                assert moment > now
                waiting[number] = replace(waiting[number], next_at=moment)
            sent += [now] if decision.send else []
        now += timedelta(hours=1)
    assert not waiting
    for moment in sent:
        assert sum(moment - WINDOW < other <= moment for other in sent) <= BUDGET
        local = OFFICE.local(moment)
        assert local.isoweekday() <= 5
        assert time(7, 30) <= local.time() < time(20, 0)
