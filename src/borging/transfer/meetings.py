"""Meetings of two people: found, agreed, moved, missed, held. Of two who take one time at once, one gets it.

Every change holds both people until it is done, so that nobody is in two places at a time. Both calendars follow.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q, QuerySet

from borging.cards import appointments
from borging.cards import writes as cards
from borging.cards.appointments import Entry
from borging.cards.models import Card, CardStatus, Moment
from borging.people import reads as people
from borging.people.models import Person
from borging.programmes.models import Enrolment, Session

from .models import Meeting
from .playbooks import playbook
from .rules import CLOSES, OPENS, Step
from .slots import Pair, Taken, Wanted, is_free, proposed

LEAD = timedelta(days=2)
"""What Borging proposes lies this long after the card that tells of it, so that there is time to say no."""
NOTICE = timedelta(hours=2)
"""A meeting is not moved to within this time from now."""
LATEST_AGAIN = timedelta(days=365)
MOST_OFFERED = 6
FLOOR = "floor-observation"


class SlotTakenError(Exception):
    """Somebody else has this time by now, or it does not suit one of the two any more."""


class NoMeetingError(Exception):
    """There is no meeting to change: it was held or called off, or there never was one."""


def live() -> QuerySet[Meeting]:
    """Meetings that are still to be held."""
    return Meeting.objects.filter(held=False, cancelled_at=None)


def step_meeting(card: Card) -> Step | None:
    """The step two people meet for, of which this card is one side; None when the card is about no meeting."""
    known = playbook(card.programme.playbook)
    step = known.step(card.moment.step)
    if step.joins:
        return known.step(step.joins)
    return step if step.meeting else None


def meeting_of(card: Card) -> Meeting | None:
    """The meeting a card is about, as it stands, held or not; None when there is none or it was called off."""
    step = step_meeting(card)
    if step is None or card.enrolment_id is None:
        return None
    found = Meeting.objects.select_related("enrolment__person__organisation", "host__organisation")
    found = found.filter(enrolment=card.enrolment_id, step=step.key, occurrence=card.moment.occurrence)
    return found.filter(cancelled_at=None).first()


def offers(card: Card, *, now: datetime, most: int = MOST_OFFERED) -> tuple[datetime, ...]:
    """Times at which the two of a card could meet, the best first; one a day, without the one that is agreed."""
    step, meeting = step_meeting(card), meeting_of(card)
    if step is None or card.enrolment is None or (meeting and meeting.held):
        return ()
    host = meeting.host if meeting else card.person
    moment = _moment(card.enrolment, step, card.moment.occurrence)
    if moment is None or host == card.enrolment.person:
        return ()
    wanted = _wanted(step, moment, after=now + NOTICE)
    pair = _pairs([(host, card.enrolment.person)], but=meeting)[0]
    return proposed(wanted, pair, but=meeting.starts_at if meeting else None)[:most]


@transaction.atomic
def agree(*, card: Card, start: datetime, now: datetime) -> Meeting:
    """Plan the meeting of a card, or move it to another time; both calendars follow.

    Raises SlotTakenError when that time is not free for both any more, NoMeetingError when there is nothing to plan.
    """
    step, meeting = step_meeting(card), meeting_of(card)
    if step is None or card.enrolment is None or (meeting and meeting.held):
        raise NoMeetingError
    moment = _moment(card.enrolment, step, card.moment.occurrence)
    host = meeting.host if meeting else card.person
    if moment is None or (meeting is None and step.key != card.moment.step):
        raise NoMeetingError
    with _held(host, card.enrolment.person):
        wanted = _wanted(step, moment, after=now)
        pair = _pairs([(host, card.enrolment.person)], but=meeting)[0]
        if not is_free(start, wanted, pair):
            raise SlotTakenError
        if meeting is None:
            meeting = _make(card.enrolment, host, step, moment.occurrence, start)
        else:
            _put(meeting, start)
        appointments.put(_entry(meeting), now=now)
    return meeting


@transaction.atomic
def again(*, meeting: Meeting, now: datetime, missed: bool = False) -> Meeting | None:
    """Offer a meeting another time, because one of the two cannot or it did not take place; None when there is no time
    left for it: then it is called off. Raises NoMeetingError when it was held or called off before."""
    enrolment = meeting.enrolment
    with _held(meeting.host, enrolment.person):
        stands = live().filter(pk=meeting.pk).first()
        if stands is None:
            raise NoMeetingError
        step = playbook(enrolment.cohort.programme.playbook).step(meeting.step)
        start = _next(stands, step, now=now)
        if start is None:
            call_off(live().filter(pk=meeting.pk), now=now)
            return None
        stands.missed += missed
        _put(stands, start)
        appointments.put(_entry(stands), now=now)
    return stands


@transaction.atomic
def pass_on(*, meeting: Meeting, host: Person, now: datetime) -> Meeting | None:
    """Somebody else hosts a meeting that was called off with who did; None when there is no time for it."""
    enrolment = meeting.enrolment
    step = playbook(enrolment.cohort.programme.playbook).step(meeting.step)
    moment = _moment(enrolment, step, meeting.occurrence)
    if moment is None or host == enrolment.person:
        return None
    with _held(host, enrolment.person):
        found = proposed(_wanted(step, moment, after=now + LEAD), _pairs([(host, enrolment.person)])[0])
        if not found:
            return None
        passed = _make(enrolment, host, step, meeting.occurrence, found[0])
        appointments.put(_entry(passed), now=now)
    return passed


def _next(meeting: Meeting, step: Step, *, now: datetime) -> datetime | None:
    moment = _moment(meeting.enrolment, step, meeting.occurrence)
    if moment is None:
        return None
    wanted = _wanted(step, moment, after=max(now + timedelta(days=1), meeting.starts_at))
    pair = _pairs([(meeting.host, meeting.enrolment.person)], but=meeting)[0]
    found = proposed(wanted, pair, but=meeting.starts_at)
    if not found:  # nothing later: earlier may still suit
        wanted = _wanted(step, moment, after=now + timedelta(days=1))
        found = proposed(wanted, pair, but=meeting.starts_at)
    return min(found, default=None)


def call_off(found: QuerySet[Meeting], *, now: datetime) -> int:
    """Meetings that will not be: they leave both calendars. Returns how many."""
    gone = list(found.values_list("uid", flat=True))
    appointments.take_out(appointments.of(*gone), now=now)
    return Meeting.objects.filter(uid__in=gone).update(cancelled_at=now)


def mark_held(card: Card, *, now: datetime) -> None:
    """The observer wrote down what they saw: it took place. If that was earlier than agreed, the time becomes free."""
    found = live().filter(enrolment=card.enrolment_id, step=card.moment.step, occurrence=card.moment.occurrence)
    for meeting in found:
        if meeting.starts_at > now:
            appointments.take_out(appointments.of(meeting.uid), now=now)
        Meeting.objects.filter(pk=meeting.pk).update(held=True)


@transaction.atomic
def follow_up(*, card: Card, day: date | None, now: datetime) -> Meeting | None:
    """The two meet once more from `day` on: both get a card of that day with a time that suits; None: not for now.

    Saying another day takes the place of the one said before.
    """
    enrolment, base = card.enrolment, card.moment
    if enrolment is None:
        return None
    _forget_later(enrolment, step=base.step, after=base.occurrence, now=now)
    zone = ZoneInfo(card.programme.organisation.time_zone)
    today = now.astimezone(zone).date()
    if day is None or not today < day <= today + LATEST_AGAIN:
        return None
    known = playbook(card.programme.playbook)
    step = known.step(base.step)
    first = Moment.objects.filter(cohort=base.cohort, step=base.step, personal=False).aggregate(on=Max("due_on"))["on"]
    occurrence = max((day - (first or base.due_on)).days, base.occurrence + 1)
    sides = [(step, card.person), *((each, enrolment.person) for each in known.steps if each.joins == step.key)]
    made = [_personal_card(each, reader, card, day=day, occurrence=occurrence, zone=zone) for each, reader in sides]
    with _held(card.person, enrolment.person):
        moment = made[0].moment
        pair = _pairs([(card.person, enrolment.person)])[0]
        found = proposed(_wanted(step, moment, after=now + LEAD), pair)
        if not found:
            return None
        meeting = _make(enrolment, card.person, step, occurrence, found[0])
    appointments.offer([_entry(meeting)])
    return meeting


def _forget_later(enrolment: Enrolment, *, step: str, after: int, now: datetime) -> None:
    later = live().filter(enrolment=enrolment, step=step, occurrence__gt=after)
    occurrences = list(later.values_list("occurrence", flat=True))
    call_off(later, now=now)
    cards.withdraw(Card.objects.filter(enrolment=enrolment, moment__personal=True, moment__occurrence__in=occurrences))


def _personal_card(step: Step, reader: Person, card: Card, *, day: date, occurrence: int, zone: ZoneInfo) -> Card:
    closes_on = day + timedelta(days=step.window_days)
    moment, _made = Moment.objects.get_or_create(
        cohort=card.moment.cohort,
        step=step.key,
        occurrence=occurrence,
        actor=step.actor,
        defaults={
            "due_on": day,
            "closes_on": closes_on,
            "due_at": _at(day, OPENS, zone),
            "closes_at": _at(closes_on, CLOSES, zone),
            "personal": True,
        },
    )
    made, _new = Card.objects.update_or_create(
        person=reader,
        moment=moment,
        enrolment=card.enrolment,
        defaults={"status": CardStatus.PLANNED, "next_at": moment.due_at, "closes_at": moment.closes_at},
        create_defaults={
            "organisation_id": card.organisation_id,
            "programme_id": card.programme_id,
            "status": CardStatus.PLANNED,
            "next_at": moment.due_at,
            "closes_at": moment.closes_at,
        },
    )
    return made


@dataclass(frozen=True)
class _Side:
    """A card of a host for which a time has to be found, with whoever takes part."""

    card: Card
    enrolment: Enrolment
    step: Step


def propose(*, found: Iterable[Card], now: datetime) -> int:
    """Find times for the cards of hosts that have none yet; returns how many were found.

    The people of one host are spread over the days there are, each gets another time of the day.
    """
    sides = [
        _Side(card, card.enrolment, step)
        for card in found
        if (step := step_meeting(card)) and step.meeting == "proposed" and card.enrolment
        if card.person_id != card.enrolment.person_id
    ]
    pairs = _pairs([(side.card.person, side.enrolment.person) for side in sides])
    rows: list[Meeting] = []
    planned: dict[int, list[Taken]] = {}
    places: dict[int, int] = {}
    for side, known in zip(sides, pairs, strict=True):
        host, guest = side.card.person_id, side.enrolment.person_id
        pair = Pair(
            host=known.host,
            guest=known.guest,
            hosts=(*known.hosts, *planned.get(host, ())),
            guests=(*known.guests, *planned.get(guest, ())),
        )
        place = places.get(host, 0)
        places[host] = place + 1
        starts = proposed(_wanted(side.step, side.card.moment, after=now + LEAD, place=place), pair)
        if not starts:
            continue
        row = _row(side.enrolment, side.card.person, side.step, side.card.moment.occurrence, starts[0])
        rows.append(row)
        for person in (host, guest):
            planned.setdefault(person, []).append((row.starts_at, row.ends_at))
    with transaction.atomic():
        Meeting.objects.bulk_create(rows, ignore_conflicts=True)
        kept = Meeting.objects.filter(uid__in=[row.uid for row in rows])
        kept = kept.select_related("enrolment__person", "enrolment__cohort__programme", "host")
        appointments.offer(_entry(meeting) for meeting in kept)
    return len(rows)


@contextmanager
def _held(*both: Person) -> Iterator[None]:
    """Both people, for this change alone until it ends; always in the same order, so that nobody waits for ever."""
    rows = Person.objects.select_for_update(no_key=True).filter(pk__in=[person.pk for person in both]).order_by("pk")
    list(rows.values_list("pk", flat=True))
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise SlotTakenError from error


def _make(enrolment: Enrolment, host: Person, step: Step, occurrence: int, start: datetime) -> Meeting:
    """A meeting; one that was called off before comes back as it was known in calendars."""
    row = _row(enrolment, host, step, occurrence, start)
    before = Meeting.objects.filter(enrolment=enrolment, step=step.key, occurrence=occurrence).first()
    if before is None:
        row.save()
        return row
    before.host, before.cancelled_at = host, None
    _put(before, start)
    return before


def _row(enrolment: Enrolment, host: Person, step: Step, occurrence: int, start: datetime) -> Meeting:
    return Meeting(
        enrolment=enrolment,
        host=host,
        step=step.key,
        occurrence=occurrence,
        starts_at=start,
        ends_at=start + timedelta(minutes=step.minutes),
        uid=uuid.uuid4(),
    )


def _put(meeting: Meeting, start: datetime) -> None:
    """Another time, under the same name in calendars."""
    meeting.starts_at, meeting.ends_at = start, start + (meeting.ends_at - meeting.starts_at)
    latest = appointments.of(meeting.uid).aggregate(latest=Max("sequence"))["latest"] or 0
    meeting.sequence = max(meeting.sequence, latest) + 1
    meeting.save(update_fields=["host", "starts_at", "ends_at", "sequence", "missed", "cancelled_at"])


def _entry(meeting: Meeting) -> Entry:
    return Entry(
        enrolment=meeting.enrolment,
        people=(meeting.enrolment.person, meeting.host),
        step=meeting.step,
        uid=meeting.uid,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
    )


def _moment(enrolment: Enrolment, step: Step, occurrence: int) -> Moment | None:
    found = Moment.objects.filter(cohort=enrolment.cohort_id, step=step.key, occurrence=occurrence, actor=step.actor)
    return found.select_related("cohort__programme__organisation").first()


def _wanted(step: Step, moment: Moment, *, after: datetime, place: int = 0) -> Wanted:
    """The days of a moment on the clock of the organisation; the last is left for writing down what was seen."""
    zone = ZoneInfo(moment.cohort.programme.organisation.time_zone)
    lead = LEAD if step.meeting == "proposed" else timedelta(0)
    last = moment.closes_at.astimezone(zone).date() - timedelta(days=1)
    first = max(moment.due_on + lead, after.astimezone(zone).date())
    return Wanted(minutes=step.minutes, first=first, last=last, after=after, place=place)


def _pairs(both: list[tuple[Person, Person]], *, but: Meeting | None = None) -> list[Pair]:
    """For each host and guest when they work and what they have already. A few queries, however many they are."""
    everybody = {person.pk: person for pair in both for person in pair}
    read = list(Person.objects.filter(pk__in=everybody).select_related("organisation"))
    calendars = people.calendars(read)
    taken: dict[int, list[Taken]] = {pk: [] for pk in everybody}
    meetings = live().filter(Q(host__in=everybody) | Q(enrolment__person__in=everybody))
    if but:
        meetings = meetings.exclude(pk=but.pk)
    for host, guest, starts, ends in meetings.values_list("host", "enrolment__person", "starts_at", "ends_at"):
        for pk in {host, guest} & taken.keys():
            taken[pk].append((starts, ends))
    trainings = Session.objects.filter(cohort__enrolments__person__in=everybody, cohort__enrolments__left_on=None)
    trainings = trainings.annotate(who=F("cohort__enrolments__person"))
    guests: dict[int, list[Taken]] = {pk: [] for pk in everybody}
    for pk, starts, ends in trainings.values_list("who", "starts_at", "ends_at"):
        if pk in guests:
            guests[pk].append((starts, ends))
    return [
        Pair(
            host=calendars[host.pk],
            guest=calendars[guest.pk],
            hosts=tuple(taken[host.pk]),
            guests=(*taken[guest.pk], *guests[guest.pk], *guests[host.pk]),
        )
        for host, guest in both
    ]


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)
