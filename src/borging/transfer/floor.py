"""Who watches whom at work, and what happens by itself with meetings: proposed, and mended when somebody is away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from borging.cards import writes as cards
from borging.cards.models import AWAITED, Card, CardStatus
from borging.people import reads as people
from borging.people.access import employed_on
from borging.people.models import Person, Reporting, holds_on
from borging.people.rules import Calendar
from borging.programmes.models import Cohort, Enrolment, Programme, Status

from . import meetings, playbooks
from .models import FloorObserver, Meeting

ENDED = (Status.STOPPED, Status.DONE)


@transaction.atomic
def choose_observers(*, cohort: Cohort, observers: Iterable[Person], today: date) -> None:
    """Who watches in a cohort: its people are divided over them. Nobody chosen is: the line manager of each.

    Whoever was chosen by hand for one person before is replaced as well.
    """
    chosen = list(dict.fromkeys(observers))
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    FloorObserver.objects.filter(cohort=cohort).delete()
    FloorObserver.objects.bulk_create(FloorObserver(cohort=cohort, person=person) for person in chosen)
    rows = cohort.enrolments.filter(left_on=None)
    rows.update(observer=None)
    _divide(cohort, rows, today=today)


@transaction.atomic
def let_buddies_watch(*, cohort: Cohort) -> None:
    """In this cohort buddies watch each other; who has none is watched by the line manager."""
    Cohort.objects.select_for_update().get(pk=cohort.pk)
    FloorObserver.objects.filter(cohort=cohort).delete()
    cohort.enrolments.filter(left_on=None).update(observer=F("buddy"))


def observers_of(cohort: Cohort) -> list[Person]:
    found = FloorObserver.objects.filter(cohort=cohort).select_related("person")
    return [row.person for row in found]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How far the minutes on the floor of a cohort are; `past` is over without a word about it, `missed` was moved."""

    planned: int
    held: int
    past: int
    missed: int


def counted(cohort: Cohort, *, now: datetime) -> Counted:
    """Without anyone's name: for whoever looks after the programme."""
    found = Meeting.objects.filter(enrolment__cohort=cohort, step__in=_steps()[0], cancelled_at=None)
    return Counted(
        planned=found.filter(held=False, ends_at__gt=now).count(),
        held=found.filter(held=True).count(),
        past=found.filter(held=False, ends_at__lte=now).count(),
        missed=found.filter(missed__gt=0).count(),
    )


def _divide(cohort: Cohort, rows: QuerySet[Enrolment], *, today: date) -> None:
    """Give these people an observer of their cohort, who watches fewest until now; never themselves."""
    here = employed_on(today)
    pool = list(FloorObserver.objects.filter(cohort=cohort, person__in=here).values_list("person", flat=True))
    if not pool:
        return
    load = Counter(cohort.enrolments.filter(left_on=None, observer__in=pool).values_list("observer", flat=True))
    changed = []
    for row in rows.order_by("pk"):
        others = [pk for pk in pool if pk != row.person_id]
        if others:
            row.observer_id = min(others, key=lambda pk: (load[pk], pool.index(pk)))
            load[row.observer_id] += 1
            changed.append(row)
    Enrolment.objects.bulk_update(changed, ["observer"])


def mend_observers(*, now: datetime) -> None:
    """Who watched and works here no longer makes way; who has nobody of their cohort's observers gets one, and whose
    line manager is not known is watched by the buddy.

    Then the cards can be made for whoever has the role now.
    """
    today = timezone.localdate(now)
    here = employed_on(today)
    running = Enrolment.objects.filter(left_on=None, cohort__programme__status__in=(Status.LIVE, Status.PAUSED))
    gone = running.exclude(observer=None).exclude(observer__in=here)
    cards.withdraw(Card.objects.filter(enrolment__in=gone.values("pk"), moment__actor="observer"))
    gone.update(observer=None)
    pool = Exists(FloorObserver.objects.filter(cohort=OuterRef("pk")))
    for cohort in Cohort.objects.filter(pool, programme__status__in=(Status.LIVE, Status.PAUSED)):
        _divide(cohort, cohort.enrolments.filter(left_on=None, observer=None), today=today)
    managed = Reporting.objects.filter(holds_on(today), person=OuterRef("person"))
    running.filter(~Exists(managed), observer=None, buddy__in=here).update(observer=F("buddy"))


