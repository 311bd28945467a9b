from datetime import date, time

import pytest

from borging.programmes import invitation

TODAY = date(2026, 11, 24)


def test_a_dutch_invitation_gives_its_days_times_place_and_name() -> None:
    text = """Onderwerp: Het goede gesprek over verzuim

Beste collega, je bent welkom op dinsdag 8 december 2026 van 9.00 tot 16.30 uur.
De terugkomdag is 12 januari, 13:00 - 15:00.
Locatie: Zaal 3, De Vaart
"""
    found = invitation.read(text, today=TODAY)
    assert found.name == "Het goede gesprek over verzuim"
    assert found.place == "Zaal 3, De Vaart"
    assert [(each.day, each.starts, each.ends) for each in found.sessions] == [
        (date(2026, 12, 8), time(9), time(16, 30)),
        (date(2027, 1, 12), time(13), time(15)),
    ]


@pytest.mark.parametrize(
    ("line", "day", "starts", "ends"),
    [
        ("December 8, 2026, 9 am - 5 pm", date(2026, 12, 8), time(9), time(17)),
        ("8 Dec 2026 09:30-12:00", date(2026, 12, 8), time(9, 30), time(12)),
        ("08-12-2026 9 tot 17 uur", date(2026, 12, 8), time(9), time(17)),
        ("2026-12-08 13.15 – 14.45", date(2026, 12, 8), time(13, 15), time(14, 45)),
    ],
)
def test_days_and_times_are_read_as_people_write_them(line: str, day: date, starts: time, ends: time) -> None:
    (session,) = invitation.read(line, today=TODAY).sessions
    assert (session.day, session.starts, session.ends, session.timed) == (day, starts, ends, True)


def test_a_day_without_a_time_gets_the_usual_times_and_says_so() -> None:
    (session,) = invitation.read("We meet on 8 december.", today=TODAY).sessions
    assert (session.starts, session.ends) == invitation.USUAL
    assert not session.timed


@pytest.mark.parametrize(
    "text", ["", "Dear all", "31 februari 2026", "page 12/13/2026", "call 06-12345678", "99:99 - 17:00"]
)
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert invitation.read(text, today=TODAY).sessions == ()
