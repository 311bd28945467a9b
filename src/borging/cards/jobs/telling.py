"""What people are told of their calendars: along with a card, or by itself when somebody changed it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.db.models import F

from borging.cards.appointments import untold
from borging.cards.models import Appointment, Contact, ContactAppointment
from borging.cards.rules import Decision
from borging.people.models import Person
from borging.people.rules import Calendar


def lock_appointments(of: list[Person]) -> Iterable[Appointment]:
    """The entries that people in this batch have to be told of."""
    rows = Appointment.objects.filter(untold(), person__in=of).order_by("starts_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return rows


def told_now(waiting: list[Appointment], decision: Decision, *, calendar: Calendar, now: datetime) -> list[Appointment]:
    """Which entries in a calendar go now: all that wait along with a card, else those that may not wait.

    What somebody changed is no nudge: it costs nothing of the budget, but keeps the hours and days like everything.
    """
    if decision.send:
        return waiting
    changed = [each for each in waiting if each.next_at and each.next_at <= now]
    if not changed:
        return []
    allowed = calendar.next_allowed(now)
    if allowed == now:
        return changed
    later = {"next_at": allowed} if allowed else {"next_at": None, "told": F("sequence")}
    Appointment.objects.filter(pk__in=[each.pk for each in changed]).update(**later)
    return []


def still_told(contact: Contact, *, now: datetime) -> list[Appointment]:
    """The entries in a calendar that a contact tells of and that are still to come, as they stand now."""
    told = [part.appointment for part in contact.appointments.all()]
    return [each for each in told if each.starts_at > now]


def tell_later(pointless: list[int], *, now: datetime) -> None:
    """What would have gone along with these contacts waits for the next; what somebody changed goes by itself."""
    parts = ContactAppointment.objects.filter(contact__in=pointless)
    waiting = Appointment.objects.filter(pk__in=list(parts.values_list("appointment", flat=True)), starts_at__gt=now)
    waiting.filter(sequence=0).update(told=None)
    waiting.filter(sequence__gt=0).update(told=F("sequence") - 1, next_at=now)
    parts.delete()