def propose(*, now: datetime, programme: Programme | None = None) -> int:
    """Find a time for each card of somebody who is to watch at work; returns how many were found.

    A learner is not asked whether a time suits that nobody found.
    """
    proposing, joining = _steps()
    open_cards = Card.objects.filter(status__in=AWAITED, closes_at__gt=now, programme__status=Status.LIVE)
    if programme:
        open_cards = open_cards.filter(programme=programme)
    known = Meeting.objects.filter(enrolment=OuterRef("enrolment"), occurrence=OuterRef("moment__occurrence"))
    without = open_cards.filter(~Exists(known.filter(step=OuterRef("moment__step"))), moment__step__in=proposing)
    found = meetings.propose(found=_whole(without), now=now)
    asking = open_cards.filter(status=CardStatus.PLANNED, moment__step__in=joining)
    nothing = asking.filter(~Exists(known.filter(step__in=proposing, cancelled_at=None)))
    cards.withdraw(nothing.filter(next_at__lte=now + cards.AHEAD))
    return found


def mend(*, now: datetime) -> int:
    """Meetings that cannot be as they were agreed: somebody left, is away, or another watches now. They get another
    time, or are called off. Returns how many."""
    ended = meetings.live().filter(enrolment__cohort__programme__status__in=ENDED)
    left = meetings.live().exclude(enrolment__left_on=None).filter(enrolment__left_on__lte=timezone.localdate(now))
    n = meetings.call_off(ended, now=now) + meetings.call_off(left, now=now)
    # Each table by itself: joined, PostgreSQL without statistics (a new database, a restored one) takes minutes.
    around = ("host__organisation", "enrolment__person__organisation", "enrolment__cohort__programme")
    coming = list(meetings.live().filter(starts_at__gt=now).prefetch_related(*around))
    calendars = people.calendars({p.pk: p for each in coming for p in (each.host, each.enrolment.person)}.values())
    asked = _asked(coming)
    return n + sum(_mend_one(each, calendars, host=asked.get(_place(each), each.host), now=now) for each in coming)


def _mend_one(meeting: Meeting, calendars: Mapping[int, Calendar], *, host: Person, now: datetime) -> bool:
    """host: whose card it is by now."""
    learner = meeting.enrolment.person
    day = calendars[meeting.host.pk].local(meeting.starts_at).date()
    this = meetings.live().filter(pk=meeting.pk)
    if not calendars[learner.pk].employed_on(day):
        return bool(meetings.call_off(this, now=now))
    if host != meeting.host or not calendars[meeting.host.pk].employed_on(day):
        meetings.call_off(this, now=now)
        if host != meeting.host:
            meetings.pass_on(meeting=meeting, host=host, now=now)
        return True
    if all(calendars[pk].works_on(day) for pk in (meeting.host.pk, learner.pk)):
        return False
    with suppress(meetings.NoMeetingError):  # somebody changed it meanwhile
        meetings.again(meeting=meeting, now=now)
    return True


Place = tuple[int, str, int]


def _place(meeting: Meeting) -> Place:
    return meeting.enrolment_id, meeting.step, meeting.occurrence


def _asked(coming: Iterable[Meeting]) -> dict[Place, Person]:
    """Whose cards these meetings belong to by now; a card that was withdrawn is nobody's."""
    cards_of = Card.objects.filter(enrolment__in=[each.enrolment_id for each in coming]).exclude(
        status=CardStatus.WITHDRAWN
    )
    found = cards_of.select_related("person__organisation", "moment").order_by("pk")
    return {(card.enrolment_id or 0, card.moment.step, card.moment.occurrence): card.person for card in found}


def _steps() -> tuple[set[str], set[str]]:
    """Steps for which Borging proposes a time, and steps that ask whether it suits."""
    known = [step for key in map(str, playbooks.keys()) for step in playbooks.playbook(key).steps]
    return {s.key for s in known if s.meeting == "proposed"}, {s.key for s in known if s.joins}


def _whole(found: QuerySet[Card]) -> QuerySet[Card]:
    return found.select_related(
        "person", "programme", "enrolment__person", "moment__cohort__programme__organisation"
    ).order_by("person", "enrolment")
