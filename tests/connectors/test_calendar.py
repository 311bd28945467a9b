"""Calendar files: what a calendar program must find in them."""

from datetime import UTC, datetime, timedelta

import icalendar

from borging.cards.rules import Happening
from borging.connectors.calendar import written

NOW = datetime(2027, 1, 20, 8, 0, tzinfo=UTC)
FLOOR = Happening(
    uid="1@borging",
    sequence=3,
    title="10 minutes on the floor with Jan; really, really",
    starts_at=NOW + timedelta(days=1),
    ends_at=NOW + timedelta(days=1, minutes=10),
    place="Room 1\r\nATTENDEE:mailto:evil@example.org",
    description="First line\nsecond line, with a comma",
    attendee=("Samira, RN", "samira@example.org"),
    remind_before=timedelta(minutes=30),
)


def event(method: str) -> icalendar.Event:
    text = written([FLOOR], method=method, host="Borging <borging@example.org>", now=NOW)
    made = icalendar.Calendar.from_ical(text)
    assert made["method"] == method
    (found,) = made.walk("VEVENT")
    return found


def test_a_request_says_who_when_and_which_change_it_is() -> None:
    found = event("REQUEST")
    assert (found["uid"], found["sequence"], found["status"]) == ("1@borging", 3, "CONFIRMED")
    assert found["dtstart"].dt == FLOOR.starts_at
    assert found["dtend"].dt - found["dtstart"].dt == timedelta(minutes=10)
    assert found["organizer"] == "mailto:borging@example.org"
    assert found["attendee"] == "mailto:samira@example.org"
    assert found["attendee"].params["RSVP"] == "FALSE"
    (alarm,) = found.walk("VALARM")
    assert alarm["trigger"].dt == timedelta(minutes=-30)


def test_a_cancellation_takes_the_same_entry_out() -> None:
    found = event("CANCEL")
    assert (found["uid"], found["status"]) == ("1@borging", "CANCELLED")


def test_words_of_people_add_no_line_of_their_own() -> None:
    lines = written([FLOOR], method="REQUEST", host="borging@example.org", now=NOW).replace("\r\n ", "").splitlines()
    assert sum(line.startswith("ATTENDEE") for line in lines) == 1
    assert event("REQUEST")["description"] == "First line\nsecond line, with a comma"
