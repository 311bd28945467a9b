"""What stands in somebody's calendar, in their language: the meetings, the training, and an own plan.

A title names the two who meet and nobody else; no answer of anybody stands in an entry but in that of an own plan.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import override

from borging.cards import appointments
from borging.cards.appointments import Entry
from borging.cards.models import Appointment, Card
from borging.cards.rules import Happening
from borging.evidence import reads as evidence
from borging.people import reads as people
from borging.people.models import Person
from borging.programmes.models import Cohort, Enrolment, Session

from .content import when, written_plan
from .models import Meeting
from .playbooks import playbook

SESSIONS = uuid.UUID("0d7a8c55-3e0f-4ce5-9a8c-2f6f5f0a6b11")
PLANS = uuid.UUID("5b0f8a1e-94c6-4f0e-8d55-1c6b0f7a9d22")
A_MOMENT = timedelta(minutes=15)
REMINDED = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Told:
    """An entry as its reader is told of it. `when` is on their clock."""

    event: Happening
    when: str
    cancelled: bool


def keep_sessions(*, cohort: Cohort, sessions: Iterable[Session], now: datetime) -> None:
    """The sessions that are to come stand in the calendar of everybody who takes part; what changed goes out at once.

    Whoever was not told of one yet reads of it in their next mail, as it is by then.
    """
    coming = {uuid.uuid5(SESSIONS, str(session.pk)): session for session in sessions if session.starts_at > now}
    enrolments = list(cohort.enrolments.filter(left_on=None).select_related("person", "cohort__programme"))
    own = Appointment.objects.filter(enrolment__cohort=cohort, step="", cancelled=False, starts_at__gt=now)
    gone = own.exclude(uid__in=coming) | own.exclude(enrolment__in=enrolments)
    appointments.take_out(Appointment.objects.filter(pk__in=list(gone.values_list("pk", flat=True))), now=now)
    known: dict[uuid.UUID, list[Appointment]] = {}
    for appointment in Appointment.objects.filter(uid__in=coming, enrolment__in=enrolments):
        known.setdefault(appointment.uid, []).append(appointment)
    for uid, session in coming.items():
        asked = (session.starts_at, session.ends_at, session.place, False)
        changed = [row for row in known.get(uid, []) if _stands(row) != asked]
        appointments.change(changed, starts_at=session.starts_at, ends_at=session.ends_at, place=session.place, now=now)
        there = {row.enrolment_id for row in known.get(uid, [])}
        appointments.offer(_session(session, uid, row) for row in enrolments if row.pk not in there)


def _stands(row: Appointment) -> tuple[datetime, datetime, str, bool]:
    return row.starts_at, row.ends_at, row.place, row.cancelled


def _session(session: Session, uid: uuid.UUID, enrolment: Enrolment) -> Entry:
    return Entry(
        enrolment=enrolment,
        people=(enrolment.person,),
        step="",
        uid=uid,
        sequence=0,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=session.place,
    )


def told(reader: Person, changed: Iterable[Appointment]) -> list[Told]:
    """Entries as a mail tells its reader of them."""
    zone = reader.time_zone or reader.organisation.time_zone
    others = _others(reader, changed := list(changed))
    with override(people.language_of(reader)):
        return [
            Told(
                event=_happening(row, reader, other=others.get(row.uid, "")),
                when=when(row.starts_at, row.ends_at, zone=zone),
                cancelled=row.cancelled,
            )
            for row in changed
        ]


def _others(reader: Person, rows: list[Appointment]) -> dict[uuid.UUID, str]:
    """Whom the reader meets, by the entry; when they no longer meet, it is whom they met."""
    found = Meeting.objects.filter(uid__in=[row.uid for row in rows]).select_related("host", "enrolment__person")
    return {
        each.uid: (each.host if each.enrolment.person_id == reader.pk else each.enrolment.person).name for each in found
    }


def _happening(row: Appointment, reader: Person, *, other: str) -> Happening:
    title, description = _words(row, other=other, language=people.language_of(reader))
    return Happening(
        uid=f"{row.uid}@borging",
        sequence=row.sequence,
        title=title,
        starts_at=row.starts_at.astimezone(UTC),
        ends_at=row.ends_at.astimezone(UTC),
        place=row.place,
        description=description,
        attendee=(reader.name, people.address(reader)),
        remind_before=REMINDED if row.step else None,
    )


def _words(row: Appointment, *, other: str, language: str) -> tuple[str, str]:
    """Title and lines of an entry; of a talk, what to talk about."""
    activity = row.programme.name
    if not row.step:
        return activity, ""
    step = playbook(row.programme.playbook).step(row.step)
    words = {"n": step.minutes, "other": other, "activity": activity}
    if step.meeting == "proposed":
        told = _("One thing that worked well, one thing to try, no score. Can't you then? Open the card in the mail.")
        return _("%(n)s minutes on the floor with %(other)s") % words, told
    lines = [line[language] for line in step.talk]
    return _("%(n)s minutes with %(other)s: %(activity)s") % words, "\n".join(f"- {line}" for line in lines)


def of_meeting(card: Card, meeting: Meeting) -> list[Happening]:
    """The meeting of a card in the calendar of who the card is for."""
    rows = appointments.of(meeting.uid).filter(person=card.person).select_related("programme", "enrolment")
    return [each.event for each in told(card.person, rows)]


def of_training(card: Card) -> list[Happening]:
    """The sessions of the training, for somebody who takes part in it."""
    rows = Appointment.objects.filter(person=card.person, enrolment=card.enrolment_id, step="", cancelled=False)
    return [each.event for each in told(card.person, rows.select_related("programme", "enrolment"))]


def of_plan(card: Card, *, now: datetime) -> list[Happening]:
    """One's own if-then plan on the day of the first chance; without a day, on the next work day. The title is neutral:
    the plan stands in the lines below it."""
    person, programme = card.person, card.programme
    plan = written_plan(evidence.latest_text(person, programme=programme, questions=("plan-again", "plan-1")))
    if not plan:
        return []
    chance = evidence.latest_text(person, programme=programme, questions=("first-chance", "next-chance"))
    calendar = people.calendars([person])[person.pk]
    today = calendar.local(now).date()
    day = max(date.fromisoformat(chance), today) if chance else today + timedelta(days=1)
    shift = next((s for n in range(21) if (s := calendar.shift(day + timedelta(days=n)))), None)
    if shift is None:
        return []
    return [
        Happening(
            uid=f"{uuid.uuid5(PLANS, str(card.pk))}@borging",
            sequence=int(now.timestamp()) // 60 % 2**31,
            title=_("My chance to try it: %(activity)s") % {"activity": programme.name},
            starts_at=shift[0],
            ends_at=shift[0] + A_MOMENT,
            description=plan,
            remind_before=timedelta(0),
        )
    ]
