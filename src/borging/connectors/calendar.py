"""iCalendar files (RFC 5545, 5546): what a mail program or phone puts into a calendar, changes there, or takes out.

Times are instants in UTC: every calendar shows them on its owner's clock, also around a night in which it changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr

from icalendar import Alarm, Calendar, Event, vCalAddress

from borging.cards.rules import Happening

PRODUCT = "-//Borging//Borging//EN"
TYPE = "text/calendar; charset=utf-8"


def written(happenings: Iterable[Happening], *, method: str, now: datetime, host: str = "") -> str:
    """A file with these entries. method: REQUEST, CANCEL or PUBLISH; host: the mail address it comes from."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", method)
    for happening in happenings:
        made.add_component(_event(happening, method=method, now=now, host=host))
    return str(made.to_ical().decode())


def _event(of: Happening, *, method: str, now: datetime, host: str) -> Event:
    event = Event()
    event.add("uid", of.uid)
    event.add("sequence", of.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", of.starts_at)
    event.add("dtend", of.ends_at)
    event.add("summary", of.title)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("class", "PRIVATE")
    for name, value in (("location", of.place), ("description", of.description)):
        if value:
            event.add(name, value)
    if of.attendee and host:
        _invite(event, *of.attendee, host=host)
    if of.remind_before:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", of.title)
        alarm.add("trigger", -of.remind_before)
        event.add_component(alarm)
    return event


def _invite(event: Event, name: str, address: str, *, host: str) -> None:
    """Who invites and who is invited; nobody waits for a reply."""
    host_name, host_address = parseaddr(host)
    organiser = vCalAddress(f"mailto:{host_address}")
    organiser.params["CN"] = host_name or "Borging"
    event["organizer"] = organiser
    attendee = vCalAddress(f"mailto:{address}")
    attendee.params["CN"] = name
    attendee.params["RSVP"] = "FALSE"
    attendee.params["PARTSTAT"] = "ACCEPTED"
    event.add("attendee", attendee, encode=0)
